/* SPDX-License-Identifier: MIT
 *
 * Deadlines: a heap of nodes that live inside what they belong to, and one
 * timerfd that is set for the earliest of them.
 *
 * Nearly every deadline is moved to a later time before it passes (each
 * command does), so moving is one atomic store: the node stays where it is in
 * the heap, fires early there, and is only then put where it belongs.  A lock
 * is taken when a node is not in the heap or has to fire earlier than it
 * would.  Every node is in the heap at most once.
 *
 * Invariant: a node with a wanted time other than 0 is in the heap at that
 * time or earlier, or was handed out by timer_take() since it was wanted.
 */
#ifndef AVOCET_NET_TIMER_H
#define AVOCET_NET_TIMER_H

#include "base/lock.h"
#include "base/vec.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct timer_node {
	_Atomic uint64_t wanted_ms; /* 0: never */
	_Atomic uint64_t placed_ms; /* in the heap; UINT64_MAX: not there */
	uint32_t index;		    /* in the heap; under the lock */
	uint32_t tag;		    /* the owner's, read under the lock */
};

struct timer {
	struct lock lock;
	VEC(struct timer_node *) heap; /* under the lock */
	uint64_t set_ms;	       /* what fd is set for; UINT64_MAX: no */
	int fd; /* a timerfd, owned by the caller; or -1 */
};

/* An empty timer that keeps the timerfd ${fd} (-1: none) set. */
void timer_init(struct timer *t, int fd);
void timer_fini(struct timer *t);

/* A node that wants nothing; ${tag} comes back from timer_take(). */
void timer_node_init(struct timer_node *n, uint32_t tag);

/* Want to be handed out at ${at_ms} on clock_ms(), 0 for never, in place of
 * what was wanted before.  One thread at a time for one node.  Does not
 * wait. */
void timer_want(struct timer *t, struct timer_node *n, uint64_t at_ms);

/* Take the node out; after this it is not handed out. */
void timer_remove(struct timer *t, struct timer_node *n);

/* Take one node whose wanted time is ${now_ms} or earlier out of the heap,
 * with its tag.  False when there is none; the timerfd is then set for the
 * next. */
bool timer_take(struct timer *t, uint64_t now_ms, struct timer_node **ret_node,
    uint32_t *ret_tag);

#endif
