/* SPDX-License-Identifier: MIT
 *
 * A gate that lets a few threads through at once and a few more wait in
 * front of it.  It bounds the memory that password hashing takes, and how
 * many workers can stand waiting for it.
 */
#ifndef AVOCET_AUTH_GATE_H
#define AVOCET_AUTH_GATE_H

#include "base/lock.h"
#include "base/rc.h"

struct gate {
	struct lock lock;
	pthread_cond_t free;
	unsigned inside_max;
	unsigned waiting_max;
	unsigned inside;  /* under lock; <= inside_max */
	unsigned waiting; /* under lock; <= waiting_max */
};

/* ${inside_max} is at least 1. */
void gate_init(struct gate *g, unsigned inside_max, unsigned waiting_max);
void gate_fini(struct gate *g);

/* Go in; waits until there is room.  RC_LIMIT, at once, when too many wait.
 * Wants to be called between wait_begin() and wait_end(). */
enum rc gate_enter(struct gate *g) MUST_CHECK;
void gate_leave(struct gate *g);

#endif
