/* SPDX-License-Identifier: MIT
 *
 * Connections over socket pairs: whatever way bytes are cut, in and out, they
 * are the same bytes in the same order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/poll_internal.h"

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* The byte at ${offset} of a text that repeats only after 64 MB. */
static char
text_at(uint64_t offset)
{
	return (char)((offset * 2654435761u >> 13) ^ (offset >> 18));
}

struct fixture {
	struct poll *poll;
	struct conn *conn;
	int peer;
};

static void
setup_with(struct fixture *f, unsigned workers)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->poll = poll_new(workers);
	f->conn = conn_new(f->poll, pair[0], NULL, 0);
	f->peer = pair[1];
}

static void
setup(struct fixture *f)
{
	setup_with(f, 4);
}

static void
teardown(struct fixture *f)
{
	conn_free(f->conn);
	if (f->peer >= 0)
		close(f->peer);
	poll_free(f->poll);
}

static void
make_small(int fd)
{
	int size = 1;

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
}

/* -- input ------------------------------------------------------------- */

#define INPUT_BYTES 50000

static void
test_input_in_any_split(void **state)
{
	struct fixture f;
	uint32_t random = 5;
	uint64_t written = 0, read = 0;
	char piece[3000];

	(void)state;
	setup(&f);
	while (read < INPUT_BYTES) {
		size_t count = 1 + next_random(&random) % sizeof(piece);
		size_t limit = 1 + next_random(&random) % 5000;
		struct str in;
		enum rc rc;

		for (size_t i = 0; i < count; i++)
			piece[i] = text_at(written + i);
		assert_int_equal(write(f.peer, piece, count), count);
		written += count;
		do {
			in = conn_input(f.conn);
			rc = conn_fill(f.conn, limit);
			assert_int_equal(rc == RC_LIMIT, in.n >= limit);
			in = conn_input(f.conn);
			assert_true(rc == RC_LIMIT || in.n <= limit);
			count = in.n > 0 ? next_random(&random) % in.n + 1 : 0;
			for (size_t i = 0; i < count; i++)
				assert_int_equal(in.p[i], text_at(read + i));
			conn_consume(f.conn, count);
			conn_rest(f.conn);
			read += count;
		} while (rc != RC_AGAIN);
	}
	while (conn_input(f.conn).n > 0) {
		assert_int_equal(conn_input(f.conn).p[0], text_at(read++));
		conn_consume(f.conn, 1);
	}
	assert_int_equal(read, written);
	assert_int_equal(conn_bytes_in(f.conn), written);
	teardown(&f);
}

static void
test_fill_up_to_the_limit(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(conn_fill(f.conn, 100), RC_AGAIN);
	assert_int_equal(conn_input(f.conn).n, 0);
	assert_int_equal(write(f.peer, "0123456789", 10), 10);
	assert_int_equal(conn_fill(f.conn, 4), RC_OK);
	assert_int_equal(conn_input(f.conn).n, 4);
	assert_int_equal(conn_fill(f.conn, 4), RC_LIMIT);
	assert_int_equal(conn_fill(f.conn, 6), RC_OK);
	conn_consume(f.conn, 5);
	assert_int_equal(conn_fill(f.conn, 100), RC_OK);
	assert_memory_equal(conn_input(f.conn).p, "56789", 5);
	assert_int_equal(conn_fill(f.conn, 100), RC_AGAIN);
	teardown(&f);
}

static void
test_end_of_input(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(write(f.peer, "bye", 3), 3);
	assert_int_equal(shutdown(f.peer, SHUT_WR), 0);
	assert_int_equal(conn_fill(f.conn, 100), RC_OK);
	while (conn_fill(f.conn, 100) == RC_AGAIN)
		;
	assert_int_equal(conn_fill(f.conn, 100), RC_EOF);
	assert_memory_equal(conn_input(f.conn).p, "bye", 3);
	/* The other direction is still open. */
	conn_out(f.conn, STR("bye"));
	assert_int_equal(conn_flush(f.conn), RC_OK);
	teardown(&f);
}

