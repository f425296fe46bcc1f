/* SPDX-License-Identifier: MIT
 *
 * base/utf8: what is well-formed, normal form C, folding.
 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_valid(void **state)
{
	const struct {
		struct str text;
		bool valid;
	} cases[] = {
		{ STR(""), true },
		{ STR("a\0b"), true },
		{ STR("\xc3\xa4"), true },
		{ STR("\xe2\x82\xac"), true },
		{ STR("\xf0\x9f\x98\x80"), true },
		{ STR("\xf4\x8f\xbf\xbf"), true },
		{ STR("\xef\xbf\xbf"), true },
		{ STR("\x80"), false },
		{ STR("\xc0\x80"), false },	    /* overlong */
		{ STR("\xc1\xbf"), false },	    /* overlong */
		{ STR("\xe0\x9f\xbf"), false },	    /* overlong */
		{ STR("\xf0\x8f\xbf\xbf"), false }, /* overlong */
		{ STR("\xed\xa0\x80"), false },	    /* surrogate */
		{ STR("\xed\xbf\xbf"), false },	    /* surrogate */
		{ STR("\xf4\x90\x80\x80"), false }, /* above U+10FFFF */
		{ STR("\xf8\x88\x80\x80\x80"), false },
		{ STR("\xff"), false },
		{ STR("\xc3"), false },
		{ STR("\xe2\x82"), false },
		{ STR("\xc3("), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(utf8_valid(cases[i].text), cases[i].valid);
}

static void
test_round_trip(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	for (uint32_t want = 0; want <= 0x10ffff; want++) {
		uint32_t got = 0;
		struct cursor c;

		if (want >= 0xd800 && want <= 0xdfff)
			continue;
		buf_clear(&b);
		utf8_add(&b, want);
		c = str_cursor(buf_str(&b));
		assert_true(utf8_next(&c, &got));
		assert_int_equal(got, want);
		assert_ptr_equal(c.at, c.end);
		assert_false(utf8_next(&c, &got));
	}
	buf_fini(&b);
}

static void
test_nfc(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_true(utf8_nfc(STR("a\xcc\x88"), &b));
	assert_true(str_eq(buf_str(&b), STR("\xc3\xa4")));
	assert_false(utf8_nfc(STR("a\x80"), &b));
	assert_true(str_eq(buf_str(&b), STR("\xc3\xa4")));
	assert_false(
	    utf8_nfc(STR("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"), &b));
	buf_fini(&b);
}

static void
fold(const char *text, const char *want)
{
	struct buf a, b;

	buf_init(&a, 100);
	buf_init(&b, 100);
	utf8_fold(str_of(text), &a);
	utf8_fold(str_of(want), &b);
	assert_true(str_eq(buf_str(&a), buf_str(&b)));
	buf_fini(&a);
	buf_fini(&b);
}

static void
test_fold(void **state)
{
	(void)state;
	fold("HeLLo 1", "hello 1");
	fold("\xc3\x84", "a\xcc\x88"); /* composed and decomposed */
	fold("Stra\xc3\x9f"
	     "e",
	    "STRASSE");		    /* sharp s */
	fold("\xef\xac\x81", "FI"); /* a ligature */
	fold("x\xff\xfe", "X\xef\xbf\xbd\xef\xbf\xbd");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_nfc),
		cmocka_unit_test(test_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
