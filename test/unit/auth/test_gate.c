/* SPDX-License-Identifier: MIT
 *
 * auth/gate: never more inside than allowed, none forgotten outside.
 */
#include "auth/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>

#include <cmocka.h>

#define THREADS	   8
#define ROUNDS	   200
#define INSIDE_MAX 3

struct crowd {
	struct gate gate;
	atomic_uint inside;
	atomic_uint most;
	atomic_uint passed;
	atomic_uint refused;
};

static void
pass(struct crowd *c)
{
	unsigned now = atomic_fetch_add(&c->inside, 1) + 1;
	unsigned most = atomic_load(&c->most);

	while (
	    now > most && !atomic_compare_exchange_weak(&c->most, &most, now))
		;
	sched_yield();
	atomic_fetch_sub(&c->inside, 1);
	atomic_fetch_add(&c->passed, 1);
}

static void *
visitor(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (gate_enter(&c->gate) != RC_OK) {
			atomic_fetch_add(&c->refused, 1);
			continue;
		}
		pass(c);
		gate_leave(&c->gate);
	}
	return NULL;
}

static void
run_crowd(struct crowd *c, unsigned waiting_max)
{
	pthread_t threads[THREADS];

	gate_init(&c->gate, INSIDE_MAX, waiting_max);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, visitor, c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	gate_fini(&c->gate);
	assert_in_range(c->most, 1, INSIDE_MAX);
	assert_int_equal(c->passed + c->refused, THREADS * ROUNDS);
}

static void
test_all_pass_when_enough_may_wait(void **state)
{
	struct crowd c = { 0 };

	(void)state;
	run_crowd(&c, THREADS);
	assert_int_equal(c.refused, 0);
}

static void
test_few_may_wait(void **state)
{
	struct crowd c = { 0 };

	(void)state;
	run_crowd(&c, 1);
}

static void
test_full_gate_refuses_at_once(void **state)
{
	struct gate g;

	(void)state;
	gate_init(&g, 2, 0);
	assert_int_equal(gate_enter(&g), RC_OK);
	assert_int_equal(gate_enter(&g), RC_OK);
	assert_int_equal(gate_enter(&g), RC_LIMIT);
	gate_leave(&g);
	assert_int_equal(gate_enter(&g), RC_OK);
	gate_leave(&g);
	gate_leave(&g);
	gate_fini(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pass_when_enough_may_wait),
		cmocka_unit_test(test_few_may_wait),
		cmocka_unit_test(test_full_gate_refuses_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