/* Clients that say nothing lose their workers when most, or nearly all, of
 * the pool wait for such ones. */
static void
test_crowd(void **state)
{
	struct fixture f;

	(void)state;
	setup_with(&f, 8);
	for (unsigned i = 0; i < 4; i++)
		poll_waiter_add(f.poll);
	assert_int_equal(poll_crowd(f.poll), POLL_CALM);
	assert_int_equal(
	    conn_fill_wait(f.conn, 10, clock_ms() + 60000), RC_TIMEOUT);
	assert_int_equal(poll_crowd(f.poll), POLL_CALM);
	for (unsigned i = 0; i < 3; i++)
		poll_waiter_add(f.poll);
	assert_int_equal(poll_crowd(f.poll), POLL_CROWDED);
	clock_fake(1000, 1);
	assert_int_equal(conn_fill_wait(f.conn, 10, 99000), RC_TIMEOUT);
	assert_int_equal(write(f.peer, "a", 1), 1);
	assert_int_equal(conn_fill_wait(f.conn, 10, 99000), RC_OK);
	clock_fake(0, 0);
	assert_int_equal(poll_crowd(f.poll), POLL_CROWDED);
	teardown(&f);
}

static void
test_fill_wait(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	clock_fake(1000, 1);
	assert_int_equal(conn_fill_wait(f.conn, 10, 1000), RC_TIMEOUT);
	assert_int_equal(write(f.peer, "a", 1), 1);
	assert_int_equal(conn_fill_wait(f.conn, 10, 1000), RC_OK);
	assert_int_equal(write(f.peer, "b", 1), 1);
	assert_int_equal(conn_fill_wait(f.conn, 10, 99000), RC_OK);
	assert_int_equal(shutdown(f.peer, SHUT_WR), 0);
	assert_int_equal(conn_fill_wait(f.conn, 10, 99000), RC_EOF);
	assert_memory_equal(conn_input(f.conn).p, "ab", 2);
	poll_stop(f.poll);
	clock_fake(0, 0);
	teardown(&f);
}

/* -- output ------------------------------------------------------------ */

/* A source that gives text_at(), in pieces of at most ${piece} bytes, and
 * fails from ${broken_at} on. */
struct text_source {
	struct out_source source;
	size_t piece;
	uint64_t broken_at;
	unsigned refs;
};

static enum rc
text_read(struct out_source *s, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	struct text_source *t = (struct text_source *)s;
	char *bytes = to;

	if (offset >= t->broken_at)
		return RC_CORRUPT;
	if (size > t->piece)
		size = t->piece;
	if (size > t->broken_at - offset)
		size = (size_t)(t->broken_at - offset);
	for (size_t i = 0; i < size; i++)
		bytes[i] = text_at(offset + i);
	*ret_count = size;
	return RC_OK;
}

static void
text_release(struct out_source *s)
{
	((struct text_source *)s)->refs--;
}

static struct text_source
text_source(size_t piece)
{
	return (struct text_source){ .source = { text_read, text_release },
		.piece = piece,
		.broken_at = UINT64_MAX };
}

/* Read what is there and compare; how much it was. */
static size_t
expect_text(int fd, uint64_t offset, size_t limit)
{
	char got[4096];
	ssize_t count;

	count = recv(
	    fd, got, limit < sizeof(got) ? limit : sizeof(got), MSG_DONTWAIT);
	if (count <= 0)
		return 0;
	for (ssize_t i = 0; i < count; i++)
		assert_int_equal(got[i], text_at(offset + (uint64_t)i));
	return (size_t)count;
}

/* Queue the next ${count} bytes of the text, from memory or from a source. */
static void
queue_text(
    struct conn *c, struct text_source *source, uint64_t from, size_t count)
{
	char *copy;

