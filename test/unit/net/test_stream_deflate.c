/* SPDX-License-Identifier: MIT
 *
 * Compressed connections over socket pairs: the client, zlib as it comes, gets
 * everything that was flushed at once, and is understood however its octets
 * come.
 */
#include "zlib_peer.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "net/conn.h"
#include "net/stream.h"

struct fixture {
	struct poll *poll;
	struct conn *conn;
	int peer;
	z_stream out; /* what the client sends */
	z_stream in;
	struct buf sent; /* compressed, of the client, not yet written */
	struct buf got;	 /* in clear, by the client */
};

static void
setup_plain(struct fixture *f)
{
	int pair[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->poll = poll_new(4);
	f->conn = conn_new(f->poll, pair[0], NULL, 0);
	f->peer = pair[1];
	peer_deflate_begin(&f->out);
	peer_inflate_begin(&f->in);
	buf_init(&f->sent, PEER_BYTES_MAX);
	buf_init(&f->got, PEER_BYTES_MAX);
}

static void
setup(struct fixture *f)
{
	setup_plain(f);
	conn_compress(f->conn);
}

static void
teardown(struct fixture *f)
{
	conn_free(f->conn);
	close(f->peer);
	poll_free(f->poll);
	(void)deflateEnd(&f->out);
	(void)inflateEnd(&f->in);
	buf_fini(&f->sent);
	buf_fini(&f->got);
}

static void
make_small(int fd)
{
	int size = 1;

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
}

/* The client reads at most ${limit} octets; how many it were. */
static size_t
client_read(struct fixture *f, size_t limit)
{
	char packed[65536];
	ssize_t n = recv(f->peer, packed,
	    limit < sizeof(packed) ? limit : sizeof(packed), MSG_DONTWAIT);

	if (n <= 0)
		return 0;
	peer_inflate(&f->in, (struct str){ packed, (size_t)n }, &f->got);
	return (size_t)n;
}

static void
client_write(struct fixture *f)
{
	ssize_t n = write(f->peer, f->sent.p, f->sent.n);

	assert_int_equal(n, f->sent.n);
	buf_clear(&f->sent);
}

/* -- input ------------------------------------------------------------- */

/* What came behind COMPRESS and was read with it is compressed. */
static void
test_input_read_before(void **state)
{
	struct fixture f;
	size_t before;

	(void)state;
	setup_plain(&f);
	buf_add_text(&f.sent, "a COMPRESS DEFLATE\r\n");
	peer_deflate(&f.out, STR("b NOOP\r\n"), Z_SYNC_FLUSH, &f.sent);
	before = f.sent.n;
	client_write(&f);
	assert_int_equal(conn_fill(f.conn, 1000), RC_OK);
	conn_consume(f.conn, 20);
	conn_compress(f.conn);
	assert_int_equal(conn_input(f.conn).n, 0);
	assert_int_equal(conn_fill(f.conn, 3), RC_OK);
	assert_memory_equal(conn_input(f.conn).p, "b N", 3);
	assert_int_equal(conn_fill(f.conn, 3), RC_LIMIT);
	assert_int_equal(conn_fill(f.conn, 1000), RC_OK);
	assert_memory_equal(conn_input(f.conn).p, "b NOOP\r\n", 8);
	assert_int_equal(conn_fill(f.conn, 1000), RC_AGAIN);
	peer_deflate(&f.out, STR("c NOOP\r\n"), Z_SYNC_FLUSH, &f.sent);
	client_write(&f);
	assert_int_equal(conn_fill(f.conn, 1000), RC_OK);
	assert_memory_equal(conn_input(f.conn).p, "b NOOP\r\nc NOOP\r\n", 16);
	assert_int_equal(conn_bytes_in(f.conn), before + 16);
	teardown(&f);
}

static void
test_input_ends(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	peer_deflate(&f.out, STR("bye"), Z_PARTIAL_FLUSH, &f.sent);
	client_write(&f);
	assert_int_equal(shutdown(f.peer, SHUT_WR), 0);
	assert_int_equal(conn_fill(f.conn, 100), RC_OK);
	assert_memory_equal(conn_input(f.conn).p, "bye", 3);
	while (conn_fill(f.conn, 100) == RC_AGAIN)
		;
	assert_int_equal(conn_fill(f.conn, 100), RC_EOF);
	teardown(&f);
}

static void
test_input_is_garbage(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f);
	assert_int_equal(write(f.peer, "a NOOP\r\n", 8), 8);
	assert_int_equal(conn_fill(f.conn, 100), RC_INVALID);
	assert_int_equal(conn_fill(f.conn, 100), RC_INVALID);
	/* The other direction is good enough to say so. */
	conn_out(f.conn, STR("* BYE\r\n"));
	assert_int_equal(conn_flush(f.conn), RC_OK);
	assert_true(client_read(&f, 1000) > 0);
	assert_true(str_eq(buf_str(&f.got), STR("* BYE\r\n")));
	teardown(&f);
}

