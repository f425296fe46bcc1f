/* SPDX-License-Identifier: MIT
 *
 * A growing array of any type.  VEC(int) numbers = { 0 }; then
 * vec_push(&numbers, 7), numbers.v[0], numbers.n, vec_fini(&numbers).
 * Memory does not fail; a count that a client controls is bounded by the
 * caller before it pushes.
 */
#ifndef AVOCET_BASE_VEC_H
#define AVOCET_BASE_VEC_H

#include "base/mem.h"

#define VEC(type)           \
	struct {            \
		type *v;    \
		size_t n;   \
		size_t cap; \
	}

/* Make room for ${count} elements in all. */
#define vec_reserve(vec, count)                                           \
	((vec)->cap >= (count) ? (void)0                                  \
			       : (void)((vec)->v = mem_resize((vec)->v,   \
					    (count) * sizeof(*(vec)->v)), \
				     (vec)->cap = (count)))

/* Append one element. */
#define vec_push(vec, ...)                                             \
	((vec)->n < (vec)->cap                                         \
		? (void)0                                              \
		: vec_reserve((vec), (vec)->cap ? (vec)->cap * 2 : 8), \
	    (void)((vec)->v[(vec)->n++] = (__VA_ARGS__)))

/* Free the memory; the array is then empty. */
#define vec_fini(vec) \
	(mem_free((vec)->v), (vec)->v = NULL, (vec)->n = 0, (vec)->cap = 0)

#endif