	if (source != NULL) {
		source->refs++;
		conn_out_source(c, &source->source, from, count);
		return;
	}
	copy = mem_alloc(count);
	for (size_t i = 0; i < count; i++)
		copy[i] = text_at(from + i);
	conn_out(c, (struct str){ copy, count });
	mem_free(copy);
}

static const size_t sizes[] = { 1, 30, 200, 4000, 9000, 70000 };

/* Memory and sources in any mixture through a socket that takes little. */
static void
test_output_in_any_split(void **state)
{
	struct fixture f;
	uint32_t random = 11;
	struct text_source sources[] = { text_source(1 << 20),
		text_source(777) };
	uint64_t queued = 0, got = 0;
	enum rc rc = RC_OK;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	while (got < queued || queued < 2000000) {
		for (int i = 0; i < 6 && queued < 2000000; i++) {
			size_t kind = next_random(&random) % 4;
			size_t n = 1 + next_random(&random) %
					   sizes[next_random(&random) % 6];

			queue_text(f.conn, kind < 2 ? &sources[kind] : NULL,
			    queued, n);
			queued += n;
		}
		rc = conn_flush(f.conn);
		assert_true(rc == RC_OK || rc == RC_AGAIN);
		assert_int_equal(rc == RC_OK, conn_out_pending(f.conn) == 0);
		assert_int_equal(
		    conn_bytes_out(f.conn), queued - conn_out_pending(f.conn));
		assert_true(
		    conn_out_memory(f.conn) <= conn_out_pending(f.conn));
		got +=
		    expect_text(f.peer, got, 1 + next_random(&random) % 4096);
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(conn_out_memory(f.conn), 0);
	assert_int_equal(sources[0].refs + sources[1].refs, 0);
	teardown(&f);
}

/* A turn ends though the socket would take more. */
static void
test_one_turn_is_bounded(void **state)
{
	struct fixture f;
	struct text_source s = text_source(1 << 20);
	uint64_t got = 0, total = 3u * FLUSH_BYTES_MAX, before;
	int size = 8 * FLUSH_BYTES_MAX;
	enum rc rc;

	(void)state;
	setup(&f);
	(void)setsockopt(
	    conn_fd(f.conn), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	queue_text(f.conn, &s, 0, total);
	while (got < total) {
		before = conn_bytes_out(f.conn);
		rc = conn_flush(f.conn);
		assert_int_equal(
		    rc, conn_out_pending(f.conn) == 0 ? RC_OK : RC_AGAIN);
		assert_true(conn_bytes_out(f.conn) - before <=
			    FLUSH_BYTES_MAX + OUT_READ_BYTES);
		assert_true(conn_out_memory(f.conn) <= OUT_READ_BYTES);
		got += expect_text(f.peer, got, 4096);
	}
	teardown(&f);
}

static void
test_source_fails(void **state)
{
	struct fixture f;
	struct text_source s = text_source(1000);
	uint64_t got = 0;
	size_t n;

	(void)state;
	setup(&f);
	s.broken_at = 2500;
	queue_text(f.conn, &s, 0, 5000);
	queue_text(f.conn, &s, 5000, 10);
	queue_text(f.conn, &s, 7000, 0);
	assert_int_equal(s.refs, 2);
	assert_int_equal(conn_flush(f.conn), RC_IO);
	while ((n = expect_text(f.peer, got, 4096)) > 0)
		got += n;
	assert_true(got <= 2500);
	conn_free(f.conn);
	f.conn = NULL;
	assert_int_equal(s.refs, 0);
	teardown(&f);
}

static void
test_peer_is_gone(void **state)
{
	struct fixture f;
	struct text_source s = text_source(1000);

	(void)state;
	setup(&f);
	queue_text(f.conn, NULL, 0, 100);
	queue_text(f.conn, &s, 100, 2 * OUT_READ_BYTES);
	close(f.peer);
	f.peer = -1;
	assert_int_equal(conn_flush(f.conn), RC_CLOSED);
	assert_int_equal(conn_flush_wait(f.conn, 0), RC_CLOSED);
	assert_int_equal(s.refs, 1);
	teardown(&f);
	assert_int_equal(s.refs, 0);
}

/* -- waiting for the client -------------------------------------------- */

struct reader {
	int fd;
	uint64_t expected;
	uint64_t got;
};

static void *
reader_main(void *arg)
{
	struct reader *r = arg;

	while (r->got < r->expected) {
		r->got += expect_text(r->fd, r->got, 4096);
		sched_yield();
	}
	return NULL;
}

static void
test_flush_wait(void **state)
{
	struct fixture f;
	struct reader r;
	pthread_t thread;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	r = (struct reader){ .fd = f.peer, .expected = 500000 };
	queue_text(f.conn, NULL, 0, 500000);
	assert_int_equal(conn_out_memory(f.conn), 500000);
	assert_int_equal(conn_flush_wait(f.conn, 500000), RC_OK);
	assert_int_equal(conn_out_memory(f.conn), 500000);
	assert_int_equal(pthread_create(&thread, NULL, reader_main, &r), 0);
	assert_int_equal(conn_flush_wait(f.conn, 100000), RC_OK);
	assert_true(conn_out_memory(f.conn) <= 100000);
	assert_int_equal(conn_flush_wait(f.conn, 0), RC_OK);
	assert_int_equal(conn_out_pending(f.conn), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	teardown(&f);
}

static void *
clock_main(void *arg)
{
	_Atomic bool *stop = arg;

	for (uint64_t now = 1000; !atomic_load(stop); now += 1000) {
		clock_fake(now, 1);
		sched_yield();
	}
	return NULL;
}

/* A client that takes nothing is given up after WRITE_STALL_MS_MAX. */
static void
test_flush_wait_stalls(void **state)
{
	struct fixture f;
	_Atomic bool stop = false;
	pthread_t thread;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	queue_text(f.conn, NULL, 0, 500000);
	clock_fake(1000, 1);
	assert_int_equal(pthread_create(&thread, NULL, clock_main, &stop), 0);
	assert_int_equal(conn_flush_wait(f.conn, 100000), RC_TIMEOUT);
	atomic_store(&stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	clock_fake(0, 0);
	teardown(&f);
}

static void
test_wait_ends_with_the_pool(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	queue_text(f.conn, NULL, 0, 500000);
	poll_stop(f.poll);
	assert_int_equal(conn_flush_wait(f.conn, 0), RC_SHUTDOWN);
	assert_int_equal(
	    conn_fill_wait(f.conn, 10, clock_ms() + 60000), RC_SHUTDOWN);
	teardown(&f);
}

/* -- in the pool ------------------------------------------------------- */

struct echo {
	struct conn *conn;
	_Atomic bool ended;
};

/* Send everything back; stop reading while too much is queued. */
static unsigned
echo_run(void *arg)
{
	struct echo *e = arg;
	enum rc rc;

	for (;;) {
		rc = conn_flush(e->conn);
		if (rc == RC_AGAIN && conn_out_memory(e->conn) > 10000)
			return POLL_OUTPUT;
		if (rc == RC_OK || rc == RC_AGAIN)
			rc = conn_fill(e->conn, 3000);
		if (rc == RC_AGAIN)
			return conn_out_pending(e->conn) > 0
				   ? POLL_INPUT | POLL_OUTPUT
				   : POLL_INPUT;
		if (rc != RC_OK)
			break;
		conn_out(e->conn, conn_input(e->conn));
		conn_consume(e->conn, conn_input(e->conn).n);
		conn_rest(e->conn);
	}
	conn_free(e->conn);
	atomic_store(&e->ended, true);
	return POLL_DONE;
}

static unsigned
greet_run(void *arg)
{
	struct echo *e = arg;

	conn_become(e->conn, echo_run, e);
	conn_deadline(e->conn, clock_ms() + 60000);
	return echo_run(e);
}

static void
test_echo_in_the_pool(void **state)
{
	struct fixture f;
	struct echo e = { 0 };
	uint64_t sent = 0, got = 0;
	char piece[5000];

	(void)state;
	setup(&f);
	e.conn = f.conn;
	f.conn = NULL;
	make_small(conn_fd(e.conn));
	make_small(f.peer);
	assert_int_equal(poll_start(f.poll), RC_OK);
	assert_int_equal(
	    conn_start(e.conn, POLL_INPUT, 0, greet_run, &e), RC_OK);
	while (got < 300000) {
		ssize_t n;

		for (size_t i = 0; i < sizeof(piece); i++)
			piece[i] = text_at(sent + i);
		n = send(f.peer, piece, sizeof(piece), MSG_DONTWAIT);
		if (n > 0)
			sent += (uint64_t)n;
		got += expect_text(f.peer, got, 4096);
		sched_yield();
	}
	assert_int_equal(shutdown(f.peer, SHUT_WR), 0);
	while (!atomic_load(&e.ended))
		got += expect_text(f.peer, got, 4096);
	while (poll_tasks(f.poll) > 0)
		sched_yield();
	poll_stop(f.poll);
	teardown(&f);
}

/* -- facts ------------------------------------------------------------- */

static const struct {
	int family;
	const char *address;
	const char *text;
	bool is_loopback;
} peers[] = {
	{ AF_INET, "192.0.2.1", "192.0.2.1", false },
	{ AF_INET, "127.0.0.1", "127.0.0.1", true },
	{ AF_INET, "127.9.9.9", "127.9.9.9", true },
	{ AF_INET, "128.0.0.1", "128.0.0.1", false },
	{ AF_INET6, "2001:db8::1", "2001:db8::1", false },
	{ AF_INET6, "::1", "::1", true },
	{ AF_INET6, "::ffff:192.0.2.9", "192.0.2.9", false },
	{ AF_INET6, "::ffff:127.0.0.1", "127.0.0.1", true },
};

static void
test_peers(void **state)
{
	struct poll *p = poll_new(1);
	struct conn *c;

	(void)state;
	for (size_t i = 0; i < sizeof(peers) / sizeof(peers[0]); i++) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		bool is_v4 = peers[i].family == AF_INET;

		assert_int_equal(
		    inet_pton(peers[i].family, peers[i].address,
			is_v4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr),
		    1);
		c = conn_new(p, socket(AF_UNIX, SOCK_STREAM, 0),
		    is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6,
		    is_v4 ? sizeof(v4) : sizeof(v6));
		assert_string_equal(conn_peer(c), peers[i].text);
		assert_int_equal(
		    conn_peer_is_loopback(c), peers[i].is_loopback);
		assert_false(conn_is_tls(c));
		assert_string_equal(conn_tls_name(c), "");
		assert_ptr_equal(conn_poll(c), p);
		conn_free(c);
	}
	c = conn_new(p, socket(AF_UNIX, SOCK_STREAM, 0), NULL, 0);
	assert_string_equal(conn_peer(c), "unix");
	assert_true(conn_peer_is_loopback(c));
	conn_free(c);
	conn_free(NULL);
	poll_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_in_any_split),
		cmocka_unit_test(test_fill_up_to_the_limit),
		cmocka_unit_test(test_end_of_input),
		cmocka_unit_test(test_fill_wait),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_output_in_any_split),
		cmocka_unit_test(test_one_turn_is_bounded),
		cmocka_unit_test(test_source_fails),
		cmocka_unit_test(test_peer_is_gone),
		cmocka_unit_test(test_flush_wait),
		cmocka_unit_test(test_flush_wait_stalls),
		cmocka_unit_test(test_wait_ends_with_the_pool),
		cmocka_unit_test(test_echo_in_the_pool),
		cmocka_unit_test(test_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
