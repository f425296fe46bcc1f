/* SPDX-License-Identifier: MIT
 *
 * Message digests by OpenSSL.
 */
#include "tls/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const EVP_MD *
md_of(enum tls_digest digest)
{
	switch (digest) {
	case TLS_DIGEST_MD5:
		return EVP_md5();
	case TLS_DIGEST_SHA1:
		return EVP_sha1();
	case TLS_DIGEST_SHA256:
		return EVP_sha256();
	case TLS_DIGEST_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

size_t
tls_digest_bytes(enum tls_digest digest)
{
	return (size_t)EVP_MD_get_size(md_of(digest));
}

bool
tls_digest(enum tls_digest digest, struct str a, struct str b,
    unsigned char ret_digest[TLS_DIGEST_BYTES_MAX])
{
	EVP_MD_CTX *work = EVP_MD_CTX_new();
	bool done = work != NULL &&
		    EVP_DigestInit_ex(work, md_of(digest), NULL) == 1 &&
		    EVP_DigestUpdate(work, a.p, a.n) == 1 &&
		    EVP_DigestUpdate(work, b.p, b.n) == 1 &&
		    EVP_DigestFinal_ex(work, ret_digest, NULL) == 1;

	EVP_MD_CTX_free(work);
	return done;
}

bool
tls_hmac(enum tls_digest digest, struct str key, struct str bytes,
    unsigned char ret_mac[TLS_DIGEST_BYTES_MAX])
{
	return key.n <= INT_MAX && HMAC(md_of(digest), key.p, (int)key.n,
				       (const unsigned char *)bytes.p, bytes.n,
				       ret_mac, NULL) != NULL;
}

bool
tls_pbkdf2(enum tls_digest digest, struct str password, struct str salt,
    unsigned iterations, unsigned char *ret_key, size_t size)
{
	return password.n <= INT_MAX && salt.n <= INT_MAX &&
	       iterations <= INT_MAX && size <= INT_MAX &&
	       PKCS5_PBKDF2_HMAC(password.p, (int)password.n,
		   (const unsigned char *)salt.p, (int)salt.n, (int)iterations,
		   md_of(digest), (int)size, ret_key) == 1;
}
