/* SPDX-License-Identifier: MIT
 *
 * auth/gate: who goes in when; then never more inside than allowed, and none
 * forgotten outside.
 */
#include "auth/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sched.h>

#include <cmocka.h>

/* -- one thread -------------------------------------------------------- */

struct visitor {
	struct gate_place place;
	unsigned woken;
};

static void
note(void *arg)
{
	struct visitor *v = arg;

	v->woken++;
}

/* Visitors with keys of their own. */
static void
visitors_init(struct visitor *v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		v[i] = (struct visitor){
			.place = { .key = i, .wake = note, .arg = &v[i] },
		};
}

/* Come again after a wake, as every visitor does: it has to be inside. */
static void
assert_let_in(struct gate *g, struct visitor *v)
{
	assert_int_equal(v->woken, 1);
	assert_false(gate_waits(g, &v->place));
	assert_true(gate_enter(g, &v->place, v->place.line));
}

static void
assert_in_line(struct gate *g, const struct visitor *v)
{
	assert_int_equal(v->woken, 0);
	assert_true(gate_waits(g, &v->place));
}

static void
leave_all(struct gate *g, struct visitor *v, size_t count)
{
	for (size_t i = 0; i < count; i++)
		gate_leave(g, &v[i].place);
	gate_fini(g);
}

static void
test_in_the_order_of_coming(void **state)
{
	struct visitor v[6];
	struct gate g;

	(void)state;
	gate_init(&g, 2);
	visitors_init(v, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_false(gate_waits(&g, &v[i].place));
		assert_int_equal(
		    gate_enter(&g, &v[i].place, GATE_COMMON), i < 2);
	}
	assert_false(gate_enter(&g, &v[3].place, GATE_COMMON)); /* no change */
	for (size_t i = 2; i < 6; i++) {
		assert_in_line(&g, &v[i]);
		gate_leave(&g, &v[i - 2].place);
		assert_let_in(&g, &v[i]);
	}
	leave_all(&g, v, 6);
}

static void
test_giving_up(void **state)
{
	struct visitor v[5];
	struct gate g;

	(void)state;
	gate_init(&g, 1);
	visitors_init(v, 5);
	for (size_t i = 0; i < 5; i++)
		(void)gate_enter(&g, &v[i].place, GATE_COMMON);
	gate_leave(&g, &v[2].place); /* in the middle of the line */
	gate_leave(&g, &v[1].place); /* its begin */
	gate_leave(&g, &v[1].place); /* not there: nothing */
	gate_leave(&g, &v[0].place);
	assert_let_in(&g, &v[3]);
	gate_leave(&g, &v[4].place); /* its end */
	assert_int_equal(v[1].woken + v[2].woken + v[4].woken, 0);
	/* One that was let in and goes away before it noticed. */
	assert_false(gate_enter(&g, &v[0].place, GATE_COMMON));
	gate_leave(&g, &v[3].place);
	gate_leave(&g, &v[0].place);
	assert_true(gate_enter(&g, &v[1].place, GATE_COMMON));
	leave_all(&g, v, 5);
}

static void
test_twins_go_one_after_the_other(void **state)
{
	struct visitor v[5];
	struct gate g;

	(void)state;
	gate_init(&g, 3);
	visitors_init(v, 5);
	v[1].place.key = v[2].place.key = v[0].place.key;
	assert_true(gate_enter(&g, &v[0].place, GATE_COMMON));
	assert_false(gate_enter(&g, &v[1].place, GATE_COMMON));
	assert_false(gate_enter(&g, &v[2].place, GATE_COMMON));
	/* Others go past them. */
	assert_true(gate_enter(&g, &v[3].place, GATE_COMMON));
	assert_true(gate_enter(&g, &v[4].place, GATE_SUSPECT));
	gate_leave(&g, &v[3].place);
	assert_in_line(&g, &v[1]);
	gate_leave(&g, &v[0].place);
	assert_let_in(&g, &v[1]);
	assert_in_line(&g, &v[2]);
	gate_leave(&g, &v[1].place);
	assert_let_in(&g, &v[2]);
	leave_all(&g, v, 5);
}

