/* SPDX-License-Identifier: MIT
 *
 * net/share: connections at once and a minute.
 */
#include "net/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
	struct shares *s =
	    shares_new((struct shares_limits){ .connections = 2 });
	struct share *one, *two, *other, *none = NULL;

	(void)state;
	assert_int_equal(share_enter(s, 1, &one), SHARE_OK);
	assert_int_equal(share_enter(s, 1, &two), SHARE_OK);
	assert_int_equal(share_enter(s, 1, &none), SHARE_FULL);
	assert_null(none);
	assert_int_equal(share_enter(s, 2, &other), SHARE_OK);
	share_leave(one);
	assert_int_equal(share_enter(s, 1, &one), SHARE_OK);
	assert_int_equal(share_enter(s, 1, &none), SHARE_FULL);
	share_leave(one);
	share_leave(two);
	share_leave(other);
	share_leave(NULL);
	shares_free(s);
	shares_free(NULL);
}

static unsigned
come_and_go(struct shares *s, uint64_t key)
{
	struct share *share;
	unsigned count = 0;

	while (count < 100000 && share_enter(s, key, &share) == SHARE_OK) {
		share_leave(share);
		count++;
	}
	return count;
}

static void
test_rate(void **state)
{
	struct shares *s =
	    shares_new((struct shares_limits){ .per_minute = 60 });
	struct share *none = NULL;

	(void)state;
	assert_int_equal(come_and_go(s, 1), 60);
	assert_int_equal(share_enter(s, 1, &none), SHARE_FAST);
	assert_null(none);
	clock_fake(1000999, 1);
	assert_int_equal(come_and_go(s, 1), 0);
	clock_fake(1001000, 1);
	assert_int_equal(come_and_go(s, 1), 1);
	assert_int_equal(come_and_go(s, 2), 60);
	/* No more than so many, however long one waits. */
	clock_fake(UINT64_C(1) << 40, 1);
	assert_int_equal(come_and_go(s, 1), 60);
	shares_free(s);
}

static void
test_no_limits(void **state)
{
	struct shares *s = shares_new((struct shares_limits){ 0 });
	struct share *share = NULL;

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(share_enter(s, 1, &share), SHARE_OK);
	for (int i = 0; i < 10000; i++)
		share_leave(share);
	shares_free(s);
}

/* Who is there stays, whatever the limits become. */
static void
test_other_limits(void **state)
{
	struct shares *s = shares_new((struct shares_limits){ 0 });
	struct share *first[3], *share = NULL;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(share_enter(s, 1, &first[i]), SHARE_OK);
	shares_set_limits(
	    s, (struct shares_limits){ .connections = 2, .per_minute = 5 });
	assert_int_equal(share_enter(s, 1, &share), SHARE_FULL);
	share_leave(first[0]);
	assert_int_equal(share_enter(s, 1, &share), SHARE_FULL);
	share_leave(first[1]);
	assert_int_equal(come_and_go(s, 1), 5);
	shares_set_limits(s, (struct shares_limits){ .per_minute = 7 });
	assert_int_equal(come_and_go(s, 1), 7);
	shares_set_limits(s, (struct shares_limits){ .per_minute = 3 });
	clock_fake(3000000, 1);
	assert_int_equal(come_and_go(s, 1), 3);
	share_leave(first[2]);
	shares_free(s);
}

/* Octets a second, all connections together; the clock stands still. */
static void
test_bandwidth(void **state)
{
	const uint64_t rate = 100000, burst = SHARE_BURST_MS / 1000 * rate;
	struct shares *s =
	    shares_new((struct shares_limits){ .bytes_per_second = rate });
	struct share *one, *two, *other;

	(void)state;
	assert_int_equal(share_enter(s, 1, &one), SHARE_OK);
	assert_int_equal(share_enter(s, 1, &two), SHARE_OK);
	assert_int_equal(share_enter(s, 2, &other), SHARE_OK);
	assert_int_equal(share_turn_bytes(one, 1 << 20), rate / 4);
	assert_int_equal(share_turn_bytes(one, 1000), 1000);
	/* What was saved may go at once. */
	share_spend(one, burst);
	assert_int_equal(share_pause_ms(one), 0);
	share_spend(two, rate);
	assert_int_equal(share_pause_ms(one), 1000);
	assert_int_equal(share_pause_ms(two), 1000);
	assert_int_equal(share_pause_ms(other), 0);
	share_spend(one, 1);
	assert_int_equal(share_pause_ms(one), 1001);
	clock_fake(1001001, 1);
	assert_int_equal(share_pause_ms(one), 0);
	share_spend(one, 1000 * rate);
	assert_int_equal(share_pause_ms(one), SHARE_PAUSE_MS_MAX);
	/* Not even for who goes and comes again. */
	share_leave(one);
	share_leave(two);
	assert_int_equal(share_enter(s, 1, &one), SHARE_OK);
	assert_int_equal(share_pause_ms(one), SHARE_PAUSE_MS_MAX);
	/* No more is saved than so much, however long one waits. */
	clock_fake(UINT64_C(1) << 40, 1);
	share_spend(one, burst);
	assert_int_equal(share_pause_ms(one), 0);
	share_spend(one, rate / 2);
	assert_int_equal(share_pause_ms(one), 500);
	shares_set_limits(s, (struct shares_limits){ 0 });
	assert_int_equal(share_pause_ms(one), 0);
	assert_int_equal(share_turn_bytes(one, 1 << 20), 1 << 20);
	shares_set_limits(s, (struct shares_limits){ .bytes_per_second = 1 });
	assert_int_equal(share_turn_bytes(one, 1 << 20), SHARE_RATE_MIN / 4);
	assert_int_equal(share_pause_ms(NULL), 0);
	assert_int_equal(share_turn_bytes(NULL, 7), 7);
	share_spend(NULL, 7);
	share_leave(one);
	share_leave(other);
	shares_free(s);
}

/* Keys without end take no memory without end, and those that have connections
 * are not forgotten. */
static void
test_many(void **state)
{
	struct shares *s = shares_new(
	    (struct shares_limits){ .connections = 1, .per_minute = 5 });
	struct share *stays, *share = NULL;

	(void)state;
	assert_int_equal(share_enter(s, 0, &stays), SHARE_OK);
	for (unsigned i = 1; i < 4 * SHARES_KEPT; i++) {
		assert_int_equal(share_enter(s, i, &share), SHARE_OK);
		share_leave(share);
	}
	assert_int_equal(share_enter(s, 0, &share), SHARE_FULL);
	share_leave(stays);
	assert_int_equal(share_enter(s, 0, &stays), SHARE_OK);
	share_leave(stays);
	shares_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_at_once, setup),
		cmocka_unit_test_setup(test_rate, setup),
		cmocka_unit_test_setup(test_no_limits, setup),
		cmocka_unit_test_setup(test_other_limits, setup),
		cmocka_unit_test_setup(test_bandwidth, setup),
		cmocka_unit_test_setup(test_many, setup),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
