/* SPDX-License-Identifier: MIT
 *
 * Certificates, keys and what is allowed with them (RFC 9325): TLS 1.2 with
 * forward secrecy and authenticated encryption only, TLS 1.3, no
 * compression, no renegotiation, no early data (OpenSSL's default).
 */
#include "tls/tls_internal.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WHY_BYTES_MAX 512

/* RFC 9325 section 4.2.  TLS 1.3 has only such suites. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS	      "X25519:P-256:P-384"

/* 112 bits: no RSA keys under 2048, no SHA-1. */
#define SECURITY_LEVEL 2

const char *
tls_why(const char *file, const char *reason)
{
	/* The text of this thread's last failure, as the contract has it. */
	static _Thread_local char why[WHY_BYTES_MAX];
	unsigned long code = ERR_get_error();

	if (reason == NULL)
		reason = ERR_reason_error_string(code);
	if (reason == NULL)
		reason = "OpenSSL gives no reason";
	ERR_clear_error();
	(void)snprintf(why, sizeof(why), "%s: %s", file, reason);
	return why;
}

/* -- server names ------------------------------------------------------ */

/* The context for the name that the client asks for (RFC 6066 section 3);
 * the default one when there is none. */
static int
choose_by_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct tls_context *c = SSL_get_app_data(ssl);
	SSL_CTX *extra;

	(void)alert;
	(void)arg;
	if (name == NULL)
		return SSL_TLSEXT_ERR_NOACK;
	for (size_t i = 0; i < c->names.n; i++) {
		if (!str_eq_nocase(
			str_of(name), str_of(c->names.v[i].hostname)))
			continue;
		extra = tls_context_terms(c->names.v[i].context).ssl;
		(void)SSL_set_SSL_CTX(ssl, extra);
		SSL_CTX_free(extra);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_NOACK;
}

void
tls_context_add_name(
    struct tls_context *c, const char *hostname, struct tls_context *extra)
{
	struct tls_name name = { mem_strdup(hostname), extra };

	vec_push(&c->names, name);
}

/* -- loading ----------------------------------------------------------- */

/* A key that needs a passphrase is not for an unattended server; and nobody
 * may be asked for it on the terminal. */
static int
give_no_passphrase(char *buffer, int size, int writing, void *arg)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static void
set_policy(SSL_CTX *ssl)
{
	static const unsigned char id[] = "avocet";
	int ok = 1;

	(void)SSL_CTX_set_options(ssl,
	    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
		SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
		/* Clients that just close are the rule; our protocols
		 * tell by themselves what is complete. */
		SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE |
					SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					SSL_MODE_RELEASE_BUFFERS);
	/* One recv() takes a whole record; the buffer for it is given back
	 * when it is empty. */
	SSL_CTX_set_read_ahead(ssl, 1);
	/* Tickets need no memory of ours. */
	(void)SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
	SSL_CTX_set_default_passwd_cb(ssl, give_no_passphrase);
	(void)SSL_CTX_set_tlsext_servername_callback(ssl, choose_by_name);
	ok &= (int)SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	ok &= SSL_CTX_set_cipher_list(ssl, TLS12_CIPHERS);
	ok &= (int)SSL_CTX_set1_groups_list(ssl, GROUPS);
	ok &= SSL_CTX_set_session_id_context(ssl, id, sizeof(id) - 1);
	assert(ok == 1);
	(void)ok;
}

static struct tls_context *
context_new(void)
{
	struct tls_context *c = mem_alloc(sizeof(*c));

	atomic_store(&c->refs, 1);
	lock_init(&c->lock);
	c->terms.ssl = SSL_CTX_new(TLS_server_method());
	assert(c->terms.ssl != NULL);
	c->socket = tls_socket_method();
	set_policy(c->terms.ssl);
	return c;
}

/* May the file be read?  Asked first because errno says it more plainly than
 * OpenSSL does. */
static enum rc
check_readable(const char *file, const char **ret_why)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY), error = errno;

	if (fd >= 0) {
		(void)close(fd);
		return RC_OK;
	}
	*ret_why = tls_why(file, strerrordesc_np(error));
	switch (error) {
	case ENOENT:
		return RC_NOTFOUND;
	case EACCES:
		return RC_REFUSED;
	default:
		return RC_IO;
	}
}

/* Name what administrators meet most. */
static const char *
why_key_failed(const char *file)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = NULL;

	if (ERR_GET_LIB(code) == ERR_LIB_X509 &&
	    ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH)
		reason = "the key does not belong to the certificate";
	for (; code != 0; code = ERR_get_error()) {
		if ((ERR_GET_LIB(code) == ERR_LIB_PEM &&
			ERR_GET_REASON(code) == PEM_R_BAD_PASSWORD_READ) ||
		    ERR_GET_REASON(code) == ERR_R_INTERRUPTED_OR_CANCELLED)
			reason = "the key is protected by a passphrase";
	}
	if (reason == NULL)
		reason = "there is no private key in it in PEM form";
	return tls_why(file, reason);
}

