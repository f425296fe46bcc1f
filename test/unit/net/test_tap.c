/* SPDX-License-Identifier: MIT
 *
 * Looking on at a connection: all that comes and goes from a moment on, once,
 * whatever the client takes at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/tap.h"

struct witness {
	struct tap tap; /* first */
	struct buf seen[2];
	unsigned freed;
};

struct fixture {
	struct poll *poll;
	struct conn *conn;
	int peer;
	struct witness witness;
};

static void
see(struct tap *t, enum tap_side side, struct str bytes)
{
	buf_add_str(&((struct witness *)t)->seen[side], bytes);
}

static void
count_free(struct tap *t)
{
	((struct witness *)t)->freed++;
}

static void
setup(struct fixture *f)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->poll = poll_new(1);
	f->conn = conn_new(f->poll, pair[0], NULL, 0);
	f->peer = pair[1];
	f->witness =
	    (struct witness){ .tap = { .bytes = see, .free = count_free } };
	buf_init(&f->witness.seen[TAP_CLIENT], 4 << 20);
	buf_init(&f->witness.seen[TAP_SERVER], 4 << 20);
}

static void
teardown(struct fixture *f)
{
	conn_free(f->conn);
	assert_int_equal(f->witness.freed, 1);
	close(f->peer);
	poll_free(f->poll);
	buf_fini(&f->witness.seen[TAP_CLIENT]);
	buf_fini(&f->witness.seen[TAP_SERVER]);
}

static void
assert_seen(struct fixture *f, enum tap_side side, const char *want)
{
	struct str seen = buf_str(&f->witness.seen[side]);

	assert_int_equal(seen.n, strlen(want));
	assert_memory_equal(seen.n > 0 ? seen.p : "", want, seen.n);
}

static void
client_says(struct fixture *f, const char *text)
{
	enum rc rc;

	assert_int_equal(
	    send(f->peer, text, strlen(text), 0), (ssize_t)strlen(text));
	rc = conn_fill(f->conn, 1000);
	if (rc == RC_AGAIN) /* known from the time before */
		rc = conn_fill(f->conn, 1000);
	assert_int_equal(rc, RC_OK);
}

static void
test_from_a_moment_on(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	client_says(&f, "password\r\nmore");
	conn_consume(f.conn, 10);
	conn_out(f.conn, STR("queued "));
	assert_false(conn_is_tapped(f.conn));
	conn_tap(f.conn, &f.witness.tap);
	assert_true(conn_is_tapped(f.conn));
	assert_seen(&f, TAP_CLIENT, "more");
	conn_out(f.conn, STR("shown"));
	assert_seen(&f, TAP_SERVER, "");
	assert_int_equal(conn_flush(f.conn), RC_OK);
	assert_seen(&f, TAP_SERVER, "shown");
	client_says(&f, " and more");
	assert_seen(&f, TAP_CLIENT, "more and more");
	conn_tap(f.conn, NULL);
	assert_int_equal(f.witness.freed, 1);
	client_says(&f, " unseen");
	conn_out(f.conn, STR("unseen"));
	assert_int_equal(conn_flush(f.conn), RC_OK);
	assert_seen(&f, TAP_CLIENT, "more and more");
	assert_seen(&f, TAP_SERVER, "shown");
	teardown(&f);
}

/* What the client has not taken was not sent, and is not shown. */
static void
test_a_slow_client(void **state)
{
	enum { SIZE = 2 << 20 };
	char *text = mem_alloc(SIZE), room[5000];
	size_t taken = 0;
	struct fixture f;
	ssize_t got;

	(void)state;
	setup(&f);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)(i * 2654435761u >> 13);
	conn_tap(f.conn, &f.witness.tap);
	conn_out(f.conn, (struct str){ text, SIZE });
	while (taken < SIZE) {
		enum rc rc = conn_flush(f.conn);

		assert_true(rc == RC_OK || rc == RC_AGAIN);
		assert_int_equal(
		    f.witness.seen[TAP_SERVER].n, conn_bytes_out(f.conn));
		got = recv(f.peer, room, sizeof(room), 0);
		assert_true(got > 0);
		taken += (size_t)got;
	}
	assert_int_equal(f.witness.seen[TAP_SERVER].n, SIZE);
	assert_memory_equal(f.witness.seen[TAP_SERVER].p, text, SIZE);
	mem_free(text);
	teardown(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_a_moment_on),
		cmocka_unit_test(test_a_slow_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
