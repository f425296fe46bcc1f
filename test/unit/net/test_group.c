/* SPDX-License-Identifier: MIT
 *
 * Groups: who is woken by a stop, and that nobody is left behind, whether its
 * first run has come or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/group.h"

static struct group group;
static unsigned freed;
static atomic_uint runs;

struct session {
	struct group_member member;
	struct conn *conn;
	int peer;
};

static void
free_session(void *arg)
{
	struct session *s = arg;

	freed++;
	group_leave(&group, &s->member);
	conn_free(s->conn);
	close(s->peer);
	mem_free(s);
}

static unsigned
run(void *arg)
{
	struct session *s = arg;

	group_join(&group, &s->member);
	(void)atomic_fetch_add(&runs, 1);
	return POLL_INPUT;
}

static struct session *
new_session(struct poll *p)
{
	struct session *s = mem_alloc(sizeof(*s));
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	s->conn = conn_new(p, pair[0], NULL, 0);
	s->peer = pair[1];
	s->member = (struct group_member){ .conn = s->conn, .session = s };
	return s;
}

static void
await_runs(unsigned count)
{
	while (atomic_load(&runs) < count)
		sched_yield();
}

/* One session has run, one waits for a first byte that never comes, one was
 * not put into the pool yet. */
static void
test_stop(void **state)
{
	struct poll *p = poll_new(2);
	struct session *ran, *waits, *new;

	(void)state;
	freed = 0;
	atomic_store(&runs, 0);
	group_init(&group, free_session);
	assert_int_equal(poll_start(p), RC_OK);

	ran = new_session(p);
	assert_int_equal(
	    conn_start(ran->conn, POLL_OUTPUT, 0, run, ran), RC_OK);
	await_runs(1);
	waits = new_session(p);
	group_add(&group, &waits->member);
	assert_int_equal(
	    conn_start(waits->conn, POLL_INPUT, 0, run, waits), RC_OK);
	new = new_session(p);
	group_add(&group, &new->member);

	assert_false(group_is_stopping(&group));
	group_stop(&group);
	assert_true(group_is_stopping(&group));
	await_runs(2); /* the one that ran is woken */
	poll_stop(p);
	assert_int_equal(freed, 0);
	group_fini(&group);
	assert_int_equal(freed, 3);
	poll_free(p);
}

/* Adding, joining and leaving in any order that sessions know. */
static void
test_leave(void **state)
{
	struct poll *p = poll_new(1);
	struct session *a, *b;

	(void)state;
	freed = 0;
	group_init(&group, free_session);
	a = new_session(p);
	b = new_session(p);
	group_leave(&group, &a->member); /* never was in it */
	group_add(&group, &a->member);
	group_join(&group, &b->member);
	group_join(&group, &b->member);
	group_join(&group, &a->member);
	free_session(a);
	assert_int_equal(freed, 1);
	assert_ptr_equal(group.first, &b->member);
	group_fini(&group);
	assert_int_equal(freed, 2);
	poll_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
