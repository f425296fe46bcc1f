/* SPDX-License-Identifier: MIT
 *
 * The handshake goes on whatever the certificate is, and is judged when it is
 * done and before anything was sent: so a certificate that is refused can be
 * named by its fingerprint.
 */
#include "tls/outgoing.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>

#include "net/poll.h"
#include "tls/tls_internal.h"

struct outgoing {
	struct stream stream;
	SSL *ssl;
	BIO_METHOD *method;
	struct tls_socket socket;
	bool pinned; /* to a fingerprint */
	unsigned char fingerprint[TLS_DIGEST_BYTES];
	bool broken;
	char why[TLS_OUTGOING_WHY_BYTES];
};

static struct outgoing *
outgoing_of(struct stream *s)
{
	return (struct outgoing *)s;
}

/* -- fingerprints -------------------------------------------------------- */

static int
hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = str_lower(byte);
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool
read_fingerprint(const char *text, unsigned char ret_digest[TLS_DIGEST_BYTES])
{
	for (int i = 0; i < TLS_DIGEST_BYTES; i++) {
		int high, low;

		if (i > 0 && *text == ':')
			text++;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		ret_digest[i] = (unsigned char)(high << 4 | low);
		text += 2;
	}
	return *text == '\0';
}

bool
tls_outgoing_is_fingerprint(const char *text)
{
	unsigned char digest[TLS_DIGEST_BYTES];

	return read_fingerprint(text, digest);
}

/* -- the handshake --------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void
explain(struct outgoing *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(o->why, sizeof(o->why), format, args);
	va_end(args);
}

/* Is the server the one that was meant? */
static enum rc
judge(struct outgoing *o)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[TLS_FINGERPRINT_BYTES];
	long verified = SSL_get_verify_result(o->ssl);
	const X509 *certificate = SSL_get0_peer_certificate(o->ssl);

	if (certificate == NULL ||
	    X509_digest(certificate, EVP_sha256(), digest, NULL) != 1) {
		explain(o, "it shows no certificate");
		return RC_REFUSED;
	}
	if (o->pinned ? memcmp(digest, o->fingerprint, TLS_DIGEST_BYTES) == 0
		      : verified == X509_V_OK)
		return RC_OK;
	tls_write_fingerprint(digest, text);
	explain(o, "its certificate is not trusted: %s; its fingerprint is %s",
	    o->pinned ? "it is another one than was asked for"
		      : X509_verify_cert_error_string(verified),
	    text);
	return RC_REFUSED;
}

static enum rc
outgoing_handshake(struct stream *s, unsigned *ret_wants)
{
	struct outgoing *o = outgoing_of(s);
	const char *reason;
	enum rc rc;
	int result;

	ERR_clear_error();
	result = SSL_connect(o->ssl);
	if (result == 1)
		return judge(o);
	rc = tls_failure(o->ssl, result, &o->broken, ret_wants);
	if (rc == RC_AGAIN)
		return rc;
	reason = ERR_reason_error_string(ERR_peek_last_error());
	explain(o, "no TLS comes about with it: %s",
	    reason != NULL ? reason : "it closed the connection");
	ERR_clear_error();
	return RC_IO;
}

/* -- a stream -------------------------------------------------------------- */

static enum rc
outgoing_read(struct stream *s, void *to, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct outgoing *o = outgoing_of(s);
	int result;

	ERR_clear_error();
	result = SSL_read_ex(o->ssl, to, size, ret_count);
	return result == 1 ? RC_OK
			   : tls_failure(o->ssl, result, &o->broken, ret_wants);
}

static enum rc
outgoing_write(struct stream *s, const void *from, size_t size,
    size_t *ret_count, unsigned *ret_wants)
{
	struct outgoing *o = outgoing_of(s);
	enum rc rc;
	int result;

	ERR_clear_error();
	result = SSL_write_ex(o->ssl, from, size, ret_count);
	if (result == 1)
		return RC_OK;
	rc = tls_failure(o->ssl, result, &o->broken, ret_wants);
	return rc == RC_AGAIN ? rc : RC_CLOSED;
}

static bool
outgoing_has_input(const struct stream *s)
{
	return SSL_has_pending(((const struct outgoing *)s)->ssl);
}

static const char *
outgoing_name(const struct stream *s)
{
	return SSL_get_version(((const struct outgoing *)s)->ssl);
}

static void
outgoing_free(struct stream *s)
{
	struct outgoing *o = outgoing_of(s);

	ERR_clear_error();
	if (!o->broken && SSL_is_init_finished(o->ssl))
		(void)SSL_shutdown(o->ssl);
	ERR_clear_error();
	SSL_free(o->ssl);
	BIO_meth_free(o->method);
	mem_free(o);
}

static void
expect(struct outgoing *o, const char *name, const char *fingerprint)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(o->ssl);

	o->pinned = fingerprint != NULL &&
		    read_fingerprint(fingerprint, o->fingerprint);
	assert(o->pinned == (fingerprint != NULL));
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) != 1) {
		int named = SSL_set1_host(o->ssl, name);

		/* It fails for want of memory only, and then none would be
		 * checked. */
		assert(named == 1);
		(void)SSL_set_tlsext_host_name(o->ssl, name);
	}
	ERR_clear_error();
}

struct stream *
tls_outgoing_new(int fd, const char *name, const char *fingerprint)
{
	static const struct stream_ops ops = {
		.read = outgoing_read,
		.write = outgoing_write,
		.handshake = outgoing_handshake,
		.has_input = outgoing_has_input,
		.name = outgoing_name,
		.free = outgoing_free,
	};
	struct outgoing *o = mem_alloc(sizeof(*o));
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	BIO *bio;

	assert(context != NULL);
	(void)SSL_CTX_set_default_verify_paths(context);
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	(void)SSL_CTX_set_mode(
	    context, SSL_MODE_ENABLE_PARTIAL_WRITE |
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(context, 1);
	o->stream.ops = &ops;
	o->ssl = SSL_new(context);
	SSL_CTX_free(context);
	assert(o->ssl != NULL);
	o->method = tls_socket_method();
	o->socket.fd = fd;
	bio = tls_socket_new(o->method, &o->socket);
	SSL_set_bio(o->ssl, bio, bio);
	expect(o, name, fingerprint);
	return &o->stream;
}

const char *
tls_outgoing_why(const struct stream *s)
{
	return ((const struct outgoing *)s)->why;
}
