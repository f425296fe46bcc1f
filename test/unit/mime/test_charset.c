/* SPDX-License-Identifier: MIT
 *
 * Charsets to UTF-8: known and unknown ones, text that is not in its charset,
 * and characters cut in two.
 */
#include "mime_check.h"

#include "base/utf8.h"
#include "mime/charset.h"

static void
check_split(const struct str c[3], size_t index, size_t split)
{
	struct mime_charset *charset = mime_charset_new(c[0]);
	struct buf out;

	buf_init(&out, c[1].n * MIME_CHARSET_GROWTH + MIME_CHARSET_HELD);
	mime_charset_write(charset, str_head(c[1], split), &out);
	mime_charset_write(charset, str_skip(c[1], split), &out);
	mime_charset_finish(charset, &out);
	assert_int_equal(buf_check(&out), RC_OK);
	assert_true(utf8_valid(buf_str(&out)));
	check_str("converted", index, buf_str(&out), c[2]);
	mime_charset_free(charset);
	buf_fini(&out);
}

static void
test_convert(void **state)
{
	const struct str cases[][3] = {
		{ STR(""), STR("plain"), STR("plain") },
		{ STR(""), STR("caf\xc3\xa9"), STR("caf\xc3\xa9") },
		{ STR("us-ascii"), STR("caf\xe9 x"), STR("caf\xc3\xa9 x") },
		{ STR("utf-8"), STR("\xe2\x82\xac"), STR("\xe2\x82\xac") },
		{ STR("UTF-8"), STR("\xe2\x82"), STR("\xc3\xa2\xe2\x80\x9a") },
		{ STR("utf-8"), STR("\xf0\x9f\x98\x80"),
		    STR("\xf0\x9f\x98\x80") },
		{ STR("iso-8859-1"), STR("\xc3\xa9"), STR("\xc3\x83\xc2\xa9") },
		{ STR("windows-1252"), STR("\x80\x81"),
		    STR("\xe2\x82\xac\xc2\x81") },
		{ STR("iso-8859-15"), STR("\xa4"), STR("\xe2\x82\xac") },
		{ STR("koi8-r"), STR("\xf0"), STR("\xd0\x9f") },
		{ STR("iso-2022-jp"), STR("\x1b$B$\"\x1b(B!"),
		    STR("\xe3\x81\x82!") },
		{ STR("shift_jis"), STR("\x82\xa0"), STR("\xe3\x81\x82") },
		{ STR("shift_jis"), STR("\x82"), STR("\xef\xbf\xbd") },
		{ STR("gb2312"), STR("\xc4\xe3"), STR("\xe4\xbd\xa0") },
		{ STR("utf-16le"), STR("a\0\xac\x20"), STR("a\xe2\x82\xac") },
		{ STR("no-such-charset"), STR("caf\xe9"), STR("caf\xc3\xa9") },
		{ STR("utf-16//IGNORE"), STR("a"), STR("a") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t split = 0; split <= cases[i][1].n; split++)
			check_split(cases[i], i, split);
	}
}

static void
test_known(void **state)
{
	char name[200];

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_true(mime_charset_known(STR("")));
	assert_true(mime_charset_known(STR("UTF-8")));
	assert_true(mime_charset_known(STR("ISO-8859-1")));
	assert_true(mime_charset_known(STR("ks_c_5601-1987")));
	assert_true(mime_charset_known(STR("Big5")));
	assert_false(mime_charset_known(STR("no-such-charset")));
	assert_true(mime_charset_known(STR("x-unknown")));
	assert_false(mime_charset_definite(STR("X-Unknown")));
	assert_false(mime_charset_definite(STR("unknown-8bit")));
	assert_false(mime_charset_definite(STR("no-such-charset")));
	assert_true(mime_charset_definite(STR("us-ascii")));
	assert_false(mime_charset_known(STR("utf-8//TRANSLIT")));
	assert_false(mime_charset_known(STR("utf-16\0")));
	assert_false(mime_charset_known((struct str){ name, sizeof(name) }));
}

/* A text that ended badly leaves nothing for the next. */
static void
test_again(void **state)
{
	struct mime_charset *c = mime_charset_new(STR("iso-2022-jp"));
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	mime_charset_write(c, STR("\x1b$B$"), &out);
	mime_charset_finish(c, &out);
	buf_clear(&out);
	mime_charset_write(c, STR("abc"), &out);
	mime_charset_finish(c, &out);
	check_str("again", 0, buf_str(&out), STR("abc"));
	mime_charset_free(c);
	mime_charset_free(NULL);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
