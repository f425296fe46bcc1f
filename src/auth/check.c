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
 *
 * Somebody else (PAM) may know the password.  To ask has a gate of its own, as
 * it takes long and hardly any of our time, and what comes of it is not
 * remembered: a password that was changed, or an account that was closed there,
 * counts at once.
 */
#include "auth/auth_internal.h"

#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/mem.h"

struct auth_check {
	struct auth *auth;
	struct auth_client client;
	struct auth_attempt attempt; /* points to client and into bytes */
	struct str password;	     /* likewise */
	struct gate *gate;	     /* where the place is */
	struct gate_place place;
	uint64_t begun_ms; /* its turn */
	size_t size;	   /* of all this */
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
	c->gate = &a->memory->gate;
	c->place.wake = c->client.wake;
	c->place.arg = c->client.wake_arg;
	c->begun_ms = clock_ms();
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
	gate_leave(c->gate, &c->place);
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

/* Where to wait for the password of ${account} (0: there is none yet). */
static enum gate_line
line_of(const struct auth_check *c, uint64_t account)
{
	const struct auth_memory *m = c->auth->memory;

	if (account != 0 && familiar_has(m->familiar, account, c->client.peer))
		return GATE_FAMILIAR;
	return throttle_suspects(m->throttle, c->client.peer) ? GATE_SUSPECT
							      : GATE_COMMON;
}

/* Is it this one's turn at ${gate}, where it is like others with ${key}? */
static bool
take_turn(struct auth_check *c, struct gate *gate, uint64_t key,
    const struct auth_found *found)
{
	if (c->gate != gate) {
		gate_leave(c->gate, &c->place);
		c->gate = gate;
	}
	if (c->place.where == GATE_OUTSIDE)
		c->place.key = key;
	if (!gate_enter(gate, &c->place, line_of(c, found->account)))
		return false;
	c->begun_ms = clock_ms();
	return true;
}

enum answer { ANSWER_RIGHT, ANSWER_WRONG, ANSWER_BROKEN, ANSWER_WAITS };

static bool
verify(const struct credentials *credentials, struct str password)
{
	bool right;

	wait_begin(); /* it takes long: others want to run meanwhile */
	right = credentials_verify(credentials, password);
	wait_end();
	return right;
}

/* Is it the right password? */
static enum answer
check_password(struct auth_check *c, const struct auth_found *found,
    const struct credentials *credentials)
{
	struct verified *verified = c->auth->memory->verified;
	struct verified_tag tag;
	enum answer answer = ANSWER_WAITS;
	bool known, right;

	verified_make_tag(
	    verified, found->account, credentials, c->password, &tag);
	known = verified_has(verified, found->account, &tag);
	if (known || take_turn(c, &c->auth->memory->gate,
			 key_of(&tag, c->attempt.user), found)) {
		right = (known || verify(credentials, c->password)) &&
			found->exists;
		answer = right ? ANSWER_RIGHT : ANSWER_WRONG;
	}
	if (answer == ANSWER_RIGHT && !known)
		verified_add(verified, found->account, &tag);
	mem_wipe(&tag, sizeof(tag));
	return answer;
}

/* The same of somebody else. */
static enum answer
ask_elsewhere(struct auth_check *c, const struct auth_found *found)
{
	const struct auth_users *users = &c->auth->users;
	enum rc rc;

	/* Nobody is spared anything by another's being asked. */
	if (!take_turn(
		c, &c->auth->memory->elsewhere, (uint64_t)(uintptr_t)c, found))
		return ANSWER_WAITS;
	rc = users->check(
	    users->arg, str_of(found->name), c->password, c->client.peer);
	if (rc == RC_OK)
		return ANSWER_RIGHT;
	return rc == RC_REFUSED ? ANSWER_WRONG : ANSWER_BROKEN;
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

/* How long a failure takes must not tell who checks, by which hash, nor whether
 * there is such a user: what the check took is part of the delay, as far as that
 * goes. */
static void
deny(struct auth_check *c, const char *reason, struct auth_verdict *ret_verdict)
{
	bool elsewhere = c->auth->users.check != NULL;
	uint64_t past_ms = clock_ms() - c->begun_ms;
	uint32_t whole_ms;

	auth_deny(c->auth, &c->attempt, reason, ret_verdict);
	whole_ms = ret_verdict->delay_ms;
	if (elsewhere && whole_ms < PAM_DENIED_MS_MIN)
		whole_ms = PAM_DENIED_MS_MIN;
	ret_verdict->delay_ms =
	    whole_ms > past_ms ? whole_ms - (uint32_t)past_ms : 0;
}

static void
conclude(struct auth_check *c, enum answer answer,
    const struct auth_found *found, struct auth_verdict *ret_verdict)
{
	if (answer == ANSWER_RIGHT)
		auth_accept(c->auth, &c->attempt, found, ret_verdict);
	else if (answer == ANSWER_BROKEN)
		auth_broken(&c->attempt, ret_verdict);
	else if (found->elsewhere)
		deny(c, "pam", ret_verdict);
	else
		deny(c, found->exists ? "password" : "user", ret_verdict);
}

/* All steps from the first.  False: it has to wait for its turn. */
static bool
decide(struct auth_check *c, struct auth_verdict *ret_verdict)
{
	struct auth_trial trial = { .password = c->password,
		.scope = auth_scope(c->client.protocol) };
	struct auth_found found;
	struct credentials credentials;
	enum answer answer = ANSWER_RIGHT;

	if (!auth_admit(c->auth, &c->attempt, ret_verdict))
		return true;
	if (auth_find(c->auth, c->attempt.user, &trial, &found, &credentials) !=
	    RC_OK) {
		auth_broken(&c->attempt, ret_verdict);
		return true;
	}
	/* An account has several names; failures count for all of them. */
	c->attempt.name = found.known || found.elsewhere ? found.name : NULL;
	if (!accept_trial(c, &found, &trial, ret_verdict)) {
		answer = found.elsewhere
			     ? ask_elsewhere(c, &found)
			     : check_password(c, &found, &credentials);
		if (answer != ANSWER_WAITS)
			conclude(c, answer, &found, ret_verdict);
	}
	c->attempt.name = NULL;
	credentials_wipe(&credentials);
	return answer != ANSWER_WAITS;
}

bool
auth_check_run(struct auth_check *c, struct auth_verdict *ret_verdict)
{
	bool decided;

	if (gate_waits(c->gate, &c->place))
		return false;
	decided = decide(c, ret_verdict);
	if (decided)
		gate_leave(c->gate, &c->place);
	return decided;
}
