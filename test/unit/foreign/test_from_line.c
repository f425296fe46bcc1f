/* SPDX-License-Identifier: MIT
 *
 * From_ lines with the dates of several programs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "foreign/from_line.h"

static const struct {
	const char *line;
	int64_t seconds; /* -1: it is none */
} cases[] = {
	{ "From a@b Thu Jan  1 00:00:00 1970", 0 },
	{ "From root@vm  Fri Nov 27 18:45:20 2026", 1795805120 },
	{ "From - Fri Nov 27 18:45:20 2026", 1795805120 },
	{ "From a b c Fri Nov 27 18:45:20 2026", 1795805120 },
	{ "From Fri Nov 27 18:45:20 2026", 1795805120 },
	{ "From a@b Fri Nov 27 18:45 2026", 1795805100 },
	{ "From a@b Fri Nov 27 18:45:20 CET 2026", 1795805120 },
	{ "From a@b Fri Nov 27 18:45:20 +0100 2026", 1795801520 },
	{ "From a@b Fri Nov 27 18:45:20 2026 -0130", 1795810520 },
	{ "From a@b fri nov 27 18:45:20 2026 remote from c", 1795805120 },
	{ "From Mon a@b Fri Nov 27 18:45:20 2026", 1795805120 },
	{ "From here to there", -1 },
	{ "From a@b Fri Nov 27 2026", -1 },
	{ "From a@b Fri Nov 32 18:45:20 2026", -1 },
	{ "From a@b Fri Nov 0 18:45:20 2026", -1 },
	{ "From a@b Fri Nov 27 24:45:20 2026", -1 },
	{ "From a@b Fri Nov 27 18:45:20", -1 },
	{ "From a@b Fri Nov 27 18:45:20 20265", -1 },
	{ "From: a@b Fri Nov 27 18:45:20 2026", -1 },
	{ ">From a@b Fri Nov 27 18:45:20 2026", -1 },
	{ "From ", -1 },
	{ "From", -1 },
	{ "", -1 },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t seconds = -1;

		assert_int_equal(
		    from_line_parse(str_of(cases[i].line), &seconds),
		    cases[i].seconds >= 0);
		assert_true(seconds == cases[i].seconds);
	}
}

static void
test_back(void **state)
{
	static const int64_t moments[] = { 0, 1, -1, -86400, 951782400,
		1795805120, 4102444799, -62135596800, 253402300799 };

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		int64_t seconds;
		struct buf to;

		buf_init(&to, 100);
		from_line_add(&to, moments[i]);
		assert_int_equal(to.p[to.n - 1], '\n');
		assert_true(from_line_parse(
		    str_head(buf_str(&to), to.n - 1), &seconds));
		assert_true(seconds == moments[i]);
		buf_fini(&to);
	}
}

static void
test_far(void **state)
{
	static const int64_t moments[] = { INT64_MIN, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int64_t seconds;
		struct buf to;

		buf_init(&to, 100);
		from_line_add(&to, moments[i]);
		assert_true(from_line_parse(
		    str_head(buf_str(&to), to.n - 1), &seconds));
		assert_true(seconds == (i == 0 ? -62167219200 : 253402300799));
		buf_fini(&to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
