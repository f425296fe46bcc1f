/* SPDX-License-Identifier: MIT
 *
 * Reading and verifying other servers' password hashes.  What is kept:
 *
 *   {PLAIN}base64
 *   {MD5}base64, {SHA1}base64, {SHA256}base64, {SHA512}base64
 *                    the digest, and behind it the salt, if there is one
 *   {PBKDF2}$1$salt$iterations$hex
 *   {ARGON2}$argon2i$..., {ARGON2}$argon2id$...
 */
#include "auth/scheme.h"

#include <argon2.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tls/digest.h"

#define KEPT_BYTES_MAX (CREDENTIALS_CRYPT_BYTES_MAX - 1)

enum kind {
	KIND_PLAIN,
	KIND_DIGEST,
	KIND_PBKDF2,
	KIND_ARGON2,
	KIND_CRYPT,
	KIND_SCRAM
};

/* How the bytes of a digest are written, unless the scheme's name says. */
enum encoding { ENCODING_BASE64, ENCODING_HEX };

static const struct scheme {
	const char *name;
	enum kind kind;
	const char *begin; /* of the hash; "": anything */
	const char *kept;  /* scheme under which it is kept */
	int detail;	   /* a digest, or SCRAM's hash */
	bool salted;
	enum encoding encoding;
} schemes[] = {
	{ "CRYPT", KIND_CRYPT, "", NULL, 0, false, 0 },
	{ "SHA512-CRYPT", KIND_CRYPT, "$6$", NULL, 0, false, 0 },
	{ "SHA256-CRYPT", KIND_CRYPT, "$5$", NULL, 0, false, 0 },
	{ "BLF-CRYPT", KIND_CRYPT, "$2", NULL, 0, false, 0 },
	{ "MD5-CRYPT", KIND_CRYPT, "$1$", NULL, 0, false, 0 },
	{ "MD5", KIND_CRYPT, "$1$", NULL, 0, false, 0 },
	{ "DES-CRYPT", KIND_CRYPT, "", NULL, 0, false, 0 },
	{ "ARGON2I", KIND_ARGON2, "$argon2i$", "ARGON2", Argon2_i, false, 0 },
	{ "ARGON2ID", KIND_ARGON2, "$argon2id$", "ARGON2", Argon2_id, false,
	    0 },
	{ "PBKDF2", KIND_PBKDF2, "$1$", "PBKDF2", 0, false, 0 },
	{ "SCRAM-SHA-1", KIND_SCRAM, "", NULL, SCRAM_SHA_1, false, 0 },
	{ "SCRAM-SHA-256", KIND_SCRAM, "", NULL, SCRAM_SHA_256, false, 0 },
	{ "SSHA", KIND_DIGEST, "", "SHA1", TLS_DIGEST_SHA1, true, 0 },
	{ "SSHA256", KIND_DIGEST, "", "SHA256", TLS_DIGEST_SHA256, true, 0 },
	{ "SSHA512", KIND_DIGEST, "", "SHA512", TLS_DIGEST_SHA512, true, 0 },
	{ "SMD5", KIND_DIGEST, "", "MD5", TLS_DIGEST_MD5, true, 0 },
	{ "SHA", KIND_DIGEST, "", "SHA1", TLS_DIGEST_SHA1, false, 0 },
	{ "SHA1", KIND_DIGEST, "", "SHA1", TLS_DIGEST_SHA1, false, 0 },
	{ "SHA256", KIND_DIGEST, "", "SHA256", TLS_DIGEST_SHA256, false, 0 },
	{ "SHA512", KIND_DIGEST, "", "SHA512", TLS_DIGEST_SHA512, false, 0 },
	{ "LDAP-MD5", KIND_DIGEST, "", "MD5", TLS_DIGEST_MD5, false, 0 },
	{ "PLAIN-MD5", KIND_DIGEST, "", "MD5", TLS_DIGEST_MD5, false,
	    ENCODING_HEX },
	{ "PLAIN", KIND_PLAIN, "", "PLAIN", 0, false, 0 },
	{ "CLEAR", KIND_PLAIN, "", "PLAIN", 0, false, 0 },
	{ "CLEARTEXT", KIND_PLAIN, "", "PLAIN", 0, false, 0 },
};
#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

