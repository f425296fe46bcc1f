/* SPDX-License-Identifier: MIT
 *
 * The pool: a task runs when it should, never twice at once, never after its
 * end; the pool grows when workers wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/mem.h"
#include "net/poll_internal.h"

/* Give other threads the processor until ${condition} holds.  A test that
 * fails here hangs and is ended by the runner's limit. */
#define until(condition)       \
	do {                   \
		sched_yield(); \
	} while (!(condition))

static struct poll *
started(unsigned workers)
{
	struct poll *p = poll_new(workers);

	assert_int_equal(poll_start(p), RC_OK);
	return p;
}

static void
finish(struct poll *p)
{
	poll_stop(p);
	assert_int_equal(poll_workers(p), 0);
	poll_free(p);
}

/* -- a task that counts ------------------------------------------------- */

struct counter {
	struct poll *poll;
	struct poll_handle handle;
	int fd; /* closed by the task at its end; or -1 */
	_Atomic unsigned wants;
	_Atomic bool inside;
	_Atomic unsigned runs;
	_Atomic unsigned work; /* done, as told by wakes */
	_Atomic unsigned asked;
	_Atomic bool end;
	_Atomic bool ended;
};

static unsigned
count_run(void *arg)
{
	struct counter *c = arg;
	char byte;

	assert(!atomic_exchange(&c->inside, true));
	assert(!atomic_load(&c->ended));
	atomic_store(&c->work, atomic_load(&c->asked));
	if (c->fd >= 0)
		while (recv(c->fd, &byte, 1, MSG_DONTWAIT) == 1)
			;
	atomic_store(&c->inside, false);
	/* Counted once its input is gone: more of it brings another run. */
	atomic_fetch_add(&c->runs, 1);
	if (!atomic_load(&c->end))
		return c->wants;
	if (c->fd >= 0)
		close(c->fd);
	atomic_store(&c->ended, true);
	return POLL_DONE;
}

static void
add(struct poll *p, struct counter *c, int fd, unsigned wants,
    uint64_t deadline)
{
	*c = (struct counter){ .poll = p, .fd = fd, .wants = wants };
	assert_int_equal(
	    poll_add(p, fd, wants, deadline, count_run, c, &c->handle), RC_OK);
}

static void
end(struct counter *c)
{
	atomic_store(&c->end, true);
	poll_wake(c->poll, c->handle);
	until(atomic_load(&c->ended));
}

/* -- events ------------------------------------------------------------ */

static void
test_input_and_output(void **state)
{
	struct poll *p = started(2);
	struct counter c;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	add(p, &c, pair[0], POLL_INPUT, 0);
	assert_int_equal(poll_tasks(p), 1);
	for (unsigned i = 1; i <= 100; i++) {
		unsigned before = c.runs;

		assert_int_equal(write(pair[1], "x", 1), 1);
		until(c.runs > before);
	}
	atomic_store(&c.end, true);
	c.wants = POLL_OUTPUT;
	close(pair[1]);
	until(c.ended);
	until(poll_tasks(p) == 0);
	finish(p);
}

/* A task that waits for output only runs at once, and one that waits to be
 * woken does not run because its peer has hung up more than once. */
static void
test_hang_up_does_not_spin(void **state)
{
	struct poll *p = started(2);
	struct counter c, after;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	add(p, &c, pair[0], POLL_WAKE, 0);
	until(c.runs >= 1);
	for (int i = 0; i < 50; i++) {
		add(p, &after, -1, POLL_WAKE, 0);
		end(&after);
	}
	assert_true(c.runs <= 2);
	end(&c);
	finish(p);
}

/* Output is armed even though input was not taken, and the other way. */
static void
test_change_of_wants(void **state)
{
	struct poll *p = started(2);
	struct counter c;
	int pair[2];
	unsigned before;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	add(p, &c, pair[0], POLL_INPUT, 0);
	for (int i = 0; i < 50; i++) {
		c.wants = POLL_WAKE;
		before = c.runs;
		poll_wake(p, c.handle);
		until(c.runs > before);
		before = c.runs;
		c.wants = POLL_INPUT;
		poll_wake(p, c.handle);
		until(c.runs > before);
		before = c.runs;
		assert_int_equal(write(pair[1], "x", 1), 1);
		until(c.runs > before);
	}
	end(&c);
	close(pair[1]);
	finish(p);
}

/* -- wakes ------------------------------------------------------------- */

#define STORM_TASKS   40
#define STORM_THREADS 4
#define STORM_WAKES   3000

struct storm {
	struct counter *tasks;
	unsigned seed;
};

static void *
storm_main(void *arg)
{
	struct storm *s = arg;
	unsigned random = s->seed;

	for (int i = 0; i < STORM_WAKES; i++) {
		struct counter *c;

		random = random * 1103515245u + 12345u;
		c = &s->tasks[(random >> 16) % STORM_TASKS];
		atomic_fetch_add(&c->asked, 1);
		poll_wake(c->poll, c->handle);
	}
	return NULL;
}

