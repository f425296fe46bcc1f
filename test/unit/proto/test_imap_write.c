/* SPDX-License-Identifier: MIT
 *
 * Writers: whatever they are given, what comes out is well-formed.
 */
#include "imap_fixture.h"

#include "proto/imap/string.h"
#include "proto/imap/write.h"

typedef void write_fn(struct buf *to, struct str s, bool utf8);

static void
check_written(write_fn *fn, struct str s, bool utf8, struct str want)
{
	struct buf to;

	buf_init(&to, 65536);
	fn(&to, s, utf8);
	if (!str_eq(buf_str(&to), want))
		fail_msg("%.*s: %.*s, not %.*s", STR_ARG(s),
		    STR_ARG(buf_str(&to)), STR_ARG(want));
	buf_fini(&to);
}

static void
test_strings(void **state)
{
	const struct {
		struct str s;
		bool utf8;
		struct str quoted, string, astring;
	} cases[] = {
		{ STR(""), false, STR("\"\""), STR("\"\""), STR("\"\"") },
		{ STR("abc"), false, STR("\"abc\""), STR("\"abc\""),
		    STR("abc") },
		{ STR("NIL"), false, STR("\"NIL\""), STR("\"NIL\""),
		    STR("\"NIL\"") },
		{ STR("a b"), false, STR("\"a b\""), STR("\"a b\""),
		    STR("\"a b\"") },
		{ STR("a\"\\b"), false, STR("\"a\\\"\\\\b\""),
		    STR("\"a\\\"\\\\b\""), STR("\"a\\\"\\\\b\"") },
		{ STR("a\r\nb"), false, STR("\"a??b\""), STR("{4}\r\na\r\nb"),
		    STR("{4}\r\na\r\nb") },
		{ STR("a\0b"), false, STR("\"a?b\""), STR("{3}\r\na?b"),
		    STR("{3}\r\na?b") },
		{ STR("a\tb"), false, STR("\"a\tb\""), STR("\"a\tb\""),
		    STR("\"a\tb\"") },
		{ STR("a\x01"), false, STR("\"a\x01\""), STR("{2}\r\na\x01"),
		    STR("{2}\r\na\x01") },
		{ STR("\xc3\xa9"), false, STR("\"??\""), STR("{2}\r\n\xc3\xa9"),
		    STR("{2}\r\n\xc3\xa9") },
		{ STR("\xc3\xa9"), true, STR("\"\xc3\xa9\""),
		    STR("\"\xc3\xa9\""), STR("\"\xc3\xa9\"") },
		{ STR("\xff"), true, STR("\"?\""), STR("{1}\r\n\xff"),
		    STR("{1}\r\n\xff") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_written(
		    write_quoted, cases[i].s, cases[i].utf8, cases[i].quoted);
		check_written(
		    write_string, cases[i].s, cases[i].utf8, cases[i].string);
		check_written(
		    write_nstring, cases[i].s, cases[i].utf8, cases[i].string);
		check_written(
		    write_astring, cases[i].s, cases[i].utf8, cases[i].astring);
	}
	check_written(
	    write_nstring, (struct str){ NULL, 0 }, false, STR("NIL"));
}

static void
test_long_string(void **state)
{
	char *most = repeated("", "x", QUOTED_BYTES_MAX, "");
	char *more = repeated("", "x", QUOTED_BYTES_MAX + 1, "");
	char *quoted = repeated("\"", "x", QUOTED_BYTES_MAX, "\"");
	char *literal = repeated("{901}\r\n", "x", QUOTED_BYTES_MAX + 1, "");

	(void)state;
	check_written(write_string, str_of(most), false, str_of(quoted));
	check_written(write_string, str_of(more), false, str_of(literal));
	free(most);
	free(more);
	free(quoted);
	free(literal);
}

static void
test_literal_starts(void **state)
{
	struct buf to;

	(void)state;
	buf_init(&to, 1000);
	write_literal_start(&to, 12);
	write_literal8_start(&to, 34);
	write_literal_start(&to, 0);
	write_literal8_start(&to, 0);
	assert_true(str_eq(buf_str(&to), STR("{12}\r\n~{34}\r\n\"\"\"\"")));
	buf_fini(&to);
}

static void
check_state(struct str code, struct str text, struct str want)
{
	struct buf to;

	buf_init(&to, 1000);
	write_state(&to, STR("a1"), "NO", code, text);
	if (!str_eq(buf_str(&to), want))
		fail_msg(
		    "%.*s, not %.*s", STR_ARG(buf_str(&to)), STR_ARG(want));
	buf_fini(&to);
}

static void
test_states(void **state)
{
	(void)state;
	check_state(STR(""), STR("Not there"), STR("a1 NO Not there"));
	check_state(STR("TRYCREATE"), STR("No"), STR("a1 NO [TRYCREATE] No"));
	check_state(STR("ALERT"), STR(""), STR("a1 NO [ALERT] Done"));
	check_state(STR(""), STR(""), STR("a1 NO Done"));
	check_state(STR(""), STR(" a \r\n"), STR("a1 NO a"));
	check_state(STR(""), STR("a\r\n* BYE\0"), STR("a1 NO a??* BYE?"));
	check_state(STR(""), STR("\xc3\xa9"), STR("a1 NO ??"));
	check_state(STR("X ]\r\n "), STR("t"), STR("a1 NO [X ???] t"));
	check_state(STR(""), STR("[ALERT] t"), STR("a1 NO ?ALERT] t"));
	check_state(STR("X"), STR("[y] t"), STR("a1 NO [X] [y] t"));
}

static void
test_continue(void **state)
{
	struct buf to;

	(void)state;
	buf_init(&to, 1000);
	write_continue(&to, STR("Go on"));
	buf_add_byte(&to, '|');
	write_continue(&to, STR(""));
	assert_true(str_eq(buf_str(&to), STR("+ Go on|+ Done")));
	buf_fini(&to);
}

static void
test_codes(void **state)
{
	struct seq_range from[] = { { 304, 304 }, { 319, 320 } };
	struct seq_range uids[] = { { 3956, 3958 } };
	struct seq_ranges from_set = { from, 2 };
	struct seq_ranges uid_set = { uids, 1 };
	struct buf to;

	(void)state;
	buf_init(&to, 1000);
	write_code_copyuid(&to, 38505, &from_set, &uid_set);
	buf_add_byte(&to, '|');
	write_code_appenduid(&to, 38505, &uid_set);
	assert_true(
	    str_eq(buf_str(&to), STR("COPYUID 38505 304,319:320 3956:3958|"
				     "APPENDUID 38505 3956:3958")));
	buf_fini(&to);
}

/* Each string of two octets comes back as it was (or with NUL replaced), and
 * as written ends where the string ends. */
static void
test_all_octets(void **state)
{
	static write_fn *const fns[] = { write_string, write_astring };
	struct arena *arena = arena_new(1024 * 1024);
	struct buf to;

	(void)state;
	buf_init(&to, 1000);
	for (unsigned i = 0; i < 65536 * 4; i++) {
		char bytes[2] = { (char)(i & 0xff), (char)(i >> 8 & 0xff) };
		struct parser p;
		struct str back;

		buf_clear(&to);
		arena_reset(arena);
		fns[i >> 16 & 1](&to, (struct str){ bytes, 2 }, i >> 17);
		parser_init(
		    &p, buf_str(&to), arena, (struct parse_options){ 0 });
		/* Its own last octet may be a line feed. */
		p.c.end = to.p + to.n;
		assert_true(parse_astring(&p, &back));
		assert_true(parser_is_at_end(&p));
		assert_int_equal(back.n, 2);
		for (int j = 0; j < 2; j++)
			assert_true(
			    back.p[j] == (bytes[j] == '\0' ? '?' : bytes[j]));
	}
	buf_fini(&to);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_long_string),
		cmocka_unit_test(test_literal_starts),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_all_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
