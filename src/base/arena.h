/* SPDX-License-Identifier: MIT
 *
 * An arena: memory that is all given back at once, at the end of a lifetime
 * (a command, a session, one piece of work).
 *
 * An arena has a maximum given when it is made; an allocation beyond it is
 * refused by returning NULL, which the caller must handle: this is how a
 * client's demand for memory is bounded.  Things outside memory (descriptors,
 * references) are tied to the arena with arena_cleanup().
 */
#ifndef AVOCET_BASE_ARENA_H
#define AVOCET_BASE_ARENA_H

#include "base/str.h"

struct arena;

/* An empty arena that gives out at most ${max} bytes. */
struct arena *arena_new(size_t max);

/* Run the clean-ups, newest first, and free everything.  NULL is fine. */
void arena_free(struct arena *a);

/* As arena_free(), but the arena stays usable and keeps one small block. */
void arena_reset(struct arena *a);

/* ${size} zeroed bytes, aligned for any type; NULL beyond the maximum. */
void *arena_alloc(struct arena *a, size_t size);

/* ${count} elements of ${size} bytes, zeroed; NULL beyond the maximum or when
 * the product overflows. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of ${count} elements of ${size} bytes; NULL likewise. */
void *arena_copy(struct arena *a, const void *from, size_t count, size_t size);

/* A copy of ${s}, followed by a NUL that is not counted.  On refusal the
 * result has p == NULL. */
struct str arena_str(struct arena *a, struct str s);

/* A terminated copy of ${s} (which must hold no NUL to be used as text);
 * NULL beyond the maximum. */
char *arena_text(struct arena *a, struct str s);

/* Call ${fn}(${arg}) when the arena is freed or reset. */
void arena_cleanup(struct arena *a, void (*fn)(void *), void *arg);

/* Bytes given out so far. */
size_t arena_used(const struct arena *a);

/* Scratch: remember a place, and give back what was allocated since.  Clean-ups
 * added since are run. */
struct arena_mark {
	void *block;
	size_t block_used;
	size_t used;
	void *cleanups;
};
struct arena_mark arena_save(const struct arena *a);
void arena_restore(struct arena *a, struct arena_mark mark);

#endif