/* Go on whatever the certificate is: the result stays with the connection, and
 * one that is not trusted names nobody. */
static int
accept_any(int fine, X509_STORE_CTX *chain)
{
	(void)fine;
	(void)chain;
	return 1;
}

enum rc
tls_context_trust(struct tls_context *c, const char *file, enum tls_user user,
    const char **ret_why)
{
	enum rc rc = check_readable(file, ret_why);
	STACK_OF(X509_NAME) * names;

	if (rc != RC_OK)
		return rc;
	ERR_clear_error();
	names = SSL_load_client_CA_file(file);
	if (names == NULL || sk_X509_NAME_num(names) == 0 ||
	    SSL_CTX_load_verify_file(c->terms.ssl, file) != 1) {
		*ret_why = tls_why(
		    file, "there are no certificates in it in PEM form");
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return RC_INVALID;
	}
	SSL_CTX_set_client_CA_list(c->terms.ssl, names);
	SSL_CTX_set_verify(c->terms.ssl, SSL_VERIFY_PEER, accept_any);
	c->terms.asks = true;
	c->terms.user = user;
	return RC_OK;
}

static enum rc
load(struct tls_context *c, const char *certificate_file, const char *key_file,
    const char **ret_why)
{
	if (SSL_CTX_use_certificate_chain_file(
		c->terms.ssl, certificate_file) != 1) {
		*ret_why = tls_why(certificate_file, NULL);
		return RC_INVALID;
	}
	if (SSL_CTX_use_PrivateKey_file(
		c->terms.ssl, key_file, SSL_FILETYPE_PEM) != 1) {
		*ret_why = why_key_failed(key_file);
		return RC_INVALID;
	}
	if (SSL_CTX_check_private_key(c->terms.ssl) != 1) {
		*ret_why = tls_why(
		    key_file, "the key does not belong to the certificate");
		return RC_INVALID;
	}
	return RC_OK;
}

enum rc
tls_context_load(const char *certificate_file, const char *key_file,
    struct tls_context **ret_context, const char **ret_why)
{
	struct tls_context *c;
	enum rc rc;

	rc = check_readable(certificate_file, ret_why);
	if (rc == RC_OK)
		rc = check_readable(key_file, ret_why);
	if (rc != RC_OK)
		return rc;
	c = context_new();
	ERR_clear_error();
	rc = load(c, certificate_file, key_file, ret_why);
	if (rc == RC_OK)
		*ret_context = c;
	else
		tls_context_free(c);
	return rc;
}

struct tls_terms
tls_context_terms(struct tls_context *c)
{
	struct tls_terms terms;

	lock_take(&c->lock);
	terms = c->terms;
	(void)SSL_CTX_up_ref(terms.ssl);
	lock_release(&c->lock);
	return terms;
}

void
tls_context_replace(struct tls_context *c, struct tls_context *fresh)
{
	struct tls_terms before;

	lock_take(&c->lock);
	before = c->terms;
	c->terms = fresh->terms;
	lock_release(&c->lock);
	fresh->terms = before;
	tls_context_free(fresh);
}

struct tls_context *
tls_context_ref(struct tls_context *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
tls_context_free(struct tls_context *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) > 1)
		return;
	for (size_t i = 0; i < c->names.n; i++) {
		mem_free(c->names.v[i].hostname);
		tls_context_free(c->names.v[i].context);
	}
	vec_fini(&c->names);
	SSL_CTX_free(c->terms.ssl);
	BIO_meth_free(c->socket);
	lock_fini(&c->lock);
	mem_free(c);
}

void
tls_write_fingerprint(const unsigned char digest[TLS_DIGEST_BYTES],
    char ret_fingerprint[TLS_FINGERPRINT_BYTES])
{
	for (int i = 0; i < TLS_DIGEST_BYTES; i++)
		(void)snprintf(ret_fingerprint + 3 * i, 4, "%02X%s", digest[i],
		    i + 1 < TLS_DIGEST_BYTES ? ":" : "");
}

void
tls_fingerprint(
    struct tls_context *c, char ret_fingerprint[TLS_FINGERPRINT_BYTES])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	SSL_CTX *ssl = tls_context_terms(c).ssl;
	int done = X509_digest(
	    SSL_CTX_get0_certificate(ssl), EVP_sha256(), digest, &size);

	assert(done == 1 && size == TLS_DIGEST_BYTES);
	SSL_CTX_free(ssl);
	tls_write_fingerprint(digest, ret_fingerprint);
}
