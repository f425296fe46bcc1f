/* SPDX-License-Identifier: MIT
 *
 * The mechanisms, and what is the same for all of them: the life of an
 * exchange, its first message, and its end.
 */
#include <assert.h>

#include "auth/sasl_internal.h"
#include "base/mem.h"

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
sasl_can_bind(const struct auth_client *client, enum auth_binding binding)
{
	return client->binding != NULL &&
	       client->binding(client->binding_arg, binding, NULL) > 0;
}

bool
sasl_offered(const struct auth *a, const struct sasl_mechanism *m,
    const struct auth_client *client)
{
	if ((a->mechanisms_off >> (m - sasl_mechanisms) & 1) != 0)
		return false;
	if (m->binding && !sasl_can_bind(client, AUTH_BINDING_EXPORTER) &&
	    !sasl_can_bind(client, AUTH_BINDING_SERVER_END_POINT))
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
	buf_init(&x->user, SASL_MESSAGE_BYTES_MAX);
	buf_init(&x->authzid, SASL_MESSAGE_BYTES_MAX);
	return x;
}

void
sasl_free(struct sasl_exchange *x)
{
	if (x == NULL)
		return;
	auth_check_free(x->check);
	if (x->scram_asked)
		scram_fini(&x->scram);
	buf_fini(&x->user);
	buf_fini(&x->authzid);
	mem_wipe(x, sizeof(*x));
	mem_free(x);
}

/* -- verdicts ---------------------------------------------------------- */

struct auth_attempt
sasl_attempt(const struct sasl_exchange *x)
{
	return (struct auth_attempt){
		.client = &x->client,
		.mechanism = x->mechanism->name,
		.user = buf_str(&x->user),
		.authzid = buf_str(&x->authzid),
		.name = x->found.known ? x->found.name : NULL,
	};
}

enum sasl_next
sasl_deny(struct sasl_exchange *x, const char *reason)
{
	struct auth_attempt attempt = sasl_attempt(x);

	auth_deny(x->auth, &attempt, reason, &x->verdict);
	x->decided = true;
	return SASL_END;
}

/* -- steps ------------------------------------------------------------- */

static enum sasl_next
run(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	switch (x->mechanism->family) {
	case SASL_SCRAM:
		return sasl_scram_step(x, bytes, challenge);
	case SASL_PASSWORD:
		return sasl_password_step(x, bytes, challenge);
	case SASL_EXTERNAL:
	case SASL_TOKEN:
		break;
	}
	return sasl_own_step(x, bytes, challenge);
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

	if (initial != NULL)
		next = run(x, *initial, challenge);
	else if (x->mechanism->family == SASL_PASSWORD)
		sasl_password_ask(x, challenge);
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
		(void)sasl_deny(x, "malformed");
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
