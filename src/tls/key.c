/* SPDX-License-Identifier: MIT
 *
 * Public keys by OpenSSL.
 */
#include "tls/key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/mem.h"

#define RSA_BYTES_MIN	   256
#define RSA_BYTES_MAX	   1024
#define EXPONENT_BYTES_MAX 8
#define P256_BYTES	   32
#define ED25519_BYTES	   32

struct tls_key {
	EVP_PKEY *key;
	const EVP_MD *(*digest)(void); /* NULL: the key has its own */
};

static struct tls_key *
key_new(EVP_PKEY *key, const EVP_MD *(*digest)(void))
{
	struct tls_key *k;

	ERR_clear_error();
	if (key == NULL)
		return NULL;
	k = mem_alloc(sizeof(*k));
	k->key = key;
	k->digest = digest;
	return k;
}

void
tls_key_free(struct tls_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	mem_free(k);
}

/* A key of the kind ${name} from what is in ${builder}, which is freed. */
static EVP_PKEY *
build(const char *name, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *work = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY *key = NULL;

	if (work == NULL || params == NULL ||
	    EVP_PKEY_fromdata_init(work) != 1 ||
	    EVP_PKEY_fromdata(work, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(work);
	return key;
}

static BIGNUM *
number_of(struct str bytes)
{
	return BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
}

struct tls_key *
tls_key_rsa(struct str modulus, struct str exponent)
{
	OSSL_PARAM_BLD *builder;
	BIGNUM *n, *e;
	EVP_PKEY *key = NULL;

	if (modulus.n < RSA_BYTES_MIN || modulus.n > RSA_BYTES_MAX ||
	    exponent.n == 0 || exponent.n > EXPONENT_BYTES_MAX)
		return NULL;
	builder = OSSL_PARAM_BLD_new();
	n = number_of(modulus);
	e = number_of(exponent);
	if (builder != NULL && n != NULL && e != NULL && BN_is_odd(n) &&
	    BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(n) >= 2048 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = build("RSA", builder);
	else
		OSSL_PARAM_BLD_free(builder);
	BN_free(n);
	BN_free(e);
	return key_new(key, EVP_sha256);
}

struct tls_key *
tls_key_p256(struct str x, struct str y)
{
	unsigned char point[1 + 2 * P256_BYTES] = {
		POINT_CONVERSION_UNCOMPRESSED
	};
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *key = NULL;

	if (x.n != P256_BYTES || y.n != P256_BYTES)
		return NULL;
	memcpy(point + 1, x.p, x.n);
	memcpy(point + 1 + x.n, y.p, y.n);
	builder = OSSL_PARAM_BLD_new();
	if (builder != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string(
		builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(
		builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
		key = build("EC", builder);
	else
		OSSL_PARAM_BLD_free(builder);
	return key_new(key, EVP_sha256);
}

struct tls_key *
tls_key_ed25519(struct str x)
{
	if (x.n != ED25519_BYTES)
		return NULL;
	return key_new(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
			   (const unsigned char *)x.p, x.n),
	    NULL);
}

/* OpenSSL wants the two numbers of ECDSA in DER.  Free with OPENSSL_free();
 * NULL: they are not such. */
static unsigned char *
der_of(struct str signature, size_t *ret_size)
{
	ECDSA_SIG *numbers = ECDSA_SIG_new();
	BIGNUM *r = number_of(str_head(signature, P256_BYTES));
	BIGNUM *s = number_of(str_skip(signature, P256_BYTES));
	unsigned char *der = NULL;
	int size;

	/* On success the numbers are numbers' own. */
	if (signature.n != 2 * P256_BYTES || numbers == NULL || r == NULL ||
	    s == NULL || ECDSA_SIG_set0(numbers, r, s) != 1) {
		BN_free(r);
		BN_free(s);
		ECDSA_SIG_free(numbers);
		return NULL;
	}
	size = i2d_ECDSA_SIG(numbers, &der);
	ECDSA_SIG_free(numbers);
	*ret_size = size > 0 ? (size_t)size : 0;
	return der;
}

static bool
verify(const struct tls_key *k, struct str data, const unsigned char *signature,
    size_t size)
{
	EVP_MD_CTX *work = EVP_MD_CTX_new();
	bool right;

	right =
	    work != NULL &&
	    EVP_DigestVerifyInit(work, NULL,
		k->digest != NULL ? k->digest() : NULL, NULL, k->key) == 1 &&
	    EVP_DigestVerify(work, signature, size,
		(const unsigned char *)data.p, data.n) == 1;
	EVP_MD_CTX_free(work);
	ERR_clear_error();
	return right;
}

bool
tls_key_verify(const struct tls_key *k, struct str data, struct str signature)
{
	unsigned char *der;
	size_t size;
	bool right;

	if (data.n == 0 || signature.n == 0)
		return false;
	if (EVP_PKEY_get_base_id(k->key) != EVP_PKEY_EC)
		return verify(
		    k, data, (const unsigned char *)signature.p, signature.n);
	der = der_of(signature, &size);
	right = der != NULL && verify(k, data, der, size);
	OPENSSL_free(der);
	return right;
}
