/* SPDX-License-Identifier: MIT
 *
 * auth/check: many checks at once, of which few may run.  The slow hash is
 * where others come in: it calls back before it computes.
 */
#include "auth/auth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <crypt.h>

#include "auth_users.h"
#include "base/clock.h"
#include "base/log.h"

#define LIFETIME_MS 600000
#define GUESSES	    100

static unsigned slow_hashes;
static void (*in_hash)(void);

/* In the place of the library's. */
char *
crypt_r(const char *phrase, const char *setting, struct crypt_data *data)
{
	void (*call)(void) = in_hash;

	slow_hashes++;
	in_hash = NULL;
	if (call != NULL)
		call();
	return crypt_rn(phrase, setting, data, sizeof(*data));
}

/* One connection that logs in. */
struct login {
	struct auth_check *check;
	struct auth_verdict verdict;
	unsigned woken;
	bool decided;
	unsigned hashes; /* computed for it */
};

static struct auth_users_memory users;
static struct auth *auth;
static struct login logins[GUESSES + 1];

static int
setup(void **state)
{
	(void)state;
	clock_fake(1000000, 1700000000);
	log_setup(2, LOG_ERROR);
	auth_users_init(&users);
	memset(logins, 0, sizeof(logins));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	auth_free(auth);
	auth_users_fini(&users);
	log_setup(2, LOG_INFO);
	clock_fake(0, 0);
	return 0;
}

static void
start(unsigned checks_at_once)
{
	struct auth_options o = {
		.users = { .lookup = auth_users_lookup, .arg = &users },
		.cost = auth_users_cost,
		.checks_at_once = checks_at_once,
		.remember_ms = LIFETIME_MS,
	};

	assert_int_equal(auth_new(&o, &auth), RC_OK);
	slow_hashes = 0;
}

static void
wake(void *arg)
{
	struct login *l = arg;

	l->woken++;
}

static void
run(struct login *l)
{
	unsigned before = slow_hashes;

	assert_false(l->decided);
	l->woken = 0;
	l->decided = auth_check_run(l->check, &l->verdict);
	l->hashes += slow_hashes - before;
}

/* Send name and password. */
static void
come(struct login *l, const char *peer, struct str user, struct str password)
{
	struct auth_client client = {
		.protocol = "imap",
		.peer = peer,
		.wake = wake,
		.wake_arg = l,
	};

	l->check = auth_password(auth, &client, user, password);
	run(l);
}

/* Run whoever is woken, until nobody is. */
static void
run_woken(size_t count)
{
	bool any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < count; i++) {
			if (logins[i].woken == 0)
				continue;
			run(&logins[i]);
			any = true;
		}
	}
}

static void
assert_all_end(size_t count, enum auth_outcome outcome)
{
	for (size_t i = 0; i < count; i++) {
		assert_true(logins[i].decided);
		assert_int_equal(logins[i].verdict.outcome, outcome);
		auth_check_free(logins[i].check);
	}
}

/* -- one account, one password ----------------------------------------- */

static void
four_more_of_alice(void)
{
	for (size_t i = 1; i < 5; i++) {
		come(&logins[i], "192.0.2.1", STR("alice"), STR("pencil"));
		assert_false(logins[i].decided);
	}
}

/* A client's five connections cost one hash, though more could be computed
 * at once. */
static void
test_one_hash_for_all(void **state)
{
	(void)state;
	start(4);
	in_hash = four_more_of_alice;
	come(&logins[0], "192.0.2.1", STR("alice"), STR("pencil"));
	run_woken(5);
	assert_int_equal(slow_hashes, 1);
	assert_all_end(5, AUTH_OK);
}

static void
wrong_again(void)
{
	come(&logins[1], "192.0.2.1", STR("alice"), STR("pen"));
}

/* What is wrong is computed for each. */
static void
test_no_sharing_of_wrong_ones(void **state)
{
	(void)state;
	start(4);
	in_hash = wrong_again;
	come(&logins[0], "192.0.2.1", STR("alice"), STR("pen"));
	run_woken(2);
	assert_int_equal(slow_hashes, 2);
	assert_all_end(2, AUTH_DENIED);
	assert_int_equal(logins[0].verdict.delay_ms, 250);
	assert_int_equal(logins[1].verdict.delay_ms, 500);
}

