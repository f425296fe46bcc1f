/* SPDX-License-Identifier: MIT
 *
 * net/peers: connections at once and a minute, by address and network.
 */
#include "net/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/clock.h"
#include "base/limits.h"

static int
setup(void **state)
{
	(void)state;
	clock_fake(1000000, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clock_fake(0, 0);
	return 0;
}

static void
test_at_once(void **state)
{
	struct peers *p = peers_new((struct peers_limits){ .connections = 2 });

	(void)state;
	assert_true(peers_enter(p, "192.0.2.1"));
	assert_true(peers_enter(p, "192.0.2.1"));
	assert_false(peers_enter(p, "192.0.2.1"));
	assert_true(peers_enter(p, "192.0.2.2"));
	peers_leave(p, "192.0.2.1");
	assert_true(peers_enter(p, "192.0.2.1"));
	assert_false(peers_enter(p, "192.0.2.1"));
	/* A /64 is one. */
	assert_true(peers_enter(p, "2001:db8::1"));
	assert_true(peers_enter(p, "2001:db8::2"));
	assert_false(peers_enter(p, "2001:db8:0:0:ffff::3"));
	assert_true(peers_enter(p, "2001:db8:0:1::3"));
	for (int i = 0; i < 3; i++) {
		assert_true(peers_enter(p, "127.0.0.1"));
		assert_true(peers_enter(p, "127.9.9.9"));
		assert_true(peers_enter(p, "::1"));
		assert_true(peers_enter(p, "unix"));
	}
	peers_free(p);
}

static void
test_rate(void **state)
{
	struct peers *p = peers_new((struct peers_limits){ .per_minute = 60 });
	int count = 0;

	(void)state;
	while (peers_enter(p, "192.0.2.1")) {
		peers_leave(p, "192.0.2.1");
		count++;
	}
	assert_int_equal(count, 60);
	clock_fake(1000999, 1);
	assert_false(peers_enter(p, "192.0.2.1"));
	clock_fake(1001000, 1);
	assert_true(peers_enter(p, "192.0.2.1"));
	assert_false(peers_enter(p, "192.0.2.1"));
	assert_true(peers_enter(p, "192.0.2.2"));
	/* No more than so many, however long one waits. */
	clock_fake(UINT64_C(1) << 40, 1);
	for (count = 0; peers_enter(p, "192.0.2.1"); count++)
		;
	assert_int_equal(count, 60);
	peers_free(p);
}

static void
test_no_limits(void **state)
{
	struct peers *p = peers_new((struct peers_limits){ 0 });

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_true(peers_enter(p, "192.0.2.1"));
	for (int i = 0; i < 10000; i++)
		peers_leave(p, "192.0.2.1");
	peers_free(p);
}

/* Addresses without end take no memory without end, and those that have
 * connections are not forgotten. */
static void
test_many(void **state)
{
	struct peers *p = peers_new(
	    (struct peers_limits){ .connections = 1, .per_minute = 5 });
	char peer[32];

	(void)state;
	assert_true(peers_enter(p, "198.51.100.1"));
	for (unsigned i = 0; i < 4 * PEERS_KEPT; i++) {
		(void)snprintf(peer, sizeof(peer), "10.%u.%u.%u", i >> 16,
		    i >> 8 & 255, i & 255);
		assert_true(peers_enter(p, peer));
		peers_leave(p, peer);
	}
	assert_false(peers_enter(p, "198.51.100.1"));
	peers_leave(p, "198.51.100.1");
	assert_true(peers_enter(p, "198.51.100.1"));
	peers_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_no_limits),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
