/* SPDX-License-Identifier: MIT
 *
 * Users whose password somebody else knows: asked for passwords, and for nothing
 * else.
 *
 *   guest   may be one elsewhere, and has no account; password "pencil"
 *   member  has account 5, and a password of an application; likewise
 *   broken  cannot be asked about
 */
#include "auth/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/app_password.h"
#include "auth_users.h"
#include "base/clock.h"
#include "base/log.h"

struct fixture {
	struct auth *auth;
	struct auth_extra extra;
	unsigned char secret[APP_PASSWORD_SECRET_BYTES];
	char phone[APP_PASSWORD_TEXT_BYTES + 1]; /* the application's */
	unsigned asked;
	unsigned made;
};

static enum rc
lookup(void *arg, struct str name, struct arena *a, struct auth_user *ret_user)
{
	struct fixture *f = arg;
	bool member = str_eq(name, STR("member"));

	if (!member && !str_eq(name, STR("guest")) &&
	    !str_eq(name, STR("broken")))
		return RC_NOTFOUND;
	*ret_user = (struct auth_user){
		.account = member ? 5 : 0,
		.name = arena_str(a, name),
		.elsewhere = true,
		.extras = &f->extra,
		.extra_count = member ? 1 : 0,
	};
	return RC_OK;
}

static enum rc
check(void *arg, struct str name, struct str password, const char *peer)
{
	struct fixture *f = arg;

	f->asked++;
	assert_string_equal(peer, "192.0.2.1");
	if (str_eq(name, STR("broken")))
		return RC_IO;
	return str_eq(password, STR("pencil")) ? RC_OK : RC_REFUSED;
}

static enum rc
make(void *arg, struct str name, uint64_t *ret_account)
{
	struct fixture *f = arg;

	assert_true(str_eq(name, STR("guest")));
	f->made++;
	*ret_account = 9;
	return RC_OK;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct auth_options o = {
		.users = { .lookup = lookup,
		    .check = check,
		    .make = make,
		    .arg = f },
		.cost = auth_users_cost,
		.remember_ms = 600000,
	};

	assert_non_null(f);
	log_setup(2, LOG_ERROR);
	clock_fake(1000000, 1700000000);
	assert_true(app_password_make(f->phone, f->secret));
	f->extra = (struct auth_extra){ .name = STR("phone"),
		.secret = { (const char *)f->secret, sizeof(f->secret) },
		.scope = AUTH_SCOPE_ALL };
	assert_int_equal(auth_new(&o, &f->auth), RC_OK);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	auth_free(f->auth);
	free(f);
	clock_fake(0, 0);
	return 0;
}

static struct auth_verdict
ask(struct fixture *f, const char *user, struct str password)
{
	const struct auth_client client = { .protocol = "imap",
		.peer = "192.0.2.1" };

	return auth_users_verdict(
	    auth_password(f->auth, &client, str_of(user), password));
}

static void
test_passwords(void **state)
{
	struct fixture *f = *state;
	struct auth_verdict v = ask(f, "guest", STR("pencil"));

	assert_int_equal(v.outcome, AUTH_OK);
	assert_int_equal(v.account, 9);
	assert_string_equal(v.user, "guest");
	assert_int_equal(f->made, 1);
	v = ask(f, "member", STR("pencil"));
	assert_int_equal(v.outcome, AUTH_OK);
	assert_int_equal(v.account, 5);
	assert_int_equal(f->asked, 2);
	/* What was right is asked again. */
	assert_int_equal(ask(f, "member", STR("pencil")).outcome, AUTH_OK);
	assert_int_equal(f->asked, 3);
	assert_int_equal(ask(f, "broken", STR("pencil")).outcome, AUTH_BROKEN);
	assert_int_equal(f->made, 1);
}

/* Whoever fails learns it late, be it known who it is or not. */
static void
test_refusals(void **state)
{
	static const char *const users[] = { "guest", "member", "nobody" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++) {
		struct auth_verdict v = ask(f, users[i], STR("wrong"));

		assert_int_equal(v.outcome, AUTH_DENIED);
		assert_true(v.delay_ms >= PAM_DENIED_MS_MIN);
	}
	assert_int_equal(f->asked, 2);
	assert_int_equal(f->made, 0);
}

static void
test_application(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ask(f, "member", str_of(f->phone)).outcome, AUTH_OK);
	assert_int_equal(f->asked, 0);
	assert_int_equal(
	    ask(f, "guest", str_of(f->phone)).outcome, AUTH_DENIED);
	assert_int_equal(f->asked, 1);
}

static enum auth_outcome
run_one(struct fixture *f, const char *mechanism, const char *certificate_user,
    struct str first, struct str second)
{
	const struct auth_client client = { .protocol = "imap",
		.peer = "192.0.2.1",
		.certificate_user = certificate_user };
	struct sasl_exchange *x =
	    sasl_new(f->auth, sasl_mechanism_of(str_of(mechanism)), &client);
	struct auth_verdict v = { .outcome = AUTH_BUSY };
	struct buf challenge;
	enum sasl_next next;

	assert_non_null(x);
	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	next = sasl_start(x, &first, &challenge, &v);
	if (next == SASL_CONTINUE)
		next = sasl_step(x, second, &challenge, &v);
	assert_int_equal(next, SASL_END);
	buf_fini(&challenge);
	sasl_free(x);
	return v.outcome;
}

/* SCRAM has no keys for them; nor does a certificate help who has no account,
 * since nobody has said that there is such a user. */
static void
test_other_ways(void **state)
{
	static const char *const users[] = { "guest", "member", "nobody" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(users) / sizeof(*users); i++) {
		char first[64];

		(void)snprintf(first, sizeof(first), "n,,n=%s,r=abc", users[i]);
		assert_int_equal(run_one(f, "SCRAM-SHA-256", NULL,
				     str_of(first), STR("c=biws,r=abc,p=eA==")),
		    AUTH_DENIED);
	}
	assert_int_equal(
	    run_one(f, "EXTERNAL", "guest", STR(""), STR("")), AUTH_DENIED);
	assert_int_equal(
	    run_one(f, "EXTERNAL", "member", STR(""), STR("")), AUTH_OK);
	assert_int_equal(f->asked, 0);
	assert_int_equal(f->made, 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_passwords),
		CASE(test_refusals),
		CASE(test_application),
		CASE(test_other_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
