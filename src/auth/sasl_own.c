/* SPDX-License-Identifier: MIT
 *
 * EXTERNAL, and the mechanisms in which a client brings a token.  All are one
 * message long, but for the client's answer to being told that its token is no
 * good.
 */
#include "auth/sasl_internal.h"

#include "auth/bearer.h"
#include "base/clock.h"
#include "base/utf8.h"

static void
deny(struct sasl_exchange *x, struct str user, const char *reason)
{
	struct auth_attempt attempt = {
		.client = &x->client,
		.mechanism = x->mechanism->name,
		.user = user,
	};

	auth_deny(x->auth, &attempt, reason, &x->verdict);
}

/* Let in ${user}, who wants to act as ${authzid}. */
static void
trust(struct sasl_exchange *x, struct str user, struct str authzid)
{
	struct auth_attempt attempt = {
		.client = &x->client,
		.mechanism = x->mechanism->name,
		.user = user,
		.authzid = authzid,
	};

	auth_trust(x->auth, &attempt, &x->verdict);
}

/* RFC 4422 appendix A: the message is the identity to act as, or empty. */
static void
run_external(struct sasl_exchange *x, struct str bytes)
{
	struct str user = str_of(x->client.certificate_user);

	if (user.n == 0 || bytes.n > USER_NAME_BYTES_MAX || !utf8_valid(bytes))
		deny(x, user, "malformed");
	else
		trust(x, user, bytes);
}

/* Who the token says it is; NULL, or why it is no good. */
static const char *
check_token(struct sasl_exchange *x, enum bearer_kind kind, struct str bytes,
    struct buf *authzid, struct buf *user)
{
	struct str token;

	if (bytes.n > SASL_MESSAGE_BYTES_MAX ||
	    !bearer_parse(kind, bytes, authzid, &token))
		return "malformed";
	return jwt_check(x->auth->tokens, token, clock_wall(), user);
}

static void
run_token(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	enum bearer_kind kind =
	    str_eq(str_of(x->mechanism->name), STR("XOAUTH2"))
		? BEARER_XOAUTH2
		: BEARER_OAUTHBEARER;
	struct buf authzid, user;
	const char *why;

	buf_init(&authzid, USER_NAME_BYTES_MAX);
	buf_init(&user, USER_NAME_BYTES_MAX);
	why = check_token(x, kind, bytes, &authzid, &user);
	if (why == NULL)
		trust(x, buf_str(&user), buf_str(&authzid));
	else
		deny(x, buf_str(&authzid), why);
	x->finished = x->verdict.outcome == AUTH_DENIED;
	if (x->finished)
		bearer_write_failure(kind, challenge);
	buf_fini(&user);
	buf_fini(&authzid);
}

enum sasl_next
sasl_own_step(struct sasl_exchange *x, struct str bytes, struct buf *challenge)
{
	struct auth_attempt attempt = {
		.client = &x->client,
		.mechanism = x->mechanism->name,
		.user = str_of(x->client.certificate_user),
	};

	x->decided = true;
	if (!auth_admit(x->auth, &attempt, &x->verdict))
		return SASL_END;
	if (x->mechanism->family == SASL_EXTERNAL)
		run_external(x, bytes);
	else
		run_token(x, bytes, challenge);
	return x->finished ? SASL_CONTINUE : SASL_END;
}