/* The password that one waits with is another's meanwhile. */
static void
change_password(void)
{
	come(&logins[1], "192.0.2.1", STR("alice"), STR("pencil"));
	buf_fini(&users.alice);
	auth_users_pack(STR("rubber"), &users.alice);
}

static void
test_looked_up_at_its_turn(void **state)
{
	(void)state;
	start(1);
	in_hash = change_password;
	come(&logins[0], "192.0.2.1", STR("alice"), STR("pencil"));
	run_woken(2);
	assert_int_equal(logins[0].verdict.outcome, AUTH_OK);
	assert_int_equal(logins[1].verdict.outcome, AUTH_DENIED);
	auth_check_free(logins[0].check);
	auth_check_free(logins[1].check);
}

/* -- strangers --------------------------------------------------------- */

static void
another_nobody(void)
{
	come(&logins[1], "192.0.2.1", STR("nobody2"), STR("pencil"));
}

static void
mueller_at_once(void)
{
	come(&logins[1], "192.0.2.1", STR(MUELLER), STR("pencil"));
}

/* Two who are not there wait for each other as little as two who are: else
 * waiting would tell. */
static void
test_unknown_users_are_no_twins(void **state)
{
	(void)state;
	start(2);
	in_hash = another_nobody;
	come(&logins[0], "192.0.2.1", STR("nobody1"), STR("pencil"));
	assert_all_end(2, AUTH_DENIED);
	in_hash = mueller_at_once;
	memset(logins, 0, sizeof(logins));
	come(&logins[0], "192.0.2.1", STR("alice"), STR("pen"));
	assert_all_end(2, AUTH_DENIED);
}

/* Somebody tries a hundred passwords on a hundred connections, and the owner
 * comes last. */
static void
flood(void)
{
	char password[16];

	for (size_t i = 1; i < GUESSES; i++) {
		snprintf(password, sizeof(password), "guess %zu", i);
		come(&logins[i], "192.0.2.66", STR("alice"), str_of(password));
		assert_false(logins[i].decided);
	}
	come(&logins[GUESSES], "192.0.2.1", STR("alice"), STR("pencil"));
	assert_false(logins[GUESSES].decided);
}

static void
test_guesser_does_not_keep_the_owner_waiting(void **state)
{
	struct login *owner = &logins[GUESSES];
	unsigned counts[4] = { 0 };

	(void)state;
	start(1);
	in_hash = flood;
	come(&logins[0], "192.0.2.66", STR("alice"), STR("guess 0"));
	while (!owner->decided)
		for (size_t i = 1; i <= GUESSES; i++)
			if (logins[i].woken > 0)
				run(&logins[i]);
	assert_int_equal(owner->verdict.outcome, AUTH_OK);
	/* One guess was on already, and one may be the suspects' turn. */
	assert_in_range(slow_hashes, 2, 3);
	run_woken(GUESSES + 1);
	for (size_t i = 0; i < GUESSES; i++) {
		assert_true(logins[i].decided);
		counts[logins[i].verdict.outcome]++;
		assert_int_equal(logins[i].hashes > 0,
		    logins[i].verdict.outcome == AUTH_DENIED);
	}
	assert_int_equal(counts[AUTH_DENIED], THROTTLE_FAILURES_MAX);
	assert_int_equal(counts[AUTH_BUSY], GUESSES - THROTTLE_FAILURES_MAX);
	for (size_t i = 0; i <= GUESSES; i++)
		auth_check_free(logins[i].check);
}

/* A guess each from a hundred addresses, and the owner comes last, from a network
 * where he has logged in before; his own address has failed, too. */
static void
flood_of_strangers(void)
{
	static char peers[GUESSES][32];

	for (size_t i = 1; i < GUESSES; i++) {
		snprintf(peers[i], sizeof(peers[i]), "198.51.%zu.1", i);
		come(&logins[i], peers[i], STR("alice"), STR("guess"));
		assert_false(logins[i].decided);
	}
	come(&logins[GUESSES], "192.0.2.9", STR("alice"), STR("pencil"));
	assert_false(logins[GUESSES].decided);
}

