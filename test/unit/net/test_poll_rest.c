/* SPDX-License-Identifier: MIT
 *
 * The pool without work: it shrinks to one worker, and then nothing happens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "base/lock.h"
#include "net/poll_internal.h"

#define REST_MS	 20
#define TOGETHER 4
#define RESTS	 15

static atomic_uint waits;

/* In the place of the library's: the same, but a rest is short. */
int
epoll_wait(int fd, struct epoll_event *events, int events_max, int limit_ms)
{
	atomic_fetch_add(&waits, 1);
	return epoll_pwait(fd, events, events_max,
	    limit_ms > REST_MS ? REST_MS : limit_ms, NULL);
}

/* A run that ends when as many are inside as have to be, each with a worker
 * of its own. */
static unsigned
meet(void *arg)
{
	atomic_uint *inside = arg;

	atomic_fetch_add(inside, 1);
	wait_begin();
	while (atomic_load(inside) < TOGETHER)
		sched_yield();
	wait_end();
	return POLL_DONE;
}

static void
test_rest(void **state)
{
	struct poll *p = poll_new(2 * TOGETHER);
	atomic_uint inside = 0;
	struct poll_handle h;
	unsigned before;
	uint64_t end_ms;

	(void)state;
	assert_int_equal(poll_start(p), RC_OK);
	for (unsigned i = 0; i < TOGETHER; i++) {
		assert_int_equal(
		    poll_add(p, -1, POLL_WAKE, 0, meet, &inside, &h), RC_OK);
		poll_wake(p, h);
	}
	while (poll_tasks(p) > 0)
		sched_yield();
	assert_in_range(poll_workers(p), 2, 2 * TOGETHER);
	while (poll_workers(p) > 1)
		sched_yield();
	before = waits;
	for (end_ms = clock_ms() + RESTS * REST_MS; clock_ms() < end_ms;)
		sched_yield();
	/* The last one's rest ends, it sees that it is the last, and rests
	 * for ever. */
	assert_in_range(waits, before, before + 2);
	assert_int_equal(poll_workers(p), 1);
	poll_stop(p);
	poll_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rest),
	};

	return cmocka_run_group_tests_name("poll_rest", tests, NULL, NULL);
}
