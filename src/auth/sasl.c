/* SPDX-License-Identifier: MIT
 *
 * SASL server exchanges on GNU SASL.
 *
 * GNU SASL parses and computes; it asks through one callback for what it
 * needs to know of a user.  PLAIN and LOGIN would have us check the password
 * there, but that may have to wait for its turn, so it is noted and left to
 * the caller.  The exchange is reached from the callback by the session's hook, so
 * nothing is shared.
 */
#include <assert.h>
#include <gsasl.h>
#include <string.h>

#include "auth/sasl_internal.h"
#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"

#define PROPERTY_BYTES_MAX 64

const struct sasl_mechanism sasl_mechanisms[] = {
	{ "EXTERNAL", SASL_EXTERNAL, false, false },
	{ "SCRAM-SHA-256-PLUS", SASL_SCRAM, false, true },
	{ "SCRAM-SHA-1-PLUS", SASL_SCRAM, false, true },
	{ "SCRAM-SHA-256", SASL_SCRAM, false, false },
	{ "SCRAM-SHA-1", SASL_SCRAM, false, false },
	{ "OAUTHBEARER", SASL_TOKEN, true, false },
	{ "XOAUTH2", SASL_TOKEN, true, false },
	{ "PLAIN", SASL_PASSWORD, true, false },
	{ "LOGIN", SASL_PASSWORD, true, false },
	{ NULL, SASL_PASSWORD, false, false },
};

const struct sasl_mechanism *
sasl_mechanism_of(struct str name)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (str_eq_nocase(str_of(m->name), name))
			return m;
	return NULL;
}

uint32_t
sasl_bits(const struct str *names, size_t count)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < count; i++) {
		const struct sasl_mechanism *m = sasl_mechanism_of(names[i]);

		if (m != NULL)
			bits |= UINT32_C(1) << (m - sasl_mechanisms);
	}
	return bits;
}

bool
sasl_offered(const struct auth *a, const struct sasl_mechanism *m,
    const struct auth_client *client)
{
	if ((a->mechanisms_off >> (m - sasl_mechanisms) & 1) != 0)
		return false;
	if (m->binding && client->binding == NULL)
		return false;
	if (m->family == SASL_EXTERNAL)
		return client->certificate_user != NULL;
	return m->family != SASL_TOKEN || a->tokens != NULL;
}

void
sasl_add_names(const struct auth *a, const struct auth_client *client,
    const char *before, struct buf *to)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++) {
		if (!sasl_offered(a, m, client) ||
		    (m->cleartext && !client->cleartext))
			continue;
		buf_add_text(to, before);
		buf_add_text(to, m->name);
	}
}

static bool
is_scram(const struct sasl_exchange *x)
{
	return x->mechanism->family == SASL_SCRAM;
}

static enum scram_hash
scram_hash(const struct sasl_exchange *x)
{
	return str_begins(str_of(x->mechanism->name), STR("SCRAM-SHA-1"))
		   ? SCRAM_SHA_1
		   : SCRAM_SHA_256;
}

/* What GNU SASL knows of who is logging in. */
static struct auth_attempt
attempt_of(const struct sasl_exchange *x)
{
	return (struct auth_attempt){
		.client = &x->client,
		.mechanism = x->mechanism->name,
		.user = str_of(gsasl_property_fast(x->session, GSASL_AUTHID)),
		.authzid =
		    str_of(gsasl_property_fast(x->session, GSASL_AUTHZID)),
		.name = x->found.known ? x->found.name : NULL,
	};
}

static void
deny(struct sasl_exchange *x, const char *reason)
{
	struct auth_attempt attempt = attempt_of(x);

	auth_deny(x->auth, &attempt, reason, &x->verdict);
	x->decided = true;
}

/* -- what GNU SASL asks ------------------------------------------------ */

/* PLAIN and LOGIN: is the password right?  That is found out later. */
static int
validate_simple(struct sasl_exchange *x)
{
	struct auth_attempt attempt = attempt_of(x);
	const char *password = gsasl_property_fast(x->session, GSASL_PASSWORD);

	assert(x->check == NULL);
	x->check = auth_check_new(x->auth, &attempt, str_of(password));
	return GSASL_OK;
}

static int
set_base64(struct sasl_exchange *x, Gsasl_property property,
    const unsigned char *bytes, size_t count)
{
	struct buf text;
	int rc;

	buf_init(&text, PROPERTY_BYTES_MAX);
	base64_encode((struct str){ (const char *)bytes, count }, &text);
	buf_add_byte(&text, '\0');
	assert(buf_check(&text) == RC_OK);
	rc = gsasl_property_set(x->session, property, text.p);
	mem_wipe(text.p, text.n);
	buf_fini(&text);
	return rc;
}

