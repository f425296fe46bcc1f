/* SPDX-License-Identifier: MIT
 *
 * SCRAM as the server (RFC 5802 sections 3, 5, 6 and 7).
 */
#include "auth/scram.h"

#include <assert.h>

#include "base/base64.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "tls/digest.h"

/* Both first messages, the last one, and commas. */
#define AUTH_MESSAGE_BYTES_MAX (3 * SASL_MESSAGE_BYTES_MAX)

/* -- grammar --------------------------------------------------------------- */

/* An attribute's name and "=". */
static bool
take_name(struct cursor *c, char name)
{
	if (c->end - c->at < 2 || c->at[0] != name || c->at[1] != '=')
		return false;
	c->at += 2;
	return true;
}

/* All up to the next comma or the end; at least one byte. */
static bool
take_value(struct cursor *c, struct str *ret_value)
{
	const char *from = c->at;

	while (c->at < c->end && *c->at != ',')
		c->at++;
	*ret_value = str_until(from, c);
	return ret_value->n > 0;
}

static bool
is_alpha(char b)
{
	b = str_lower(b);
	return b >= 'a' && b <= 'z';
}

/* cb-name = 1*(ALPHA / DIGIT / "." / "-")         RFC 5802 section 7 */
static bool
is_cb_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alpha(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    s.p[i] != '.' && s.p[i] != '-')
			return false;
	return true;
}

/* saslname = 1*(value-safe-char / "=2C" / "=3D")  RFC 5802 section 7 */
static bool
is_saslname(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '=' && !str_begins(str_skip(s, i), STR("=2C")) &&
		    !str_begins(str_skip(s, i), STR("=3D")))
			return false;
	return true;
}

/* c-nonce = printable; printable = %x21-2B / %x2D-7E, some of them
 *                                                  RFC 5802 section 7 */
static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '!' || s.p[i] > '~' || s.p[i] == ',')
			return false;
	return true;
}

/* attr-val = ALPHA "=" value, of an extension that need not be understood: any
 * but the mandatory one                            RFC 5802 section 5.1 */
static bool
parse_extension(struct cursor *c)
{
	struct str value;

	return c->at < c->end && is_alpha(*c->at) && *c->at != 'm' &&
	       take_name(c, *c->at) && take_value(c, &value);
}

/* gs2-cbind-flag = ("p=" cb-name) / "n" / "y"      RFC 5802 section 7 */
static bool
parse_cbind_flag(struct cursor *c, struct scram_client_first *f)
{
	if (take_name(c, 'p')) {
		f->flag = SCRAM_BOUND;
		return take_value(c, &f->binding) && is_cb_name(f->binding);
	}
	f->flag = cursor_sees(c, 'y') ? SCRAM_UNOFFERED : SCRAM_UNABLE;
	return cursor_takes(c, 'n') || cursor_takes(c, 'y');
}

/* gs2-header = gs2-cbind-flag "," [ authzid ] ","; authzid = "a=" saslname
 *                                                  RFC 5802 section 7 */
static bool
parse_header(struct cursor *c, struct scram_client_first *f)
{
	const char *from = c->at;

	if (!parse_cbind_flag(c, f) || !cursor_takes(c, ','))
		return false;
	if (take_name(c, 'a') &&
	    (!take_value(c, &f->authzid) || !is_saslname(f->authzid)))
		return false;
	if (!cursor_takes(c, ','))
		return false;
	f->header = str_until(from, c);
	return true;
}

/* client-first-message-bare = [reserved-mext ","] username "," nonce
 *                             ["," extensions]     RFC 5802 section 7 */
static bool
parse_bare(struct cursor *c, struct scram_client_first *f)
{
	f->bare = (struct str){ c->at, (size_t)(c->end - c->at) };
	if (!take_name(c, 'n') || !take_value(c, &f->user) ||
	    !is_saslname(f->user) || !cursor_takes(c, ',') ||
	    !take_name(c, 'r') || !take_value(c, &f->nonce) ||
	    !is_printable(f->nonce))
		return false;
	while (c->at < c->end)
		if (!cursor_takes(c, ',') || !parse_extension(c))
			return false;
	return true;
}

/* UTF-8 without NUL, and not too long. */
static bool
is_text(struct str message)
{
	return message.n > 0 && message.n <= SASL_MESSAGE_BYTES_MAX &&
	       str_find(message, '\0') == message.n && utf8_valid(message);
}