/* -- taking apart --------------------------------------------------------- */

struct parts {
	struct str scheme;   /* "CRYPT" when none is given */
	struct str encoding; /* of "{SCHEME.encoding}"; may be empty */
	struct str hash;
};

static struct parts
take_apart(struct str text)
{
	struct parts p = { .scheme = STR("CRYPT"), .hash = text };
	size_t end = str_find(text, '}');
	size_t dot;

	if (!str_begins(text, STR("{")) || end == text.n)
		return p;
	p.hash = str_skip(text, end + 1);
	p.scheme = str_skip(str_head(text, end), 1);
	dot = str_find(p.scheme, '.');
	p.encoding = str_skip(p.scheme, dot + 1);
	p.scheme = str_head(p.scheme, dot);
	return p;
}

static const struct scheme *
scheme_of(struct str name)
{
	for (size_t i = 0; i < SCHEMES; i++)
		if (str_eq_nocase(name, str_of(schemes[i].name)))
			return &schemes[i];
	return NULL;
}

/* Two digits to a byte. */
static bool
decode_hex(struct str text, struct buf *to)
{
	static const char digits[] = "0123456789abcdef";

	if (text.n % 2 != 0)
		return false;
	for (size_t i = 0; i < text.n; i += 2) {
		const char *high = memchr(digits, str_lower(text.p[i]), 16);
		const char *low = memchr(digits, str_lower(text.p[i + 1]), 16);

		if (high == NULL || low == NULL)
			return false;
		buf_add_byte(to, (char)((high - digits) * 16 + (low - digits)));
	}
	return true;
}

/* What stands behind the next "," or "$" of *left, which then begins there. */
static struct str
next_field(struct str *left, char separator)
{
	size_t end = str_find(*left, separator);
	struct str field = str_head(*left, end);

	*left = str_skip(*left, end + 1);
	return field;
}

/* -- reading -------------------------------------------------------------- */

/* Keep "{SCHEME}" and ${text}. */
static bool
keep(const struct scheme *s, struct str text, struct credentials *c)
{
	struct buf kept;
	bool fits;

	buf_init(&kept, KEPT_BYTES_MAX);
	buf_add_format(&kept, "{%s}", s->kept);
	buf_add_str(&kept, text);
	fits =
	    buf_check(&kept) == RC_OK && credentials_hash_valid(buf_str(&kept));
	if (fits) {
		memcpy(c->crypt, kept.p, kept.n);
		c->crypt[kept.n] = '\0';
	}
	buf_fini(&kept);
	return fits;
}

static bool
keep_bytes(const struct scheme *s, struct str bytes, struct credentials *c)
{
	struct buf text;
	bool kept;

	buf_init(&text, KEPT_BYTES_MAX);
	base64_encode(bytes, &text);
	kept = buf_check(&text) == RC_OK && keep(s, buf_str(&text), c);
	buf_fini(&text);
	return kept;
}

/* Dovecot takes a digest of twice its size for hexadecimal, whatever the
 * scheme's own encoding is, if no salt can make up for that. */
static bool
is_hex(const struct scheme *s, const struct parts *p, size_t size)
{
	if (p->encoding.n > 0)
		return str_eq_nocase(p->encoding, STR("hex"));
	return s->encoding == ENCODING_HEX ||
	       (!s->salted && p->hash.n == 2 * size);
}

static bool
read_digest(
    const struct scheme *s, const struct parts *p, struct credentials *c)
{
	size_t size = tls_digest_bytes((enum tls_digest)s->detail);
	struct buf bytes;
	bool fine;

	buf_init(&bytes, KEPT_BYTES_MAX);
	fine = is_hex(s, p, size) ? decode_hex(p->hash, &bytes)
				  : base64_decode(p->hash, &bytes);
	fine = fine && buf_check(&bytes) == RC_OK &&
	       (s->salted ? bytes.n > size : bytes.n == size) &&
	       keep_bytes(s, buf_str(&bytes), c);
	buf_fini(&bytes);
	return fine;
}

