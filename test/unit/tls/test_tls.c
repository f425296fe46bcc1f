/* SPDX-License-Identifier: MIT
 *
 * TLS from a client's side: OpenSSL as client talks to a connection of ours
 * over a socket pair, with every byte under the test's control.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/conn.h"
#include "tls/tls.h"

#define HOSTNAME "mail.example.org"
#define OTHER	 "other.example.org"

/* Certificates for all tests, in a directory that the group removes. */
struct files {
	char directory[40];
	char certificate[80];
	char key[80];
	char other_certificate[80];
	char other_key[80];
};

static void
name_files(struct files *f)
{
	(void)snprintf(f->certificate, sizeof(f->certificate), "%s/cert.pem",
	    f->directory);
	(void)snprintf(f->key, sizeof(f->key), "%s/key.pem", f->directory);
	(void)snprintf(f->other_certificate, sizeof(f->other_certificate),
	    "%s/other-cert.pem", f->directory);
	(void)snprintf(f->other_key, sizeof(f->other_key), "%s/other-key.pem",
	    f->directory);
}

static int
make_files(void **state)
{
	static struct files f = { .directory = "/tmp/test_tls.XXXXXX" };
	const char *why;

	assert_non_null(mkdtemp(f.directory));
	name_files(&f);
	assert_int_equal(
	    tls_make_self_signed(HOSTNAME, f.certificate, f.key, &why), RC_OK);
	assert_int_equal(
	    tls_make_self_signed(OTHER, f.other_certificate, f.other_key, &why),
	    RC_OK);
	*state = &f;
	return 0;
}

static int
remove_files(void **state)
{
	struct files *f = *state;

	(void)unlink(f->certificate);
	(void)unlink(f->key);
	(void)unlink(f->other_certificate);
	(void)unlink(f->other_key);
	return rmdir(f->directory);
}

/* -- a client ---------------------------------------------------------- */

struct fixture {
	struct tls_context *context;
	struct poll *poll;
	struct conn *conn;
	int fd; /* the client's end */
	SSL_CTX *client_context;
	SSL *client;
	BIO *in;  /* bytes from the server, for the client */
	BIO *out; /* bytes from the client, for the server */
};

static void
setup_plain(struct fixture *f, struct files *files)
{
	int pair[2];
	const char *why;

	assert_int_equal(
	    tls_context_load(files->certificate, files->key, &f->context, &why),
	    RC_OK);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	f->poll = poll_new(4);
	f->conn = conn_new(f->poll, pair[0], NULL, 0);
	f->fd = pair[1];
	f->client_context = SSL_CTX_new(TLS_client_method());
	assert_int_equal(SSL_CTX_load_verify_locations(
			     f->client_context, files->certificate, NULL),
	    1);
	f->client = SSL_new(f->client_context);
	f->in = BIO_new(BIO_s_mem());
	f->out = BIO_new(BIO_s_mem());
	SSL_set_bio(f->client, f->in, f->out);
	SSL_set_connect_state(f->client);
}

static void
setup(struct fixture *f, struct files *files)
{
	setup_plain(f, files);
	conn_tls_begin(f->conn, f->context);
}

static void
teardown(struct fixture *f)
{
	conn_free(f->conn);
	tls_context_free(f->context);
	SSL_free(f->client);
	SSL_CTX_free(f->client_context);
	if (f->fd >= 0)
		close(f->fd);
	poll_free(f->poll);
	ERR_clear_error();
}

/* Carry at most ${limit} bytes each way; how many it was. */
static size_t
carry(struct fixture *f, size_t limit)
{
	char bytes[4096];
	size_t moved = 0;
	ssize_t n;
	int pending = (int)BIO_ctrl_pending(f->out);

	if (limit > sizeof(bytes))
		limit = sizeof(bytes);
	/* Only what the socket took may leave the BIO. */
	if (pending > 0) {
		char *at;

		(void)BIO_get_mem_data(f->out, &at);
		n = send(f->fd, at,
		    (size_t)pending < limit ? (size_t)pending : limit,
		    MSG_NOSIGNAL);
		if (n > 0) {
			assert_int_equal(BIO_read(f->out, bytes, (int)n), n);
			moved += (size_t)n;
		}
	}
	n = recv(f->fd, bytes, limit, 0);
	if (n > 0) {
		assert_int_equal(BIO_write(f->in, bytes, (int)n), n);
		moved += (size_t)n;
	}
	return moved;
}

