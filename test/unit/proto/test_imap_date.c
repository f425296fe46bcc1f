/* SPDX-License-Identifier: MIT
 *
 * Dates of SEARCH, and moments of APPEND and INTERNALDATE.
 */
#include "imap_fixture.h"

#include "base/clock.h"
#include "proto/imap/date.h"

static bool
trip_date(struct parser *p, struct buf *out)
{
	int64_t day;

	if (!parse_date(p, &day))
		return false;
	write_date(out, day);
	return true;
}

static bool
trip_date_time(struct parser *p, struct buf *out)
{
	int64_t seconds;

	if (!parse_date_time(p, &seconds))
		return false;
	write_date_time(out, seconds);
	return true;
}

static void
test_dates(void **state)
{
	static const struct good good[] = {
		{ "1-Feb-1994", NULL, 0 },
		{ "\"1-Feb-1994\"", "1-Feb-1994", 0 },
		{ "01-feb-1994", "1-Feb-1994", 0 },
		{ "31-DEC-2024", "31-Dec-2024", 0 },
		{ "29-Feb-2024", NULL, 0 },
		{ "29-Feb-2000", NULL, 0 },
		{ "1-Jan-1970", NULL, 0 },
		{ "31-Dec-1969", NULL, 0 },
		{ "1-Jan-0000", NULL, 0 },
		{ "31-Dec-9999", NULL, 0 },
	};
	static const char *const bad[] = { "", "31-Feb-2024", "29-Feb-1900",
		"29-Feb-2023", "31-Apr-2024", "32-Jan-2024", "0-Jan-2024",
		"00-Jan-2024", " 1-Jan-2024", "\" 1-Jan-2024\"", "1-Jan-24",
		"1-Jan-20245", "1-Jan--1", "001-Jan-2024", "1-Foo-2024",
		"1-January-2024", "1 Jan 2024", "\"1-Jan-2024", "1-Jan-2024\"",
		"1-01-2024", "-1-Jan-2024", "+1-Jan-2024", "a" };

	(void)state;
	check_good(trip_date, good, COUNT(good));
	check_bad(trip_date, bad, COUNT(bad));
}

static void
test_date_times(void **state)
{
	static const struct good good[] = {
		{ "\"17-Jul-1996 02:44:25 +0000\"", NULL, 0 },
		{ "\"17-Jul-1996 02:44:25 -0700\"",
		    "\"17-Jul-1996 09:44:25 +0000\"", 0 },
		{ "\" 7-Feb-1994 21:52:25 -0800\"",
		    "\"08-Feb-1994 05:52:25 +0000\"", 0 },
		{ "\"1-Jul-1996 02:44:25 +0000\"",
		    "\"01-Jul-1996 02:44:25 +0000\"", 0 },
		{ "\"01-jan-2024 00:00:00 +0130\"",
		    "\"31-Dec-2023 22:30:00 +0000\"", 0 },
		{ "\"31-Dec-2016 23:59:60 +0000\"",
		    "\"01-Jan-2017 00:00:00 +0000\"", 0 },
		{ "\"01-Jan-1960 12:00:00 -0000\"",
		    "\"01-Jan-1960 12:00:00 +0000\"", 0 },
		{ "\" 1-Jan-0000 00:00:00 +2359\"",
		    "\"01-Jan-0000 00:00:00 +0000\"", 0 },
		{ "\"31-Dec-9999 23:59:59 -2359\"",
		    "\"31-Dec-9999 23:59:59 +0000\"", 0 },
	};
	static const char *const bad[] = { "", "\"\"",
		"17-Jul-1996 02:44:25 +0000", "\"17-Jul-1996 02:44:25\"",
		"\"7 -Jul-1996 02:44:25 +0000\"",
		"\" 0-Jul-1996 02:44:25 +0000\"",
		"\"31-Jun-1996 02:44:25 +0000\"",
		"\"17-Jul-1996 24:44:25 +0000\"",
		"\"17-Jul-1996 02:60:25 +0000\"",
		"\"17-Jul-1996 02:44:61 +0000\"",
		"\"17-Jul-1996 02:44:25 +9999\"",
		"\" 1-Jan-0000 00:00:00 +9999\"",
		"\"17-Jul-1996 02:44:25 +2400\"",
		"\"17-Jul-1996 02:44:25 +0060\"",
		"\"17-Jul-1996 02:44:25 0000\"", "\"17-Jul-1996 02:44:25 GMT\"",
		"\"17-Jul-1996  02:44:25 +0000\"",
		"\"17-Jul-1996 2:44:25 +0000\"",
		"\"17-Jul-1996 02:44:25 +0000 \"",
		"{26}\r\n17-Jul-1996 02:44:25 +0000" };

	(void)state;
	check_good(trip_date_time, good, COUNT(good));
	check_bad(trip_date_time, bad, COUNT(bad));
}

static void
test_values(void **state)
{
	struct arena *arena = arena_new(65536);
	struct parse_options none = { 0 };
	struct parser p;
	int64_t value;

	(void)state;
	parser_init(&p, STR("2-Jan-1970"), arena, none);
	assert_true(parse_date(&p, &value));
	assert_int_equal(value, 1);
	parser_init(&p, STR("31-Dec-1969"), arena, none);
	assert_true(parse_date(&p, &value));
	assert_int_equal(value, -1);
	parser_init(&p, STR("\"01-Jan-1970 01:00:01 +0100\""), arena, none);
	assert_true(parse_date_time(&p, &value));
	assert_int_equal(value, 1);
	arena_free(arena);
}

/* What the grammar cannot hold is written as the nearest it can. */
static void
test_extremes(void **state)
{
	struct buf to;

	(void)state;
	buf_init(&to, 200);
	write_date_time(&to, INT64_MAX);
	write_date_time(&to, INT64_MIN);
	write_date(&to, INT64_MAX);
	write_date(&to, INT64_MIN);
	assert_true(str_eq(buf_str(&to),
	    STR("\"31-Dec-9999 23:59:59 +0000\"\"01-Jan-0000 00:00:00 +0000\""
		"31-Dec-99991-Jan-0000")));
	buf_fini(&to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_date_times),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