bool
scram_parse_client_first(
    struct str message, struct scram_client_first *ret_first)
{
	struct scram_client_first f = { 0 };
	struct cursor c = str_cursor(message);

	if (!is_text(message) || !parse_header(&c, &f) || !parse_bare(&c, &f))
		return false;
	*ret_first = f;
	return true;
}

/* client-final-message = channel-binding "," nonce ["," extensions] "," proof
 *                                                  RFC 5802 section 7 */
bool
scram_parse_client_final(
    struct str message, struct scram_client_final *ret_final)
{
	struct scram_client_final f = { 0 };
	struct cursor c = str_cursor(message);

	if (!is_text(message) || !take_name(&c, 'c') ||
	    !take_value(&c, &f.binding) || !cursor_takes(&c, ',') ||
	    !take_name(&c, 'r') || !take_value(&c, &f.nonce) ||
	    !is_printable(f.nonce))
		return false;
	for (;;) {
		f.without_proof = str_until(message.p, &c);
		if (!cursor_takes(&c, ','))
			return false;
		if (take_name(&c, 'p'))
			break;
		if (!parse_extension(&c))
			return false;
	}
	if (!take_value(&c, &f.proof) || c.at < c.end)
		return false;
	*ret_final = f;
	return true;
}

void
scram_read_saslname(struct str saslname, struct buf *to)
{
	for (size_t i = 0; i < saslname.n; i++) {
		if (saslname.p[i] != '=') {
			buf_add_byte(to, saslname.p[i]);
			continue;
		}
		buf_add_byte(to, saslname.p[i + 1] == '2' ? ',' : '=');
		i += 2;
	}
}

/* -- computing --------------------------------------------------------------- */

static enum tls_digest
digest_of(enum scram_hash hash)
{
	return hash == SCRAM_SHA_1 ? TLS_DIGEST_SHA1 : TLS_DIGEST_SHA256;
}

static struct str
key_of(enum scram_hash hash, const unsigned char *key)
{
	return (struct str){ (const char *)key, scram_key_bytes(hash) };
}

/* RFC 5802 section 3: SaltedPassword, ClientKey, StoredKey, ServerKey. */
bool
scram_derive(enum scram_hash hash, struct str prepared, struct str salt,
    uint32_t iterations, struct scram_keys *keys)
{
	enum tls_digest digest = digest_of(hash);
	unsigned char salted[TLS_DIGEST_BYTES_MAX];
	unsigned char made[TLS_DIGEST_BYTES_MAX];
	bool done;

	done = tls_pbkdf2(digest, prepared, salt, iterations, salted,
		   scram_key_bytes(hash)) &&
	       tls_hmac(digest, key_of(hash, salted), STR("Server Key"), made);
	if (done)
		memcpy(keys->server_key, made, scram_key_bytes(hash));
	done =
	    done &&
	    tls_hmac(digest, key_of(hash, salted), STR("Client Key"), made) &&
	    tls_digest(digest, key_of(hash, made), STR(""), made);
	if (done)
		memcpy(keys->stored_key, made, scram_key_bytes(hash));
	mem_wipe(salted, sizeof(salted));
	mem_wipe(made, sizeof(made));
	return done;
}

/* ClientKey := ClientProof XOR ClientSignature */
bool
scram_proves(enum scram_hash hash, const struct scram_keys *keys,
    struct str auth_message, const unsigned char *proof)
{
	enum tls_digest digest = digest_of(hash);
	unsigned char made[TLS_DIGEST_BYTES_MAX];
	bool proven;

	proven = tls_hmac(
	    digest, key_of(hash, keys->stored_key), auth_message, made);
	for (size_t i = 0; i < scram_key_bytes(hash); i++)
		made[i] ^= proof[i];
	proven =
	    proven && tls_digest(digest, key_of(hash, made), STR(""), made) &&
	    mem_equal_secret(made, keys->stored_key, scram_key_bytes(hash));
	mem_wipe(made, sizeof(made));
	return proven;
}

