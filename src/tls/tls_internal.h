/* SPDX-License-Identifier: MIT
 *
 * What the files of tls/ share.
 */
#ifndef AVOCET_TLS_TLS_INTERNAL_H
#define AVOCET_TLS_TLS_INTERNAL_H

#include "base/lock.h"
#include "base/vec.h"
#include "tls/tls.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct tls_name {
	char *hostname;
	struct tls_context *context;
};

/* What a connection gets when it begins. */
struct tls_terms {
	SSL_CTX *ssl;
	bool asks; /* clients for certificates */
	enum tls_user user;
};

/* Immutable once connections use it, apart from the count and the terms. */
struct tls_context {
	_Atomic unsigned refs; /* the owner's, and one for each stream */
	struct lock lock;      /* of the terms: tls_context_replace() */
	struct tls_terms terms;
	BIO_METHOD *socket; /* reads and writes a socket without SIGPIPE */
	VEC(struct tls_name) names;
};

/* The terms as they are now; free the SSL_CTX with SSL_CTX_free(). */
struct tls_terms tls_context_terms(struct tls_context *c);

/* One more user of ${c}; tls_context_free() takes it away. */
struct tls_context *tls_context_ref(struct tls_context *c);

/* What the socket BIO (tls/socket.c) works on; lives as long as the BIO. */
struct tls_socket {
	int fd;	  /* not owned */
	bool dry; /* the last read took all there was */
};

/* The user named by the certificate that the client has proven to have, if it
 * is one to be trusted; free with mem_free().  NULL: none (client.c). */
char *tls_client_user(const SSL *ssl, enum tls_user user);

/* A SHA-256 as tls_fingerprint() gives it. */
#define TLS_DIGEST_BYTES 32
void tls_write_fingerprint(const unsigned char digest[TLS_DIGEST_BYTES],
    char ret_fingerprint[TLS_FINGERPRINT_BYTES]);

/* What a call on ${ssl} that gave ${result} and did not succeed means: RC_AGAIN
 * with *ret_wants for poll, RC_EOF, or RC_IO with *broken. */
enum rc
tls_failure(const SSL *ssl, int result, bool *broken, unsigned *ret_wants);

BIO_METHOD *tls_socket_method(void);
BIO *tls_socket_new(const BIO_METHOD *method, struct tls_socket *s);

/* Say why in this thread's text: "${file}: ${reason}".  When ${reason} is
 * NULL it is the oldest error that OpenSSL has noted. */
const char *tls_why(const char *file, const char *reason);

#endif