static int
set_keys(struct sasl_exchange *x, const struct scram_keys *keys)
{
	size_t key_bytes = scram_key_bytes(scram_hash(x));
	struct buf number;
	int rc;

	buf_init(&number, PROPERTY_BYTES_MAX);
	buf_add_number(&number, keys->iterations);
	buf_add_byte(&number, '\0');
	rc = gsasl_property_set(x->session, GSASL_SCRAM_ITER, number.p);
	buf_fini(&number);
	if (rc == GSASL_OK)
		rc = set_base64(
		    x, GSASL_SCRAM_SALT, keys->salt, sizeof(keys->salt));
	if (rc == GSASL_OK)
		rc = set_base64(
		    x, GSASL_SCRAM_STOREDKEY, keys->stored_key, key_bytes);
	if (rc == GSASL_OK)
		rc = set_base64(
		    x, GSASL_SCRAM_SERVERKEY, keys->server_key, key_bytes);
	return rc;
}

/* SCRAM: the keys of the user whose name the client has sent. */
static int
supply_keys(struct sasl_exchange *x)
{
	struct auth_attempt attempt = attempt_of(x);
	struct credentials credentials;
	struct scram_keys keys;
	int rc;

	if (x->scram_asked)
		return GSASL_NO_CALLBACK;
	x->scram_asked = true;
	if (auth_find(x->auth, attempt.user, NULL, &x->found, &credentials) !=
	    RC_OK) {
		auth_broken(&attempt, &x->verdict);
		x->decided = true;
		return GSASL_AUTHENTICATION_ERROR;
	}
	x->scram_real = auth_scram_keys(x->auth, &x->found, &credentials,
	    attempt.user, scram_hash(x), &keys);
	rc = set_keys(x, &keys);
	credentials_wipe(&credentials);
	mem_wipe(&keys, sizeof(keys));
	return rc;
}

/* SCRAM: what stands for the TLS connection.  Also when the client does without:
 * if it says that it would not, and that only we cannot, somebody between us has
 * taken -PLUS from our offer (RFC 5802 section 6). */
static int
supply_binding(struct sasl_exchange *x)
{
	unsigned char binding[AUTH_BINDING_BYTES];

	if (x->client.binding == NULL ||
	    !x->client.binding(x->client.binding_arg, binding))
		return GSASL_NO_CB_TLS_EXPORTER;
	return set_base64(x, GSASL_CB_TLS_EXPORTER, binding, sizeof(binding));
}

/* Was the binding offered?  It is the one for which SCRAM's hash is offered with
 * it. */
static bool
binding_offered(const struct sasl_exchange *x)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (m->binding && sasl_offered(x->auth, m, &x->client))
			return true;
	return false;
}