/* Go on with the handshake on both sides until both have an answer, with at
 * most ${step} bytes a time.  The server's answer. */
static enum rc
shake_hands(struct fixture *f, size_t step, bool *ret_client_done)
{
	enum rc rc = RC_AGAIN;
	int client = 0, idle = 0;
	unsigned wants = 0;

	while (idle < 3 && (rc == RC_AGAIN || client != 1)) {
		if (client != 1)
			client = SSL_do_handshake(f->client);
		if (rc == RC_AGAIN) {
			rc = conn_handshake(f->conn, &wants);
			if (rc == RC_AGAIN)
				assert_true(wants == POLL_INPUT ||
					    wants == POLL_OUTPUT);
		}
		idle = carry(f, step) > 0 ? 0 : idle + 1;
	}
	*ret_client_done = client == 1;
	return rc;
}

static void
must_shake_hands(struct fixture *f, size_t step)
{
	bool done;

	assert_int_equal(shake_hands(f, step, &done), RC_OK);
	assert_true(done);
}

/* -- the handshake ----------------------------------------------------- */

static const struct {
	int version;
	size_t step;
	const char *name;
} handshakes[] = {
	{ TLS1_3_VERSION, 4096, "TLSv1.3 TLS_" },
	{ TLS1_3_VERSION, 1, "TLSv1.3 TLS_" },
	{ TLS1_2_VERSION, 4096, "TLSv1.2 ECDHE-ECDSA-" },
	{ TLS1_2_VERSION, 1, "TLSv1.2 ECDHE-ECDSA-" },
};

static void
test_handshake(void **state)
{
	for (size_t i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]);
	     i++) {
		struct fixture f;

		setup(&f, *state);
		SSL_set_max_proto_version(f.client, handshakes[i].version);
		SSL_set_verify(f.client, SSL_VERIFY_PEER, NULL);
		assert_int_equal(SSL_set1_host(f.client, HOSTNAME), 1);
		assert_true(conn_is_tls(f.conn));
		assert_string_equal(conn_tls_name(f.conn), "");
		must_shake_hands(&f, handshakes[i].step);
		assert_memory_equal(conn_tls_name(f.conn), handshakes[i].name,
		    strlen(handshakes[i].name));
		teardown(&f);
	}
}

/* Versions and ciphers that are not ours (RFC 8996, RFC 9325). */
static void
test_old_is_refused(void **state)
{
	static const struct {
		int version;
		const char *ciphers;
	} old[] = {
		{ TLS1_VERSION, "ALL:@SECLEVEL=0" },
		{ TLS1_1_VERSION, "ALL:@SECLEVEL=0" },
		{ TLS1_2_VERSION, "AES128-GCM-SHA256:@SECLEVEL=0" },
		{ TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" },
	};

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		struct fixture f;
		bool done;

		setup(&f, *state);
		SSL_set_min_proto_version(f.client, 0);
		assert_int_equal(
		    SSL_set_cipher_list(f.client, old[i].ciphers), 1);
		SSL_set_max_proto_version(f.client, old[i].version);
		assert_int_equal(shake_hands(&f, 4096, &done), RC_IO);
		assert_false(done);
		teardown(&f);
	}
}

