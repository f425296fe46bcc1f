/* SPDX-License-Identifier: MIT
 *
 * What every way of logging in is made of: who may try, who is it, what comes
 * of it.
 */
#include "auth/auth_internal.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "auth/app_password.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/utf8.h"

#define FOLDED_BYTES_MAX    8192
#define SECRET_RANDOM_BYTES 24
#define SECRET_TEXT_BYTES   33 /* in base64, and a terminator */

/* -- life -------------------------------------------------------------- */

/* Random bytes as text, terminated. */
static void
make_secret(char ret_secret[SECRET_TEXT_BYTES])
{
	char random[SECRET_RANDOM_BYTES];
	struct buf text;

	rand_bytes(random, sizeof(random));
	buf_init(&text, SECRET_TEXT_BYTES - 1);
	base64_encode((struct str){ random, sizeof(random) }, &text);
	assert(buf_check(&text) == RC_OK);
	memcpy(ret_secret, text.p, text.n);
	ret_secret[text.n] = '\0';
	mem_wipe(text.p, text.n);
	buf_fini(&text);
}

/* What an unknown user's password is checked against.  Of SCRAM's keys nobody
 * ever sees these, so they may be cheap ones. */
static enum rc
make_nobody(struct credentials_cost cost, struct credentials *ret_nobody)
{
	char secret[SECRET_TEXT_BYTES];
	enum rc rc;

	cost.scram_iterations = CREDENTIALS_ITERATIONS_MIN;
	make_secret(secret);
	rc = credentials_make(str_of(secret), cost, ret_nobody);
	mem_wipe(secret, sizeof(secret));
	return rc == RC_OK ? RC_OK : RC_IO;
}

static struct auth_memory *
memory_new(unsigned checks_at_once)
{
	struct auth_memory *m = mem_alloc(sizeof(*m));

	atomic_init(&m->refs, 1);
	rand_bytes(m->salt_key, sizeof(m->salt_key));
	m->throttle = throttle_new();
	m->familiar = familiar_new();
	m->verified = verified_new(0);
	gate_init(&m->gate,
	    checks_at_once > 0 ? checks_at_once : PASSWORD_CHECKS_AT_ONCE);
	gate_init(&m->elsewhere, PAM_CHECKS_AT_ONCE);
	return m;
}

static struct auth_memory *
memory_ref(struct auth_memory *m)
{
	atomic_fetch_add(&m->refs, 1);
	return m;
}

static void
memory_unref(struct auth_memory *m)
{
	if (atomic_fetch_sub(&m->refs, 1) > 1)
		return;
	gate_fini(&m->gate);
	gate_fini(&m->elsewhere);
	verified_free(m->verified);
	familiar_free(m->familiar);
	throttle_free(m->throttle);
	mem_wipe(m, sizeof(*m));
	mem_free(m);
}

enum rc
auth_new(const struct auth_options *o, struct auth **ret_auth)
{
	struct auth *a = mem_alloc(sizeof(*a));
	uint32_t iterations = o->cost.scram_iterations;

	a->users = o->users;
	a->iterations =
	    iterations > 0 ? iterations : CREDENTIALS_ITERATIONS_DEFAULT;
	a->memory = o->before != NULL ? memory_ref(o->before->memory)
				      : memory_new(o->checks_at_once);
	a->mechanisms_off =
	    sasl_bits(o->mechanisms_off, o->mechanisms_off_count);
	if (make_nobody(o->cost, &a->nobody) != RC_OK ||
	    (o->tokens.keys != NULL && *o->tokens.keys != '\0' &&
		jwt_new(&o->tokens, &a->tokens) != RC_OK)) {
		auth_free(a);
		return RC_IO;
	}
	verified_set_lifetime(a->memory->verified, o->remember_ms);
	*ret_auth = a;
	return RC_OK;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	jwt_free(a->tokens);
	memory_unref(a->memory);
	mem_wipe(a, sizeof(*a));
	mem_free(a);
}

void
auth_tidy(struct auth *a)
{
	verified_tidy(a->memory->verified);
}

/* -- verdicts ---------------------------------------------------------- */