/* Blocks without anything in them, for ever. */
static void
test_input_of_nothing(void **state)
{
	static const char block[5] = { 0, 0, 0, (char)0xff, (char)0xff };
	struct fixture f;
	size_t sent = 0;
	enum rc rc = RC_AGAIN;

	(void)state;
	setup(&f);
	while (rc == RC_AGAIN) {
		for (int i = 0; i < 100; i++)
			buf_add(&f.sent, block, sizeof(block));
		sent += f.sent.n;
		client_write(&f);
		rc = conn_fill(f.conn, 100);
		if (rc == RC_AGAIN && sent < 2000)
			rc = conn_fill(f.conn, 100); /* dry, once */
	}
	assert_int_equal(rc, RC_INVALID);
	assert_in_range(
	    sent, INFLATE_BARREN_BYTES_MAX, INFLATE_BARREN_BYTES_MAX + 100000);
	teardown(&f);
}

/* -- output ------------------------------------------------------------ */

struct text_source {
	struct out_source source;
	struct str text;
};

static enum rc
text_read(struct out_source *s, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	struct str left = str_skip(((struct text_source *)s)->text, offset);

	*ret_count = left.n < size ? left.n : size;
	memcpy(to, left.p, *ret_count);
	return RC_OK;
}

static void
text_release(struct out_source *s)
{
	(void)s;
}

/* After each flush the client has everything, and a second flush sends
 * nothing. */
static void
test_output_is_there_when_flushed(void **state)
{
	struct fixture f;
	struct buf plain;
	uint32_t random = 77;

	(void)state;
	setup(&f);
	buf_init(&plain, PEER_BYTES_MAX);
	for (int i = 0; i < 1000; i++) {
		size_t before = plain.n;

		add_command(&plain, &random);
		conn_out(f.conn, str_skip(buf_str(&plain), before));
		assert_true(conn_out_pending(f.conn) > 0);
		assert_int_equal(conn_flush(f.conn), RC_OK);
		assert_int_equal(conn_out_pending(f.conn), 0);
		assert_true(client_read(&f, 65536) > 0);
		assert_true(str_eq(buf_str(&f.got), buf_str(&plain)));
		assert_int_equal(conn_flush(f.conn), RC_OK);
		assert_int_equal(client_read(&f, 1), 0);
	}
	assert_int_equal(conn_bytes_out(f.conn), plain.n);
	buf_fini(&plain);
	teardown(&f);
}

/* Memory and sources, what packs and what does not, through a socket that
 * takes little and to a client that reads slowly. */
