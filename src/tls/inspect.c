/* SPDX-License-Identifier: MIT
 *
 * A client's handshake, after which it is looked at what came.
 */
#include "tls/inspect.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

static void
set_why(struct tls_inspection *i, const char *text)
{
	(void)snprintf(
	    i->why, sizeof(i->why), "%s", text != NULL ? text : "no reason");
}

static enum tls_trust
trust_of(long verified)
{
	switch (verified) {
	case X509_V_OK:
		return TLS_TRUST_FULL;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return TLS_TRUST_SELF_SIGNED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return TLS_TRUST_INCOMPLETE;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TLS_TRUST_EXPIRED;
	default:
		return TLS_TRUST_OTHER;
	}
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void
look_at_certificate(SSL *ssl, const char *name, struct tls_inspection *i)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	long verified = SSL_get_verify_result(ssl);

	i->trust = trust_of(verified);
	if (i->trust != TLS_TRUST_FULL)
		set_why(i, X509_verify_cert_error_string(verified));
	if (certificate == NULL)
		return;
	i->name_fits = X509_check_host(certificate, name, 0, 0, NULL) == 1 ||
		       X509_check_ip_asc(certificate, name, 0) == 1;
	i->not_after = seconds_of(X509_get0_notAfter(certificate));
	X509_free(certificate);
}

static void
shake_hands(SSL *ssl, int fd, const char *name, struct tls_inspection *i)
{
	ERR_clear_error();
	(void)SSL_set_tlsext_host_name(ssl, name);
	if (SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1) {
		set_why(i, ERR_reason_error_string(ERR_peek_last_error()));
		ERR_clear_error();
		return;
	}
	i->shaken = true;
	(void)snprintf(
	    i->version, sizeof(i->version), "%s", SSL_get_version(ssl));
	look_at_certificate(ssl, name, i);
	(void)SSL_shutdown(ssl);
}

void
tls_inspect(
    int fd, const char *name, bool old, struct tls_inspection *ret_inspection)
{
	struct tls_inspection i = { 0 };
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	SSL *ssl;

	if (context == NULL)
		return;
	(void)SSL_CTX_set_default_verify_paths(context);
	if (old) {
		/* What no client of today takes, to see who would give it. */
		SSL_CTX_set_security_level(context, 0);
		(void)SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
		(void)SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
	}
	ssl = SSL_new(context);
	if (ssl != NULL)
		shake_hands(ssl, fd, name, &i);
	SSL_free(ssl);
	SSL_CTX_free(context);
	*ret_inspection = i;
}
