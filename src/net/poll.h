/* SPDX-License-Identifier: MIT
 *
 * The worker pool: threads that wait on one epoll set with one-shot events,
 * take a ready task, run it until it has nothing to do, and re-arm it.
 *
 * A task is run by at most one worker at a time.  It runs when its descriptor
 * is ready for what it asked for, when its deadline passes, or when anybody
 * wakes it; several of these while it runs lead to one more run.  The pool
 * grows when a worker says that it will wait (base/lock.h, wait_begin) and no
 * other waits at epoll, up to a maximum, and shrinks again.
 *
 * Life of a task: poll_add() ... run, run, run ... returns POLL_DONE.  After
 * that no run begins, and late wakes with its handle do nothing; so a handle
 * may outlive its task.
 */
#ifndef AVOCET_NET_POLL_H
#define AVOCET_NET_POLL_H

#include "base/rc.h"

#include <stdbool.h>
#include <stdint.h>

struct poll;

/* Names one task for ever: never reused for another one. */
struct poll_handle {
	uint32_t slot;
	uint32_t generation;
};

/* What a task waits for next; bits. */
enum {
	POLL_DONE = 0, /* the task is over; the pool forgets it */
	POLL_WAKE = 1, /* only to be woken (or its deadline) */
	POLL_INPUT = 2,
	POLL_OUTPUT = 4,
};

/* Run a task.  Returns what it waits for next; with POLL_DONE the function
 * has freed ${arg} and closed the descriptor itself (in that order it matters
 * not: the pool has let go of both).  Runs on a worker; may wait. */
typedef unsigned poll_run_fn(void *arg);

/* A pool of at most ${workers_max} threads; starts none yet. */
struct poll *poll_new(unsigned workers_max);

/* Start the first worker.  RC_IO when threads cannot be made. */
enum rc poll_start(struct poll *p) MUST_CHECK;

/* Stop: every worker ends after the task that it runs; waits for them.
 * Tasks that remain are not run again; their owners free them. */
void poll_stop(struct poll *p);

/* Free a stopped pool.  NULL is fine. */
void poll_free(struct poll *p);

/* Put a task in: run ${fn}(${arg}) when ${fd} (or -1 for none) is ready for
 * ${wants}, or at ${deadline_ms} on clock_ms() (0: never).  It may run before
 * this returns, so *ret_handle is written first. */
enum rc poll_add(struct poll *p, int fd, unsigned wants, uint64_t deadline_ms,
    poll_run_fn *fn, void *arg, struct poll_handle *ret_handle) MUST_CHECK;

/* From inside the task's run only: change its deadline (0: never), or what
 * will be called the next time. */
void poll_deadline(struct poll *p, struct poll_handle h, uint64_t deadline_ms);
void
poll_become(struct poll *p, struct poll_handle h, poll_run_fn *fn, void *arg);

/* Run the task soon, whatever it waits for.  From any thread; does not wait.
 * A handle whose task is over is ignored. */
void poll_wake(struct poll *p, struct poll_handle h);

/* How many tasks there are; how many threads. */
unsigned poll_tasks(const struct poll *p);
unsigned poll_workers(const struct poll *p);

#endif