static void
log_failure(const struct auth_attempt *attempt, const char *reason)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "login-failed");
	log_text(&line, "protocol", attempt->client->protocol);
	log_text(&line, "peer", attempt->client->peer);
	log_text(&line, "mechanism", attempt->mechanism);
	log_text(&line, "reason", reason);
	log_str(&line, "user", str_head(attempt->user, USER_NAME_BYTES_MAX));
	log_end(&line);
}

/* Append the name such that all spellings of one account give the same. */
static void
fold_name(struct str name, struct buf *to)
{
	utf8_fold(str_head(name, USER_NAME_BYTES_MAX), to);
}

void
auth_deny(struct auth *a, const struct auth_attempt *attempt,
    const char *reason, struct auth_verdict *ret_verdict)
{
	struct buf name;

	buf_init(&name, FOLDED_BYTES_MAX);
	fold_name(attempt->name != NULL ? str_of(attempt->name) : attempt->user,
	    &name);
	*ret_verdict = (struct auth_verdict){
		.outcome = AUTH_DENIED,
		.delay_ms = throttle_failed(
		    a->memory->throttle, attempt->client->peer, buf_str(&name)),
	};
	buf_fini(&name);
	log_failure(attempt, reason);
}

uint32_t
auth_offended(struct auth *a, const struct auth_client *client)
{
	log_event(LOG_INFO, "bad-commands", "protocol=%s peer=%s",
	    client->protocol, client->peer);
	return throttle_offended(a->memory->throttle, client->peer);
}

void
auth_broken(
    const struct auth_attempt *attempt, struct auth_verdict *ret_verdict)
{
	*ret_verdict = (struct auth_verdict){ .outcome = AUTH_BROKEN };
	log_failure(attempt, "broken");
}

bool
auth_admit(struct auth *a, const struct auth_attempt *attempt,
    struct auth_verdict *ret_verdict)
{
	if (throttle_allows(a->memory->throttle, attempt->client->peer))
		return true;
	*ret_verdict = (struct auth_verdict){
		.outcome = AUTH_BUSY,
		.delay_ms = THROTTLE_DELAY_MS_MAX,
	};
	log_failure(attempt, "throttled");
	return false;
}

/* Nobody may act as somebody else; a user's own name in any spelling that
 * was given or is canonical is fine. */
static bool
may_act_as(const struct auth_attempt *attempt, const struct auth_found *found)
{
	return attempt->authzid.n == 0 ||
	       str_eq_nocase(attempt->authzid, attempt->user) ||
	       str_eq_nocase(attempt->authzid, str_of(found->name));
}

void
auth_accept(struct auth *a, const struct auth_attempt *attempt,
    const struct auth_found *found, struct auth_verdict *ret_verdict)
{
	uint64_t account = found->account;
	struct buf name;

	if (!may_act_as(attempt, found)) {
		auth_deny(a, attempt, "authzid", ret_verdict);
		return;
	}
	if (account == 0 && a->users.make(a->users.arg, str_of(found->name),
				&account) != RC_OK) {
		auth_broken(attempt, ret_verdict);
		return;
	}
	familiar_add(a->memory->familiar, account, attempt->client->peer);
	buf_init(&name, FOLDED_BYTES_MAX);
	fold_name(str_of(found->name), &name);
	*ret_verdict = (struct auth_verdict){
		.outcome = AUTH_OK,
		.delay_ms = throttle_succeeded(
		    a->memory->throttle, attempt->client->peer, buf_str(&name)),
		.account = account,
	};
	memcpy(ret_verdict->user, found->name, sizeof(found->name));
	buf_fini(&name);
}

/* -- users ------------------------------------------------------------- */

/* Could this be a user's name?  If not, nobody is asked. */
static bool
name_possible(struct str name)
{
	return name.n >= 1 && name.n <= USER_NAME_BYTES_MAX &&
	       memchr(name.p, '\0', name.n) == NULL && utf8_valid(name);
}

unsigned
auth_scope(const char *protocol)
{
	if (strcmp(protocol, "imap") == 0)
		return AUTH_SCOPE_IMAP;
	return strcmp(protocol, "pop3") == 0 ? AUTH_SCOPE_POP3 : 0;
}

