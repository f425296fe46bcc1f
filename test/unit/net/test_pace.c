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
#include "net/share.h"

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

/* An account is sent what it may, to the octet and the millisecond: nobody
 * waits, and who pauses does not run. */
static void
test_bandwidth(void **state)
{
	const uint64_t rate = 64 * 1024;
	const size_t burst = SHARE_BURST_MS / 1000 * rate;
	struct shares *s =
	    shares_new((struct shares_limits){ .bytes_per_second = rate });
	size_t taken = 0, some, before;
	struct share *share;
	struct client c;

	(void)state;
	begin(&c);
	assert_int_equal(share_enter(s, 1, &share), SHARE_OK);
	conn_belong(c.conn, share);
	/* The clock stands still: no more than what was saved, and a turn. */
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(flush_at(&c, SHARE_BURST_MS), RC_AGAIN);
		assert_true(c.moved);
		while ((some = take_some(&c)) > 0)
			taken += some;
	}
	assert_in_range(taken, burst, burst + rate / 4 + OUT_READ_BYTES);
	assert_int_equal(conn_bytes_out(c.conn), taken);
	/* Then a second's worth a second, however often it is looked at, and
	 * for as long as it takes: that is no client who does not read. */
	for (uint64_t ms = 1; taken < QUEUED_BYTES; ms += 100) {
		do {
			(void)flush_at(&c, SHARE_BURST_MS + ms);
			assert_int_not_equal(c.rc, RC_TIMEOUT);
			before = taken;
			while ((some = take_some(&c)) > 0)
				taken += some;
		} while (taken > before);
		assert_true(taken <= burst + rate * ms / 1000 + rate / 4 +
					 OUT_READ_BYTES);
		assert_true(taken + rate / 4 + OUT_READ_BYTES >=
				burst + rate * ms / 1000 ||
			    taken == QUEUED_BYTES);
	}
	assert_int_equal(c.rc, RC_OK);
	end(&c);
	shares_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_bandwidth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
