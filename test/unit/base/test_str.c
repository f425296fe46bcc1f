/* SPDX-License-Identifier: MIT
 *
 * base/str: views, comparison, cutting, numbers.
 */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

/* A copy at the end of a block of its own, so that the sanitizer sees a read
 * behind it; freed by the caller. */
static struct str
tight(const char *text)
{
	struct str s = str_of(text);

	return (struct str){ mem_copy(s.p, s.n), s.n };
}

static void
test_views(void **state)
{
	struct str s = STR("abc");
	struct cursor c = str_cursor(s);

	(void)state;
	assert_int_equal(s.n, 3);
	assert_int_equal(str_of(NULL).n, 0);
	c.at += 2;
	assert_true(str_eq(str_until(s.p, &c), STR("ab")));
}

static void
test_compare(void **state)
{
	const struct {
		struct str a, b;
		int order, nocase;
	} cases[] = {
		{ { NULL, 0 }, { "", 0 }, 0, 0 },
		{ STR("a"), STR("a"), 0, 0 },
		{ STR("a"), STR("A"), 1, 0 },
		{ STR("Z"), STR("a"), -1, 1 },
		{ STR("ab"), STR("a"), 1, 1 },
		{ STR("\xff"), STR("a"), 1, 1 },
		{ STR("a\0b"), STR("a\0c"), -1, -1 },
		{ STR("["), STR("a"), -1, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int order = str_cmp(cases[i].a, cases[i].b);
		int nocase = str_cmp_nocase(cases[i].a, cases[i].b);

		assert_int_equal((order > 0) - (order < 0), cases[i].order);
		assert_int_equal((nocase > 0) - (nocase < 0), cases[i].nocase);
		assert_int_equal(str_eq(cases[i].a, cases[i].b), order == 0);
		assert_int_equal(
		    str_eq_nocase(cases[i].a, cases[i].b), nocase == 0);
	}
}

static void
test_parts(void **state)
{
	struct str s = STR("Hello");

	(void)state;
	assert_true(str_begins(s, STR("He")) && str_begins(s, STR("")));
	assert_false(str_begins(s, STR("he")));
	assert_true(str_begins_nocase(s, STR("hE")));
	assert_false(str_begins_nocase(STR("h"), STR("he")));
	assert_true(str_ends(s, STR("llo")) && str_ends(s, STR("")));
	assert_false(str_ends(STR("o"), STR("lo")));
	assert_int_equal(str_find(s, 'l'), 2);
	assert_int_equal(str_find(s, 'x'), 5);
	assert_int_equal(str_find((struct str){ NULL, 0 }, 'x'), 0);
	assert_true(str_eq(str_skip(s, 3), STR("lo")));
	assert_int_equal(str_skip(s, 9).n, 0);
	assert_true(str_eq(str_head(s, 2), STR("He")));
	assert_true(str_eq(str_head(s, 9), s));
	assert_true(str_eq(str_trim(STR(" \t\r\na b\r\n ")), STR("a b")));
	assert_int_equal(str_trim(STR(" \r\n")).n, 0);
}

static void
test_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool good;
		uint64_t number;
	} cases[] = {
		{ "0", 10, true, 0 },
		{ "10", 10, true, 10 },
		{ "11", 10, false, 0 },
		{ "007", 10, true, 7 },
		{ "", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ "1a", 10, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999", UINT64_MAX, false, 0 },
		{ "4294967296", UINT32_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = tight(cases[i].text);
		uint64_t number = 77;

		assert_int_equal(
		    str_number(text, cases[i].max, &number), cases[i].good);
		assert_int_equal(number, cases[i].good ? cases[i].number : 77);
		mem_free((void *)(uintptr_t)text.p);
	}
}

static void
test_digits(void **state)
{
	static const struct {
		uint64_t number;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ 1234567890, "1234567890" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char room[STR_DIGITS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_true(str_eq(str_of_number(cases[i].number, room),
		    str_of(cases[i].text)));
}

static void
test_letters(void **state)
{
	(void)state;
	for (int byte = -128; byte < 128; byte++) {
		char c = (char)byte;
		bool upper = c >= 'A' && c <= 'Z';
		bool lower = c >= 'a' && c <= 'z';

		assert_int_equal(str_lower(c), upper ? c + 32 : c);
		assert_int_equal(str_upper(c), lower ? c - 32 : c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
