/* SPDX-License-Identifier: MIT
 *
 * Doors: who is called off for want of room, and that the listener is woken
 * when there is some.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "base/mem.h"
#include "net/door.h"

#define PASSES 8

static atomic_uint woken;

static unsigned
count_wake(void *arg)
{
	(void)arg;
	(void)atomic_fetch_add(&woken, 1);
	return POLL_WAKE;
}

struct fixture {
	struct poll *poll;
	struct doors *all;
	struct door *door;
	struct door_pass passes[PASSES];
};

/* The listener's task wants nothing but to be woken, so each run is a wake. */
static void
begin(struct fixture *f)
{
	*f = (struct fixture){ .poll = poll_new(1), .all = doors_new() };
	atomic_store(&woken, 0);
	f->door = door_new(f->poll, f->all);
	assert_int_equal(poll_add(f->poll, -1, POLL_WAKE, 0, count_wake, NULL,
			     door_handle(f->door)),
	    RC_OK);
	assert_int_equal(poll_start(f->poll), RC_OK);
}

static void
finish(struct fixture *f)
{
	poll_stop(f->poll);
	door_close(f->door);
	for (size_t i = 0; i < PASSES; i++)
		door_leave(&f->passes[i]);
	doors_free(f->all);
	poll_free(f->poll);
}

static void
await_wakes(unsigned count)
{
	while (atomic_load(&woken) < count)
		sched_yield();
	assert_int_equal(atomic_load(&woken), count);
}

static bool
is_called_off(const struct door_pass *pass)
{
	return atomic_load(&pass->called_off);
}

/* In the order in which they came; whoever has logged in is left alone, and who
 * never logs in is, too. */
static void
test_order(void **state)
{
	static const unsigned expected[] = { 1, 3, 4, 6 };
	struct fixture f;

	(void)state;
	begin(&f);
	assert_false(door_has_strangers(f.door));
	assert_false(door_call_off(f.door));
	for (unsigned i = 0; i < PASSES; i++)
		door_enter(f.door, &f.passes[i], i != 5);
	door_settle(&f.passes[0]); /* the first, one within, the last */
	door_settle(&f.passes[2]);
	door_settle(&f.passes[2]);
	door_settle(&f.passes[7]);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(door_has_strangers(f.door));
		assert_false(is_called_off(&f.passes[expected[i]]));
		assert_true(door_call_off(f.door));
		assert_true(is_called_off(&f.passes[expected[i]]));
	}
	assert_false(door_has_strangers(f.door));
	assert_false(door_call_off(f.door));
	assert_false(is_called_off(&f.passes[0]));
	assert_false(is_called_off(&f.passes[5]));
	finish(&f);
}

/* Who leaves makes room, which the listener is told once, and so is a login of
 * one who was called off too late. */
static void
test_room(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	door_enter(f.door, &f.passes[0], true);
	door_leave(&f.passes[0]);
	assert_true(door_has_room(f.door, 1));
	for (unsigned i = 0; i < 3; i++)
		door_enter(f.door, &f.passes[i], true);
	assert_true(door_has_room(f.door, 4));
	assert_false(door_has_room(f.door, 3));
	door_settle(&f.passes[1]); /* no room comes of that */
	assert_true(door_call_off(f.door));
	door_settle(&f.passes[0]);
	await_wakes(1);
	assert_false(is_called_off(&f.passes[0]));
	assert_false(door_has_room(f.door, 3));
	door_leave(&f.passes[2]);
	await_wakes(2);
	assert_true(door_has_room(f.door, 3));
	door_leave(&f.passes[1]);
	finish(&f);
	assert_int_equal(atomic_load(&woken), 2);
}

/* A stranger is woken, if his first run has come. */
static void
test_stranger_is_woken(void **state)
{
	struct fixture f;
	struct poll_handle h;

	(void)state;
	begin(&f);
	assert_int_equal(
	    poll_add(f.poll, -1, POLL_WAKE, 0, count_wake, NULL, &h), RC_OK);
	door_enter(f.door, &f.passes[0], true);
	door_enter(f.door, &f.passes[1], true);
	assert_true(door_call_off(f.door));
	door_begin(&f.passes[1], h);
	assert_true(door_call_off(f.door));
	await_wakes(1);
	door_begin(&f.passes[2], h); /* of no door */
	finish(&f);
}

/* For want of descriptors one of the listener that has most goes. */
static void
test_all(void **state)
{
	struct fixture f;
	struct door *other;

	(void)state;
	begin(&f);
	other = door_new(f.poll, f.all);
	assert_false(doors_call_off(other));
	door_enter(other, &f.passes[0], true);
	for (unsigned i = 1; i < 4; i++)
		door_enter(f.door, &f.passes[i], true);
	assert_true(doors_call_off(other));
	assert_true(is_called_off(&f.passes[1]));
	assert_true(doors_call_off(other));
	assert_true(is_called_off(&f.passes[2]));
	assert_true(doors_call_off(other)); /* as many: his own */
	assert_true(is_called_off(&f.passes[0]));
	door_close(other);
	door_leave(&f.passes[0]);
	assert_true(doors_call_off(f.door));
	assert_false(doors_call_off(f.door));
	finish(&f);
}

/* -- many threads ------------------------------------------------------------ */

#define THREADS 4
#define ROUNDS	2000

static void *
come_and_go(void *arg)
{
	struct door *g = arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct door_pass passes[3] = { 0 };

		for (unsigned k = 0; k < 3; k++) {
			door_enter(g, &passes[k], true);
			door_begin(&passes[k], *door_handle(g));
		}
		(void)door_has_room(g, 0);
		(void)doors_call_off(g);
		door_settle(&passes[i % 3]);
		for (unsigned k = 0; k < 3; k++)
			door_leave(&passes[k]);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	pthread_t threads[THREADS];
	struct fixture f;

	(void)state;
	begin(&f);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, come_and_go, f.door), 0);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_false(door_has_strangers(f.door));
	assert_true(door_has_room(f.door, 1));
	finish(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_stranger_is_woken),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
