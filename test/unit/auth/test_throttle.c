/* SPDX-License-Identifier: MIT
 *
 * auth/throttle: delays and refusals, on a fake clock.
 */
#include "auth/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"

#define HOUR_MS (60 * 60 * 1000)

static int
setup(void **state)
{
	clock_fake(HOUR_MS, 1700000000);
	*state = throttle_new();
	return 0;
}

static int
teardown(void **state)
{
	throttle_free(*state);
	clock_fake(0, 0);
	return 0;
}

static void
test_delay_doubles_to_a_maximum(void **state)
{
	static const uint32_t want[] = { 250, 500, 1000, 2000, 4000, 8000,
		15000, 15000, 15000 };
	struct throttle *t = *state;

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
		assert_int_equal(
		    throttle_failed(t, "192.0.2.1", STR("a")), want[i]);
}

/* Malformed messages of others have no name that could be slowed down. */
static void
test_no_name_is_no_account(void **state)
{
	struct throttle *t = *state;

	for (unsigned i = 2; i < 100; i++) {
		char peer[32];

		(void)snprintf(peer, sizeof(peer), "192.0.2.%u", i);
		assert_int_equal(throttle_failed(t, peer, STR("")), 250);
	}
	assert_int_equal(throttle_failed(t, "192.0.2.2", STR("")), 500);
}

static void
test_first_success_is_not_delayed(void **state)
{
	assert_int_equal(throttle_succeeded(*state, "192.0.2.1", STR("a")), 0);
}

static void
test_success_after_a_typo_is_a_little_late(void **state)
{
	throttle_failed(*state, "192.0.2.1", STR("a"));
	assert_int_equal(
	    throttle_succeeded(*state, "192.0.2.1", STR("a")), 250);
}

/* For as long as a failure delays; failures of others on its account do not
 * make an address suspect. */
