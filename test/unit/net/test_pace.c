/* SPDX-License-Identifier: MIT
 *
 * A client that takes some of its output now and then is waited for; one that
 * takes nothing for WRITE_STALL_MS_MAX is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/pace.h"

#define QUEUED_BYTES (4 * 1024 * 1024)
#define T0	     1000

struct client {
	struct poll *poll;
	struct conn *conn;
	struct pace pace;
	int peer;
	enum rc rc; /* of the last run */
	bool moved;
	_Atomic unsigned runs;
};

static unsigned
run(void *arg)
{
	struct client *c = arg;

	c->rc = pace_flush(&c->pace, c->conn, &c->moved);
	atomic_fetch_add(&c->runs, 1);
	return POLL_WAKE;
}

/* Run once more, at ${ms} after the start. */
static enum rc
flush_at(struct client *c, uint64_t ms)
{
	unsigned runs = atomic_load(&c->runs);

	clock_fake(T0 + ms, 1);
	poll_wake(c->poll, conn_handle(c->conn));
	while (atomic_load(&c->runs) == runs)
		sched_yield();
	return c->rc;
}

static void
begin(struct client *c)
{
	char *text = mem_alloc(QUEUED_BYTES);
	int pair[2], size = 1;

	*c = (struct client){ 0 };
	clock_fake(T0, 1);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(
	    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	c->peer = pair[1];
	c->poll = poll_new(2);
	assert_int_equal(poll_start(c->poll), RC_OK);
	c->conn = conn_new(c->poll, pair[0], NULL, 0);
	memset(text, 'x', QUEUED_BYTES);
	conn_out(c->conn, (struct str){ text, QUEUED_BYTES });
	mem_free(text);
	assert_int_equal(conn_start(c->conn, POLL_WAKE, 0, run, c), RC_OK);
}

static void
end(struct client *c)
{
	poll_stop(c->poll);
	conn_free(c->conn);
	poll_free(c->poll);
	close(c->peer);
	clock_fake(0, 0);
}

static size_t
take_some(struct client *c)
{
	char bytes[65536];
	ssize_t got = read(c->peer, bytes, sizeof(bytes));

	return got > 0 ? (size_t)got : 0;
}

static void
test_stalled(void **state)
{
	const uint64_t stall = WRITE_STALL_MS_MAX;
	struct client c;

	(void)state;
	begin(&c);
	assert_int_equal(flush_at(&c, 0), RC_AGAIN);
	assert_true(c.moved);
	assert_int_equal(flush_at(&c, 1), RC_AGAIN);
	assert_false(c.moved);
	assert_int_equal(flush_at(&c, stall - 1), RC_AGAIN);
	/* It takes some at the last moment: it has all the time again. */
	assert_true(take_some(&c) > 0);
	assert_int_equal(flush_at(&c, stall - 1), RC_AGAIN);
	assert_true(c.moved);
	assert_int_equal(flush_at(&c, 2 * stall - 2), RC_AGAIN);
	assert_false(c.moved);
	assert_int_equal(flush_at(&c, 2 * stall - 1), RC_TIMEOUT);
	end(&c);
}

static void
test_slow(void **state)
{
	struct client c;
	size_t taken = 0, some;
	uint64_t ms = 0;

	(void)state;
	begin(&c);
	while (taken < QUEUED_BYTES) {
		ms += WRITE_STALL_MS_MAX - 1;
		assert_int_not_equal(flush_at(&c, ms), RC_TIMEOUT);
		while ((some = take_some(&c)) > 0)
			taken += some;
	}
	assert_int_equal(flush_at(&c, ms), RC_OK);
	assert_int_equal(taken, QUEUED_BYTES);
	end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