/* What was asked for before a wake is done by a run after it. */
static void
test_wake_storm(void **state)
{
	struct poll *p = started(8);
	static struct counter tasks[STORM_TASKS];
	struct storm storms[STORM_THREADS];
	pthread_t threads[STORM_THREADS];
	int peers[STORM_TASKS];

	(void)state;
	for (int i = 0; i < STORM_TASKS; i++) {
		int pair[2] = { -1, -1 };

		if (i % 2 == 0)
			assert_int_equal(
			    socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		peers[i] = pair[1];
		add(p, &tasks[i], pair[0], pair[0] < 0 ? POLL_WAKE : POLL_INPUT,
		    0);
	}
	for (unsigned i = 0; i < STORM_THREADS; i++) {
		storms[i] = (struct storm){ tasks, i + 1 };
		assert_int_equal(
		    pthread_create(&threads[i], NULL, storm_main, &storms[i]),
		    0);
	}
	for (int n = 0; n < STORM_WAKES; n++) {
		if (peers[n % STORM_TASKS] >= 0)
			(void)send(
			    peers[n % STORM_TASKS], "x", 1, MSG_DONTWAIT);
	}
	for (int i = 0; i < STORM_THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < STORM_TASKS; i++) {
		until(tasks[i].work == tasks[i].asked);
		end(&tasks[i]);
		if (peers[i] >= 0)
			close(peers[i]);
	}
	finish(p);
}

struct waker {
	struct poll *poll;
	_Atomic uint64_t handle; /* slot and generation */
	_Atomic bool stop;
};

static void *
waker_main(void *arg)
{
	struct waker *w = arg;

	while (!atomic_load(&w->stop)) {
		uint64_t h = atomic_load(&w->handle);

		poll_wake(w->poll,
		    (struct poll_handle){ (uint32_t)(h >> 32), (uint32_t)h });
	}
	return NULL;
}

/* Tasks end and slots and descriptors are used again while others wake them
 * with new and old handles. */
static void
test_end_while_woken(void **state)
{
	struct poll *p = started(4);
	struct waker w = { .poll = p };
	pthread_t threads[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, waker_main, &w), 0);
	for (int i = 0; i < 500; i++) {
		struct counter *c = mem_alloc(sizeof(*c));
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		add(p, c, pair[0], POLL_INPUT, 0);
		atomic_store(&w.handle,
		    (uint64_t)c->handle.slot << 32 | c->handle.generation);
		assert_int_equal(write(pair[1], "x", 1), 1);
		end(c);
		mem_free(c);
		close(pair[1]);
	}
	atomic_store(&w.stop, true);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	until(poll_tasks(p) == 0);
	finish(p);
}

static void
test_old_handle(void **state)
{
	struct poll *p = started(2);
	struct counter first, second;
	struct poll_handle old;
	const struct poll_handle none = { 0, 0 }, beyond = { UINT32_MAX, 1 };

	(void)state;
	add(p, &first, -1, POLL_WAKE, 0);
	old = first.handle;
	end(&first);
	until(poll_tasks(p) == 0);
	add(p, &second, -1, POLL_WAKE, 0);
	poll_wake(p, old);
	poll_wake(p, none);
	poll_wake(p, beyond);
	add(p, &first, -1, POLL_WAKE, 0);
	end(&first);
	assert_int_equal(second.runs, 0);
	end(&second);
	finish(p);
}

/* -- what a task asks for itself ---------------------------------------- */

struct becomer {
	struct poll *poll;
	struct poll_handle handle;
	char log[8];
	_Atomic unsigned n;
};

static unsigned
become_second(void *arg)
{
	struct becomer *b = arg;

	b->log[b->n] = '2';
	b->n++;
	return POLL_DONE;
}

static unsigned
become_first(void *arg)
{
	struct becomer *b = arg;

	b->log[b->n] = '1';
	poll_become(b->poll, b->handle, become_second, b);
	/* Woken while it runs: it runs once more. */
	poll_wake(b->poll, b->handle);
	poll_wake(b->poll, b->handle);
	b->n++;
	return POLL_WAKE;
}

static void
test_become(void **state)
{
	struct poll *p = started(2);
	struct becomer b = { .poll = p };

	(void)state;
	assert_int_equal(
	    poll_add(p, -1, POLL_WAKE, 0, become_first, &b, &b.handle), RC_OK);
	poll_wake(p, b.handle);
	until(b.n == 2);
	until(poll_tasks(p) == 0);
	assert_string_equal(b.log, "12");
	finish(p);
}

/* -- deadlines --------------------------------------------------------- */

