/* SPDX-License-Identifier: MIT
 *
 * Public keys from JSON, by jansson and tls/key.
 */
#include "auth/jwt_keys.h"

#include <jansson.h>
#include <string.h>

#include "base/base64.h"
#include "base/limits.h"
#include "base/mem.h"
#include "tls/key.h"

struct key {
	char name[JWT_NAME_BYTES_MAX + 1]; /* "": it has none */
	const char *alg;
	struct tls_key *key;
};

struct jwt_keys {
	size_t count;
	struct key v[JWT_KEYS_MAX];
};

/* -- text ----------------------------------------------------------------- */

bool
jwt_decode(struct str text, struct buf *to)
{
	struct buf standard;
	bool fine;

	if (text.n % 4 == 1)
		return false;
	buf_init(&standard, text.n + 3);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '+' || c == '/' || c == '=')
			c = '\0'; /* which is in no alphabet */
		else if (c == '-')
			c = '+';
		else if (c == '_')
			c = '/';
		buf_add_byte(&standard, c);
	}
	while (standard.n % 4 != 0)
		buf_add_byte(&standard, '=');
	fine = base64_decode(buf_str(&standard), to);
	buf_fini(&standard);
	return fine;
}

bool
jwt_nesting_allowed(struct str text)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '[' || c == '{') &&
			 ++depth > JWT_NESTING_MAX)
			return false;
		else if (!quoted && (c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return true;
}

/* -- reading -------------------------------------------------------------- */

static struct str
text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return (struct str){ .p = json_string_value(value),
		.n = json_string_length(value) };
}

/* The number called ${name}: base64url of big-endian bytes. */
static struct str
number_of(const json_t *object, const char *name, struct buf *room)
{
	struct str text = text_of(object, name);

	buf_init(room, JWT_KEY_BYTES_MAX);
	return text.n > 0 && jwt_decode(text, room) ? buf_str(room) : STR("");
}

/* The key, and the algorithm that goes with its kind; NULL: it is no use. */
static struct tls_key *
make_key(const json_t *object, const char **ret_alg)
{
	struct str kind = text_of(object, "kty");
	struct str curve = text_of(object, "crv");
	struct buf first = { 0 }, second = { 0 };
	struct tls_key *key = NULL;
	struct str a, b;

	if (str_eq(kind, STR("RSA"))) {
		a = number_of(object, "n", &first);
		b = number_of(object, "e", &second);
		key = tls_key_rsa(a, b);
		*ret_alg = "RS256";
	} else if (str_eq(kind, STR("EC")) && str_eq(curve, STR("P-256"))) {
		a = number_of(object, "x", &first);
		b = number_of(object, "y", &second);
		key = tls_key_p256(a, b);
		*ret_alg = "ES256";
	} else if (str_eq(kind, STR("OKP")) && str_eq(curve, STR("Ed25519"))) {
		key = tls_key_ed25519(number_of(object, "x", &first));
		*ret_alg = "EdDSA";
	}
	buf_fini(&first);
	buf_fini(&second);
	return key;
}

static void
add_key(struct jwt_keys *k, const json_t *object)
{
	struct key *to = &k->v[k->count];
	struct str name = text_of(object, "kid");
	struct str use = text_of(object, "use");
	struct str alg = text_of(object, "alg");

	if (k->count == JWT_KEYS_MAX || name.n > JWT_NAME_BYTES_MAX ||
	    (use.p != NULL && !str_eq(use, STR("sig"))))
		return;
	to->key = make_key(object, &to->alg);
	if (to->key == NULL)
		return;
	if (alg.p != NULL && !str_eq(alg, str_of(to->alg))) {
		tls_key_free(to->key);
		return;
	}
	if (name.n > 0)
		memcpy(to->name, name.p, name.n);
	to->name[name.n] = '\0';
	k->count++;
}

struct jwt_keys *
jwt_keys_read(struct str text)
{
	struct jwt_keys *k = mem_alloc(sizeof(*k));
	json_t *set = NULL;
	const json_t *keys, *object;
	size_t i;

	if (text.n > 0 && jwt_nesting_allowed(text))
		set = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	keys = json_object_get(set, "keys");
	json_array_foreach(keys, i, object) add_key(k, object);
	json_decref(set);
	if (k->count > 0)
		return k;
	jwt_keys_free(k);
	return NULL;
}

void
jwt_keys_free(struct jwt_keys *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->count; i++)
		tls_key_free(k->v[i].key);
	mem_free(k);
}

size_t
jwt_keys_count(const struct jwt_keys *k)
{
	return k->count;
}

bool
jwt_keys_verify(const struct jwt_keys *k, struct str alg, struct str kid,
    struct str data, struct str signature)
{
	for (size_t i = 0; i < k->count; i++)
		if (str_eq(alg, str_of(k->v[i].alg)) &&
		    (kid.n == 0 || str_eq(kid, str_of(k->v[i].name))) &&
		    tls_key_verify(k->v[i].key, data, signature))
			return true;
	return false;
}
