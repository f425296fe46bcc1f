/* SPDX-License-Identifier: MIT
 *
 * Name and password: throttle, lookup, check, verdict.  Every attempt takes
 * all of these steps; what is remembered shortens the check alone.
 *
 * An attempt that has to wait for its turn at the gate is taken from the
 * beginning when the turn has come: meanwhile the same password may have been
 * found right for another connection, the address may have failed too often,
 * or the user may have a new password.
 *
 * An unknown user is checked against credentials that nobody has the password
 * of, so that it takes the same path and time as a wrong password.
 */
#include "auth/auth_internal.h"

#include <string.h>
#include <xxhash.h>

#include "base/mem.h"

struct auth_check {
	struct auth *auth;
	struct auth_client client;
	struct auth_attempt attempt; /* points to client and into bytes */
	struct str password;	     /* likewise */
	struct gate_place place;
	size_t size; /* of all this */
	char bytes[];
};

/* -- life -------------------------------------------------------------- */

/* Copy ${s} to *at, which then is behind it. */
static struct str
copy_str(char **at, struct str s)
{
	struct str copy = { *at, s.n };

	if (s.n > 0)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return copy;
}

struct auth_check *
auth_check_new(
    struct auth *a, const struct auth_attempt *attempt, struct str password)
{
	size_t size = sizeof(struct auth_check) + attempt->user.n +
		      attempt->authzid.n + password.n;
	struct auth_check *c = mem_alloc(size);
	char *at = c->bytes;

	c->auth = a;
	c->client = *attempt->client;
	c->attempt = (struct auth_attempt){
		.client = &c->client,
		.mechanism = attempt->mechanism,
		.user = copy_str(&at, attempt->user),
		.authzid = copy_str(&at, attempt->authzid),
	};
	c->password = copy_str(&at, password);
	c->place.wake = c->client.wake;
	c->place.arg = c->client.wake_arg;
	c->size = size;
	return c;
}

struct auth_check *
auth_password(struct auth *a, const struct auth_client *client, struct str user,
    struct str password)
{
	struct auth_attempt attempt = {
		.client = client,
		.mechanism = "password",
		.user = user,
	};

	return auth_check_new(a, &attempt, password);
}

void
auth_check_free(struct auth_check *c)
{
	if (c == NULL)
		return;
	gate_leave(&c->auth->gate, &c->place);
	mem_wipe(c, c->size);
	mem_free(c);
}

/* -- the password ------------------------------------------------------ */

/* The same for checks that will find the same: one account, its credentials
 * and the password stand behind a tag.  The name is in it for users who are
 * not there: they share an account, and must not be told by waiting for one
 * another. */
static uint64_t
key_of(const struct verified_tag *tag, struct str user)
{
	uint64_t key;

	_Static_assert(sizeof(key) <= sizeof(tag->bytes), "a tag makes a key");
	memcpy(&key, tag->bytes, sizeof(key));
	return key ^ XXH3_64bits(user.n > 0 ? user.p : "", user.n);
}

/* Is it this one's turn?  Those whose address has failed lately wait apart. */
static bool
take_turn(struct auth_check *c, const struct verified_tag *tag)
{
	bool suspect = throttle_suspects(c->auth->throttle, c->client.peer);

	if (c->place.where == GATE_OUTSIDE)
		c->place.key = key_of(tag, c->attempt.user);
	return gate_enter(
	    &c->auth->gate, &c->place, suspect ? GATE_SUSPECT : GATE_COMMON);
}

static bool
verify(const struct credentials *credentials, struct str password)
{
	bool right;

	wait_begin(); /* it takes long: others want to run meanwhile */
	right = credentials_verify(credentials, password);
	wait_end();
	return right;
}

/* Is it the right password?  False: this one has to wait for its turn. */
static bool
check_password(struct auth_check *c, const struct auth_found *found,
    const struct credentials *credentials, bool *ret_right)
{
	struct verified *verified = c->auth->verified;
	struct verified_tag tag;
	bool known, decided;

	verified_make_tag(
	    verified, found->account, credentials, c->password, &tag);
	known = verified_has(verified, found->account, &tag);
	decided = known || take_turn(c, &tag);
	if (decided)
		*ret_right = (known || verify(credentials, c->password)) &&
			     found->exists;
	if (decided && !known && *ret_right)
		verified_add(verified, found->account, &tag);
	mem_wipe(&tag, sizeof(tag));
	return decided;
}

/* -- steps ------------------------------------------------------------- */

/* Let in who has the password of one of the user's applications, if it is that:
 * such a password needs no slow hash. */
static bool
accept_trial(struct auth_check *c, const struct auth_found *found,
    const struct auth_trial *trial, struct auth_verdict *ret_verdict)
{
	const struct auth_users *users = &c->auth->users;

	if (!trial->right)
		return false;
	auth_accept(c->auth, &c->attempt, found, ret_verdict);
	if (ret_verdict->outcome == AUTH_OK && users->used != NULL)
		users->used(
		    users->arg, ret_verdict->account, str_of(trial->extra));
	return true;
}

/* All steps from the first.  False: it has to wait for its turn. */
static bool
decide(struct auth_check *c, struct auth_verdict *ret_verdict)
{
	struct auth_trial trial = { .password = c->password,
		.scope = auth_scope(c->client.protocol) };
	struct auth_found found;
	struct credentials credentials;
	bool decided, right;

	if (!auth_admit(c->auth, &c->attempt, ret_verdict))
		return true;
	if (auth_find(c->auth, c->attempt.user, &trial, &found, &credentials) !=
	    RC_OK) {
		auth_broken(&c->attempt, ret_verdict);
		return true;
	}
	/* An account has several names; failures count for all of them. */
	c->attempt.name = found.known ? found.name : NULL;
	decided = accept_trial(c, &found, &trial, ret_verdict);
	if (!decided) {
		decided = check_password(c, &found, &credentials, &right);
		if (decided && right)
			auth_accept(c->auth, &c->attempt, &found, ret_verdict);
		else if (decided)
			auth_deny(c->auth, &c->attempt,
			    found.exists ? "password" : "user", ret_verdict);
	}
	c->attempt.name = NULL;
	credentials_wipe(&credentials);
	return decided;
}

bool
auth_check_run(struct auth_check *c, struct auth_verdict *ret_verdict)
{
	bool decided;

	if (gate_waits(&c->auth->gate, &c->place))
		return false;
	decided = decide(c, ret_verdict);
	if (decided)
		gate_leave(&c->auth->gate, &c->place);
	return decided;
}
