/* SPDX-License-Identifier: MIT
 *
 * Characters, strings and numbers of IMAP.
 */
#include "imap_fixture.h"

#include "proto/imap/string.h"
#include "proto/imap/write.h"

static bool
trip_astring(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_astring(p, &s))
		return false;
	assert_non_null(s.p);
	write_astring(out, s, true);
	return true;
}

static bool
trip_string(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_string(p, &s))
		return false;
	assert_non_null(s.p);
	write_string(out, s, true);
	return true;
}

static bool
trip_nstring(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_nstring(p, &s))
		return false;
	write_nstring(out, s, true);
	return true;
}

static bool
trip_atom(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_atom(p, &s))
		return false;
	buf_add_str(out, s);
	return true;
}

static bool
trip_tag(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_tag(p, &s))
		return false;
	buf_add_str(out, s);
	return true;
}

static bool
trip_list_mailbox(struct parser *p, struct buf *out)
{
	struct str s;

	if (!parse_list_mailbox(p, &s))
		return false;
	buf_add_str(out, s);
	return true;
}

static void
test_strings(void **state)
{
	static const struct good astrings[] = {
		{ "a", NULL, 0 },
		{ "a]b[", NULL, 3 },
		{ "nil", "\"nil\"", 2 },
		{ "\"\"", NULL, 0 },
		{ "\"a b\"", NULL, 0 },
		{ "\"a\\\"\\\\\"", NULL, 0 },
		{ "\"\xc3\xa9\xf0\x9f\x98\x80\"", NULL, 0 },
		{ "\"a\tb\"", NULL, 0 },
		{ "\"a\x7f\"", "{2}\r\na\x7f", 0 },
		{ "{0}\r\n", "\"\"", 0 },
		{ "{3}\r\na b", "\"a b\"", 0 },
		{ "{3+}\r\nabc", "abc", 0 },
		{ "{003}\r\na\r\n", "{3}\r\na\r\n", 0 },
		{ "{2}\r\n\xff\"", "{2}\r\n\xff\"", 0 },
		{ "\"{3}\"", NULL, 0 },
	};
	static const char *const bad_astrings[] = { "", " ", "(", ")", "{", "%",
		"*", "\\", "\x7f", "\x80", "a b", "a\tb", "a\"", "\"", "\"a",
		"\"a\\b\"", "\"a\\\"", "\"a\rb\"", "\"a\nb\"", "\"\xc3\"",
		"\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\xaf\"", "\"a\"b", "{}",
		"{+}\r\n", "{-1}\r\n", "{ 1}\r\na", "{1x}\r\na", "{1 }\r\na",
		"{1++}\r\na", "{1-}\r\na", "{1}a", "{1}\na", "{1}\ra",
		"{2}\r\na", "{1}\r\nab", "{99999999999999999999}\r\n",
		"{9223372036854775807}\r\na", "~{1}\r\na" };
	static const char *const bad_strings[] = { "", "a", "NIL", "\"" };

	(void)state;
	check_good(trip_astring, astrings, COUNT(astrings));
	check_bad(trip_astring, bad_astrings, COUNT(bad_astrings));
	check_good(trip_string, &astrings[3], 3);
	check_bad(trip_string, bad_strings, COUNT(bad_strings));
}

static void
test_nul(void **state)
{
	const struct str cases[] = { STR("\"a\0b\""), STR("{3}\r\na\0b"),
		STR("a\0b"), STR("\0"), STR("\"\\\0\"") };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct trip t = { .in = cases[i], .arena_bytes = 65536 };

		trip_run(&t, trip_astring);
		assert_false(t.good);
		trip_end(&t);
	}
}

static void
test_nstrings(void **state)
{
	static const struct good good[] = {
		{ "NIL", NULL, 0 },
		{ "nil", "NIL", 0 },
		{ "\"NIL\"", NULL, 0 },
		{ "\"\"", NULL, 0 },
	};
	static const char *const bad[] = { "", "N", "NILL", "NI", "a", "()" };

	(void)state;
	check_good(trip_nstring, good, COUNT(good));
	check_bad(trip_nstring, bad, COUNT(bad));
}

