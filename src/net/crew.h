/* SPDX-License-Identifier: MIT
 *
 * How many worker threads there are: the part of the pool that grows and
 * shrinks and knows nothing of what the workers do.
 *
 * A worker is resting (it waits for work), running, or blocked (it has said
 * wait_begin()).  When nobody rests and fewer than ${base} run, one more is
 * started, up to a maximum; one that found no work for WORKER_REST_MS ends if
 * another one rests.
 */
#ifndef AVOCET_NET_CREW_H
#define AVOCET_NET_CREW_H

#include "base/lock.h"
#include "base/rc.h"

#include <stdatomic.h>
#include <stdbool.h>

/* What a worker does from beginning to end: rest, work, rest ... until
 * crew_work() says that it may go. */
typedef void crew_main_fn(void *arg);

struct crew {
	struct lock lock;
	pthread_cond_t gone; /* a worker ended */
	crew_main_fn *fn;
	void *arg;
	struct wait_hooks hooks;
	unsigned max;
	unsigned base;		/* that should be able to run at once */
	_Atomic unsigned count; /* changed under the lock, read anywhere */
	/* Under the lock: */
	unsigned resting;
	unsigned blocked;
	unsigned leaving; /* told to go, not counted, not gone yet */
	bool stopping;
	bool leaver_known;
	pthread_t leaver; /* the last that ended and is not joined yet */
};

/* No thread yet. */
void crew_init(
    struct crew *c, unsigned base, unsigned max, crew_main_fn *fn, void *arg);
void crew_fini(struct crew *c);

/* Start the first worker.  RC_IO when the system gives no thread. */
enum rc crew_start(struct crew *c) MUST_CHECK;

/* From now on none is started and crew_work() sends every worker home.  Then
 * wake those that rest, and call crew_join(), which waits until all have
 * ended. */
void crew_stop(struct crew *c);
void crew_join(struct crew *c);

/* This worker begins to rest: for how long, in milliseconds, -1 for ever. */
int crew_rest(struct crew *c);

/* This worker has rested and ${found_work}.  False: there are enough others,
 * or all have to stop; it returns from its main function. */
bool crew_work(struct crew *c, bool found_work) MUST_CHECK;

/* How many workers there are. */
unsigned crew_count(const struct crew *c);

#endif
