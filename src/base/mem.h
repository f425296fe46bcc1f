/* SPDX-License-Identifier: MIT
 *
 * Memory of our own small structures.  These calls do not fail: when the
 * system has no memory left the process ends, and its supervisor starts it
 * again.  Anything whose size a client chooses goes through a limit first
 * (struct buf, struct arena) which can refuse.
 */
#ifndef AVOCET_BASE_MEM_H
#define AVOCET_BASE_MEM_H

#include <stddef.h>

#include "base/str.h"

/* ${size} zeroed bytes; free with mem_free().  ${size} may be 0. */
void *mem_alloc(size_t size);

/* ${count} times ${size} zeroed bytes; ends the process on overflow. */
void *mem_array(size_t count, size_t size);

/* Resize ${old} (may be NULL) to ${size} bytes; what is added is not zeroed. */
void *mem_resize(void *old, size_t size);

/* A copy of the ${size} bytes at ${from}; free with mem_free(). */
void *mem_copy(const void *from, size_t size);

/* A terminated copy of the terminated string ${from}. */
char *mem_strdup(const char *from);

/* The bytes of ${s} with a terminator behind them. */
char *mem_text(struct str s);

/* Give memory back; ${memory} may be NULL. */
void mem_free(void *memory);

/* Overwrite ${size} bytes at ${secret} so that the compiler cannot leave it
 * out. */
void mem_wipe(void *secret, size_t size);

/* Are the ${size} bytes at ${a} and ${b} the same?  Takes the same time
 * whatever they hold. */
_Bool mem_equal_secret(const void *a, const void *b, size_t size);

#endif
