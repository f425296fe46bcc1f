/* SPDX-License-Identifier: MIT
 *
 * Flags and lists of them.
 */
#include "imap_fixture.h"

#include "proto/imap/flag.h"

static bool
trip_flag_list(struct parser *p, struct buf *out)
{
	struct flag_list flags = { 0 };

	if (!parse_flag_list(p, &flags))
		return false;
	write_flag_list(out, &flags);
	return true;
}

static bool
trip_store_flags(struct parser *p, struct buf *out)
{
	struct flag_list flags = { 0 };

	if (!parse_store_flags(p, &flags))
		return false;
	write_flag_list(out, &flags);
	return true;
}

static void
test_lists(void **state)
{
	static const struct good good[] = {
		{ "()", NULL, 0 },
		{ "(\\Seen)", NULL, 0 },
		{ "(\\DELETED \\seen)", "(\\Deleted \\Seen)", 0 },
		{ "(\\Answered \\Flagged \\Deleted \\Seen \\Draft \\Recent)",
		    NULL, 0 },
		{ "(\\Seen \\Seen)", "(\\Seen)", 0 },
		{ "($Forwarded \\Flagged Work)", "(\\Flagged $Forwarded Work)",
		    0 },
		{ "(work Work WORK)", "(work)", 0 },
		/* an extension is left out */
		{ "(\\Forwarded \\Seen)", "(\\Seen)", 0 },
	};
	static const char *const bad[] = { "", "(", ")", "( )", "(a", "(a )",
		"( a)", "(a  b)", "(\\)", "(\\*)", "(\\Seen\\Draft)", "(a])",
		"(\"a\")", "(a,b\x01)", "(\xc3\xa9)", "NIL", "a" };

	(void)state;
	check_good(trip_flag_list, good, COUNT(good));
	check_bad(trip_flag_list, bad, COUNT(bad));
}

static void
test_store_flags(void **state)
{
	static const struct good good[] = {
		{ "()", NULL, 0 },
		{ "(\\Seen a)", NULL, 0 },
		{ "\\Seen", "(\\Seen)", 3 },
		{ "\\Seen \\Draft", "(\\Seen \\Draft)", 8 },
		{ "a b", "(a b)", 1 },
	};
	static const char *const bad[] = { "", " ", "a ", " a", "a  b", "a (b)",
		"(a) b", "\\" };

	(void)state;
	check_good(trip_store_flags, good, COUNT(good));
	check_bad(trip_store_flags, bad, COUNT(bad));
}

static void
test_limits(void **state)
{
	char *many = repeated("(a", " a", FLAGS_MAX - 1, ")");
	char *more = repeated("(a", " a", FLAGS_MAX, ")");
	char *longest = repeated("(", "k", KEYWORD_BYTES_MAX, ")");
	char *longer = repeated("(", "k", KEYWORD_BYTES_MAX + 1, ")");

	(void)state;
	check_out(trip_flag_list, str_of(many), STR("(a)"),
	    (struct parse_options){ 0 });
	check_why(trip_flag_list, str_of(more), PARSER_LIMIT, "Too many flags");
	check_out(trip_flag_list, str_of(longest), str_of(longest),
	    (struct parse_options){ 0 });
	check_why(
	    trip_flag_list, str_of(longer), PARSER_LIMIT, "Keyword too long");
	free(many);
	free(more);
	free(longest);
	free(longer);
}

static void
test_unknown(void **state)
{
	struct arena *arena = arena_new(65536);
	struct flag_list flags;
	struct parser p;

	(void)state;
	parser_init(
	    &p, STR("(\\Foo \\Recent)"), arena, (struct parse_options){ 0 });
	assert_true(parse_flag_list(&p, &flags));
	assert_true(flags.unknown);
	assert_int_equal(flags.system, IMAP_FLAG_RECENT);
	assert_int_equal(flags.keyword_count, 0);
	arena_free(arena);
	assert_string_equal(system_flag_name(IMAP_FLAG_DRAFT), "\\Draft");
	assert_string_equal(system_flag_name(1u << 20), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_store_flags),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
