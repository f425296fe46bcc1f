/* SPDX-License-Identifier: MIT
 *
 * Certificates of clients: whom they name.
 */
#include "tls/tls_internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/utf8.h"

/* A copy of ${text} if it can be a name: nothing that looks like another one to
 * whoever stops at a NUL. */
static char *
name_of(const ASN1_STRING *text)
{
	unsigned char *utf8 = NULL;
	char *name = NULL;
	int size = ASN1_STRING_to_UTF8(&utf8, text);
	struct str s = { .p = (const char *)utf8,
		.n = size > 0 ? (size_t)size : 0 };

	if (s.n > 0 && memchr(s.p, '\0', s.n) == NULL && utf8_valid(s))
		name = mem_strdup(s.p);
	OPENSSL_free(utf8);
	return name;
}

/* The only e-mail address among the alternative names. */
static char *
email_of(const X509 *certificate)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const ASN1_STRING *found = NULL;
	int count = 0;
	char *name = NULL;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);

		if (one->type == GEN_EMAIL) {
			found = one->d.rfc822Name;
			count++;
		}
	}
	if (count == 1)
		name = name_of(found);
	GENERAL_NAMES_free(names);
	return name;
}

/* The only common name of the subject. */
static char *
common_name_of(const X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 ||
	    X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return NULL;
	return name_of(
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

char *
tls_client_user(const SSL *ssl, enum tls_user user)
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	char *name;

	if (certificate == NULL || SSL_get_verify_result(ssl) != X509_V_OK)
		return NULL;
	name = user == TLS_USER_EMAIL ? email_of(certificate)
				      : common_name_of(certificate);
	ERR_clear_error();
	return name;
}
