/* SPDX-License-Identifier: MIT
 *
 * base/clock: the calendar, both ways; the fake clock.
 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <time.h>

static void
test_known_days(void **state)
{
	static const struct {
		int64_t seconds;
		struct clock_civil civil;
		int weekday;
	} cases[] = {
		{ 0, { 1970, 1, 1, 0, 0, 0 }, 4 },
		{ -1, { 1969, 12, 31, 23, 59, 59 }, 3 },
		{ 951782400, { 2000, 2, 29, 0, 0, 0 }, 2 },
		{ 4107542400, { 2100, 3, 1, 0, 0, 0 }, 1 },
		{ 1767225599, { 2025, 12, 31, 23, 59, 59 }, 3 },
		{ -62135596800, { 1, 1, 1, 0, 0, 0 }, 1 },
		{ -11644473600, { 1601, 1, 1, 0, 0, 0 }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct clock_civil c = clock_civil_of(cases[i].seconds);
		int64_t day = (cases[i].seconds - c.second - c.minute * 60 -
				  c.hour * 3600) /
			      86400;

		assert_memory_equal(&c, &cases[i].civil, sizeof(c));
		assert_int_equal(clock_seconds_of(c), cases[i].seconds);
		assert_int_equal(clock_weekday(day), cases[i].weekday);
	}
}

static void
test_every_day(void **state)
{
	struct clock_civil before = clock_civil_of(-86400LL * 800001);

	(void)state;
	for (int64_t day = -800000; day <= 800000; day++) {
		struct clock_civil c = clock_civil_of(day * 86400);

		assert_int_equal(clock_seconds_of(c), day * 86400);
		if (c.day != 1)
			assert_int_equal(c.day, before.day + 1);
		else if (c.month != 1)
			assert_int_equal(c.month, before.month + 1);
		else
			assert_int_equal(c.year, before.year + 1);
		before = c;
	}
}

static void
test_fake(void **state)
{
	uint64_t now = clock_ms();

	(void)state;
	clock_fake(5, 7);
	assert_int_equal(clock_ms(), 5);
	assert_int_equal(clock_wall(), 7);
	clock_fake(0, 0);
	assert_true(clock_ms() >= now);
	assert_true(clock_wall() > 1700000000);
}

/* The stamp says the time that the C library says. */
static void
test_stamp(void **state)
{
	char stamp[CLOCK_STAMP_BYTES], seconds[CLOCK_STAMP_BYTES];
	struct timespec before, after;

	(void)state;
	do {
		clock_gettime(CLOCK_REALTIME, &before);
		clock_stamp(stamp);
		clock_gettime(CLOCK_REALTIME, &after);
	} while (before.tv_sec != after.tv_sec);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S.",
	    gmtime_r(&before.tv_sec, &(struct tm){ 0 }));
	assert_memory_equal(stamp, seconds, strlen(seconds));
	assert_int_equal(strspn(stamp + 20, "0123456789"), 3);
	assert_string_equal(stamp + 23, "Z");
}

static void
test_next(void **state)
{
	bool differ = false;

	(void)state;
	for (uint64_t key = 0; key < 50; key++) {
		uint64_t first = clock_next(1000000, 900000, key);

		assert_true(first > 1000000 && first <= 1900000);
		/* Whenever one asks until then, it is the same moment. */
		for (uint64_t now = 1000000; now < first; now += 777)
			assert_int_equal(clock_next(now, 900000, key), first);
		assert_int_equal(
		    clock_next(first, 900000, key), first + 900000);
		differ = differ || first != clock_next(1000000, 900000, 0);
	}
	assert_true(differ);
	assert_int_equal(clock_next(7, 1, 99), 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_days),
		cmocka_unit_test(test_every_day),
		cmocka_unit_test(test_fake),
		cmocka_unit_test(test_stamp),
		cmocka_unit_test(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
