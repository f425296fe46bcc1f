/* SPDX-License-Identifier: MIT
 *
 * Previews: what is shown of a text, whatever way it comes in pieces.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "mime/preview.h"

struct preview_case {
	const char *in;
	const char *out;
};

/* Character by character, and all at once. */
static void
check(bool html, const struct preview_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str text = str_of(cases[i].in);
		struct cursor c = str_cursor(text);
		struct mime_preview whole, pieces;
		uint32_t character;
		struct str got;

		mime_preview_init(&whole, html);
		mime_preview_init(&pieces, html);
		(void)mime_preview_write(&whole, text);
		for (const char *at = c.at; utf8_next(&c, &character);
		     at = c.at)
			(void)mime_preview_write(
			    &pieces, (struct str){ at, (size_t)(c.at - at) });
		got = mime_preview_finish(&whole);
		if (!str_eq(got, str_of(cases[i].out)))
			fail_msg("%s\ngave: %.*s\nnot: %s", cases[i].in,
			    STR_ARG(got), cases[i].out);
		assert_true(str_eq(mime_preview_finish(&pieces), got));
	}
}

#define CHECK(html, cases) check(html, cases, sizeof(cases) / sizeof(*cases))

static void
test_plain(void **state)
{
	static const struct preview_case cases[] = {
		{ "", "" },
		{ "Preview text!\r\n", "Preview text!" },
		{ "  two \r\n\r\n\tlines\r\n", "two lines" },
		{ "a\xc2\xa0\xe3\x80\x80 b", "a b" },
		{ "<b>&amp;</b>", "<b>&amp;</b>" },
		{ "> quoted\r\nmine\r\n> more\r\n>\r\nand mine",
		    "mine and mine" },
		{ ">all quoted", "" },
		{ "1 > 0", "1 > 0" },
		{ "bell\a and \x1b[1mescape", "bell and [1mescape" },
		/* Direction marks and a byte order mark. */
		{ "\xef\xbb\xbf"
		  "a\xe2\x80\xae"
		  "b\xe2\x81\xa6"
		  "c",
		    "abc" },
		/* Joiners within a word, and as padding. */
		{ "a\xe2\x80\x8d"
		  "b",
		    "a\xe2\x80\x8d"
		    "b" },
		{ "a \xe2\x80\x8c \xe2\x80\x8c b", "a b" },
		{ "Gr\xc3\xbc\xc3\x9f"
		  "e \xf0\x9f\x98\x80",
		    "Gr\xc3\xbc\xc3\x9f"
		    "e \xf0\x9f\x98\x80" },
	};

	(void)state;
	CHECK(false, cases);
}

static void
test_html(void **state)
{
	static const struct preview_case cases[] = {
		{ "<p>One</p><p>Two", "One Two" },
		{ "<P CLASS=x>One<BR/>Two</P>", "One Two" },
		{ "b<b>o</b>ld <a href=\"x>y\">li</a>nk", "bold link" },
		{ "<a title='a>b'>c</a>", "c" },
		{ "a&lt;b&gt;&amp;&quot;&#39;&#x41;&#X1F600;",
		    "a<b>&\"'A\xf0\x9f\x98\x80" },
		{ "a&nbsp;&nbsp;b&zwnj;&nbsp;&zwnj;&nbsp;", "a b\xe2\x80\x8c" },
		{ "AT&T &bogus; &amp", "AT&T &bogus; &" },
		{ "&#0;&#xd800;&#1114112;&#99999999999;&#; &#x; &#zz;",
		    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&#; &#x; &#zz;" },
		{ "&eacute;&Uuml;&hellip;", "\xc3\xa9\xc3\x9c\xe2\x80\xa6" },
		{ "<head><title>no</title><style>p{color:red}</style></head>"
		  "<body>yes",
		    "yes" },
		{ "<script>if (a</b) \"</scrip>\" </script >yes", "yes" },
		{ "<STYLE type='a'>x</sTyLe\nfoo>yes", "yes" },
		{ "<style>never ended", "" },
		{ "a<!-- b > -- c -->d<!---->e<!doctype html>f<?php g?>h",
		    "adefh" },
		{ "a<!-- never ended > b", "a" },
		{ "1 < 2 <3 <<b>4</b> </5>6", "1 < 2 <3 <4 6" },
		{ "<unknownelementwithalongname>x</unknownelement>y", "x y" },
		{ "<td>a</td><td>b</td>", "a b" },
		{ "> kept", "> kept" },
		{ "cut in a tag <a hre", "cut in a tag" },
	};

	(void)state;
	CHECK(true, cases);
}

/* 200 characters of any size, and no more is wanted. */
static void
test_length(void **state)
{
	static const char *const letters[] = { "a", "\xc3\xbc", "\xe6\x97\xa5",
		"\xf0\x9f\x98\x80" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct str letter = str_of(letters[i]);
		struct mime_preview p;

		mime_preview_init(&p, i % 2);
		for (unsigned n = 1; n < 200; n++)
			assert_true(mime_preview_write(&p, letter));
		assert_false(mime_preview_write(&p, letter));
		assert_false(mime_preview_write(&p, letter));
		assert_int_equal(mime_preview_finish(&p).n, 200 * letter.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_html),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