static void
test_strangers_do_not_keep_the_owner_waiting(void **state)
{
	struct login *owner = &logins[GUESSES], before = { 0 };

	(void)state;
	start(1);
	come(&before, "192.0.2.1", STR("alice"), STR("pencil"));
	assert_int_equal(before.verdict.outcome, AUTH_OK);
	auth_check_free(before.check);
	before = (struct login){ 0 };
	come(&before, "192.0.2.9", STR("alice"), STR("pen"));
	assert_int_equal(before.verdict.outcome, AUTH_DENIED);
	auth_check_free(before.check);
	/* The password is no longer remembered. */
	clock_fake(1000000 + LIFETIME_MS, 1700000000);
	slow_hashes = 0;
	in_hash = flood_of_strangers;
	come(&logins[0], "203.0.113.1", STR("alice"), STR("guess"));
	while (!owner->decided)
		for (size_t i = 1; i <= GUESSES; i++)
			if (logins[i].woken > 0)
				run(&logins[i]);
	assert_int_equal(owner->verdict.outcome, AUTH_OK);
	assert_int_equal(slow_hashes, 2);
	run_woken(GUESSES + 1);
	assert_int_equal(slow_hashes, GUESSES + 1);
	for (size_t i = 0; i <= GUESSES; i++)
		auth_check_free(logins[i].check);
}

/* -- time ---------------------------------------------------------------- */

static uint64_t hash_ms;

static void
take_time(void)
{
	clock_fake(clock_ms() + hash_ms, 1700000000);
}

/* A hash that is cheaper or dearer than that of a user who is not there does not
 * tell by the time of the answer, while it takes less than the delay. */
static void
test_hash_is_part_of_the_delay(void **state)
{
	static const uint64_t took[] = { 0, 100, 249, 250, 1000 };
	char peer[32];

	(void)state;
	start(1);
	for (size_t i = 0; i < sizeof(took) / sizeof(*took); i++) {
		uint64_t begun_ms = clock_ms(), told_ms;
		struct login l = { 0 };

		/* A first failure costs 250 ms. */
		snprintf(peer, sizeof(peer), "198.51.100.%zu", i);
		hash_ms = took[i];
		in_hash = take_time;
		come(&l, peer, i % 2 == 0 ? STR("alice") : STR("nobody"),
		    STR("pen"));
		assert_int_equal(l.verdict.outcome, AUTH_DENIED);
		told_ms = clock_ms() + l.verdict.delay_ms - begun_ms;
		assert_int_equal(told_ms, took[i] < 250 ? 250 : took[i]);
		auth_check_free(l.check);
		clock_fake(
		    clock_ms() + 100 * THROTTLE_HALF_LIFE_MS, 1700000000);
	}
}

/* -- giving up --------------------------------------------------------- */

static void
three_more(void)
{
	come(&logins[1], "192.0.2.1", STR("nobody1"), STR("x"));
	come(&logins[2], "192.0.2.2", STR("nobody2"), STR("x"));
	come(&logins[3], "192.0.2.3", STR("alice"), STR("pencil"));
}

/* Connections that are gone leave no hole in the line. */
static void
test_gone_while_waiting(void **state)
{
	(void)state;
	start(1);
	in_hash = three_more;
	come(&logins[0], "192.0.2.1", STR("nobody"), STR("x"));
	auth_check_free(logins[0].check);
	assert_int_equal(logins[1].woken, 1);
	auth_check_free(logins[2].check); /* waits */
	assert_int_equal(logins[3].woken, 0);
	auth_check_free(logins[1].check); /* has its turn */
	assert_int_equal(logins[3].woken, 1);
	run(&logins[3]);
	assert_int_equal(logins[2].woken, 0);
	assert_int_equal(slow_hashes, 2);
	assert_int_equal(logins[3].verdict.outcome, AUTH_OK);
	auth_check_free(logins[3].check);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_one_hash_for_all),
		CASE(test_no_sharing_of_wrong_ones),
		CASE(test_looked_up_at_its_turn),
		CASE(test_unknown_users_are_no_twins),
		CASE(test_guesser_does_not_keep_the_owner_waiting),
		CASE(test_strangers_do_not_keep_the_owner_waiting),
		CASE(test_hash_is_part_of_the_delay),
		CASE(test_gone_while_waiting),
	};

	return cmocka_run_group_tests_name("auth_turns", tests, NULL, NULL);
}
