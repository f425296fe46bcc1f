/* SPDX-License-Identifier: MIT
 *
 * Checking tokens.  First the signature, then what is signed is believed.
 */
#include "auth/jwt.h"

#include <jansson.h>
#include <string.h>

#include "auth/jwt_keys.h"
#include "auth/watched.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#define EVENT "jwt-keys"

struct jwt {
	struct jwt_options options;
	struct watched watched;
	struct lock lock;
	/* Under the lock; replaced by another when the file has changed. */
	struct jwt_keys *keys;
};

/* -- keys ----------------------------------------------------------------- */

static void
log_keys(const struct jwt *j, const struct jwt_keys *keys)
{
	struct log_line line;

	log_begin(&line, keys != NULL ? LOG_INFO : LOG_ERROR, EVENT);
	log_text(&line, "file", j->options.keys);
	if (keys != NULL)
		log_number(&line, "keys", jwt_keys_count(keys));
	else
		log_text(&line, "what",
		    "there is no public key in it for "
		    "RS256, ES256 or EdDSA");
	log_end(&line);
}

/* Read the file if it is new.  One without keys leaves what is known. */
static enum rc
look(struct jwt *j)
{
	struct jwt_keys *keys;
	struct buf text;
	enum rc rc;

	buf_init(&text, JWT_FILE_BYTES_MAX);
	rc = watched_read(&j->watched, &text);
	if (rc == RC_OK) {
		keys = jwt_keys_read(buf_str(&text));
		log_keys(j, keys);
		lock_take(&j->lock);
		if (keys != NULL) {
			jwt_keys_free(j->keys);
			j->keys = keys;
		}
		lock_release(&j->lock);
		watched_done(&j->watched);
		if (keys == NULL)
			rc = RC_INVALID;
	}
	buf_fini(&text);
	return rc;
}

enum rc
jwt_new(const struct jwt_options *o, struct jwt **ret_jwt)
{
	struct jwt *j = mem_alloc(sizeof(*j));
	enum rc rc;

	j->options = *o;
	watched_init(&j->watched, o->keys, EVENT);
	lock_init(&j->lock);
	rc = look(j);
	if (rc == RC_OK)
		*ret_jwt = j;
	else
		jwt_free(j);
	return rc;
}

void
jwt_free(struct jwt *j)
{
	if (j == NULL)
		return;
	jwt_keys_free(j->keys);
	lock_fini(&j->lock);
	watched_fini(&j->watched);
	mem_free(j);
}

/* -- parts ---------------------------------------------------------------- */

/* header "." payload "." signature             RFC 7515 section 7.1 */
struct parts {
	struct str header;
	struct str payload;
	struct str signed_part; /* the first two with their dot */
	struct str signature;
};

static bool
take_apart(struct str token, struct parts *p)
{
	size_t first = str_find(token, '.');
	struct str rest = str_skip(token, first + 1);
	size_t second = str_find(rest, '.');

	p->header = str_head(token, first);
	p->payload = str_head(rest, second);
	p->signed_part = str_head(token, first + 1 + second);
	p->signature = str_skip(rest, second + 1);
	return token.n <= JWT_BYTES_MAX && first < token.n && second < rest.n &&
	       p->header.n > 0 && p->payload.n > 0 && p->signature.n > 0 &&
	       str_find(p->signature, '.') == p->signature.n;
}

/* The object that ${text} encodes, or NULL.  json_decref() it. */
static json_t *
read_object(struct str text)
{
	json_t *object = NULL;
	struct buf json;

	buf_init(&json, JWT_BYTES_MAX);
	if (jwt_decode(text, &json) && json.n > 0 &&
	    jwt_nesting_allowed(buf_str(&json)))
		object =
		    json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
	buf_fini(&json);
	if (object != NULL && !json_is_object(object)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static struct str
text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return (struct str){ .p = json_string_value(value),
		.n = json_string_length(value) };
}

/* -- checks ---------------------------------------------------------------- */

static const char *
check_signature(struct jwt *j, const struct parts *p, const json_t *header)
{
	struct buf signature;
	bool right;

	/* What has to be understood is not (RFC 7515 section 4.1.11). */
	if (json_object_get(header, "crit") != NULL ||
	    json_object_get(header, "b64") != NULL)
		return "token-critical";
	buf_init(&signature, JWT_KEY_BYTES_MAX);
	right = jwt_decode(p->signature, &signature);
	lock_take(&j->lock);
	right = right && jwt_keys_verify(j->keys, text_of(header, "alg"),
			     text_of(header, "kid"), p->signed_part,
			     buf_str(&signature));
	lock_release(&j->lock);
	buf_fini(&signature);
	return right ? NULL : "token-signature";
}

/* "aud" is a text or a list of them          RFC 7519 section 4.1.3 */
static bool
has_audience(const json_t *claims, const char *want)
{
	const json_t *aud = json_object_get(claims, "aud"), *one;
	size_t i;

	if (str_eq(text_of(claims, "aud"), str_of(want)))
		return true;
	json_array_foreach(
	    aud, i, one) if (json_is_string(one) &&
			     str_eq((struct str){ json_string_value(one),
					json_string_length(one) },
				 str_of(want))) return true;
	return false;
}

/* A moment in seconds, which may have a fraction; false for anything else. */
static bool
take_moment(const json_t *claims, const char *name, double *ret_seconds)
{
	const json_t *value = json_object_get(claims, name);

	if (!json_is_number(value))
		return false;
	*ret_seconds = json_number_value(value);
	return true;
}

static const char *
check_time(const json_t *claims, int64_t now)
{
	double moment;

	if (!take_moment(claims, "exp", &moment))
		return "token-expiry";
	if (moment <= (double)(now - JWT_LEEWAY_S))
		return "token-expired";
	if (json_object_get(claims, "nbf") == NULL)
		return NULL;
	if (!take_moment(claims, "nbf", &moment) ||
	    moment > (double)(now + JWT_LEEWAY_S))
		return "token-not-yet";
	return NULL;
}

static const char *
check_claims(
    const struct jwt *j, const json_t *claims, int64_t now, struct buf *user)
{
	struct str name = text_of(claims, j->options.claim);

	if (!str_eq(text_of(claims, "iss"), str_of(j->options.issuer)))
		return "token-issuer";
	if (!has_audience(claims, j->options.audience))
		return "token-audience";
	/* Who could write any address there may be anybody. */
	if (strcmp(j->options.claim, "email") == 0 &&
	    json_object_get(claims, "email_verified") != NULL &&
	    !json_is_true(json_object_get(claims, "email_verified")))
		return "token-email-not-verified";
	if (name.n == 0 || name.n > USER_NAME_BYTES_MAX)
		return "token-claim";
	buf_add_str(user, name);
	return check_time(claims, now);
}

const char *
jwt_check(struct jwt *j, struct str token, int64_t now, struct buf *user)
{
	const char *why = "token-malformed";
	size_t before = user->n;
	json_t *header, *claims;
	struct parts p;

	if (!take_apart(token, &p))
		return why;
	(void)!look(j); /* what was known stays, and it was logged */
	header = read_object(p.header);
	if (header != NULL)
		why = check_signature(j, &p, header);
	json_decref(header);
	if (why != NULL)
		return why;
	claims = read_object(p.payload);
	why = claims != NULL ? check_claims(j, claims, now, user)
			     : "token-malformed";
	json_decref(claims);
	if (why != NULL)
		buf_truncate(user, before);
	return why;
}