static void
test_not_tls(void **state)
{
	struct fixture f;
	unsigned wants;

	setup(&f, *state);
	assert_int_equal(write(f.fd, "a1 NOOP\r\n", 9), 9);
	assert_int_equal(conn_handshake(f.conn, &wants), RC_IO);
	teardown(&f);

	setup(&f, *state);
	assert_int_equal(conn_handshake(f.conn, &wants), RC_AGAIN);
	assert_int_equal(wants, POLL_INPUT);
	close(f.fd);
	f.fd = -1;
	while (conn_handshake(f.conn, &wants) == RC_AGAIN)
		;
	assert_int_not_equal(conn_handshake(f.conn, &wants), RC_OK);
	teardown(&f);
}

/* No second handshake on the same connection (RFC 9325 section 3.5). */
static void
test_no_renegotiation(void **state)
{
	struct fixture f;
	char byte;
	int result;

	setup(&f, *state);
	SSL_set_max_proto_version(f.client, TLS1_2_VERSION);
	must_shake_hands(&f, 4096);
	assert_int_equal(SSL_renegotiate(f.client), 1);
	(void)SSL_do_handshake(f.client);
	for (int i = 0; i < 5; i++) {
		(void)carry(&f, 4096);
		assert_int_not_equal(conn_fill(f.conn, 100), RC_OK);
		assert_int_not_equal(conn_flush(f.conn), RC_AGAIN);
		result = SSL_read(f.client, &byte, 1);
		assert_true(result <= 0);
	}
	assert_true(SSL_renegotiate_pending(f.client) ||
		    SSL_get_error(f.client, result) == SSL_ERROR_SSL);
	teardown(&f);
}

/* -- STARTTLS ---------------------------------------------------------- */

/* What came in clear behind STARTTLS is never seen inside TLS. */
static void
test_injection_is_dropped(void **state)
{
	struct fixture f;

	setup_plain(&f, *state);
	assert_int_equal(write(f.fd, "a STARTTLS\r\nb NOOP\r\n", 20), 20);
	assert_int_equal(conn_fill(f.conn, 100), RC_OK);
	conn_consume(f.conn, 12);
	conn_tls_begin(f.conn, f.context);
	assert_int_equal(conn_input(f.conn).n, 0);
	must_shake_hands(&f, 4096);
	assert_int_equal(SSL_write(f.client, "c", 1), 1);
	(void)carry(&f, 4096);
	while (conn_input(f.conn).n == 0)
		assert_int_not_equal(conn_fill(f.conn, 100), RC_IO);
	assert_memory_equal(conn_input(f.conn).p, "c", 1);
	teardown(&f);
}

/* What was still in the kernel is taken for TLS, and is not. */
static void
test_late_injection_fails(void **state)
{
	struct fixture f;
	bool done;

	setup_plain(&f, *state);
	assert_int_equal(write(f.fd, "a STARTTLS\r\n", 12), 12);
	assert_int_equal(conn_fill(f.conn, 100), RC_OK);
	conn_consume(f.conn, 12);
	assert_int_equal(write(f.fd, "b LOGIN u p\r\n", 13), 13);
	conn_tls_begin(f.conn, f.context);
	assert_int_equal(shake_hands(&f, 4096, &done), RC_IO);
	assert_int_equal(conn_input(f.conn).n, 0);
	teardown(&f);
}

/* -- names ------------------------------------------------------------- */

static const struct {
	const char *asked;
	const char *answered;
} names[] = {
	{ NULL, HOSTNAME },
	{ HOSTNAME, HOSTNAME },
	{ OTHER, OTHER },
	{ "OTHER.example.ORG", OTHER },
	{ "x" OTHER, HOSTNAME },
	{ "unknown.example.org", HOSTNAME },
	{ "../../etc/passwd", HOSTNAME },
};

