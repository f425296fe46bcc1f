/* SPDX-License-Identifier: MIT
 *
 * auth/auth with a memory for right passwords: who pays for a slow hash, and
 * that nothing else differs.
 */
#include "auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <crypt.h>

#include "auth_users.h"
#include "base/clock.h"
#include "base/log.h"

#define START_MS    1000000
#define LIFETIME_MS 600000

static atomic_uint slow_hashes;

/* In the place of the library's: the same, counted. */
char *
crypt_r(const char *phrase, const char *setting, struct crypt_data *data)
{
	atomic_fetch_add(&slow_hashes, 1);
	return crypt_rn(phrase, setting, data, sizeof(*data));
}

struct fixture {
	struct auth_users_memory users;
	struct auth *auth;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	clock_fake(START_MS, 1700000000);
	log_setup(2, LOG_ERROR);
	auth_users_init(&f->users);
	f->auth = auth_users_auth(&f->users, LIFETIME_MS);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	auth_free(f->auth);
	auth_users_fini(&f->users);
	free(f);
	log_setup(2, LOG_INFO);
	clock_fake(0, 0);
	return 0;
}

/* Ask; the outcome and the number of slow hashes have to be as told. */
static struct auth_verdict
ask(struct fixture *f, struct str user, struct str password,
    enum auth_outcome outcome, unsigned hashes)
{
	static const struct auth_client client = { .protocol = "imap",
		.peer = "192.0.2.1" };
	unsigned before = slow_hashes;
	struct auth_verdict v;

	v = auth_users_verdict(auth_password(f->auth, &client, user, password));
	assert_int_equal(v.outcome, outcome);
	assert_int_equal(slow_hashes - before, hashes);
	return v;
}

static void
test_the_second_time(void **state)
{
	struct auth_verdict v;

	ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 1);
	v = ask(*state, STR("ALICE"), STR("pencil"), AUTH_OK, 0);
	assert_string_equal(v.user, "Alice");
	assert_int_equal(v.account, 7);
	assert_int_equal(v.delay_ms, 0);
}

static void
test_wrong_is_slow_and_counted(void **state)
{
	ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 1);
	for (unsigned i = 0; i < 3; i++) {
		struct auth_verdict v =
		    ask(*state, STR("alice"), STR("Pencil"), AUTH_DENIED, 1);

		assert_int_equal(v.delay_ms, 250u << i);
	}
	/* What failed before slows down a remembered one as any other. */
	assert_int_equal(
	    ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 0).delay_ms,
	    1000);
}

static void
test_nobody_is_slow(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		ask(*state, STR("nobody"), STR("pencil"), AUTH_DENIED, 1);
		ask(*state, STR("locked"), STR("pencil"), AUTH_DENIED, 1);
	}
}

/* The same password of another is not known. */
static void
test_for_each_account(void **state)
{
	struct fixture *f = *state;

	buf_fini(&f->users.mueller);
	auth_users_pack(STR("pencil"), &f->users.mueller);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	ask(f, STR(MUELLER), STR("pencil"), AUTH_OK, 1);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 0);
	ask(f, STR(MUELLER), STR("pencil"), AUTH_OK, 0);
}

static void
test_changed_password(void **state)
{
	struct fixture *f = *state;

	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	buf_fini(&f->users.alice);
	auth_users_pack(STR("rubber"), &f->users.alice);
	ask(f, STR("alice"), STR("pencil"), AUTH_DENIED, 1);
	ask(f, STR("alice"), STR("rubber"), AUTH_OK, 1);
	ask(f, STR("alice"), STR("rubber"), AUTH_OK, 0);
}

/* The same password, stored anew, has another salt. */
static void
test_changed_hash(void **state)
{
	struct fixture *f = *state;

	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	buf_fini(&f->users.alice);
	auth_users_pack(STR("pencil"), &f->users.alice);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
}

/* It counts from the slow check; use does not make it longer. */
static void
test_lifetime(void **state)
{
	ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 1);
	clock_fake(START_MS + LIFETIME_MS - 1, 1700000000);
	ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 0);
	clock_fake(START_MS + LIFETIME_MS, 1700000000);
	ask(*state, STR("alice"), STR("pencil"), AUTH_OK, 1);
}

static void
test_not_before_the_throttle(void **state)
{
	struct fixture *f = *state;

	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	for (int i = 0; i < THROTTLE_FAILURES_MAX; i++)
		ask(f, STR(""), STR("x"), AUTH_DENIED, 1);
	ask(f, STR("alice"), STR("pencil"), AUTH_BUSY, 0);
}

static void
test_switched_off(void **state)
{
	struct fixture *f = *state;

	auth_free(f->auth);
	f->auth = auth_users_auth(&f->users, 0);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
}

/* What is known of failures and passwords goes on to the next. */
static void
test_one_after_another(void **state)
{
	struct fixture *f = *state;
	struct auth_options o = {
		.before = f->auth,
		.users = { .lookup = auth_users_lookup, .arg = &f->users },
		.cost = auth_users_cost,
		.remember_ms = LIFETIME_MS / 2,
	};
	struct auth *before = f->auth;

	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
	ask(f, STR("alice"), STR("wrong"), AUTH_DENIED, 1);
	assert_int_equal(auth_new(&o, &f->auth), RC_OK);
	/* Who began with the one before has not failed less. */
	assert_int_equal(
	    ask(f, STR("alice"), STR("wrong"), AUTH_DENIED, 1).delay_ms, 500);
	auth_free(before);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 0);
	assert_int_equal(
	    ask(f, STR("alice"), STR("wrong"), AUTH_DENIED, 1).delay_ms, 1000);
	clock_fake(START_MS + LIFETIME_MS / 2, 1700000000);
	ask(f, STR("alice"), STR("pencil"), AUTH_OK, 1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_the_second_time),
		CASE(test_wrong_is_slow_and_counted),
		CASE(test_nobody_is_slow),
		CASE(test_for_each_account),
		CASE(test_changed_password),
		CASE(test_changed_hash),
		CASE(test_lifetime),
		CASE(test_not_before_the_throttle),
		CASE(test_switched_off),
		CASE(test_one_after_another),
	};

	return cmocka_run_group_tests_name("auth_remember", tests, NULL, NULL);
}