/* Has the trial one of the user's applications' passwords? */
static void
try_extras(const struct auth_user *user, struct auth_trial *trial)
{
	int64_t now = clock_wall();

	trial->right = false;
	for (size_t i = 0; i < user->extra_count && !trial->right; i++) {
		const struct auth_extra *e = &user->extras[i];

		assert(e->name.n <= PASSWORD_NAME_BYTES_MAX);
		if ((e->scope & trial->scope) == 0 ||
		    (e->expires != 0 && e->expires <= now) ||
		    !app_password_verify(e->secret, trial->password))
			continue;
		trial->right = true;
		memcpy(trial->extra, e->name.p, e->name.n);
		trial->extra[e->name.n] = '\0';
	}
}

/* Take over what the source found. */
static enum rc
adopt(const struct auth_user *user, struct auth_trial *trial,
    struct auth_found *found, struct credentials *credentials)
{
	struct log_line line;
	enum rc rc = RC_OK;

	assert(user->name.n >= 1 && user->name.n <= USER_NAME_BYTES_MAX);
	if (trial != NULL)
		try_extras(user, trial);
	if (user->credentials.n > 0)
		rc = credentials_unpack(user->credentials, credentials);
	if (rc != RC_OK) {
		log_begin(&line, LOG_ERROR, "credentials-unreadable");
		log_str(&line, "user", user->name);
		log_text(&line, "error", rc_text(rc));
		log_end(&line);
		return RC_IO;
	}
	/* Who has no password cannot log in: as if not there. */
	found->exists =
	    user->credentials.n > 0 || (trial != NULL && trial->right);
	found->elsewhere = user->elsewhere;
	found->known = user->account != 0 || !user->elsewhere;
	found->account = user->account;
	memcpy(found->name, user->name.p, user->name.n);
	return RC_OK;
}

enum rc
auth_find(struct auth *a, struct str name, struct auth_trial *trial,
    struct auth_found *ret_found, struct credentials *ret_credentials)
{
	struct auth_found found = { 0 };
	struct credentials credentials = a->nobody;
	struct auth_user user = { 0 };
	struct arena *arena;
	enum rc rc = RC_NOTFOUND;

	arena = arena_new(LOGIN_ARENA_BYTES_MAX);
	if (name_possible(name))
		rc = a->users.lookup(a->users.arg, name, arena, &user);
	if (rc == RC_OK)
		rc = adopt(&user, trial, &found, &credentials);
	else if (rc == RC_NOTFOUND)
		rc = RC_OK;
	arena_free(arena);
	if (rc == RC_OK) {
		*ret_found = found;
		*ret_credentials = credentials;
	}
	credentials_wipe(&credentials);
	return rc == RC_OK ? RC_OK : RC_IO;
}

void
auth_trust(struct auth *a, const struct auth_attempt *attempt,
    struct auth_verdict *ret_verdict)
{
	struct credentials unused;
	struct auth_found found;

	if (auth_find(a, attempt->user, NULL, &found, &unused) != RC_OK) {
		auth_broken(attempt, ret_verdict);
		return;
	}
	credentials_wipe(&unused);
	if (found.known)
		auth_accept(a, attempt, &found, ret_verdict);
	else
		auth_deny(a, attempt, "user", ret_verdict);
}

/* A salt that ${name} seems to have: always the same one, as a real one. */
static void
made_up_salt(struct auth *a, struct str name, enum scram_hash hash,
    unsigned char ret_salt[CREDENTIALS_SALT_BYTES])
{
	struct siphash s;
	struct buf what;

	_Static_assert(
	    CREDENTIALS_SALT_BYTES == SIPHASH_TAG_BYTES, "a tag makes a salt");
	buf_init(&what, FOLDED_BYTES_MAX);
	buf_add_byte(&what, (char)hash);
	fold_name(name, &what);
	siphash_init(&s, a->memory->salt_key);
	siphash_add(&s, buf_str(&what));
	siphash_fini(&s, ret_salt);
	buf_fini(&what);
}

bool
auth_scram_keys(struct auth *a, const struct auth_found *found,
    const struct credentials *c, struct str name, enum scram_hash hash,
    struct scram_keys *ret_keys)
{
	struct scram_keys made_up;
	bool real = found->exists && c->scram[hash].iterations > 0;

	made_up.iterations = a->iterations;
	made_up_salt(a, name, hash, made_up.salt);
	rand_bytes(made_up.stored_key, sizeof(made_up.stored_key));
	rand_bytes(made_up.server_key, sizeof(made_up.server_key));
	*ret_keys = real ? c->scram[hash] : made_up;
	return real;
}