static void
test_output_in_any_split(void **state)
{
	struct fixture f;
	struct buf plain;
	struct text_source source = { { text_read, text_release }, { 0 } };
	uint32_t random = 5;
	size_t queued = 0;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	buf_init(&plain, PEER_BYTES_MAX);
	while (plain.n < 1500000) {
		if (next_random(&random) % 30 > 0)
			add_command(&plain, &random);
		else
			for (int i = 0; i < 5000; i++)
				buf_add_byte(
				    &plain, (char)next_random(&random));
	}
	source.text = buf_str(&plain);
	while (f.got.n < plain.n) {
		size_t n = 1 + next_random(&random) % 60000;
		struct str next =
		    str_head(str_skip(buf_str(&plain), queued), n);
		enum rc rc;

		if (next_random(&random) % 2)
			conn_out(f.conn, next);
		else
			conn_out_source(f.conn, &source.source, queued, next.n);
		queued += next.n;
		rc = conn_flush(f.conn);
		assert_true(rc == RC_OK || rc == RC_AGAIN);
		assert_int_equal(rc == RC_OK, conn_out_pending(f.conn) == 0);
		do
			(void)client_read(&f, 1 + next_random(&random) % 8000);
		while (conn_out_pending(f.conn) > 200000 &&
		       conn_flush(f.conn) == RC_AGAIN);
	}
	assert_true(str_eq(buf_str(&f.got), buf_str(&plain)));
	buf_fini(&plain);
	teardown(&f);
}

/* conn_flush_wait(0) has sent what the stream held back, too. */
struct reader {
	struct fixture *f;
	size_t wanted;
};

static void *
read_slowly(void *arg)
{
	struct reader *r = arg;

	while (r->f->got.n < r->wanted) {
		(void)client_read(r->f, 1000);
		sched_yield();
	}
	return NULL;
}

static void
test_flush_wait(void **state)
{
	struct fixture f;
	struct reader r = { &f, 300000 };
	pthread_t thread;
	char piece[1000];
	uint32_t random = 2;

	(void)state;
	setup(&f);
	make_small(conn_fd(f.conn));
	for (int i = 0; i < 300; i++) {
		for (size_t n = 0; n < sizeof(piece); n++)
			piece[n] = (char)next_random(&random);
		conn_out(f.conn, (struct str){ piece, sizeof(piece) });
	}
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &r), 0);
	assert_int_equal(conn_flush_wait(f.conn, 0), RC_OK);
	assert_int_equal(conn_out_pending(f.conn), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(f.got.n, 300000);
	teardown(&f);
}

/* -- rest -------------------------------------------------------------- */

/* The stream by itself: it rests between all that is said. */
static void
test_rest_changes_nothing(void **state)
{
	struct fixture f;
	struct stream *s;
	struct buf plain;
	uint32_t random = 4;
	char got[300];
	size_t count;
	unsigned wants;

	(void)state;
	setup_plain(&f);
	buf_init(&plain, PEER_BYTES_MAX);
	s = stream_deflate_new(stream_plain_new(conn_fd(f.conn)), STR(""));
	for (int i = 0; i < 300; i++) {
		size_t before = plain.n;
		struct str line;

		add_command(&plain, &random);
		line = str_skip(buf_str(&plain), before);
		peer_deflate(&f.out, line, Z_PARTIAL_FLUSH, &f.sent);
		client_write(&f);
		while (s->ops->read(s, got, sizeof(got), &count, &wants) ==
		       RC_AGAIN)
			;
		assert_int_equal(count, line.n);
		assert_memory_equal(got, line.p, line.n);
		s->ops->rest(s);
		assert_int_equal(
		    s->ops->write(s, got, line.n, &count, &wants), RC_OK);
		assert_int_equal(count, line.n);
		s->ops->rest(s);
		assert_true(s->ops->held(s) > 0);
		assert_int_equal(s->ops->flush(s, &wants), RC_OK);
		assert_int_equal(s->ops->held(s), 0);
		s->ops->rest(s);
		(void)client_read(&f, 65536);
		assert_true(str_eq(buf_str(&f.got), buf_str(&plain)));
	}
	s->ops->free(s);
	buf_fini(&plain);
	teardown(&f);
}

/* A stream that counts how often it rests, otherwise it is plain. */
struct counting {
	struct stream stream;
	struct stream *plain;
	_Atomic int rests;
};

static enum rc
counting_read(struct stream *s, void *to, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct stream *plain = ((struct counting *)s)->plain;

	return plain->ops->read(plain, to, size, ret_count, ret_wants);
}

