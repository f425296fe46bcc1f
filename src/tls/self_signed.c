/* SPDX-License-Identifier: MIT
 *
 * A certificate for the first start, until there is a better one: X.509
 * version 3, signed with its own key (RFC 5280 section 4).  It is its own
 * authority, so that a client can be told to trust it by file.
 */
#include "tls/tls_internal.h"

#include "base/clock.h"
#include "base/rand.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#define SERIAL_BYTES	  16 /* RFC 5280 section 4.1.2.2: at most 20 */
#define VALID_DAYS	  3652
#define COMMON_NAME_BYTES 64 /* ub-common-name */
#define HOST_NAME_BYTES	  253

/* Everything here but the host name is fixed, so failure means a lack of
 * memory or a broken library. */
static void
must(bool done)
{
	assert(done);
	(void)done;
}

static void
add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	must(extension != NULL && X509_add_ext(x, extension, -1) == 1);
	X509_EXTENSION_free(extension);
}

/* Add a name as it is: an address if it is one, else a DNS name.  Made by
 * hand, since in a text a name with a comma would become two. */
static void
add_name(GENERAL_NAMES *names, const char *text)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
	ASN1_IA5STRING *dns;

	must(name != NULL);
	if (address != NULL) {
		GENERAL_NAME_set0_value(name, GEN_IPADD, address);
	} else {
		ERR_clear_error();
		dns = ASN1_IA5STRING_new();
		must(dns != NULL && ASN1_STRING_set(dns, text, -1) == 1);
		GENERAL_NAME_set0_value(name, GEN_DNS, dns);
	}
	must(sk_GENERAL_NAME_push(names, name) > 0);
}

static void
add_names(X509 *x, const char *hostname)
{
	static const char *const always[] = { "localhost", "127.0.0.1", "::1" };
	GENERAL_NAMES *names = GENERAL_NAMES_new();

	must(names != NULL);
	add_name(names, hostname);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (strcmp(always[i], hostname) != 0)
			add_name(names, always[i]);
	must(X509_add1_ext_i2d(
		 x, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1);
	GENERAL_NAMES_free(names);
}

static void
set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;

	rand_bytes(bytes, sizeof(bytes));
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive and never short */
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	must(number != NULL &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL);
	BN_free(number);
}

static X509 *
make_certificate(const char *hostname, EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_NAME *name;
	const char *common =
	    strlen(hostname) <= COMMON_NAME_BYTES ? hostname : "localhost";
	time_t now = (time_t)clock_wall();

	must(x != NULL && X509_set_version(x, X509_VERSION_3) == 1);
	set_serial(x);
	/* A day back, for clients whose clock is behind. */
	must(X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now) != NULL &&
	     X509_time_adj_ex(X509_getm_notAfter(x), VALID_DAYS, 0, &now) !=
		 NULL);
	name = X509_get_subject_name(x);
	must(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
		 (const unsigned char *)common, -1, -1, 0) == 1 &&
	     X509_set_issuer_name(x, name) == 1 &&
	     X509_set_pubkey(x, key) == 1);
	add_extension(x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
	add_extension(
	    x, NID_key_usage, "critical,digitalSignature,keyCertSign");
	add_extension(x, NID_ext_key_usage, "serverAuth");
	add_extension(x, NID_subject_key_identifier, "hash");
	add_extension(x, NID_authority_key_identifier, "keyid:always");
	add_names(x, hostname);
	must(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

/* -- files ------------------------------------------------------------- */

static enum rc
write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0)
			return RC_IO;
		bytes += written;
		size -= (size_t)written;
	}
	return fsync(fd) == 0 ? RC_OK : RC_IO;
}

/* Write a file that does not exist yet: a key that is there is never
 * overwritten. */
static enum rc
write_file(const char *file, mode_t mode, BIO *pem, const char **ret_why)
{
	char *bytes;
	long size = BIO_get_mem_data(pem, &bytes);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int error = errno;
	enum rc rc;

	if (fd < 0) {
		*ret_why = tls_why(file, strerrordesc_np(error));
		return error == EEXIST ? RC_EXISTS : RC_IO;
	}
	rc = write_all(fd, bytes, (size_t)size);
	if (rc != RC_OK) {
		*ret_why = tls_why(file, strerrordesc_np(errno));
		(void)unlink(file);
	}
	(void)close(fd);
	return rc;
}

static enum rc
write_key(const char *file, EVP_PKEY *key, const char **ret_why)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	enum rc rc;

	must(pem != NULL && PEM_write_bio_PKCS8PrivateKey(
				pem, key, NULL, NULL, 0, NULL, NULL) == 1);
	rc = write_file(file, 0600, pem, ret_why);
	(void)BIO_free(pem);
	return rc;
}

static enum rc
write_certificate(const char *file, X509 *x, const char **ret_why)
{
	BIO *pem = BIO_new(BIO_s_mem());
	enum rc rc;

	must(pem != NULL && PEM_write_bio_X509(pem, x) == 1);
	rc = write_file(file, 0644, pem, ret_why);
	(void)BIO_free(pem);
	return rc;
}

/* Fit for a certificate: visible ASCII, not too long. */
static bool
is_host_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n > 0 && s.n <= HOST_NAME_BYTES;
}

enum rc
tls_make_self_signed(const char *hostname, const char *certificate_file,
    const char *key_file, const char **ret_why)
{
	EVP_PKEY *key;
	X509 *x;
	enum rc rc;

	if (!is_host_name(str_of(hostname))) {
		*ret_why = tls_why(certificate_file, "not a host name");
		return RC_INVALID;
	}
	key = EVP_EC_gen("P-256");
	must(key != NULL);
	x = make_certificate(hostname, key);
	rc = write_key(key_file, key, ret_why);
	if (rc == RC_OK) {
		rc = write_certificate(certificate_file, x, ret_why);
		if (rc != RC_OK)
			(void)unlink(key_file);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}