static void
test_atoms(void **state)
{
	static const struct good atoms[] = {
		{ "a", NULL, 0 },
		{ "$Forwarded", NULL, 9 },
		{ "!#&'+,-./:;<=>?@[^_`|}~", NULL, 22 },
	};
	static const char *const bad_atoms[] = { "", "]", "a]", "\\Seen", "a b",
		"\"a\"", "a%", "a*", "\xc3\xa9", "a\x01" };
	static const struct good tags[] = {
		{ "A001", NULL, 3 },
		{ "a]", NULL, 1 },
		{ "1.2-3", NULL, 4 },
	};
	static const char *const bad_tags[] = { "", "+", "a+", "*", "(", "a b",
		"\xe9", "%", "\\", "\"a\"" };
	static const struct good lists[] = {
		{ "%", NULL, 0 },
		{ "a*%]", NULL, 3 },
		{ "\"*\"", "*", 0 },
	};
	static const char *const bad_lists[] = { "", "(", "a b", "\\", "{" };
	char *longest = repeated("", "t", TAG_BYTES_MAX, "");
	char *longer = repeated("", "t", TAG_BYTES_MAX + 1, "");

	(void)state;
	check_good(trip_atom, atoms, COUNT(atoms));
	check_bad(trip_atom, bad_atoms, COUNT(bad_atoms));
	check_good(trip_tag, tags, COUNT(tags));
	check_bad(trip_tag, bad_tags, COUNT(bad_tags));
	check_good(trip_list_mailbox, lists, COUNT(lists));
	check_bad(trip_list_mailbox, bad_lists, COUNT(bad_lists));
	check_out(trip_tag, str_of(longest), str_of(longest),
	    (struct parse_options){ 0 });
	check_bad(trip_tag, (const char *const[]){ longer }, 1);
	free(longest);
	free(longer);
}

/* -- numbers ------------------------------------------------------------- */

static bool
trip_number(struct parser *p, struct buf *out)
{
	uint32_t n;

	return parse_number(p, &n) && (buf_add_number(out, n), true);
}

static bool
trip_nz_number(struct parser *p, struct buf *out)
{
	uint32_t n;

	return parse_nz_number(p, &n) && (buf_add_number(out, n), true);
}

static bool
trip_number64(struct parser *p, struct buf *out)
{
	uint64_t n;

	return parse_number64(p, &n) && (buf_add_number(out, n), true);
}

static bool
trip_nz_number64(struct parser *p, struct buf *out)
{
	uint64_t n;

	return parse_nz_number64(p, &n) && (buf_add_number(out, n), true);
}

static void
test_numbers(void **state)
{
	static const struct good small[] = {
		{ "0", NULL, 0 },
		{ "007", "7", 2 },
		{ "4294967295", NULL, 9 },
	};
	static const struct good large[] = {
		{ "0", NULL, 0 },
		{ "4294967296", NULL, 9 },
		{ "9223372036854775807", NULL, 18 },
	};
	static const char *const bad[] = { "", "-1", "+1", "a", " 1", "1 ",
		"0x1", "1.0", "18446744073709551616", "9223372036854775808" };
	static const char *const bad_small[] = { "4294967296" };
	static const char *const bad_nz[] = { "0", "01", "00" };

	(void)state;
	check_good(trip_number, small, COUNT(small));
	check_good(trip_nz_number, &small[2], 1);
	check_good(trip_number64, large, COUNT(large));
	check_good(trip_nz_number64, &large[1], 2);
	check_bad(trip_number, bad, COUNT(bad));
	check_bad(trip_nz_number, bad, COUNT(bad));
	check_bad(trip_number64, bad, COUNT(bad));
	check_bad(trip_nz_number64, bad, COUNT(bad));
	check_bad(trip_number, bad_small, 1);
	check_bad(trip_nz_number, bad_small, 1);
	check_bad(trip_nz_number, bad_nz, COUNT(bad_nz));
	check_bad(trip_nz_number64, bad_nz, COUNT(bad_nz));
}

/* Each class is what the RFC says, for all octets. */
static void
test_characters(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++) {
		char byte = (char)(unsigned char)i;
		bool printable = i > 0x20 && i < 0x7f;
		bool quoted_special = i == '"' || i == '\\';
		bool wildcard = i == '%' || i == '*';
		bool rest = i == '(' || i == ')' || i == '{';
		bool astring =
		    printable && !quoted_special && !wildcard && !rest;

		assert_int_equal(is_astring_char(byte), astring);
		assert_int_equal(is_atom_char(byte), astring && i != ']');
		assert_int_equal(is_tag_char(byte), astring && i != '+');
		assert_int_equal(
		    is_list_char(byte), astring || (printable && wildcard));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_nstrings),
		cmocka_unit_test(test_atoms),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