/* The numbers of "$argon2id$v=19$m=65536,t=3,p=1$...". */
static bool
argon2_allowed(struct str hash)
{
	struct str left = hash, cost;
	uint64_t memory, passes, lanes;

	(void)next_field(&left, '$');
	(void)next_field(&left, '$');
	if (str_begins(left, STR("v=")))
		(void)next_field(&left, '$');
	cost = next_field(&left, '$');
	return str_begins(cost, STR("m=")) &&
	       str_number(str_skip(next_field(&cost, ','), 2),
		   SCHEME_ARGON2_KB_MAX, &memory) &&
	       str_begins(cost, STR("t=")) &&
	       str_number(str_skip(next_field(&cost, ','), 2),
		   SCHEME_ARGON2_PASSES_MAX, &passes) &&
	       str_begins(cost, STR("p=")) &&
	       str_number(str_skip(cost, 2), SCHEME_ARGON2_LANES_MAX, &lanes);
}

struct pbkdf2 {
	struct str salt;
	uint64_t iterations;
	unsigned char key[TLS_DIGEST_BYTES_MAX];
};

/* "$1$salt$iterations$key", where the key is PBKDF2's with SHA-1, in
 * hexadecimal. */
static bool
parse_pbkdf2(struct str hash, struct pbkdf2 *ret_parts)
{
	struct pbkdf2 parts;
	struct str left = str_skip(hash, 3);
	struct buf key;
	bool fine;

	buf_init(&key, sizeof(parts.key));
	parts.salt = next_field(&left, '$');
	fine = str_number(next_field(&left, '$'), CREDENTIALS_ITERATIONS_MAX,
		   &parts.iterations) &&
	       parts.iterations > 0 && decode_hex(left, &key) &&
	       key.n == tls_digest_bytes(TLS_DIGEST_SHA1);
	if (fine) {
		memcpy(parts.key, key.p, key.n);
		*ret_parts = parts;
	}
	buf_fini(&key);
	return fine;
}

static bool
take_key(struct str text, unsigned char *to, size_t size)
{
	struct buf bytes;
	bool fine;

	buf_init(&bytes, CREDENTIALS_SCRAM_KEY_BYTES_MAX);
	fine = base64_decode(text, &bytes) && bytes.n == size;
	if (fine)
		memcpy(to, bytes.p, size);
	buf_fini(&bytes);
	return fine;
}

/* iterations "," salt "," StoredKey "," ServerKey, the last three in base64 */
static bool
read_scram(enum scram_hash hash, struct str text, struct credentials *c)
{
	struct scram_keys *keys = &c->scram[hash];
	size_t size = scram_key_bytes(hash);
	struct str left = text;
	uint64_t iterations;

	if (!str_number(next_field(&left, ','), CREDENTIALS_ITERATIONS_MAX,
		&iterations) ||
	    iterations < CREDENTIALS_ITERATIONS_MIN)
		return false;
	keys->iterations = (uint32_t)iterations;
	return take_key(next_field(&left, ','), keys->salt,
		   CREDENTIALS_SALT_BYTES) &&
	       take_key(next_field(&left, ','), keys->stored_key, size) &&
	       take_key(left, keys->server_key, size);
}

static bool
read_as(const struct scheme *s, const struct parts *p, struct credentials *c)
{
	struct pbkdf2 pbkdf2;

	if (!str_begins(p->hash, str_of(s->begin)))
		return false;
	switch (s->kind) {
	case KIND_PLAIN:
		return p->hash.n > 0 && keep_bytes(s, p->hash, c);
	case KIND_DIGEST:
		return read_digest(s, p, c);
	case KIND_PBKDF2:
		return parse_pbkdf2(p->hash, &pbkdf2) && keep(s, p->hash, c);
	case KIND_ARGON2:
		return argon2_allowed(p->hash) && keep(s, p->hash, c);
	case KIND_CRYPT:
		return credentials_from_crypt(p->hash, c) == RC_OK;
	case KIND_SCRAM:
		return read_scram((enum scram_hash)s->detail, p->hash, c);
	}
	return false;
}

