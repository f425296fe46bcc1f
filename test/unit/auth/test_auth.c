/* SPDX-License-Identifier: MIT
 *
 * auth/auth: name and password to verdict.
 */
#include "auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth_users.h"
#include "base/clock.h"
#include "base/log.h"

#define START_MS 1000000

struct fixture {
	struct auth_users_memory users;
	struct auth *auth;
	int log; /* a file with the log lines */
	unsigned peers;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char path[] = "/tmp/test_auth.XXXXXX";

	clock_fake(START_MS, 1700000000);
	auth_users_init(&f->users);
	f->auth = auth_users_auth(&f->users, 0);
	f->log = mkstemp(path);
	unlink(path);
	log_setup(f->log, LOG_DEBUG);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	auth_free(f->auth);
	auth_users_fini(&f->users);
	log_setup(2, LOG_INFO);
	close(f->log);
	free(f);
	clock_fake(0, 0);
	return 0;
}

/* Ask from an address of which nothing is known yet. */
static struct auth_verdict
ask(struct fixture *f, struct str user, struct str password)
{
	struct auth_client client = { .protocol = "imap" };
	char peer[32];

	snprintf(
	    peer, sizeof(peer), "10.0.%u.%u", f->peers / 250, f->peers % 250);
	f->peers++;
	client.peer = peer;
	return auth_users_verdict(
	    auth_password(f->auth, &client, user, password));
}

static char *
log_text_of(struct fixture *f)
{
	static char text[65536];
	ssize_t n = pread(f->log, text, sizeof(text) - 1, 0);

	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void
test_verdicts(void **state)
{
	static const struct {
		struct str user;
		struct str password;
		enum auth_outcome outcome;
		const char *name;
		uint64_t account;
	} cases[] = {
		{ { "alice", 5 }, { "pencil", 6 }, AUTH_OK, "Alice", 7 },
		{ { "ALICE", 5 }, { "pencil", 6 }, AUTH_OK, "Alice", 7 },
		{ { "m\xc3\xbcller", 7 }, { "pa ss\"\\w\xc3\xb6rd", 12 },
		    AUTH_OK, "m\xc3\xbcller", 8 },
		{ { "alice", 5 }, { "Pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "alice", 5 }, { "pencil\0", 7 }, AUTH_DENIED, "", 0 },
		{ { "alice", 5 }, { "", 0 }, AUTH_DENIED, "", 0 },
		{ { "alice", 5 }, { "\xff", 1 }, AUTH_DENIED, "", 0 },
		{ { "", 0 }, { "pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "", 0 }, { "", 0 }, AUTH_DENIED, "", 0 },
		{ { "alice\0", 6 }, { "pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "alice\0x", 7 }, { "pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "alice ", 6 }, { "pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "%n%s%x", 6 }, { "%n%s", 4 }, AUTH_DENIED, "", 0 },
		{ { "../../x", 7 }, { "x", 1 }, AUTH_DENIED, "", 0 },
		{ { "' OR 1=1 --", 11 }, { "x", 1 }, AUTH_DENIED, "", 0 },
		{ { "m\xfcller", 6 }, { "x", 1 }, AUTH_DENIED, "", 0 },
		{ { "locked", 6 }, { "", 0 }, AUTH_DENIED, "", 0 },
		{ { "locked", 6 }, { "x", 1 }, AUTH_DENIED, "", 0 },
		{ { "nobody", 6 }, { "pencil", 6 }, AUTH_DENIED, "", 0 },
		{ { "broken", 6 }, { "pencil", 6 }, AUTH_BROKEN, "", 0 },
		{ { "corrupt", 7 }, { "pencil", 6 }, AUTH_BROKEN, "", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct auth_verdict v =
		    ask(*state, cases[i].user, cases[i].password);

		if (v.outcome != cases[i].outcome)
			fail_msg("case %zu: outcome %d", i, v.outcome);
		assert_string_equal(v.user, cases[i].name);
		assert_int_equal(v.account, cases[i].account);
	}
}

/* A name that is too long is nobody, and nobody is asked about it. */
static void
test_long_name(void **state)
{
	struct fixture *f = *state;
	char name[USER_NAME_BYTES_MAX + 1];
	unsigned before = f->users.lookups;

	memset(name, 'a', sizeof(name));
	ask(f, (struct str){ name, sizeof(name) }, STR("x"));
	assert_int_equal(f->users.lookups, before);
	ask(f, (struct str){ name, USER_NAME_BYTES_MAX }, STR("x"));
	assert_int_equal(f->users.lookups, before + 1);
}

static void
test_delays(void **state)
{
	struct fixture *f = *state;
	struct auth_client client = { .protocol = "imap", .peer = "192.0.2.1" };
	struct auth_verdict v;

	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("alice"), STR("pencil")));
	assert_int_equal(v.delay_ms, 0);
	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("alice"), STR("x")));
	assert_int_equal(v.delay_ms, 250);
	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("nobody"), STR("x")));
	assert_int_equal(v.delay_ms, 500);
	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("alice"), STR("pencil")));
	assert_int_equal(v.outcome, AUTH_OK);
	assert_int_equal(v.delay_ms, 500);
}

/* All spellings of one account count together. */
static void
test_account_is_counted_folded(void **state)
{
	struct fixture *f = *state;

	ask(f, STR("alice"), STR("x"));
	ask(f, STR("ALICE"), STR("x"));
	assert_int_equal(ask(f, STR("Alice"), STR("pencil")).delay_ms, 500);
}

/* Beyond the limit the right password is not even looked at. */
static void
test_too_many(void **state)
{
	struct fixture *f = *state;
	struct auth_client client = { .protocol = "imap", .peer = "192.0.2.1" };
	struct auth_verdict v;
	unsigned lookups;

	for (int i = 0; i < THROTTLE_FAILURES_MAX; i++)
		v = auth_users_verdict(
		    auth_password(f->auth, &client, STR(""), STR("")));
	assert_int_equal(v.outcome, AUTH_DENIED);
	lookups = f->users.lookups;
	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("alice"), STR("pencil")));
	assert_int_equal(v.outcome, AUTH_BUSY);
	assert_int_equal(v.delay_ms, THROTTLE_DELAY_MS_MAX);
	assert_int_equal(f->users.lookups, lookups);
	clock_fake(START_MS + THROTTLE_HALF_LIFE_MS, 1700000000);
	v = auth_users_verdict(
	    auth_password(f->auth, &client, STR("alice"), STR("pencil")));
	assert_int_equal(v.outcome, AUTH_OK);
}

static void
test_one_log_line_without_password(void **state)
{
	struct fixture *f = *state;
	const char *text;

	ask(f, STR("ali\"\r\nce"), STR("sesame-open"));
	text = log_text_of(f);
	assert_non_null(strstr(text, "event=login-failed"));
	assert_non_null(strstr(text, "peer=10.0.0.0"));
	assert_non_null(strstr(text, "reason=user"));
	assert_null(strstr(text, "sesame"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	ask(f, STR("alice"), STR("pencil"));
	assert_ptr_equal(strchr(log_text_of(f), '\n'),
	    log_text_of(f) + strlen(log_text_of(f)) - 1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_verdicts),
		CASE(test_long_name),
		CASE(test_delays),
		CASE(test_account_is_counted_folded),
		CASE(test_too_many),
		CASE(test_one_log_line_without_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
