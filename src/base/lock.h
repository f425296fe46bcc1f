/* SPDX-License-Identifier: MIT
 *
 * Locks and waits.
 *
 * Every lock of ours is a struct lock, so that the rule "hold no lock across a
 * wait" is checked: a thread counts the locks it holds and wait_begin()
 * asserts that there are none.  A worker thread that is about to wait for the
 * disk, a client or a library brackets the wait with wait_begin() and
 * wait_end(), which lets the pool put another worker in its place.
 */
#ifndef AVOCET_BASE_LOCK_H
#define AVOCET_BASE_LOCK_H

#include <pthread.h>

struct lock {
	pthread_mutex_t mutex;
};

#define LOCK_INIT                         \
	{                                 \
		PTHREAD_MUTEX_INITIALIZER \
	}

void lock_init(struct lock *l);
void lock_fini(struct lock *l);

/* Take and release; held for memory operations only, never across I/O. */
void lock_take(struct lock *l);
void lock_release(struct lock *l);

/* Wait on ${c} with ${l} held (released meanwhile), as pthread_cond_wait.
 * ${l} must be the only lock held. */
void lock_wait(struct lock *l, pthread_cond_t *c);

/* The same with a limit of ${ms} milliseconds; ${c} must use
 * CLOCK_MONOTONIC (lock_cond_init). */
void lock_wait_ms(struct lock *l, pthread_cond_t *c, unsigned long ms);

/* A condition variable on the monotonic clock. */
void lock_cond_init(pthread_cond_t *c);

/* This thread is about to wait (has waited).  They nest. */
void wait_begin(void);
void wait_end(void);

/* What wait_begin() and wait_end() call for threads that registered: the
 * worker pool sets it for its own threads.  NULL takes it away. */
struct wait_hooks {
	void (*begin)(void *arg);
	void (*end)(void *arg);
	void *arg;
};
void wait_hooks_set(const struct wait_hooks *hooks);

/* For read transactions: count them like locks, so that one held across a
 * wait is found. */
void wait_guard_enter(void);
void wait_guard_leave(void);

#endif
