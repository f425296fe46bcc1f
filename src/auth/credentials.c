/* SPDX-License-Identifier: MIT
 *
 * Password credentials: libxcrypt for the hash, auth/scram for SCRAM's keys.
 */
#include "auth/credentials.h"

#include <assert.h>
#include <crypt.h>
#include <string.h>

#include "auth/saslprep.h"
#include "auth/scheme.h"
#include "auth/scram.h"
#include "base/endian.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"

#define PACKED_VERSION	 1
#define CRYPT_PREFIX	 "$y$"
#define FIELD_HEAD_BYTES 3

enum field { FIELD_CRYPT = 1, FIELD_SCRAM = 2 /* plus enum scram_hash */ };

size_t
scram_key_bytes(enum scram_hash hash)
{
	return hash == SCRAM_SHA_1 ? 20 : 32;
}

/* -- SCRAM ------------------------------------------------------------- */

static bool
derive(enum scram_hash hash, const char *prepared, struct scram_keys *keys)
{
	struct str salt = { (const char *)keys->salt, sizeof(keys->salt) };

	return scram_derive(
	    hash, str_of(prepared), salt, keys->iterations, keys);
}

static bool
scram_verify(
    enum scram_hash hash, const struct scram_keys *stored, const char *prepared)
{
	struct scram_keys keys = *stored;
	bool same;

	same = derive(hash, prepared, &keys) &&
	       mem_equal_secret(
		   keys.stored_key, stored->stored_key, scram_key_bytes(hash));
	mem_wipe(&keys, sizeof(keys));
	return same;
}

/* -- crypt(3) ---------------------------------------------------------- */

/* crypt(3) takes no passwords as long as ours may be; a longer one is
 * replaced by a hash of it.  Anything that it does take stays what it is, so
 * that hashes from other servers fit. */