bool
scram_sign(enum scram_hash hash, const struct scram_keys *keys,
    struct str auth_message,
    unsigned char ret_signature[CREDENTIALS_SCRAM_KEY_BYTES_MAX])
{
	unsigned char made[TLS_DIGEST_BYTES_MAX];

	if (!tls_hmac(digest_of(hash), key_of(hash, keys->server_key),
		auth_message, made))
		return false;
	memcpy(ret_signature, made, scram_key_bytes(hash));
	return true;
}

/* -- an exchange ----------------------------------------------------------- */

void
scram_init(struct scram *s, enum scram_hash hash)
{
	*s = (struct scram){ .hash = hash };
	buf_init(&s->header, SASL_MESSAGE_BYTES_MAX);
	buf_init(&s->message, AUTH_MESSAGE_BYTES_MAX);
}

void
scram_fini(struct scram *s)
{
	buf_fini(&s->header);
	buf_fini(&s->message);
	mem_wipe(s, sizeof(*s));
}

void
scram_challenge(struct scram *s, const struct scram_client_first *first,
    const struct scram_keys *keys, struct str nonce, struct buf *challenge)
{
	size_t at;

	s->keys = *keys;
	buf_add_str(&s->header, first->header);
	buf_add_str(&s->message, first->bare);
	buf_add_byte(&s->message, ',');
	at = s->message.n;
	buf_add_text(&s->message, "r=");
	buf_add_str(&s->message, first->nonce);
	buf_add_str(&s->message, nonce);
	buf_add_text(&s->message, ",s=");
	base64_encode(
	    (struct str){ (const char *)keys->salt, sizeof(keys->salt) },
	    &s->message);
	buf_add_text(&s->message, ",i=");
	buf_add_number(&s->message, keys->iterations);
	/* A message of the client's and ours fit. */
	assert(buf_check(&s->message) == RC_OK);
	s->nonce =
	    (struct str){ s->message.p + at + 2, first->nonce.n + nonce.n };
	buf_add_str(challenge, str_skip(buf_str(&s->message), at));
}

/* cbind-input = gs2-header [ cbind-data ]          RFC 5802 section 7 */
static bool
binding_is(const struct scram *s, struct str base64, struct str binding)
{
	struct buf input;
	bool same;

	buf_init(&input, SASL_MESSAGE_BYTES_MAX);
	same = base64_decode(base64, &input) &&
	       input.n == s->header.n + binding.n &&
	       str_begins(buf_str(&input), buf_str(&s->header)) &&
	       mem_equal_secret(input.p + s->header.n,
		   binding.n > 0 ? binding.p : "", binding.n);
	buf_fini(&input);
	return same;
}

static bool
read_proof(const struct scram *s, struct str base64, unsigned char *ret_proof)
{
	struct buf proof;
	bool fine;

	buf_init(&proof, CREDENTIALS_SCRAM_KEY_BYTES_MAX);
	fine = base64_decode(base64, &proof) &&
	       proof.n == scram_key_bytes(s->hash);
	if (fine)
		memcpy(ret_proof, proof.p, proof.n);
	buf_fini(&proof);
	return fine;
}

static bool
add_signature(const struct scram *s, struct buf *challenge)
{
	unsigned char signature[CREDENTIALS_SCRAM_KEY_BYTES_MAX];

	if (!scram_sign(s->hash, &s->keys, buf_str(&s->message), signature))
		return false;
	buf_add_text(challenge, "v=");
	base64_encode(key_of(s->hash, signature), challenge);
	return true;
}

enum scram_end
scram_conclude(struct scram *s, struct str message, struct str binding,
    struct buf *challenge)
{
	struct scram_client_final final;
	unsigned char proof[CREDENTIALS_SCRAM_KEY_BYTES_MAX];

	assert(s->nonce.n > 0);
	if (!scram_parse_client_final(message, &final) ||
	    !str_eq(final.nonce, s->nonce) ||
	    !read_proof(s, final.proof, proof))
		return SCRAM_MALFORMED;
	if (!binding_is(s, final.binding, binding))
		return SCRAM_UNLIKE;
	buf_add_byte(&s->message, ',');
	buf_add_str(&s->message, final.without_proof);
	assert(buf_check(&s->message) == RC_OK);
	if (!scram_proves(s->hash, &s->keys, buf_str(&s->message), proof) ||
	    !add_signature(s, challenge))
		return SCRAM_WRONG;
	return SCRAM_PROVEN;
}