static enum rc
counting_write(struct stream *s, const void *from, size_t size,
    size_t *ret_count, unsigned *ret_wants)
{
	struct stream *plain = ((struct counting *)s)->plain;

	return plain->ops->write(plain, from, size, ret_count, ret_wants);
}

static bool
counting_has_input(const struct stream *s)
{
	(void)s;
	return false;
}

static void
counting_rest(struct stream *s)
{
	((struct counting *)s)->rests++;
}

static void
counting_free(struct stream *s)
{
	struct stream *plain = ((struct counting *)s)->plain;

	plain->ops->free(plain);
}

struct echo {
	struct conn *conn;
	_Atomic unsigned runs;
	_Atomic bool ended;
};

static unsigned
echo_run(void *arg)
{
	struct echo *e = arg;
	enum rc rc = conn_fill(e->conn, 100);

	while (rc == RC_OK) {
		conn_out(e->conn, conn_input(e->conn));
		conn_consume(e->conn, conn_input(e->conn).n);
		(void)!conn_flush(e->conn);
		rc = conn_fill(e->conn, 100);
	}
	conn_rest(e->conn);
	conn_deadline(e->conn, clock_ms() + 100 * STREAM_REST_MS);
	e->runs++;
	if (rc == RC_AGAIN)
		return POLL_INPUT;
	conn_free(e->conn);
	e->ended = true;
	return POLL_DONE;
}

static void
expect_echo(int fd)
{
	char got;

	assert_int_equal(write(fd, "x", 1), 1);
	while (recv(fd, &got, 1, MSG_DONTWAIT) != 1)
		sched_yield();
}

/* Run the task, and wait until that is done. */
static void
wake_and_wait(struct echo *e, struct poll *p)
{
	unsigned before = e->runs;

	poll_wake(p, conn_handle(e->conn));
	while (e->runs == before)
		sched_yield();
}

static void
test_rest_after_a_while(void **state)
{
	static const struct stream_ops ops = {
		.read = counting_read,
		.write = counting_write,
		.has_input = counting_has_input,
		.rest = counting_rest,
		.free = counting_free,
	};
	struct counting s = { .stream.ops = &ops };
	struct fixture f;
	struct echo e = { 0 };

	(void)state;
	setup_plain(&f);
	clock_fake(1000, 1);
	s.plain = stream_plain_new(conn_fd(f.conn));
	conn_use_stream(f.conn, &s.stream);
	e.conn = f.conn;
	f.conn = NULL;
	assert_int_equal(poll_start(f.poll), RC_OK);
	assert_int_equal(
	    conn_start(e.conn, POLL_INPUT, 0, echo_run, &e), RC_OK);
	for (unsigned round = 0; round < 3; round++) {
		uint64_t now = 1000 + 10 * STREAM_REST_MS * round;

		clock_fake(now, 1);
		expect_echo(f.peer);
		wake_and_wait(&e, f.poll);
		clock_fake(now + STREAM_REST_MS - 1, 1);
		assert_int_equal(s.rests, round);
		/* Being run is not being used. */
		clock_fake(now + 2 * STREAM_REST_MS, 1);
		wake_and_wait(&e, f.poll);
		assert_int_equal(s.rests, round + 1);
		clock_fake(now + 4 * STREAM_REST_MS, 1);
		wake_and_wait(&e, f.poll);
		assert_int_equal(s.rests, round + 1);
	}
	assert_int_equal(shutdown(f.peer, SHUT_WR), 0);
	while (!e.ended || poll_tasks(f.poll) > 0)
		sched_yield();
	clock_fake(0, 0);
	poll_stop(f.poll);
	teardown(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input_read_before),
		cmocka_unit_test(test_input_ends),
		cmocka_unit_test(test_input_is_garbage),
		cmocka_unit_test(test_input_of_nothing),
		cmocka_unit_test(test_output_is_there_when_flushed),
		cmocka_unit_test(test_output_in_any_split),
		cmocka_unit_test(test_flush_wait),
		cmocka_unit_test(test_rest_changes_nothing),
		cmocka_unit_test(test_rest_after_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