/* Too many twins are not looked through, and do not close the gate. */
static void
test_very_many_twins(void **state)
{
	static struct visitor v[GATE_LOOK_AHEAD + 2];
	struct gate g;

	(void)state;
	gate_init(&g, 2);
	visitors_init(v, GATE_LOOK_AHEAD + 2);
	for (size_t i = 0; i < GATE_LOOK_AHEAD + 1; i++) {
		v[i].place.key = 7;
		assert_int_equal(
		    gate_enter(&g, &v[i].place, GATE_COMMON), i == 0);
		assert_int_equal(v[1].woken, i == GATE_LOOK_AHEAD);
	}
	assert_let_in(&g, &v[1]);
	leave_all(&g, v, GATE_LOOK_AHEAD + 2);
}

static void
test_suspects_have_some_of_the_turns(void **state)
{
	struct visitor common[9], suspects[4];
	struct visitor first;
	struct gate g;
	size_t next[2] = { 0, 0 };

	(void)state;
	gate_init(&g, 1);
	visitors_init(&first, 1);
	visitors_init(common, 9);
	visitors_init(suspects, 4);
	assert_true(gate_enter(&g, &first.place, GATE_SUSPECT));
	for (size_t i = 0; i < 4; i++)
		assert_false(gate_enter(&g, &suspects[i].place, GATE_SUSPECT));
	for (size_t i = 0; i < 9; i++)
		assert_false(gate_enter(&g, &common[i].place, GATE_COMMON));
	gate_leave(&g, &first.place);
	for (size_t turn = 0; turn < 13; turn++) {
		bool suspect =
		    turn % (GATE_TURNS + 1) == GATE_TURNS || next[0] == 9;
		struct visitor *v =
		    suspect ? &suspects[next[1]++] : &common[next[0]++];

		assert_let_in(&g, v);
		gate_leave(&g, &v->place);
	}
	gate_fini(&g);
}

/* All lines are long: three in four turns are the first line's, and of the
 * others three in four the second's. */
static void
test_familiar_ones_go_first(void **state)
{
	static const enum gate_line lines[] = { GATE_FAMILIAR, GATE_COMMON,
		GATE_SUSPECT };
	static struct visitor v[GATE_LINES][64];
	struct visitor first;
	size_t next[GATE_LINES] = { 0 };
	struct gate g;

	(void)state;
	gate_init(&g, 1);
	visitors_init(&first, 1);
	assert_true(gate_enter(&g, &first.place, GATE_COMMON));
	for (size_t line = GATE_LINES; line-- > 0;) {
		visitors_init(v[line], 64);
		for (size_t i = 0; i < 64; i++)
			assert_false(
			    gate_enter(&g, &v[line][i].place, lines[line]));
	}
	gate_leave(&g, &first.place);
	for (size_t turn = 0; turn < 64; turn++) {
		size_t line = turn % 4 < 3 ? 0 : turn % 16 < 15 ? 1 : 2;
		struct visitor *visitor = &v[line][next[line]++];

		assert_let_in(&g, visitor);
		gate_leave(&g, &visitor->place);
	}
	assert_int_equal(next[0], 48);
	assert_int_equal(next[1], 12);
	assert_int_equal(next[2], 4);
	for (size_t line = 0; line < GATE_LINES; line++)
		for (size_t i = next[line]; i < 64; i++)
			gate_leave(&g, &v[line][i].place);
	gate_fini(&g);
}