static void
test_server_names(void **state)
{
	struct files *files = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture f;
		struct tls_context *other;
		X509 *got;
		const char *why;

		setup_plain(&f, files);
		assert_int_equal(tls_context_load(files->other_certificate,
				     files->other_key, &other, &why),
		    RC_OK);
		tls_context_add_name(f.context, OTHER, other);
		conn_tls_begin(f.conn, f.context);
		/* The stream keeps what it needs. */
		tls_context_free(f.context);
		f.context = NULL;
		if (names[i].asked != NULL)
			assert_int_equal(
			    SSL_set_tlsext_host_name(f.client, names[i].asked),
			    1);
		must_shake_hands(&f, 4096);
		got = SSL_get0_peer_certificate(f.client);
		assert_int_equal(
		    X509_check_host(got, names[i].answered, 0, 0, NULL), 1);
		teardown(&f);
	}
}

/* -- data -------------------------------------------------------------- */

static char
text_at(uint64_t offset)
{
	return (char)((offset * 2654435761u >> 13) ^ (offset >> 18));
}

struct text_source {
	struct out_source source;
	unsigned refs;
};

static enum rc
text_read(struct out_source *s, uint64_t offset, void *to, size_t size,
    size_t *ret_count)
{
	char *bytes = to;

	(void)s;
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

/* The client sends as much of the text as goes; how much it was. */
static size_t
client_send(struct fixture *f, uint64_t offset, uint64_t end)
{
	char bytes[20000];
	size_t count = 0;

	if (BIO_ctrl_pending(f->out) > 0)
		return 0;
	for (; count < sizeof(bytes) && offset + count < end; count++)
		bytes[count] = text_at(offset + count);
	if (count == 0)
		return 0;
	assert_int_equal(SSL_write(f->client, bytes, (int)count), count);
	return count;
}

static size_t
client_receive(struct fixture *f, uint64_t offset)
{
	char bytes[4096];
	int count = SSL_read(f->client, bytes, sizeof(bytes));

	if (count <= 0)
		return 0;
	for (int i = 0; i < count; i++)
		assert_int_equal(bytes[i], text_at(offset + (uint64_t)i));
	return (size_t)count;
}

static size_t
server_receive(struct fixture *f, uint64_t offset, size_t limit)
{
	enum rc rc = conn_fill(f->conn, limit);
	struct str in = conn_input(f->conn);

	assert_true(rc == RC_OK || rc == RC_AGAIN);
	for (size_t i = 0; i < in.n; i++)
		assert_int_equal(in.p[i], text_at(offset + i));
	conn_consume(f->conn, in.n);
	conn_rest(f->conn);
	return in.n;
}

#define LARGE 400000

/* Large amounts both ways at once through small buffers: memory in pieces
 * small and big, and ranges of a source. */
static void
test_large_both_ways(void **state)
{
	struct fixture f;
	struct text_source s = { { text_read, text_release }, 0 };
	uint64_t sent = 0, received = 0, up = 0, queued = 0;
	int size = 1;
	char bytes[3000];

	setup(&f, *state);
	must_shake_hands(&f, 4096);
	(void)setsockopt(
	    conn_fd(f.conn), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(f.fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while (received < LARGE || up < LARGE) {
		enum rc rc;

		for (size_t n = 1; queued < LARGE && n < 3000; n += 997) {
			for (size_t i = 0; i < n; i++)
				bytes[i] = text_at(queued + i);
			conn_out(f.conn, (struct str){ bytes, n });
			queued += n;
			s.refs++;
			conn_out_source(f.conn, &s.source, queued, n * 9);
			queued += n * 9;
		}
		rc = conn_flush(f.conn);
		assert_true(rc == RC_OK || rc == RC_AGAIN);
		sent += client_send(&f, sent, LARGE);
		(void)carry(&f, 4096);
		received += client_receive(&f, received);
		up += server_receive(&f, up, 1 + (size_t)(up % 9000));
	}
	assert_int_equal(up, LARGE);
	assert_int_equal(conn_bytes_in(f.conn), LARGE);
	while (received < queued) {
		assert_int_not_equal(conn_flush(f.conn), RC_IO);
		(void)carry(&f, 4096);
		received += client_receive(&f, received);
	}
	assert_int_equal(s.refs, 0);
	teardown(&f);
}

/* Goodbye, and a client that just closes, are the end of input. */
static void
test_end(void **state)
{
	for (int polite = 0; polite < 2; polite++) {
		struct fixture f;
		enum rc rc;

		setup(&f, *state);
		must_shake_hands(&f, 4096);
		assert_int_equal(SSL_write(f.client, "bye", 3), 3);
		if (polite)
			(void)SSL_shutdown(f.client);
		while (carry(&f, 4096) > 0)
			;
		assert_int_equal(shutdown(f.fd, SHUT_WR), 0);
		do
			rc = conn_fill(f.conn, 100);
		while (rc == RC_AGAIN);
		assert_int_equal(rc, RC_OK);
		assert_memory_equal(conn_input(f.conn).p, "bye", 3);
		do
			rc = conn_fill(f.conn, 100);
		while (rc == RC_AGAIN);
		assert_int_equal(rc, RC_EOF);
		teardown(&f);
	}
}

/* The server's goodbye arrives at its close. */
static void
test_goodbye(void **state)
{
	struct fixture f;
	char byte;
	int result;

	setup(&f, *state);
	must_shake_hands(&f, 4096);
	conn_free(f.conn);
	f.conn = NULL;
	while (carry(&f, 4096) > 0)
		;
	result = SSL_read(f.client, &byte, 1);
	assert_int_equal(
	    SSL_get_error(f.client, result), SSL_ERROR_ZERO_RETURN);
	teardown(&f);
}

/* A client that is gone costs an error, not a signal. */
static void
test_peer_is_gone(void **state)
{
	struct fixture f;
	enum rc rc;

	setup(&f, *state);
	must_shake_hands(&f, 4096);
	close(f.fd);
	f.fd = -1;
	conn_out(f.conn, STR("hello"));
	rc = conn_flush(f.conn);
	assert_int_equal(rc, RC_CLOSED);
	teardown(&f);
}

/* -- in the pool ------------------------------------------------------- */

/* A session that takes ten bytes a run and then waits for input. */
struct nibbler {
	struct conn *conn;
	_Atomic size_t got;
	_Atomic bool ended;
};

static unsigned
nibble_run(void *arg)
{
	struct nibbler *n = arg;
	enum rc rc = conn_fill(n->conn, 10);
	struct str in = conn_input(n->conn);

	for (size_t i = 0; i < in.n; i++)
		if (in.p[i] != text_at(n->got + i))
			abort();
	conn_consume(n->conn, in.n);
	atomic_fetch_add(&n->got, in.n);
	if (rc == RC_OK || rc == RC_AGAIN)
		return POLL_INPUT;
	conn_free(n->conn);
	atomic_store(&n->ended, true);
	return POLL_DONE;
}

/* epoll does not know of input that OpenSSL has decoded; the session is run
 * for it all the same. */
static void
test_never_sleeps_on_input(void **state)
{
	struct fixture f;
	struct nibbler n = { 0 };
	size_t sent;

	setup(&f, *state);
	must_shake_hands(&f, 4096);
	n.conn = f.conn;
	f.conn = NULL;
	sent = client_send(&f, 0, 5000);
	for (int i = 0; i < 20; i++) {
		char bytes[100];

		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = text_at(sent + j);
		assert_int_equal(SSL_write(f.client, bytes, 100), 100);
		sent += sizeof(bytes);
	}
	while (BIO_ctrl_pending(f.out) > 0)
		(void)carry(&f, 4096);
	assert_int_equal(
	    conn_start(n.conn, POLL_INPUT, 0, nibble_run, &n), RC_OK);
	assert_int_equal(poll_start(f.poll), RC_OK);
	while (n.got < sent)
		sched_yield();
	assert_int_equal(shutdown(f.fd, SHUT_WR), 0);
	while (!n.ended || poll_tasks(f.poll) > 0)
		sched_yield();
	poll_stop(f.poll);
	teardown(&f);
}

#define MANY 12

static unsigned
shake_run(void *arg)
{
	struct nibbler *n = arg;
	unsigned wants;
	enum rc rc = conn_handshake(n->conn, &wants);

	if (rc == RC_AGAIN)
		return wants;
	if (rc != RC_OK)
		abort();
	conn_become(n->conn, nibble_run, n);
	return nibble_run(n);
}

/* Several at once on one context, on several workers. */
static void
test_many_in_the_pool(void **state)
{
	struct fixture f[MANY];
	struct nibbler n[MANY];
	bool sent[MANY] = { false };
	struct poll *p = poll_new(4);
	size_t done = 0;

	assert_int_equal(poll_start(p), RC_OK);
	for (size_t i = 0; i < MANY; i++) {
		int pair[2];

		setup_plain(&f[i], *state);
		conn_free(f[i].conn);
		close(f[i].fd);
		assert_int_equal(
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair),
		    0);
		f[i].conn = NULL;
		f[i].fd = pair[1];
		n[i] =
		    (struct nibbler){ .conn = conn_new(p, pair[0], NULL, 0) };
		conn_tls_begin(n[i].conn, f[0].context);
		assert_int_equal(conn_start(n[i].conn, POLL_INPUT,
				     clock_ms() + 60000, shake_run, &n[i]),
		    RC_OK);
	}
	while (done < MANY) {
		done = 0;
		for (size_t i = 0; i < MANY; i++) {
			if (SSL_do_handshake(f[i].client) == 1 && !sent[i])
				sent[i] = client_send(&f[i], 0, 1000) > 0;
			(void)carry(&f[i], 100);
			done += n[i].got == 1000;
		}
	}
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(shutdown(f[i].fd, SHUT_WR), 0);
	while (poll_tasks(p) > 0)
		sched_yield();
	poll_stop(p);
	poll_free(p);
	for (size_t i = 0; i < MANY; i++)
		teardown(&f[i]);
}

/* -- certificates ------------------------------------------------------ */

static void
test_self_signed(void **state)
{
	struct files *files = *state;
	struct stat status;
	struct tls_context *c;
	const char *why;
	char fingerprint[TLS_FINGERPRINT_BYTES];
	X509 *x;
	FILE *in = fopen(files->certificate, "r");

	assert_non_null(in);
	x = PEM_read_X509(in, NULL, NULL, NULL);
	(void)fclose(in);
	assert_non_null(x);
	assert_int_equal(X509_check_host(x, HOSTNAME, 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, OTHER, 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	assert_int_equal(X509_check_ca(x), 1);
	assert_int_equal(X509_check_purpose(x, X509_PURPOSE_SSL_SERVER, 0), 1);
	assert_true(X509_cmp_current_time(X509_get0_notBefore(x)) < 0);
	assert_true(X509_cmp_current_time(X509_get0_notAfter(x)) > 0);
	X509_free(x);

	assert_int_equal(stat(files->key, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(tls_make_self_signed(
			     HOSTNAME, files->certificate, files->key, &why),
	    RC_EXISTS);

	assert_int_equal(
	    tls_context_load(files->certificate, files->key, &c, &why), RC_OK);
	tls_fingerprint(c, fingerprint);
	assert_int_equal(strlen(fingerprint), 95);
	for (size_t i = 0; i < 95; i++)
		assert_int_equal(fingerprint[i] == ':', i % 3 == 2);
	tls_context_free(c);
	tls_context_free(NULL);
}

static void
write_text(const char *file, const char *text)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void
write_locked_key(const char *file)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	FILE *out = fopen(file, "w");
	unsigned char word[] = "secret";

	assert_non_null(out);
	assert_int_equal(PEM_write_PrivateKey(
			     out, key, EVP_aes_128_cbc(), word, 6, NULL, NULL),
	    1);
	assert_int_equal(fclose(out), 0);
	EVP_PKEY_free(key);
}

/* What goes wrong with files is told with the file and the reason. */
static void
test_load_failures(void **state)
{
	struct files *f = *state;
	char garbage[80], locked[80], missing[80];
	const struct {
		const char *certificate;
		const char *key;
		enum rc rc;
		const char *file; /* that is named */
		const char *reason;
	} cases[] = {
		{ missing, f->key, RC_NOTFOUND, missing,
		    "No such file or directory" },
		{ f->certificate, missing, RC_NOTFOUND, missing,
		    "No such file or directory" },
		{ garbage, f->key, RC_INVALID, garbage, "no start line" },
		{ f->key, f->key, RC_INVALID, f->key, "no start line" },
		{ f->certificate, garbage, RC_INVALID, garbage,
		    "there is no private key in it in PEM form" },
		{ f->certificate, f->certificate, RC_INVALID, f->certificate,
		    "there is no private key in it in PEM form" },
		{ f->certificate, f->other_key, RC_INVALID, f->other_key,
		    "the key does not belong to the certificate" },
		{ f->certificate, locked, RC_INVALID, locked,
		    "the key is protected by a passphrase" },
		{ f->directory, f->key, RC_INVALID, f->directory, "" },
	};

	(void)snprintf(garbage, sizeof(garbage), "%s/garbage", f->directory);
	(void)snprintf(locked, sizeof(locked), "%s/locked", f->directory);
	(void)snprintf(missing, sizeof(missing), "%s/missing", f->directory);
	write_text(garbage, "not a certificate\n");
	write_locked_key(locked);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tls_context *c = NULL;
		const char *why = "";
		enum rc rc = tls_context_load(
		    cases[i].certificate, cases[i].key, &c, &why);

		if (rc != cases[i].rc || strstr(why, cases[i].file) != why ||
		    strstr(why, cases[i].reason) == NULL)
			print_message("case %zu: %s\n", i, why);
		assert_int_equal(rc, cases[i].rc);
		assert_ptr_equal(strstr(why, cases[i].file), why);
		assert_non_null(strstr(why, cases[i].reason));
		assert_null(c);
	}
	assert_int_equal(unlink(garbage), 0);
	assert_int_equal(unlink(locked), 0);
}

/* Names that would not fit, or would be more than one. */
static void
test_self_signed_names(void **state)
{
	struct files *f = *state;
	char certificate[80], key[80];
	static const struct {
		const char *name;
		enum rc rc;
	} cases[] = {
		{ "", RC_INVALID },
		{ "a b", RC_INVALID },
		{ "m\xc3\xbcller.example", RC_INVALID },
		{ "a.example,DNS:b.example", RC_OK },
		{ "192.0.2.1", RC_OK },
		{ "localhost", RC_OK },
		{ "0123456789012345678901234567890123456789.0123456789012345678"
		  "9012345678901234567890.example.org",
		    RC_OK },
	};

	(void)snprintf(certificate, sizeof(certificate), "%s/c", f->directory);
	(void)snprintf(key, sizeof(key), "%s/k", f->directory);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tls_context *c = NULL;
		const char *why;

		assert_int_equal(
		    tls_make_self_signed(cases[i].name, certificate, key, &why),
		    cases[i].rc);
		if (cases[i].rc != RC_OK)
			continue;
		assert_int_equal(
		    tls_context_load(certificate, key, &c, &why), RC_OK);
		tls_context_free(c);
		assert_int_equal(unlink(certificate), 0);
		assert_int_equal(unlink(key), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_old_is_refused),
		cmocka_unit_test(test_not_tls),
		cmocka_unit_test(test_no_renegotiation),
		cmocka_unit_test(test_injection_is_dropped),
		cmocka_unit_test(test_late_injection_fails),
		cmocka_unit_test(test_server_names),
		cmocka_unit_test(test_large_both_ways),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_goodbye),
		cmocka_unit_test(test_peer_is_gone),
		cmocka_unit_test(test_never_sleeps_on_input),
		cmocka_unit_test(test_many_in_the_pool),
		cmocka_unit_test(test_self_signed),
		cmocka_unit_test(test_load_failures),
		cmocka_unit_test(test_self_signed_names),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
