/* SPDX-License-Identifier: MIT
 *
 * auth/familiar: who has logged in from where, until when, and that one account
 * does not drive out another.
 */
#include "auth/familiar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/clock.h"

static struct familiar *familiar;

static int
set_up(void **state)
{
	(void)state;
	clock_fake(1000, 1700000000);
	familiar = familiar_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	familiar_free(familiar);
	clock_fake(0, 0);
	return 0;
}

static void
test_networks(void **state)
{
	static const struct {
		const char *used, *from;
		bool has;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.254", true },
		{ "192.0.2.1", "192.0.3.1", false },
		{ "192.0.2.1", "193.0.2.1", false },
		{ "192.0.2.1", "::ffff:c000:201", false },
		{ "2001:db8:1::1", "2001:db8:1:2::3", true },
		{ "2001:db8:1::1", "2001:db8:2::1", false },
		{ "unix", "unix", true },
		{ "unix", "192.0.2.1", false },
		{ "", "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t account = i + 1;

		assert_false(familiar_has(familiar, account, cases[i].used));
		familiar_add(familiar, account, cases[i].used);
		if (familiar_has(familiar, account, cases[i].from) !=
		    cases[i].has)
			fail_msg("case %zu", i);
		/* To nobody else. */
		assert_false(
		    familiar_has(familiar, account + 100, cases[i].used));
	}
}

static void
test_end(void **state)
{
	(void)state;
	familiar_add(familiar, 1, "192.0.2.1");
	clock_fake(1000 + FAMILIAR_MS_MAX - 1, 1700000000);
	assert_true(familiar_has(familiar, 1, "192.0.2.1"));
	clock_fake(1000 + FAMILIAR_MS_MAX, 1700000000);
	assert_false(familiar_has(familiar, 1, "192.0.2.1"));
	familiar_add(familiar, 1, "192.0.2.1");
	assert_true(familiar_has(familiar, 1, "192.0.2.1"));
}

/* The ones that were used last are kept. */
static void
test_many_networks(void **state)
{
	char peer[32];

	(void)state;
	familiar_add(familiar, 1, "192.0.2.1");
	for (unsigned i = 0; i < 1000; i++) {
		clock_fake(2000 + i, 1700000000);
		(void)snprintf(
		    peer, sizeof(peer), "10.%u.%u.1", i / 250, i % 250);
		familiar_add(familiar, 1, peer);
		familiar_add(familiar, 1, "192.0.2.1");
		assert_true(familiar_has(familiar, 1, peer));
		assert_true(familiar_has(familiar, 1, "192.0.2.1"));
	}
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(
		    peer, sizeof(peer), "10.%u.%u.1", i / 250, i % 250);
		assert_int_equal(familiar_has(familiar, 1, peer),
		    i > 1000 - FAMILIAR_NETWORKS_MAX);
	}
}

/* However many networks others come from. */
static void
test_accounts_apart(void **state)
{
	unsigned kept = 0;
	char peer[32];

	(void)state;
	for (uint64_t account = 1; account <= 100; account++)
		familiar_add(familiar, account, "192.0.2.1");
	for (unsigned i = 0; i < 10000; i++) {
		clock_fake(2000 + i, 1700000000);
		(void)snprintf(
		    peer, sizeof(peer), "10.%u.%u.1", i / 250, i % 250);
		familiar_add(familiar, 1000, peer);
	}
	for (uint64_t account = 1; account <= 100; account++)
		kept += familiar_has(familiar, account, "192.0.2.1");
	/* All but those whose set is that of the one. */
	assert_true(kept >= 95);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_networks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_many_networks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_accounts_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