struct late {
	struct poll *poll;
	struct poll_handle handle;
	uint64_t next_ms;
	_Atomic unsigned runs;
};

static unsigned
late_run(void *arg)
{
	struct late *l = arg;

	poll_deadline(l->poll, l->handle, l->next_ms);
	atomic_fetch_add(&l->runs, 1);
	return POLL_WAKE;
}

static void
test_deadlines(void **state)
{
	struct poll *p;
	struct late l[3] = { { 0 }, { 0 }, { 0 } };

	(void)state;
	clock_fake(1000, 1);
	p = started(2);
	for (unsigned i = 0; i < 3; i++) {
		l[i].poll = p;
		l[i].next_ms = i == 0 ? 900000 : 0;
		assert_int_equal(poll_add(p, -1, POLL_WAKE, 1000000 + 1000 * i,
				     late_run, &l[i], &l[i].handle),
		    RC_OK);
	}
	poll_timers_run(p, 999999);
	assert_int_equal(l[0].runs + l[1].runs + l[2].runs, 0);
	poll_timers_run(p, 1000000);
	until(l[0].runs >= 1);
	assert_int_equal(l[1].runs, 0);
	l[2].next_ms = 5000000;
	poll_wake(p, l[2].handle);
	until(l[2].runs == 1);
	poll_timers_run(p, 1002000);
	until(l[1].runs == 1);
	assert_int_equal(l[2].runs, 1);
	/* A deadline set within a run counts when that has ended, which may be
	 * a while after it was seen to run. */
	until((poll_timers_run(p, 5000000), l[2].runs >= 2));
	poll_stop(p);
	poll_free(p);
	clock_fake(0, 0);
}

/* The workers find by themselves that a deadline has passed. */
static void
test_deadline_by_the_clock(void **state)
{
	struct poll *p = started(2);
	struct counter c;

	(void)state;
	add(p, &c, -1, POLL_WAKE, clock_ms() + 1);
	until(c.runs == 1);
	end(&c);
	finish(p);
}

/* -- growth ------------------------------------------------------------ */

struct gathering {
	struct lock lock;
	pthread_cond_t changed;
	unsigned here;
	unsigned expected;
};

/* Waits until as many as expected wait here at the same time. */
static unsigned
gather_run(void *arg)
{
	struct gathering *g = arg;

	wait_begin();
	lock_take(&g->lock);
	g->here++;
	(void)pthread_cond_broadcast(&g->changed);
	while (g->here < g->expected)
		lock_wait(&g->lock, &g->changed);
	lock_release(&g->lock);
	wait_end();
	return POLL_DONE;
}

static void
test_growth(void **state)
{
	struct poll *p = started(32);
	struct gathering g = { .expected = 30 };
	struct poll_handle h;

	(void)state;
	lock_init(&g.lock);
	lock_cond_init(&g.changed);
	for (unsigned i = 0; i < g.expected; i++) {
		assert_int_equal(
		    poll_add(p, -1, POLL_WAKE, 0, gather_run, &g, &h), RC_OK);
		poll_wake(p, h);
	}
	until(poll_tasks(p) == 0);
	assert_in_range(poll_workers(p), 30, 32);
	finish(p);
	(void)pthread_cond_destroy(&g.changed);
	lock_fini(&g.lock);
}

/* -- stopping ---------------------------------------------------------- */

static void
test_stop_with_tasks_left(void **state)
{
	struct poll *p = started(4);
	static struct counter tasks[100];
	unsigned runs = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		add(p, &tasks[i], -1, POLL_WAKE, 0);
		poll_wake(p, tasks[i].handle);
	}
	poll_stop(p);
	for (int i = 0; i < 100; i++)
		runs += tasks[i].runs;
	for (int i = 0; i < 100; i++)
		poll_wake(p, tasks[i].handle);
	for (int i = 0; i < 100; i++)
		runs -= tasks[i].runs;
	assert_int_equal(runs, 0);
	assert_int_equal(poll_tasks(p), 100);
	poll_free(p);
	poll_free(NULL);
}

static void
test_bad_descriptor(void **state)
{
	struct poll *p = poll_new(1);
	struct counter c = { 0 };
	int fd = dup(0);

	(void)state;
	close(fd);
	assert_int_equal(
	    poll_add(p, fd, POLL_INPUT, 0, count_run, &c, &c.handle), RC_IO);
	assert_int_equal(poll_tasks(p), 0);
	poll_wake(p, c.handle);
	poll_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_and_output),
		cmocka_unit_test(test_hang_up_does_not_spin),
		cmocka_unit_test(test_change_of_wants),
		cmocka_unit_test(test_wake_storm),
		cmocka_unit_test(test_end_while_woken),
		cmocka_unit_test(test_old_handle),
		cmocka_unit_test(test_become),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_deadline_by_the_clock),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_stop_with_tasks_left),
		cmocka_unit_test(test_bad_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
