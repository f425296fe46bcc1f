/* SPDX-License-Identifier: MIT
 *
 * Modified UTF-7, strict in both directions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "proto/imap/utf7.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_pairs(void **state)
{
	static const struct {
		const char *utf7, *utf8;
	} cases[] = {
		{ "", "" },
		{ "INBOX", "INBOX" },
		{ "a-b", "a-b" },
		{ "&-", "&" },
		{ "&-&-", "&&" },
		{ "a&-b", "a&b" },
		{ "&AOk-", "\xc3\xa9" },
		{ "&AOk-&-", "\xc3\xa9&" },
		{ "&-&AOk-", "&\xc3\xa9" },
		{ "&AOk--", "\xc3\xa9-" },
		{ "a&AOkA6Q-b", "a\xc3\xa9\xc3\xa9"
				"b" },
		/* RFC 3501 section 5.1.3 */
		{ "~peter/mail/&U,BTFw-/&ZeVnLIqe-",
		    "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/"
		    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e" },
		{ "&Jjo-!", "\xe2\x98\xba!" },
		{ "&U,BTF2XlZyyKng-",
		    "\xe5\x8f\xb0\xe5\x8c\x97\xe6\x97\xa5\xe6\x9c\xac"
		    "\xe8\xaa\x9e" },
		/* beyond 16 bits: two surrogates */
		{ "&2D3eAA-", "\xf0\x9f\x98\x80" },
		{ "&2D3eANg93gA-", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" },
		{ "&2,,f,w-", "\xf4\x8f\xbf\xbf" },
		{ "&2ADcAA-", "\xf0\x90\x80\x80" },
		{ "&AH8-", "\x7f" },
		{ "&AAE-", "\x01" },
		{ "Gesendete Objekte &- M&APw-ll",
		    "Gesendete Objekte & M\xc3\xbcll" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str utf7 = str_of(cases[i].utf7);
		struct str utf8 = str_of(cases[i].utf8);
		struct buf to;

		buf_init(&to, 200);
		if (!utf7_decode(utf7, &to) || !str_eq(buf_str(&to), utf8))
			fail_msg(
			    "%s: %.*s", cases[i].utf7, STR_ARG(buf_str(&to)));
		buf_clear(&to);
		if (!utf7_encode(utf8, &to) || !str_eq(buf_str(&to), utf7))
			fail_msg(
			    "%s: %.*s", cases[i].utf8, STR_ARG(buf_str(&to)));
		buf_fini(&to);
	}
}

static void
test_bad_utf7(void **state)
{
	const struct str cases[] = {
		STR("&"),
		STR("a&"),
		STR("&&&&"),
		STR("&AOk"),	/* no end */
		STR("&AOk/"),	/* not in the alphabet */
		STR("&AOk=-"),	/* padding */
		STR("&AOl-"),	/* bits left over */
		STR("&AOkA-"),	/* half a unit */
		STR("&AOkAA-"), /* too much padding */
		STR("&A-"),
		STR("&AA-"),
		STR("&AGE-"), /* "a" needs no encoding */
		STR("&ACY-"), /* nor does "&" this way */
		STR("&ACA-"), /* nor a space */
		STR("&AH4-"), /* nor "~" */
		STR("&AEk-NBOX"),
		STR("&AOkAYQ-"),   /* "a" within a run */
		STR("&AOk-&AOk-"), /* two runs that are one */
		STR("&2D0-"),	   /* half a pair, */
		STR("&3gA-"),	   /* the other half, */
		STR("&3gDYPQ-"),   /* the wrong way round, */
		STR("&2D3YPQ-"),   /* twice the first half, */
		STR("&2D0AYQ-"),   /* and without the second */
		STR("\xc3\xa9"),
		STR("a\x01"),
		STR("a\x7f"),
		STR("a\0b"),
		STR("&A\0k-"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf to;

		buf_init(&to, 200);
		buf_add_text(&to, "x");
		if (utf7_decode(cases[i], &to))
			fail_msg("taken: %s", cases[i].p);
		assert_int_equal(to.n, 1);
		buf_fini(&to);
	}
}

static void
test_bad_utf8(void **state)
{
	const struct str cases[] = { STR("\xff"), STR("a\xc3"),
		STR("\xc3\xa9\xed\xa0\x80"), STR("\xc0\x80") };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf to;

		buf_init(&to, 200);
		assert_false(utf7_encode(cases[i], &to));
		assert_int_equal(to.n, 0);
		buf_fini(&to);
	}
}

static void
test_full(void **state)
{
	struct buf to;

	(void)state;
	buf_init(&to, 4);
	assert_false(utf7_encode(STR("\xc3\xa9"), &to));
	assert_int_equal(to.n, 0);
	buf_clear(&to);
	assert_false(utf7_decode(STR("abcde"), &to));
	assert_int_equal(to.n, 0);
	buf_fini(&to);
}

/* Every character there is, alone and between others. */
static void
test_all_characters(void **state)
{
	struct buf utf8, utf7, back;

	(void)state;
	buf_init(&utf8, 64);
	buf_init(&utf7, 64);
	buf_init(&back, 64);
	for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 61) {
		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		buf_clear(&utf8);
		buf_clear(&utf7);
		buf_clear(&back);
		utf8_add(&utf8, c);
		buf_add_byte(&utf8, c % 2 == 0 ? 'x' : '&');
		utf8_add(&utf8, 0x10ffff - c > 0x20000 ? 0x20000 : 0xe9);
		utf8_add(&utf8, c);
		assert_true(utf7_encode(buf_str(&utf8), &utf7));
		assert_true(utf8_is_ascii(buf_str(&utf7)));
		assert_true(utf7_decode(buf_str(&utf7), &back));
		assert_true(str_eq(buf_str(&utf8), buf_str(&back)));
	}
	buf_fini(&utf8);
	buf_fini(&utf7);
	buf_fini(&back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_bad_utf7),
		cmocka_unit_test(test_bad_utf8),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_all_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