static bool
crypt_phrase(const char *prepared, char ret_phrase[CRYPT_MAX_PASSPHRASE_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	struct scram_keys keys = { .iterations = 1 };
	bool done;

	if (strlen(prepared) < CRYPT_MAX_PASSPHRASE_SIZE) {
		memcpy(ret_phrase, prepared, strlen(prepared) + 1);
		return true;
	}
	done = derive(SCRAM_SHA_256, prepared, &keys);
	for (size_t i = 0; i < sizeof(keys.stored_key); i++) {
		ret_phrase[2 * i] = hex[keys.stored_key[i] >> 4];
		ret_phrase[2 * i + 1] = hex[keys.stored_key[i] & 15];
	}
	ret_phrase[2 * sizeof(keys.stored_key)] = '\0';
	mem_wipe(&keys, sizeof(keys));
	return done;
}

/* Hash ${prepared} as ${setting} (a salt, or a hash made before) says. */
static enum rc
crypt_hash(const char *prepared, const char *setting,
    char ret_hash[CREDENTIALS_CRYPT_BYTES_MAX])
{
	struct crypt_data *work = mem_alloc(sizeof(*work));
	char phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	const char *hash = NULL;
	enum rc rc = RC_IO;

	if (crypt_phrase(prepared, phrase))
		hash = crypt_r(phrase, setting, work);
	if (hash != NULL && *hash != '*' &&
	    strlen(hash) < CREDENTIALS_CRYPT_BYTES_MAX) {
		memcpy(ret_hash, hash, strlen(hash) + 1);
		rc = RC_OK;
	}
	mem_wipe(phrase, sizeof(phrase));
	mem_wipe(work, sizeof(*work));
	mem_free(work);
	return rc;
}

static bool
crypt_verify(const char *stored, const char *prepared)
{
	char hash[CREDENTIALS_CRYPT_BYTES_MAX];
	size_t size = strlen(stored);
	bool same;

	same = crypt_hash(prepared, stored, hash) == RC_OK &&
	       strlen(hash) == size && mem_equal_secret(hash, stored, size);
	mem_wipe(hash, sizeof(hash));
	return same;
}

bool
credentials_hash_valid(struct str hash)
{
	if (hash.n == 0 || hash.n >= CREDENTIALS_CRYPT_BYTES_MAX)
		return false;
	for (size_t i = 0; i < hash.n; i++)
		if (hash.p[i] <= ' ' || hash.p[i] >= 0x7f ||
		    memchr(":;*!\\", hash.p[i], 5) != NULL)
			return false;
	return true;
}

/* -- making and verifying ---------------------------------------------- */

static enum rc
make_crypt(
    const char *prepared, unsigned rounds, struct credentials *credentials)
{
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	char random[CREDENTIALS_SALT_BYTES];

	rand_bytes(random, sizeof(random));
	if (crypt_gensalt_rn(CRYPT_PREFIX, rounds, random, sizeof(random),
		setting, sizeof(setting)) == NULL)
		return RC_IO;
	return crypt_hash(prepared, setting, credentials->crypt);
}

static enum rc
make_scram(const char *prepared, uint32_t iterations, enum scram_hash hash,
    struct credentials *credentials)
{
	struct scram_keys *keys = &credentials->scram[hash];

	keys->iterations =
	    iterations > 0 ? iterations : CREDENTIALS_ITERATIONS_DEFAULT;
	rand_bytes(keys->salt, sizeof(keys->salt));
	return derive(hash, prepared, keys) ? RC_OK : RC_IO;
}

static enum rc
make_all(const char *prepared, struct credentials_cost cost,
    struct credentials *credentials)
{
	enum rc rc;

	rc = make_scram(
	    prepared, cost.scram_iterations, SCRAM_SHA_1, credentials);
	if (rc == RC_OK)
		rc = make_scram(prepared, cost.scram_iterations, SCRAM_SHA_256,
		    credentials);
	if (rc == RC_OK)
		rc = make_crypt(prepared, cost.crypt_rounds, credentials);
	return rc;
}

enum rc
credentials_make(struct str password, struct credentials_cost cost,
    struct credentials *ret_credentials)
{
	struct credentials made = { 0 };
	char *prepared = saslprep_query(password, PASSWORD_BYTES_MAX);
	enum rc rc;

	assert(cost.scram_iterations == 0 ||
	       (cost.scram_iterations >= CREDENTIALS_ITERATIONS_MIN &&
		   cost.scram_iterations <= CREDENTIALS_ITERATIONS_MAX));
	if (prepared == NULL)
		return RC_INVALID;
	rc = saslprep_has_new(prepared) ? RC_INVALID
					: make_all(prepared, cost, &made);
	if (rc == RC_OK)
		*ret_credentials = made;
	saslprep_free(prepared);
	credentials_wipe(&made);
	return rc;
}

enum rc
credentials_from_crypt(struct str hash, struct credentials *ret_credentials)
{
	struct credentials made = { 0 };

	if (!credentials_hash_valid(hash))
		return RC_INVALID;
	memcpy(made.crypt, hash.p, hash.n);
	if (crypt_checksalt(made.crypt) == CRYPT_SALT_INVALID)
		return RC_INVALID;
	*ret_credentials = made;
	return RC_OK;
}

/* The password as it is came to another server, which may not have changed it
 * before it made the hash. */
static bool
hash_verify(const char *kept, struct str password, const char *prepared)
{
	char text[PASSWORD_BYTES_MAX + 1];
	bool right;

	if (scheme_made(kept))
		return scheme_verify(kept, password) ||
		       (!str_eq(password, str_of(prepared)) &&
			   scheme_verify(kept, str_of(prepared)));
	if (crypt_verify(kept, prepared))
		return true;
	if (str_eq(password, str_of(prepared)))
		return false;
	memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	right = crypt_verify(kept, text);
	mem_wipe(text, sizeof(text));
	return right;
}

bool
credentials_verify(const struct credentials *c, struct str password)
{
	char *prepared = saslprep_query(password, PASSWORD_BYTES_MAX);
	bool right = false;

	if (prepared == NULL)
		return false;
	if (c->crypt[0] != '\0')
		right = hash_verify(c->crypt, password, prepared);
	else if (c->scram[SCRAM_SHA_256].iterations > 0)
		right = scram_verify(
		    SCRAM_SHA_256, &c->scram[SCRAM_SHA_256], prepared);
	else if (c->scram[SCRAM_SHA_1].iterations > 0)
		right =
		    scram_verify(SCRAM_SHA_1, &c->scram[SCRAM_SHA_1], prepared);
	saslprep_free(prepared);
	return right;
}

void
credentials_wipe(struct credentials *c)
{
	mem_wipe(c, sizeof(*c));
}

/* -- packed form ------------------------------------------------------- */

static size_t
scram_field_bytes(enum scram_hash hash)
{
	return 4 + CREDENTIALS_SALT_BYTES + 2 * scram_key_bytes(hash);
}

static void
pack_head(struct buf *to, unsigned field, size_t size)
{
	buf_add_byte(to, (char)field);
	buf_add_le16(to, (uint16_t)size);
}

void
credentials_pack(const struct credentials *c, struct buf *to)
{
	buf_add_byte(to, PACKED_VERSION);
	if (c->crypt[0] != '\0') {
		pack_head(to, FIELD_CRYPT, strlen(c->crypt));
		buf_add_text(to, c->crypt);
	}
	for (unsigned i = 0; i < SCRAM_HASHES; i++) {
		const struct scram_keys *keys = &c->scram[i];
		size_t key_bytes = scram_key_bytes((enum scram_hash)i);

		if (keys->iterations == 0)
			continue;
		pack_head(
		    to, FIELD_SCRAM + i, scram_field_bytes((enum scram_hash)i));
		buf_add_le32(to, keys->iterations);
		buf_add(to, keys->salt, sizeof(keys->salt));
		buf_add(to, keys->stored_key, key_bytes);
		buf_add(to, keys->server_key, key_bytes);
	}
}

static bool
unpack_crypt(struct str bytes, struct credentials *c)
{
	if (!credentials_hash_valid(bytes))
		return false;
	memcpy(c->crypt, bytes.p, bytes.n);
	return true;
}

static bool
unpack_scram(struct str bytes, enum scram_hash hash, struct credentials *c)
{
	struct scram_keys *keys = &c->scram[hash];
	size_t key_bytes = scram_key_bytes(hash);
	const char *at = bytes.p;

	if (bytes.n != scram_field_bytes(hash))
		return false;
	keys->iterations = endian_get_le32(at);
	at += 4;
	memcpy(keys->salt, at, sizeof(keys->salt));
	at += sizeof(keys->salt);
	memcpy(keys->stored_key, at, key_bytes);
	memcpy(keys->server_key, at + key_bytes, key_bytes);
	return keys->iterations >= CREDENTIALS_ITERATIONS_MIN &&
	       keys->iterations <= CREDENTIALS_ITERATIONS_MAX;
}

/* Take one field off *left; its kind must be above *kind. */
static bool
unpack_field(struct str *left, unsigned *kind, struct credentials *c)
{
	unsigned found = (unsigned char)left->p[0];
	struct str bytes;

	if (left->n < FIELD_HEAD_BYTES || found <= *kind)
		return false;
	bytes.n = endian_get_le16(left->p + 1);
	bytes.p = left->p + FIELD_HEAD_BYTES;
	if (left->n - FIELD_HEAD_BYTES < bytes.n)
		return false;
	*left = str_skip(*left, FIELD_HEAD_BYTES + bytes.n);
	*kind = found;
	switch (found) {
	case FIELD_CRYPT:
		return unpack_crypt(bytes, c);
	case FIELD_SCRAM + SCRAM_SHA_1:
		return unpack_scram(bytes, SCRAM_SHA_1, c);
	case FIELD_SCRAM + SCRAM_SHA_256:
		return unpack_scram(bytes, SCRAM_SHA_256, c);
	default:
		return false;
	}
}

enum rc
credentials_unpack(struct str packed, struct credentials *ret_credentials)
{
	struct credentials c = { 0 };
	struct str left = str_skip(packed, 1);
	unsigned kind = 0;

	if (packed.n < 1)
		return RC_CORRUPT;
	if ((unsigned char)packed.p[0] > PACKED_VERSION)
		return RC_VERSION;
	if (packed.p[0] != PACKED_VERSION || left.n == 0 ||
	    packed.n > CREDENTIALS_PACKED_BYTES_MAX)
		return RC_CORRUPT;
	while (left.n > 0)
		if (!unpack_field(&left, &kind, &c))
			return RC_CORRUPT;
	*ret_credentials = c;
	return RC_OK;
}