static void
test_suspects(void **state)
{
	struct throttle *t = *state;

	assert_false(throttle_suspects(t, "192.0.2.1"));
	throttle_failed(t, "192.0.2.1", STR("a"));
	assert_true(throttle_suspects(t, "192.0.2.1"));
	assert_false(throttle_suspects(t, "192.0.2.2"));
	throttle_succeeded(t, "192.0.2.2", STR("a"));
	assert_false(throttle_suspects(t, "192.0.2.2"));
	clock_fake(HOUR_MS + THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_true(throttle_suspects(t, "192.0.2.1"));
	clock_fake(HOUR_MS + 2 * THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_false(throttle_suspects(t, "192.0.2.1"));
}

/* Garbage counts against its address, and against no account. */
static void
test_offended(void **state)
{
	struct throttle *t = *state;

	assert_int_equal(throttle_offended(t, "192.0.2.1"), 250);
	assert_int_equal(throttle_offended(t, "192.0.2.1"), 500);
	assert_int_equal(throttle_failed(t, "192.0.2.1", STR("a")), 1000);
	assert_true(throttle_suspects(t, "192.0.2.1"));
	assert_false(throttle_suspects(t, "192.0.2.2"));
	for (int i = 0; i < THROTTLE_FAILURES_MAX; i++)
		throttle_offended(t, "192.0.2.1");
	assert_false(throttle_allows(t, "192.0.2.1"));
	assert_int_equal(throttle_succeeded(t, "192.0.2.2", STR("b")), 0);
}

/* C12: many strangers against one user leave the owner a small delay. */
static void
test_owner_is_not_kept_out(void **state)
{
	struct throttle *t = *state;
	char peer[32];
	uint32_t ms;

	for (int i = 0; i < 1000; i++) {
		snprintf(peer, sizeof(peer), "198.51.%d.%d", i / 250, i % 250);
		throttle_failed(t, peer, STR("owner"));
	}
	assert_true(throttle_allows(t, "192.0.2.77"));
	ms = throttle_succeeded(t, "192.0.2.77", STR("owner"));
	assert_in_range(ms, 1, 1000);
	/* and has shown that the failures were not his */
	assert_int_equal(throttle_succeeded(t, "192.0.2.77", STR("owner")), 0);
}

/* C12: one address against many users. */
static void
test_address_is_refused(void **state)
{
	struct throttle *t = *state;
	char user[32];

	for (int i = 0; i < THROTTLE_FAILURES_MAX; i++) {
		assert_true(throttle_allows(t, "192.0.2.1"));
		snprintf(user, sizeof(user), "user%d", i);
		throttle_failed(t, "192.0.2.1", str_of(user));
	}
	assert_false(throttle_allows(t, "192.0.2.1"));
	assert_true(throttle_allows(t, "192.0.2.2"));
	clock_fake(HOUR_MS + THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_true(throttle_allows(t, "192.0.2.1"));
	assert_int_equal(throttle_succeeded(t, "192.0.2.1", STR("x")),
	    THROTTLE_DELAY_MS_MAX);
}

static void
test_success_does_not_clear_the_address(void **state)
{
	struct throttle *t = *state;

	for (int i = 0; i < 5; i++)
		throttle_failed(t, "192.0.2.1", STR("victim"));
	throttle_succeeded(t, "192.0.2.1", STR("attacker"));
	assert_int_equal(throttle_failed(t, "192.0.2.1", STR("victim")), 8000);
}

static void
test_decay(void **state)
{
	struct throttle *t = *state;

	for (int i = 0; i < 4; i++)
		throttle_failed(t, "192.0.2.1", STR("a"));
	clock_fake(HOUR_MS + THROTTLE_HALF_LIFE_MS / 2, 1700000000);
	assert_int_equal(throttle_succeeded(t, "192.0.2.1", STR("b")), 1000);
	clock_fake(HOUR_MS + THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_int_equal(throttle_succeeded(t, "192.0.2.1", STR("b")), 500);
	clock_fake(HOUR_MS + 4ull * THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_int_equal(throttle_succeeded(t, "192.0.2.1", STR("b")), 0);
	clock_fake(HOUR_MS + 99ull * THROTTLE_HALF_LIFE_MS, 1700000000);
	assert_int_equal(throttle_succeeded(t, "192.0.2.1", STR("b")), 0);
}

static void
test_what_is_one_address(void **state)
{
	static const struct {
		const char *failing;
		const char *trying;
		bool same;
	} cases[] = {
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true },
		{ "2001:db8:2:2::1", "2001:db8:2:3::1", false },
		{ "203.0.113.5", "203.0.113.6", false },
		{ "::ffff:203.0.113.7", "::ffff:203.0.113.8", false },
		{ "unix", "unix", true },
	};
	struct throttle *t = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t ms;

		throttle_failed(t, cases[i].failing, STR("a"));
		ms = throttle_succeeded(t, cases[i].trying, STR("b"));
		if ((ms > 0) != cases[i].same)
			fail_msg("%s then %s: %u ms", cases[i].failing,
			    cases[i].trying, ms);
	}
}

/* Far more addresses than there is room for do not wash out a heavy one. */
static void
test_flood_keeps_the_heavy(void **state)
{
	struct throttle *t = *state;
	char peer[64];

	for (int i = 0; i < THROTTLE_FAILURES_MAX; i++)
		throttle_failed(t, "192.0.2.1", STR("a"));
	for (int i = 0; i < 3 * THROTTLE_ENTRIES_MAX; i++) {
		snprintf(
		    peer, sizeof(peer), "2001:db8:%x:%x::1", i >> 8, i & 255);
		throttle_failed(t, peer, STR("b"));
	}
	assert_false(throttle_allows(t, "192.0.2.1"));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(test_delay_doubles_to_a_maximum),
		CASE(test_no_name_is_no_account),
		CASE(test_first_success_is_not_delayed),
		CASE(test_success_after_a_typo_is_a_little_late),
		CASE(test_suspects),
		CASE(test_offended),
		CASE(test_owner_is_not_kept_out),
		CASE(test_address_is_refused),
		CASE(test_success_does_not_clear_the_address),
		CASE(test_decay),
		CASE(test_what_is_one_address),
		CASE(test_flood_keeps_the_heavy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