enum rc
scheme_read(struct str text, struct credentials *ret_credentials,
    char ret_why[SCHEME_WHY_BYTES])
{
	struct parts p = take_apart(text);
	const struct scheme *s = scheme_of(p.scheme);
	struct credentials c = { 0 };

	if (s == NULL ||
	    (p.encoding.n > 0 && !str_eq_nocase(p.encoding, STR("hex")) &&
		!str_eq_nocase(p.encoding, STR("b64")) &&
		!str_eq_nocase(p.encoding, STR("base64")))) {
		(void)snprintf(ret_why, SCHEME_WHY_BYTES,
		    "hashes of the scheme {%.*s} are not supported",
		    STR_ARG(str_head(p.scheme, 32)));
		return RC_UNSUPPORTED;
	}
	if (!read_as(s, &p, &c)) {
		(void)snprintf(ret_why, SCHEME_WHY_BYTES,
		    "this is no hash of the scheme {%s}, or one that is too "
		    "dear to check",
		    s->name);
		credentials_wipe(&c);
		return RC_INVALID;
	}
	*ret_credentials = c;
	credentials_wipe(&c);
	return RC_OK;
}

bool
scheme_is_plain(struct str text, struct str *ret_password)
{
	struct parts p = take_apart(text);
	const struct scheme *s = scheme_of(p.scheme);

	if (s == NULL || s->kind != KIND_PLAIN || p.encoding.n > 0)
		return false;
	*ret_password = p.hash;
	return true;
}

/* -- verifying ------------------------------------------------------------ */

bool
scheme_made(const char *kept)
{
	return *kept == '{';
}

static bool
verify_plain(struct str bytes, struct str password)
{
	return bytes.n == password.n && bytes.n > 0 &&
	       mem_equal_secret(bytes.p, password.p, bytes.n);
}

static bool
verify_digest(enum tls_digest digest, struct str bytes, struct str password)
{
	unsigned char made[TLS_DIGEST_BYTES_MAX];
	size_t size = tls_digest_bytes(digest);

	return bytes.n >= size &&
	       tls_digest(digest, password, str_skip(bytes, size), made) &&
	       mem_equal_secret(made, bytes.p, size);
}

static bool
verify_pbkdf2(struct str hash, struct str password)
{
	size_t size = tls_digest_bytes(TLS_DIGEST_SHA1);
	unsigned char made[TLS_DIGEST_BYTES_MAX];
	struct pbkdf2 parts;

	return parse_pbkdf2(hash, &parts) &&
	       tls_pbkdf2(TLS_DIGEST_SHA1, password, parts.salt,
		   (unsigned)parts.iterations, made, size) &&
	       mem_equal_secret(made, parts.key, size);
}

static bool
verify_argon2(struct str hash, struct str password)
{
	char text[CREDENTIALS_CRYPT_BYTES_MAX];
	bool id = str_begins(hash, STR("$argon2id$"));

	memcpy(text, hash.p, hash.n);
	text[hash.n] = '\0';
	return argon2_allowed(hash) &&
	       argon2_verify(text, password.p, password.n,
		   id ? Argon2_id : Argon2_i) == ARGON2_OK;
}

bool
scheme_verify(const char *kept, struct str password)
{
	struct parts p = take_apart(str_of(kept));
	const struct scheme *s = scheme_of(p.scheme);
	struct buf bytes;
	bool right = false;

	/* Of the names that are kept, these two are not those of schemes. */
	if (str_eq(p.scheme, STR("PBKDF2")))
		return verify_pbkdf2(p.hash, password);
	if (str_eq(p.scheme, STR("ARGON2")))
		return verify_argon2(p.hash, password);
	buf_init(&bytes, KEPT_BYTES_MAX);
	if (base64_decode(p.hash, &bytes)) {
		if (str_eq(p.scheme, STR("PLAIN")))
			right = verify_plain(buf_str(&bytes), password);
		else if (str_eq(p.scheme, STR("MD5")))
			right = verify_digest(
			    TLS_DIGEST_MD5, buf_str(&bytes), password);
		else if (s != NULL && s->kind == KIND_DIGEST)
			right = verify_digest((enum tls_digest)s->detail,
			    buf_str(&bytes), password);
		if (bytes.n > 0)
			mem_wipe(bytes.p, bytes.n);
	}
	buf_fini(&bytes);
	return right;
}
