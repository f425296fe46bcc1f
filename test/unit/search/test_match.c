/* SPDX-License-Identifier: MIT
 *
 * Finding strings in text that comes in pieces: every way to cut a text gives
 * the same answer as the text as a whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "search/match.h"

struct fixture {
	struct buf folded;
	struct match_needle needle;
	struct match match;
};

static void
setup(struct fixture *f, const char *needle)
{
	buf_init(&f->folded, 1 << 20);
	utf8_fold(str_of(needle), &f->folded);
	f->needle = (struct match_needle){ buf_str(&f->folded), 1, false };
	match_init(&f->match, &f->needle, 1);
}

static void
teardown(struct fixture *f)
{
	match_fini(&f->match);
	buf_fini(&f->folded);
}

static const struct {
	const char *text;
	const char *needle;
	bool found;
} cases[] = {
	{ "hello world", "world", true },
	{ "hello world", "WORLD", true },
	{ "HELLO WORLD", "lo wo", true },
	{ "hello world", "worlds", false },
	{ "aaaaaaaaab", "aab", true },
	{ "ababac", "abac", true },
	{ "", "x", false },
	{ "x", "x", true },
	{ "Größe", "GRÖSSE", true },
	{ "Gro\xcc\x88\xc3\x9f"
	  "e",
	    "größe", true },
	{ "отпуск в июле", "ОТПУСК", true },
	{ "отпуск в июле", "отпуска", false },
	{ "a\xff"
	  "b",
	    "b", true },
	{ "ｆｕｌｌｗｉｄｔｈ", "fullwidth", true },
	{ "日本語テキスト", "本語", true },
	/* Marks in another order are the same letter. */
	{ "a\xcc\xa3\xcc\x81 end", "a\xcc\x81\xcc\xa3", true },
	{ "x a\xcc\x81\xcc\xa3", "a\xcc\xa3\xcc\x81", true },
};

static void
test_any_two_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str text = str_of(cases[i].text);
		struct fixture f;

		setup(&f, cases[i].needle);
		for (size_t a = 0; a <= text.n; a++) {
			for (size_t b = a; b <= text.n; b++) {
				bool news;

				match_reset(&f.match);
				news =
				    match_feed(&f.match, 1, str_head(text, a));
				news |= match_feed(&f.match, 1,
				    str_skip(str_head(text, b), a));
				news |=
				    match_feed(&f.match, 1, str_skip(text, b));
				news |= match_break(&f.match, 1);
				assert_int_equal(
				    f.needle.found, cases[i].found);
				assert_int_equal(news, cases[i].found);
			}
		}
		teardown(&f);
	}
}

static void
test_break_separates(void **state)
{
	struct fixture f;

	(void)state;
	setup(&f, "ab");
	assert_false(match_feed(&f.match, 1, STR("xa")));
	assert_false(match_break(&f.match, 1));
	assert_false(match_feed(&f.match, 1, STR("bx")));
	assert_false(match_break(&f.match, 1));
	assert_true(match_feed(&f.match, 1, STR("ab ")));
	teardown(&f);
}

static void
test_scopes(void **state)
{
	struct match_needle needles[] = {
		{ STR("one"), 1, false },
		{ STR("one"), 2, false },
		{ STR("two"), 3, false },
	};
	struct match m;

	(void)state;
	match_init(&m, needles, 3);
	assert_true(match_feed(&m, 2, STR("one two.")));
	assert_false(needles[0].found);
	assert_true(needles[1].found);
	assert_true(needles[2].found);
	assert_false(match_feed(&m, 2, STR("one two.")));
	assert_true(match_feed(&m, 1, STR("one two.")));
	assert_true(needles[0].found);
	match_reset(&m);
	assert_false(needles[0].found || needles[1].found);
	match_fini(&m);
}

/* Text much longer than every buffer, the needle at the very end, in pieces
 * of many sizes; a long run without ASCII takes the other way to cut. */
static void
test_long_text(void **state)
{
	static const size_t pieces[] = { 1, 7, 63, 64, 65, 8191, 8192, 100000 };
	const struct str fillers[] = {
		STR("abcdefg "),
		STR("\xd0\xb6"),
		STR("\xe6\x97\xa5"),
		STR("\xff"),
	};

	(void)state;
	for (size_t k = 0; k < sizeof(fillers) / sizeof(fillers[0]); k++) {
		struct fixture f;
		struct buf text;

		buf_init(&text, 1 << 20);
		while (text.n < 100000)
			buf_add_str(&text, fillers[k]);
		buf_add_text(&text, "ИГОЛКА в стоге");
		setup(&f, "иголка В");
		for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]);
		     i++) {
			struct str left = buf_str(&text);

			match_reset(&f.match);
			for (; left.n > 0; left = str_skip(left, pieces[i]))
				(void)match_feed(
				    &f.match, 1, str_head(left, pieces[i]));
			(void)match_break(&f.match, 1);
			assert_true(f.needle.found);
		}
		teardown(&f);
		buf_fini(&text);
	}
}

/* The character that grows most when folded, and a needle that is longer
 * than a slice. */
static void
test_growth_and_long_needle(void **state)
{
	struct buf text;
	struct fixture f;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 20000; i++)
		buf_add_text(&text, "\xef\xb7\xba");
	buf_add_text(&text, "z");
	buf_add_byte(&text, '\0');
	setup(&f, text.p);
	assert_true(f.needle.folded.n > 20000 * 30);
	text.n--;
	(void)match_feed(&f.match, 1, buf_str(&text));
	(void)match_break(&f.match, 1);
	assert_true(f.needle.found);
	match_reset(&f.match);
	(void)match_feed(&f.match, 1, str_skip(buf_str(&text), 3));
	(void)match_break(&f.match, 1);
	assert_false(f.needle.found);
	teardown(&f);
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_two_cuts),
		cmocka_unit_test(test_break_separates),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_growth_and_long_needle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
