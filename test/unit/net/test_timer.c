/* SPDX-License-Identifier: MIT
 *
 * Deadlines: handed out in order, moved lazily, never lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "net/timer.h"

#define NODES 500

/* A small generator, so that a failure can be repeated. */
static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Everything wanted comes out, in order, at its time and not before. */
static void
test_order(void **state)
{
	struct timer t;
	struct timer_node nodes[NODES], *n;
	uint64_t wanted[NODES], now = 0, last = 0;
	uint32_t random = 7, tag;
	size_t taken = 0, expected = 0;

	(void)state;
	timer_init(&t, -1);
	for (uint32_t i = 0; i < NODES; i++) {
		timer_node_init(&nodes[i], i);
		for (int move = 0; move < 3; move++) {
			wanted[i] = next_random(&random) % 1000;
			timer_want(&t, &nodes[i], wanted[i]);
		}
		if (i % 10 == 0)
			timer_remove(&t, &nodes[i]);
		else
			expected += wanted[i] != 0;
	}
	for (now = 0; now < 1000; now++) {
		while (timer_take(&t, now, &n, &tag)) {
			assert_ptr_equal(n, &nodes[tag]);
			assert_int_not_equal(tag % 10, 0);
			assert_int_equal(wanted[tag], now);
			assert_true(last <= now);
			last = now;
			taken++;
		}
	}
	assert_int_equal(taken, expected);
	timer_fini(&t);
}

/* A later time is only stored; it takes effect when the earlier one fires. */
static void
test_later_is_lazy(void **state)
{
	struct timer t;
	struct timer_node n, *got;
	uint32_t tag;

	(void)state;
	timer_init(&t, -1);
	timer_node_init(&n, 3);
	timer_want(&t, &n, 100);
	timer_want(&t, &n, 500);
	assert_int_equal(n.placed_ms, 100);
	assert_false(timer_take(&t, 499, &got, &tag));
	assert_int_equal(n.placed_ms, 500);
	timer_want(&t, &n, 200);
	assert_int_equal(n.placed_ms, 200);
	assert_true(timer_take(&t, 200, &got, &tag));
	assert_int_equal(tag, 3);
	assert_false(timer_take(&t, 10000, &got, &tag));
	timer_fini(&t);
}

static void
test_never(void **state)
{
	struct timer t;
	struct timer_node n, *got;
	uint32_t tag;

	(void)state;
	timer_init(&t, -1);
	timer_node_init(&n, 1);
	timer_want(&t, &n, 100);
	timer_want(&t, &n, 0);
	assert_false(timer_take(&t, 1000, &got, &tag));
	assert_int_equal(t.heap.n, 0);
	timer_want(&t, &n, 50);
	assert_true(timer_take(&t, 1000, &got, &tag));
	timer_fini(&t);
}

#define MOVES 20000

struct mover {
	struct timer *timer;
	struct timer_node *node;
	_Atomic uint64_t last;
};

static void *
move_main(void *arg)
{
	struct mover *m = arg;
	uint32_t random = 99;

	for (int i = 0; i < MOVES; i++)
		timer_want(m->timer, m->node, 1 + next_random(&random) % 50);
	atomic_store(&m->last, 1000);
	timer_want(m->timer, m->node, 1000);
	return NULL;
}

/* One thread moves, another takes: what was wanted last is not lost. */
static void
test_not_lost_in_a_race(void **state)
{
	struct timer t;
	struct timer_node n, *got;
	struct mover m = { &t, &n, 0 };
	pthread_t thread;
	uint32_t tag;

	(void)state;
	timer_init(&t, -1);
	timer_node_init(&n, 1);
	assert_int_equal(pthread_create(&thread, NULL, move_main, &m), 0);
	while (atomic_load(&m.last) == 0)
		(void)timer_take(&t, 25, &got, &tag);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(timer_take(&t, 999, &got, &tag));
	assert_true(timer_take(&t, 1000, &got, &tag));
	timer_fini(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_later_is_lazy),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_not_lost_in_a_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
