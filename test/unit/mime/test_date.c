/* SPDX-License-Identifier: MIT
 *
 * Dates: the forms of RFC 5322, obsolete ones, what people write, and what is
 * no date.
 */
#include "mime_check.h"

#include "base/clock.h"
#include "mime/date.h"

static void
test_valid(void **state)
{
	const struct {
		struct str text;
		struct clock_civil utc;
		struct clock_civil day;
	} cases[] = {
		{ STR("Fri, 21 Nov 1997 09:55:06 -0600"),
		    { 1997, 11, 21, 15, 55, 6 }, { 1997, 11, 21, 0, 0, 0 } },
		{ STR(" 31 Dec 2000 16:01:33 -0800 (PST)"),
		    { 2001, 1, 1, 0, 1, 33 }, { 2000, 12, 31, 0, 0, 0 } },
		{ STR("Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (N)"),
		    { 1969, 2, 14, 3, 2, 0 }, { 1969, 2, 13, 0, 0, 0 } },
		{ STR("21 Nov 97 09:55:06 GMT"), { 1997, 11, 21, 9, 55, 6 },
		    { 1997, 11, 21, 0, 0, 0 } },
		{ STR("1 Jan 26 00:00 EST"), { 2026, 1, 1, 5, 0, 0 },
		    { 2026, 1, 1, 0, 0, 0 } },
		{ STR("1 Jan 126"), { 2026, 1, 1, 0, 0, 0 },
		    { 2026, 1, 1, 0, 0, 0 } },
		{ STR("7-Apr-2026 10:00:01 +0000"), { 2026, 4, 7, 10, 0, 1 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("Tue Apr  7 10:00:01 2026"), { 2026, 4, 7, 10, 0, 1 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("Tuesday, April 7, 2026 10:00"), { 2026, 4, 7, 10, 0, 0 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("7 Apr 2026 25:00:00 +0200"), { 2026, 4, 6, 22, 0, 0 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("7 Apr 2026 10:00:00 +9999"), { 2026, 4, 7, 10, 0, 0 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("7 Apr 2026 10:00:00 Nowhere"), { 2026, 4, 7, 10, 0, 0 },
		    { 2026, 4, 7, 0, 0, 0 } },
		{ STR("29 Feb 2024 10:00:60 Z"), { 2024, 2, 29, 10, 1, 0 },
		    { 2024, 2, 29, 0, 0, 0 } },
		{ STR("1 Jan 1901"), { 1901, 1, 1, 0, 0, 0 },
		    { 1901, 1, 1, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mime_date date;

		if (!mime_date_parse(cases[i].text, &date))
			fail_msg("case %zu is no date", i);
		if (date.seconds != clock_seconds_of(cases[i].utc))
			fail_msg("case %zu: %jd", i, (intmax_t)date.seconds);
		assert_int_equal(
		    date.day * 86400, clock_seconds_of(cases[i].day));
	}
}

static void
test_invalid(void **state)
{
	const struct str cases[] = { STR(""), STR("   "), STR("yesterday"),
		STR("31 Feb 2024"), STR("29 Feb 2023"), STR("0 Jan 2024"),
		STR("32 Jan 2024"), STR("1 Foo 2024"), STR("1 Jan"),
		STR("1 Jan 99999"), STR("1 Jan 0000"), STR("Jan 2024"),
		STR("(1 Jan 2024"), STR("-"), STR("1-"), STR("1--2"),
		STR("1-Jan-"), STR("\0") };
	struct mime_date date = { .seconds = 7 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (mime_date_parse(cases[i], &date))
			fail_msg("case %zu is a date", i);
	}
	assert_int_equal(date.seconds, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
