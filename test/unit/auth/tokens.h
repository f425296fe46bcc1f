/* SPDX-License-Identifier: MIT
 *
 * For tests of tokens: keys that are made anew, their public halves as a JWK
 * set in a file, and tokens signed with them.
 */
#ifndef AVOCET_TEST_AUTH_TOKENS_H
#define AVOCET_TEST_AUTH_TOKENS_H

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/jwt.h"
#include "base/base64.h"

enum token_key { TOKEN_RSA, TOKEN_P256, TOKEN_ED25519, TOKEN_KEYS };

#define TOKEN_ISSUER   "https://issuer.example"
#define TOKEN_AUDIENCE "mail"

struct tokens {
	EVP_PKEY *keys[TOKEN_KEYS];
	char path[64];
	struct jwt_options options;
};

/* Append ${bytes} in base64url. */
static inline void
tokens_encode(const void *bytes, size_t size, struct buf *to)
{
	size_t from = to->n;

	base64_encode((struct str){ bytes, size }, to);
	for (size_t i = from; i < to->n; i++) {
		if (to->p[i] == '+')
			to->p[i] = '-';
		if (to->p[i] == '/')
			to->p[i] = '_';
	}
	while (to->n > from && to->p[to->n - 1] == '=')
		buf_truncate(to, to->n - 1);
}

static inline void
tokens_add_number(
    struct buf *to, const EVP_PKEY *key, const char *param, const char *name)
{
	BIGNUM *number = NULL;
	unsigned char bytes[512];
	int size;

	assert(EVP_PKEY_get_bn_param(key, param, &number) == 1);
	size = BN_num_bytes(number);
	if (size < 32) /* of a curve: always whole */
		size = 32;
	if (strcmp(name, "e") == 0)
		size = 3;
	assert(BN_bn2binpad(number, bytes, size) == size);
	buf_add_format(to, ",\"%s\":\"", name);
	tokens_encode(bytes, (size_t)size, to);
	buf_add_text(to, "\"");
	BN_free(number);
}

static inline void
tokens_write_keys(struct tokens *t)
{
	unsigned char raw[32];
	size_t size = sizeof(raw);
	struct buf text;
	FILE *f = fopen(t->path, "w");
	size_t written;

	buf_init(&text, 8192);
	buf_add_text(&text, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"r\"");
	tokens_add_number(
	    &text, t->keys[TOKEN_RSA], OSSL_PKEY_PARAM_RSA_N, "n");
	tokens_add_number(
	    &text, t->keys[TOKEN_RSA], OSSL_PKEY_PARAM_RSA_E, "e");
	buf_add_text(&text,
	    "},{\"kty\":\"oct\",\"kid\":\"o\",\"k\":\"c2VjcmV0\"},"
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\","
	    "\"kid\":\"p\"");
	tokens_add_number(
	    &text, t->keys[TOKEN_P256], OSSL_PKEY_PARAM_EC_PUB_X, "x");
	tokens_add_number(
	    &text, t->keys[TOKEN_P256], OSSL_PKEY_PARAM_EC_PUB_Y, "y");
	buf_add_text(&text,
	    "},{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\","
	    "\"x\":\"");
	assert(EVP_PKEY_get_raw_public_key(
		   t->keys[TOKEN_ED25519], raw, &size) == 1);
	tokens_encode(raw, size, &text);
	buf_add_text(&text, "\"}]}");
	assert(f != NULL && buf_check(&text) == RC_OK);
	written = fwrite(text.p, 1, text.n, f);
	assert(written == text.n);
	(void)fclose(f);
	buf_fini(&text);
}

static inline void
tokens_init(struct tokens *t)
{
	int fd;

	t->keys[TOKEN_RSA] = EVP_RSA_gen(2048);
	t->keys[TOKEN_P256] = EVP_EC_gen("P-256");
	t->keys[TOKEN_ED25519] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	(void)snprintf(t->path, sizeof(t->path), "/tmp/test-tokens-XXXXXX");
	fd = mkstemp(t->path);
	assert(fd >= 0);
	(void)close(fd);
	tokens_write_keys(t);
	t->options = (struct jwt_options){ .issuer = TOKEN_ISSUER,
		.audience = TOKEN_AUDIENCE,
		.claim = "email",
		.keys = t->path };
}

static inline void
tokens_fini(struct tokens *t)
{
	for (int i = 0; i < TOKEN_KEYS; i++)
		EVP_PKEY_free(t->keys[i]);
	(void)unlink(t->path);
}

/* The two numbers of a signature in DER, 32 bytes each. */
static inline void
tokens_flatten(unsigned char signature[512], size_t *size)
{
	const unsigned char *at = signature;
	ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)*size);
	unsigned char flat[64];

	assert(numbers != NULL);
	assert(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), flat, 32) == 32);
	assert(BN_bn2binpad(ECDSA_SIG_get0_s(numbers), flat + 32, 32) == 32);
	memcpy(signature, flat, sizeof(flat));
	*size = sizeof(flat);
	ECDSA_SIG_free(numbers);
}

/* Append a token with this header and payload, signed with the key. */
static inline void
tokens_sign(struct tokens *t, enum token_key key, const char *header,
    const char *payload, struct buf *to)
{
	size_t from = to->n, size = 512;
	unsigned char signature[512];
	EVP_MD_CTX *work = EVP_MD_CTX_new();

	tokens_encode(header, strlen(header), to);
	buf_add_byte(to, '.');
	tokens_encode(payload, strlen(payload), to);
	assert(EVP_DigestSignInit(work, NULL,
		   key == TOKEN_ED25519 ? NULL : EVP_sha256(), NULL,
		   t->keys[key]) == 1);
	assert(EVP_DigestSign(work, signature, &size,
		   (unsigned char *)to->p + from, to->n - from) == 1);
	EVP_MD_CTX_free(work);
	if (key == TOKEN_P256)
		tokens_flatten(signature, &size);
	buf_add_byte(to, '.');
	tokens_encode(signature, size, to);
	assert(buf_check(to) == RC_OK);
}

#endif
