/* SPDX-License-Identifier: MIT
 *
 * The server side of a TLS connection, as a stream.
 */
#include "tls/tls_internal.h"

#include "base/log.h"
#include "net/conn.h"
#include "net/poll.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>

#define NAME_BYTES_MAX 64
#define EXPORTER_BYTES 32 /* RFC 9266 section 2 */

struct tls_stream {
	struct stream stream;
	SSL *ssl;
	struct tls_context *context;
	bool asks; /* for a certificate, whose user is in this field */
	enum tls_user user_field;
	struct tls_socket socket;
	/* The last read found no whole record: what OpenSSL holds, if
	 * anything, is of no use until more comes. */
	bool drained;
	/* After an error nothing may be sent any more, not even goodbye. */
	bool broken;
	char name[NAME_BYTES_MAX]; /* "" until the handshake is done */
	char *user;		   /* whom the client's certificate names */
};

enum rc
tls_failure(const SSL *ssl, int result, bool *broken, unsigned *ret_wants)
{
	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*ret_wants = POLL_INPUT;
		return RC_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		*ret_wants = POLL_OUTPUT;
		return RC_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return RC_EOF;
	default:
		*broken = true;
		return RC_IO;
	}
}

static enum rc
tls_read(struct stream *s, void *to, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct tls_stream *t = (struct tls_stream *)s;
	int result;

	ERR_clear_error();
	result = SSL_read_ex(t->ssl, to, size, ret_count);
	t->drained = result != 1;
	return result == 1 ? RC_OK
			   : tls_failure(t->ssl, result, &t->broken, ret_wants);
}

static enum rc
tls_write(struct stream *s, const void *from, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct tls_stream *t = (struct tls_stream *)s;
	enum rc rc;
	int result;

	ERR_clear_error();
	result = SSL_write_ex(t->ssl, from, size, ret_count);
	if (result == 1)
		return RC_OK;
	rc = tls_failure(t->ssl, result, &t->broken, ret_wants);
	return rc == RC_AGAIN ? rc : RC_CLOSED;
}

/* Scanners and old clients fail every day, so this is for those who look. */
static void
log_failed_handshake(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	struct log_line line;

	log_begin(&line, LOG_DEBUG, "tls-handshake-failed");
	log_text(&line, "reason", reason != NULL ? reason : "closed");
	log_end(&line);
}

static enum rc
tls_handshake(struct stream *s, unsigned *ret_wants)
{
	struct tls_stream *t = (struct tls_stream *)s;
	enum rc rc;
	int result;

	ERR_clear_error();
	result = SSL_accept(t->ssl);
	if (result == 1) {
		(void)snprintf(t->name, sizeof(t->name), "%s %s",
		    SSL_get_version(t->ssl), SSL_get_cipher_name(t->ssl));
		if (t->asks)
			t->user = tls_client_user(t->ssl, t->user_field);
		return RC_OK;
	}
	rc = tls_failure(t->ssl, result, &t->broken, ret_wants);
	if (rc != RC_AGAIN)
		log_failed_handshake();
	return rc;
}

/* OpenSSL may hold whole records that came with others, or the beginning of
 * one.  SSL_has_pending() is true for both; a read tells them apart. */
static bool
tls_has_input(const struct stream *s)
{
	const struct tls_stream *t = (const struct tls_stream *)s;

	return !t->drained && SSL_has_pending(t->ssl);
}

static const char *
tls_name(const struct stream *s)
{
	return ((const struct tls_stream *)s)->name;
}

/* RFC 9266: before TLS 1.3 what is exported stands for the connection only if
 * the master secret does (RFC 7627). */
static size_t
exporter(const SSL *ssl, unsigned char *ret_binding)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	bool done = SSL_version(ssl) >= TLS1_3_VERSION ||
		    SSL_get_extms_support((SSL *)ssl) == 1;

	if (done && ret_binding != NULL)
		done = SSL_export_keying_material((SSL *)ssl, ret_binding,
			   EXPORTER_BYTES, label, sizeof(label) - 1, NULL, 0,
			   0) == 1;
	return done ? EXPORTER_BYTES : 0;
}

/* RFC 5929 section 4.1: the certificate's own digest, but a safe one; there is
 * none when its signature has no digest that can be named (Ed25519). */
static const EVP_MD *
end_point_digest(X509 *certificate)
{
	int digest;

	if (X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) !=
		1 ||
	    digest == NID_undef)
		return NULL;
	if (digest == NID_md5 || digest == NID_sha1)
		return EVP_sha256();
	return EVP_get_digestbynid(digest);
}

/* The connection keeps its certificate when the context gets another one. */
static size_t
server_end_point(const SSL *ssl, unsigned char *ret_binding)
{
	X509 *certificate = SSL_get_certificate(ssl);
	const EVP_MD *digest =
	    certificate != NULL ? end_point_digest(certificate) : NULL;
	unsigned n = 0;

	if (digest == NULL ||
	    EVP_MD_get_size(digest) > STREAM_BINDING_BYTES_MAX)
		return 0;
	if (ret_binding == NULL)
		return (size_t)EVP_MD_get_size(digest);
	return X509_digest(certificate, digest, ret_binding, &n) == 1 ? n : 0;
}

static size_t
tls_binding(const struct stream *s, enum stream_binding binding,
    unsigned char *ret_binding)
{
	const struct tls_stream *t = (const struct tls_stream *)s;
	size_t n = 0;

	if (SSL_is_init_finished(t->ssl))
		n = binding == STREAM_BINDING_EXPORTER
			? exporter(t->ssl, ret_binding)
			: server_end_point(t->ssl, ret_binding);
	ERR_clear_error();
	return n;
}

static const char *
tls_user(const struct stream *s)
{
	return ((const struct tls_stream *)s)->user;
}

static void
tls_free(struct stream *s)
{
	struct tls_stream *t = (struct tls_stream *)s;

	ERR_clear_error();
	/* Once, without waiting for the client's answer (RFC 8446 section
	 * 6.1); if the socket takes nothing, so be it. */
	if (!t->broken && SSL_is_init_finished(t->ssl))
		(void)SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	tls_context_free(t->context);
	mem_free(t->user);
	mem_free(t);
}

struct stream *
tls_stream_new(struct tls_context *c, int fd)
{
	static const struct stream_ops ops = {
		.read = tls_read,
		.write = tls_write,
		.handshake = tls_handshake,
		.has_input = tls_has_input,
		.name = tls_name,
		.binding = tls_binding,
		.user = tls_user,
		.free = tls_free,
	};
	struct tls_stream *t = mem_alloc(sizeof(*t));
	struct tls_terms terms = tls_context_terms(c);
	BIO *bio;

	t->stream.ops = &ops;
	t->context = tls_context_ref(c);
	t->ssl = SSL_new(terms.ssl);
	SSL_CTX_free(terms.ssl);
	t->asks = terms.asks;
	t->user_field = terms.user;
	/* Our own small allocations do not fail. */
	assert(t->ssl != NULL);
	t->socket.fd = fd;
	bio = tls_socket_new(c->socket, &t->socket);
	SSL_set_bio(t->ssl, bio, bio);
	SSL_set_app_data(t->ssl, t->context);
	SSL_set_accept_state(t->ssl);
	return &t->stream;
}