/* Who has become a suspect goes to the end of that line, from wherever. */
static void
test_changing_lines(void **state)
{
	struct visitor v[4];
	struct gate g;

	(void)state;
	gate_init(&g, 1);
	visitors_init(v, 4);
	assert_true(gate_enter(&g, &v[0].place, GATE_COMMON));
	assert_false(gate_enter(&g, &v[1].place, GATE_SUSPECT));
	assert_false(gate_enter(&g, &v[2].place, GATE_COMMON));
	/* From inside: makes room for the next. */
	assert_false(gate_enter(&g, &v[0].place, GATE_SUSPECT));
	assert_let_in(&g, &v[2]);
	/* From the line. */
	assert_false(gate_enter(&g, &v[1].place, GATE_COMMON));
	assert_false(gate_enter(&g, &v[3].place, GATE_COMMON));
	gate_leave(&g, &v[2].place);
	assert_let_in(&g, &v[1]);
	gate_leave(&g, &v[1].place);
	assert_let_in(&g, &v[3]);
	gate_leave(&g, &v[3].place);
	assert_let_in(&g, &v[0]);
	/* Alone, it stays inside. */
	assert_true(gate_enter(&g, &v[0].place, GATE_COMMON));
	assert_int_equal(v[0].woken, 1);
	leave_all(&g, v, 4);
}

/* -- many threads ------------------------------------------------------ */

#define THREADS	   8
#define ROUNDS	   300
#define INSIDE_MAX 3

struct crowd {
	struct gate gate;
	atomic_uint inside;
	atomic_uint most;
	atomic_uint passed;
	atomic_uint gave_up;
};

/* A visitor that sleeps until it is woken. */
struct sleeper {
	struct gate_place place;
	struct lock lock;
	pthread_cond_t changed;
	bool woken; /* under the lock */
};

static void
rouse(void *arg)
{
	struct sleeper *s = arg;

	lock_take(&s->lock);
	s->woken = true;
	pthread_cond_signal(&s->changed);
	lock_release(&s->lock);
}

static void
sleep_until_woken(struct sleeper *s)
{
	lock_take(&s->lock);
	while (!s->woken)
		lock_wait(&s->lock, &s->changed);
	s->woken = false;
	lock_release(&s->lock);
}

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

/* Stand in line until it is inside; some lose patience, or are suspected. */
static void
visit(struct crowd *c, struct sleeper *s, int round)
{
	enum gate_line line = round % 5 == 0 ? GATE_SUSPECT : GATE_COMMON;

	s->place.key = (uint64_t)round % 4;
	while (!gate_enter(&c->gate, &s->place, line)) {
		if (round % 7 == 0) {
			gate_leave(&c->gate, &s->place);
			lock_take(&s->lock);
			s->woken = false; /* too late */
			lock_release(&s->lock);
			atomic_fetch_add(&c->gave_up, 1);
			return;
		}
		sleep_until_woken(s);
		line = round % 3 == 0 ? GATE_SUSPECT : line;
	}
	pass(c);
	gate_leave(&c->gate, &s->place);
}

static void *
visitor_main(void *arg)
{
	struct sleeper s = { .place = { .wake = rouse, .arg = &s } };

	lock_init(&s.lock);
	lock_cond_init(&s.changed);
	for (int i = 0; i < ROUNDS; i++)
		visit(arg, &s, i);
	pthread_cond_destroy(&s.changed);
	lock_fini(&s.lock);
	return NULL;
}

static void
test_crowd(void **state)
{
	struct crowd c = { 0 };
	pthread_t threads[THREADS];

	(void)state;
	gate_init(&c.gate, INSIDE_MAX);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, visitor_main, &c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	gate_fini(&c.gate);
	assert_in_range(c.most, 1, INSIDE_MAX);
	assert_int_equal(c.passed + c.gave_up, THREADS * ROUNDS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_order_of_coming),
		cmocka_unit_test(test_giving_up),
		cmocka_unit_test(test_twins_go_one_after_the_other),
		cmocka_unit_test(test_very_many_twins),
		cmocka_unit_test(test_suspects_have_some_of_the_turns),
		cmocka_unit_test(test_familiar_ones_go_first),
		cmocka_unit_test(test_changing_lines),
		cmocka_unit_test(test_crowd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
