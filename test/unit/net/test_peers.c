/* SPDX-License-Identifier: MIT
 *
 * net/peers: which connections are those of one address.
 */
#include "net/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* In order, where one address may have two connections. */
static const struct {
	const char *peer;
	bool counted;
	bool enters;
} cases[] = {
	{ "192.0.2.1", true, true },
	{ "192.0.2.1", true, true },
	{ "192.0.2.1", false, false },
	{ "192.0.2.2", true, true },
	/* A /64 is one. */
	{ "2001:db8::1", true, true },
	{ "2001:db8::2", true, true },
	{ "2001:db8:0:0:ffff::3", false, false },
	{ "2001:db8:0:1::3", true, true },
	/* This machine. */
	{ "127.0.0.1", false, true },
	{ "127.0.0.1", false, true },
	{ "127.0.0.1", false, true },
	{ "127.9.9.9", false, true },
	{ "::1", false, true },
	{ "::1", false, true },
	{ "::1", false, true },
	{ "unix", false, true },
	{ "unix", false, true },
	{ "unix", false, true },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

static void
test_who_is_one(void **state)
{
	struct shares *s =
	    shares_new((struct shares_limits){ .connections = 2 });
	struct share *counted[CASES];

	(void)state;
	for (size_t i = 0; i < CASES; i++) {
		bool enters = peers_enter(s, cases[i].peer, &counted[i]);

		if (enters != cases[i].enters)
			print_message("%zu: %s\n", i, cases[i].peer);
		assert_int_equal(enters, cases[i].enters);
		assert_int_equal(counted[i] != NULL, cases[i].counted);
	}
	for (size_t i = 0; i < CASES; i++)
		share_leave(counted[i]);
	assert_true(peers_enter(s, "192.0.2.1", &counted[0]));
	share_leave(counted[0]);
	shares_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