int
sasl_answer(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
	struct sasl_exchange *x = gsasl_session_hook_get(session);

	(void)context;
	switch ((int)property) {
	case GSASL_VALIDATE_SIMPLE:
		return validate_simple(x);
	case GSASL_SCRAM_ITER:
	case GSASL_SCRAM_SALT:
	case GSASL_SCRAM_STOREDKEY:
	case GSASL_SCRAM_SERVERKEY:
		return supply_keys(x);
	case GSASL_CB_TLS_EXPORTER:
		/* GNU SASL asks when an exchange is made, too, and that is
		 * too early. */
		return x != NULL && binding_offered(x)
			   ? supply_binding(x)
			   : GSASL_NO_CB_TLS_EXPORTER;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* -- life -------------------------------------------------------------- */

struct sasl_exchange *
sasl_new(struct auth *a, const struct sasl_mechanism *m,
    const struct auth_client *client)
{
	struct sasl_exchange *x;

	if (!sasl_offered(a, m, client))
		return NULL;
	x = mem_alloc(sizeof(*x));
	x->auth = a;
	x->mechanism = m;
	x->client = *client;
	if (m->family == SASL_EXTERNAL || m->family == SASL_TOKEN)
		return x;
	if (gsasl_server_start(a->gsasl, m->name, &x->session) != GSASL_OK) {
		mem_free(x);
		return NULL;
	}
	gsasl_session_hook_set(x->session, x);
	return x;
}

/* Overwrite a secret that GNU SASL holds for the session, which it frees
 * without doing so. */
static void
wipe_property(struct sasl_exchange *x, Gsasl_property property)
{
	char *value = (char *)gsasl_property_fast(x->session, property);

	if (value != NULL)
		mem_wipe(value, strlen(value));
}

void
sasl_free(struct sasl_exchange *x)
{
	if (x == NULL)
		return;
	auth_check_free(x->check);
	if (x->session != NULL) {
		wipe_property(x, GSASL_PASSWORD);
		wipe_property(x, GSASL_SCRAM_STOREDKEY);
		wipe_property(x, GSASL_SCRAM_SERVERKEY);
		gsasl_finish(x->session);
	}
	mem_wipe(x, sizeof(*x));
	mem_free(x);
}

/* -- steps ------------------------------------------------------------- */

/* GNU SASL is content: with the keys that we gave it for SCRAM. */
static void
conclude_scram(struct sasl_exchange *x)
{
	struct auth_attempt attempt = attempt_of(x);

	if (x->scram_real)
		auth_accept(x->auth, &attempt, &x->found, &x->verdict);
	else
		auth_deny(x->auth, &attempt, "user", &x->verdict);
	x->decided = true;
}

/* GNU SASL has refused the message, or the callback the user. */
static void
conclude_refused(struct sasl_exchange *x, int gsasl_rc)
{
	if (x->decided && x->verdict.outcome != AUTH_OK)
		return;
	if (gsasl_rc != GSASL_AUTHENTICATION_ERROR || !x->scram_asked)
		deny(x, "malformed");
	else
		deny(x, x->scram_real ? "password" : "user");
}

/* Give GNU SASL one message, append its answer. */
static enum sasl_next
advance(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	char *out = NULL;
	size_t out_size = 0;
	bool more;
	int rc;

	rc = gsasl_step(
	    x->session, bytes.n > 0 ? bytes.p : "", bytes.n, &out, &out_size);
	more = rc == GSASL_NEEDS_MORE && !x->decided;
	if (rc != GSASL_OK && !more)
		conclude_refused(x, rc);
	else if (!more && is_scram(x))
		conclude_scram(x);
	x->finished =
	    x->decided && x->verdict.outcome == AUTH_OK && out_size > 0;
	if (more || x->finished)
		buf_add(challenge, out, out_size);
	gsasl_free(out);
	if (more || x->finished)
		return SASL_CONTINUE;
	return x->decided ? SASL_END : SASL_CHECK;
}

/* Is the message one that the mechanism could have: UTF-8, not too long, not
 * empty, NUL in PLAIN only, channel binding with -PLUS only? */
static bool
message_possible(const struct sasl_exchange *x, struct str bytes)
{
	if (bytes.n == 0 || bytes.n > SASL_MESSAGE_BYTES_MAX ||
	    !utf8_valid(bytes))
		return false;
	if (strcmp(x->mechanism->name, "PLAIN") != 0 &&
	    memchr(bytes.p, '\0', bytes.n) != NULL)
		return false;
	return !is_scram(x) || x->scram_asked || bytes.p[0] != 'p' ||
	       x->mechanism->binding;
}

/* The second half of a SCRAM exchange is a guess, which may be too many. */
static bool
admitted(struct sasl_exchange *x)
{
	struct auth_attempt attempt = attempt_of(x);

	if (!x->scram_asked || auth_admit(x->auth, &attempt, &x->verdict))
		return true;
	x->decided = true;
	return false;
}

static enum sasl_next
run(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	if (x->session == NULL)
		return sasl_own_step(x, bytes, challenge);
	if (!message_possible(x, bytes)) {
		deny(x, "malformed");
		return SASL_END;
	}
	if (!admitted(x))
		return SASL_END;
	return advance(x, bytes, challenge);
}

/* Tell the caller what it may know. */
static enum sasl_next
report(const struct sasl_exchange *x, enum sasl_next next,
    struct auth_verdict *ret_verdict)
{
	if (next == SASL_END)
		*ret_verdict = x->verdict;
	else
		*ret_verdict = (struct auth_verdict){
			.delay_ms = x->verdict.delay_ms,
		};
	return next;
}

enum sasl_next
sasl_start(struct sasl_exchange *x, const struct str *initial,
    struct buf *challenge, struct auth_verdict *ret_verdict)
{
	enum sasl_next next = SASL_CONTINUE;
	size_t size = challenge->n;

	/* LOGIN asks for the name first, even of a client that has sent it
	 * with the command. */
	if (x->session != NULL &&
	    (initial == NULL || strcmp(x->mechanism->name, "LOGIN") == 0))
		next = advance(x, STR(""), challenge);
	if (initial != NULL && next == SASL_CONTINUE) {
		buf_truncate(challenge, size);
		next = run(x, *initial, challenge);
	}
	return report(x, next, ret_verdict);
}

enum sasl_next
sasl_step(struct sasl_exchange *x, struct str bytes, struct buf *challenge,
    struct auth_verdict *ret_verdict)
{
	if (!x->finished) {
		assert(!x->decided);
		return report(x, run(x, bytes, challenge), ret_verdict);
	}
	x->verdict.delay_ms = 0; /* has passed */
	if (bytes.n > 0 && x->verdict.outcome == AUTH_OK)
		deny(x, "malformed");
	return report(x, SASL_END, ret_verdict);
}

struct auth_check *
sasl_take_check(struct sasl_exchange *x)
{
	struct auth_check *check = x->check;

	assert(check != NULL && !x->decided);
	x->check = NULL;
	x->decided = true; /* by whoever has the check */
	return check;
}
