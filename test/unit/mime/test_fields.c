/* SPDX-License-Identifier: MIT
 *
 * Header fields: walking, choosing, unfolding, decoding.
 */
#include "mime_check.h"

#include "base/utf8.h"
#include "mime/fields.h"

static void
test_walk(void **state)
{
	const struct str header = STR("From x@y Thu Jan 1 00:00:00 1970\r\n"
				      "Subject: one\r\n\ttwo\r\n"
				      "To : a@b\n"
				      "junk line\r\n"
				      "X\x80: y\r\n"
				      ": no name\r\n"
				      "Empty:\r\n"
				      "\r\n"
				      "Body: not a field\r\n");
	const struct str want[][3] = {
		{ STR(""), STR("From x@y Thu Jan 1 00:00:00 1970"),
		    STR("From x@y Thu Jan 1 00:00:00 1970\r\n") },
		{ STR("Subject"), STR(" one\r\n\ttwo"),
		    STR("Subject: one\r\n\ttwo\r\n") },
		{ STR("To"), STR(" a@b"), STR("To : a@b\n") },
		{ STR(""), STR("junk line"), STR("junk line\r\n") },
		{ STR(""), STR("X\x80: y"), STR("X\x80: y\r\n") },
		{ STR(""), STR(" no name"), STR(": no name\r\n") },
		{ STR("Empty"), STR(""), STR("Empty:\r\n") },
	};
	struct cursor c = str_cursor(header);
	struct mime_field field;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(mime_field_next(&c, &field));
		check_str("name", i, field.name, want[i][0]);
		check_str("value", i, field.value, want[i][1]);
		check_str("whole", i, field.whole, want[i][2]);
	}
	assert_false(mime_field_next(&c, &field));
	assert_false(mime_field_next(&c, &field));
	assert_int_equal(*c.at, '\r');
}

static void
test_choose(void **state)
{
	const struct str header =
	    STR("A: 1\r\n 2\r\nB: 3\r\njunk\r\na: 4\r\n\r\n");
	const struct str names[] = { STR("a"), STR("C") };
	struct buf out;

	(void)state;
	buf_init(&out, header.n);
	mime_fields_choose(header, names, 2, false, &out);
	check_str(
	    "fields", 0, buf_str(&out), STR("A: 1\r\n 2\r\na: 4\r\n\r\n"));
	buf_clear(&out);
	mime_fields_choose(header, names, 2, true, &out);
	check_str("not", 0, buf_str(&out), STR("B: 3\r\njunk\r\n\r\n"));
	buf_clear(&out);
	mime_fields_choose(header, names, 0, true, &out);
	check_str("all", 0, buf_str(&out), header);
	buf_clear(&out);
	mime_fields_choose(STR("A: 1\r\n"), names, 2, false, &out);
	check_str("no empty line", 0, buf_str(&out), STR("A: 1\r\n"));
	buf_fini(&out);
}

static void
test_unfold(void **state)
{
	const struct str cases[][2] = {
		{ STR(""), STR("") },
		{ STR("  x \t"), STR("x") },
		{ STR(" a\r\n b\n\tc\r\n"), STR("a b\tc") },
		{ STR(" a\rb"), STR("a b") },
		{ STR("a\0b"), STR("ab") },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_clear(&out);
		mime_unfold(cases[i][0], &out);
		check_str("unfolded", i, buf_str(&out), cases[i][1]);
	}
	buf_fini(&out);
}

/* The examples of RFC 2047 section 8 are among them. */
static void
test_decode_text(void **state)
{
	const struct str cases[][2] = {
		{ STR("plain text"), STR("plain text") },
		{ STR("=?ISO-8859-1?Q?a?="), STR("a") },
		{ STR("=?ISO-8859-1?Q?a?= b"), STR("a b") },
		{ STR("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?="), STR("ab") },
		{ STR("=?ISO-8859-1?Q?a?=\r\n   =?ISO-8859-1?Q?b?="),
		    STR("ab") },
		{ STR("=?ISO-8859-1?Q?a_b?="), STR("a b") },
		{ STR("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?="), STR("a b") },
		{ STR("=?iso-8859-1?q?Patrik_F=E4ltstr=F6m?="),
		    STR("Patrik F\xc3\xa4ltstr\xc3\xb6m") },
		{ STR("=?utf-8?B?w6k=?="), STR("\xc3\xa9") },
		{ STR("=?utf-8?b?w6k?="), STR("\xc3\xa9") },
		{ STR("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?="), STR("\xc3\xa9") },
		{ STR("=?utf-8*en?Q?x?="), STR("x") },
		{ STR("=?utf-8?Q?two words?="), STR("two words") },
		{ STR("a=?utf-8?Q?b?=c"), STR("abc") },
		{ STR("=?no-such?Q?b?="), STR("=?no-such?Q?b?=") },
		{ STR("=?utf-8?X?b?="), STR("=?utf-8?X?b?=") },
		{ STR("=?utf-8?Q?b"), STR("=?utf-8?Q?b") },
		{ STR("=?"), STR("=?") },
		{ STR("="), STR("=") },
		{ STR("=?utf-8?Q?=00x=?="), STR("x=") },
		{ STR("raw \xe9 and \xc3\xa9"),
		    STR("raw \xc3\xa9 and \xc3\xa9") },
		{ STR("\xc3=?utf-8?Q?b?="), STR("\xc3\x83"
						"b") },
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_init(&out, cases[i][0].n * MIME_DECODED_GROWTH);
		mime_decode_text(cases[i][0], &out);
		assert_int_equal(buf_check(&out), RC_OK);
		assert_true(utf8_valid(buf_str(&out)));
		check_str("decoded", i, buf_str(&out), cases[i][1]);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_unfold),
		cmocka_unit_test(test_decode_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
