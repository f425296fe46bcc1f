/* SPDX-License-Identifier: MIT
 *
 * SCRAM's exchanges: what auth/scram computes, for the users that there are and
 * for those who are not, who cannot be told apart.
 */
#include <string.h>

#include "auth/sasl_internal.h"
#include "auth/saslprep.h"
#include "base/base64.h"
#include "base/mem.h"
#include "base/rand.h"

#define NONCE_RANDOM_BYTES 18 /* 24 in base64 */
#define NONCE_TEXT_BYTES   24

static enum scram_hash
hash_of(const struct sasl_exchange *x)
{
	return str_begins(str_of(x->mechanism->name), STR("SCRAM-SHA-1"))
		   ? SCRAM_SHA_1
		   : SCRAM_SHA_256;
}

/* -- the first message ------------------------------------------------------ */

/* Is SCRAM with a binding offered to this client? */
static bool
binding_offered(const struct sasl_exchange *x)
{
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (m->binding && sasl_offered(x->auth, m, &x->client))
			return true;
	return false;
}

static bool
read_binding(struct str name, enum auth_binding *ret_binding)
{
	bool exporter = str_eq(name, STR("tls-exporter"));

	if (!exporter && !str_eq(name, STR("tls-server-end-point")))
		return false;
	*ret_binding =
	    exporter ? AUTH_BINDING_EXPORTER : AUTH_BINDING_SERVER_END_POINT;
	return true;
}

/* What is wrong with the client's binding, or NULL (RFC 5802 section 6).  One
 * that could bind and was told that we cannot was told so by somebody between
 * us, who has taken -PLUS from our offer. */
static const char *
check_binding(struct sasl_exchange *x, const struct scram_client_first *first)
{
	if (first->flag == SCRAM_UNOFFERED && binding_offered(x))
		return "downgrade";
	if (x->mechanism->binding != (first->flag == SCRAM_BOUND))
		return "malformed";
	if (first->flag != SCRAM_BOUND)
		return NULL;
	if (!read_binding(first->binding, &x->binding) ||
	    !sasl_can_bind(&x->client, x->binding))
		return "binding";
	return NULL;
}

/* The names as the client means them: the user's prepared as when it was made
 * (RFC 5802 section 5.1). */
static bool
read_names(struct sasl_exchange *x, const struct scram_client_first *first)
{
	char *prepared;

	scram_read_saslname(first->authzid, &x->authzid);
	scram_read_saslname(first->user, &x->user);
	prepared = saslprep_query(buf_str(&x->user), SASL_MESSAGE_BYTES_MAX);
	if (prepared == NULL)
		return false;
	buf_clear(&x->user);
	buf_add_text(&x->user, prepared);
	saslprep_free(prepared);
	return buf_check(&x->user) == RC_OK;
}

/* The keys of the user, or those that one has who is not there.  False: users
 * cannot be read, which is the verdict. */
static bool
find_keys(struct sasl_exchange *x, struct scram_keys *ret_keys)
{
	struct auth_attempt attempt = sasl_attempt(x);
	struct credentials credentials;

	if (auth_find(x->auth, attempt.user, NULL, &x->found, &credentials) !=
	    RC_OK) {
		auth_broken(&attempt, &x->verdict);
		x->decided = true;
		return false;
	}
	x->scram_real = auth_scram_keys(x->auth, &x->found, &credentials,
	    attempt.user, hash_of(x), ret_keys);
	credentials_wipe(&credentials);
	return true;
}

static void
make_nonce(struct buf *to)
{
	char random[NONCE_RANDOM_BYTES];

	rand_bytes(random, sizeof(random));
	base64_encode((struct str){ random, sizeof(random) }, to);
}

static enum sasl_next
take_first(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	struct scram_client_first first;
	struct scram_keys keys;
	struct buf nonce;
	const char *why;

	if (!scram_parse_client_first(bytes, &first) || !read_names(x, &first))
		return sasl_deny(x, "malformed");
	why = check_binding(x, &first);
	if (why != NULL)
		return sasl_deny(x, why);
	if (!find_keys(x, &keys))
		return SASL_END;
	buf_init(&nonce, NONCE_TEXT_BYTES);
	make_nonce(&nonce);
	scram_init(&x->scram, hash_of(x));
	x->scram_asked = true;
	scram_challenge(&x->scram, &first, &keys, buf_str(&nonce), challenge);
	buf_fini(&nonce);
	mem_wipe(&keys, sizeof(keys));
	return SASL_CONTINUE;
}

/* -- the last message ------------------------------------------------------- */

/* The password is proven, with the keys that we gave. */
static enum sasl_next
accept(struct sasl_exchange *x)
{
	struct auth_attempt attempt = sasl_attempt(x);

	if (!x->scram_real)
		return sasl_deny(x, "user");
	auth_accept(x->auth, &attempt, &x->found, &x->verdict);
	x->decided = true;
	x->finished = x->verdict.outcome == AUTH_OK;
	return x->finished ? SASL_CONTINUE : SASL_END;
}

/* What stands for the channel; empty if the client does not bind to it. */
static struct str
binding_of(
    const struct sasl_exchange *x, unsigned char room[AUTH_BINDING_BYTES_MAX])
{
	struct str binding = { (const char *)room, 0 };

	if (x->mechanism->binding)
		binding.n =
		    x->client.binding(x->client.binding_arg, x->binding, room);
	return binding;
}

static enum sasl_next
take_final(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	struct auth_attempt attempt = sasl_attempt(x);
	unsigned char room[AUTH_BINDING_BYTES_MAX];
	struct str binding = binding_of(x, room);
	size_t before = challenge->n;
	enum sasl_next next;

	/* This is a guess, which may be too many. */
	if (!auth_admit(x->auth, &attempt, &x->verdict)) {
		x->decided = true;
		return SASL_END;
	}
	if (x->mechanism->binding && binding.n == 0)
		return sasl_deny(x, "binding");
	switch (scram_conclude(&x->scram, bytes, binding, challenge)) {
	case SCRAM_PROVEN:
		next = accept(x);
		if (next != SASL_CONTINUE)
			buf_truncate(challenge, before);
		return next;
	case SCRAM_WRONG:
		return sasl_deny(x, x->scram_real ? "password" : "user");
	case SCRAM_UNLIKE:
		return sasl_deny(x, "binding");
	case SCRAM_MALFORMED:
		break;
	}
	return sasl_deny(x, "malformed");
}

enum sasl_next
sasl_scram_step(
    struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	return x->scram_asked ? take_final(x, bytes, challenge)
			      : take_first(x, bytes, challenge);
}
