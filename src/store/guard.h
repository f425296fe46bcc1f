/* SPDX-License-Identifier: MIT
 *
 * A mapped file that the disk does not give any more (it was cut, or cannot be
 * read) raises SIGBUS in whoever reads it.  Under a guard the page becomes one
 * of zeros instead, and the guard says so: what was read since is not to be
 * believed, but the process goes on.
 */
#ifndef AVOCET_STORE_GUARD_H
#define AVOCET_STORE_GUARD_H

#include <stdbool.h>

struct guard;

/* Guard the mapping of the file ${path}; end it with guard_drop() before it is
 * unmapped.  NULL, which the others take: there is none, or too many are
 * guarded. */
struct guard *guard_take(const char *path);
void guard_drop(struct guard *g);
/* Has a page been missing? */
bool guard_was_hit(const struct guard *g);

#endif
