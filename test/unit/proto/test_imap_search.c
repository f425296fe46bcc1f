/* SPDX-License-Identifier: MIT
 *
 * SEARCH: all keys, result options, charsets, nesting.
 */
#include "imap_fixture.h"

#include "proto/imap/search.h"

static const struct parse_options utf8 = { .utf8 = true };

static bool
trip_search(struct parser *p, struct buf *out)
{
	struct search_args args;

	if (!parse_search(p, &args))
		return false;
	write_search(out, &args);
	return true;
}

static void
test_keys(void **state)
{
	static const struct good good[] = {
		{ " ALL", NULL, 0 },
		{ " ANSWERED DELETED DRAFT FLAGGED SEEN UNANSWERED UNDELETED "
		  "UNDRAFT UNFLAGGED UNSEEN",
		    NULL, 9 },
		{ " NEW OLD RECENT", NULL, 2 },
		{ " unseen", " UNSEEN", 0 },
		{ " BCC a CC b FROM c SUBJECT d TEXT e TO f BODY g", NULL, 6 },
		{ " SUBJECT \"\"", NULL, 0 },
		{ " SUBJECT \"a \\\" b\"", NULL, 0 },
		{ " TEXT {3}\r\na\r\n", NULL, 0 },
		{ " TEXT {2}\r\n\xff\xfe", NULL, 0 },
		{ " TEXT \"\xc3\xa9\"", NULL, 0 },
		{ " HEADER Message-ID <a@b>", NULL, 4 },
		{ " HEADER \"\" \"\"", NULL, 0 },
		{ " KEYWORD $Junk UNKEYWORD Work", NULL, 8 },
		{ " BEFORE 1-Feb-1994 ON \"2-Feb-1994\" SINCE 03-Feb-1994",
		    " BEFORE 1-Feb-1994 ON 2-Feb-1994 SINCE 3-Feb-1994", 2 },
		{ " SENTBEFORE 1-Jan-2024 SENTON 1-Jan-2024 SENTSINCE "
		  "1-Jan-2024",
		    NULL, 2 },
		{ " LARGER 0 SMALLER 9223372036854775807", NULL, 19 },
		/* RFC 8514 */
		{ " SAVEDBEFORE 1-Jan-2024 SAVEDON 1-Jan-2024 SAVEDSINCE "
		  "1-Jan-2024 SAVEDATESUPPORTED",
		    NULL, 3 },
		/* RFC 8474 */
		{ " EMAILID M6d_-9 THREADID T1", NULL, 7 },
		{ " OLDER 1 YOUNGER 259200", NULL, 7 },
		{ " UID 1:* 2,4:* *", NULL, 5 },
		{ " UID $ $", NULL, 1 },
		{ " (ALL)", NULL, 0 },
		{ " (ALL SEEN) (1 (2))", NULL, 1 },
		{ " NOT (SEEN)", NULL, 0 },
		{ " NOT NOT ALL", NULL, 0 },
		{ " OR SEEN (DELETED)", NULL, 0 },
		/* the second one is an OR: all are alternatives of one */
		{ " OR 1 OR 2 OR 3 (ALL)", NULL, 0 },
		{ " OR OR 1 2 3", NULL, 0 },
		{ " OR NOT 1 NOT (OR 2 (3))", NULL, 0 },
		/* RFC 9051 section 6.4.4 */
		{ " FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"",
		    " FLAGGED SINCE 1-Feb-1994 NOT FROM Smith", 2 },
		{ " TEXT \"string not in mailbox\"", NULL, 0 },
		{ " UID $ SMALLER 4096", NULL, 4 },
	};
	static const char *const bad[] = { "", " ", "ALL", "  ALL", " ALL ",
		" ALL  SEEN", " FOO", " ALLX", " ()", " (", " (ALL", " (ALL ",
		" (ALL )", " ( ALL)", " ALL)", " NOT", " NOT ", " OR",
		" OR ALL", " OR ALL ", " OR OR ALL ALL", " OR (ALL)(ALL)",
		" SUBJECT", " SUBJECT ", " SUBJECT (a)", " HEADER a",
		" HEADER a ", " KEYWORD", " KEYWORD \\Seen", " KEYWORD \"a\"",
		" BEFORE", " BEFORE 31-Feb-2024", " BEFORE 32-Jan-2024",
		" BEFORE \" 1-Jan-2024\"", " BEFORE 1-Jan--1", " LARGER -1",
		" LARGER 9223372036854775808", " SMALLER x", " OLDER 0",
		" YOUNGER 4294967296", " UID", " UID 0", " UID x", " 0", " 1:0",
		" 1,", " 4294967296", " $1", " TEXT \"a", " TEXT ~{1}\r\na",
		" SEEN,DELETED", " MODSEQ", " SAVEDON", " EMAILID",
		" EMAILID (a)", " THREADID \"a\"", " EMAILID a.b",
		" SAVEDATE 1-Jan-2024", " SAVEDSINCE x" };

	(void)state;
	check_good(trip_search, good, COUNT(good));
	check_bad(trip_search, bad, COUNT(bad));
}

static void
test_return(void **state)
{
	static const struct good good[] = {
		{ " RETURN () UNSEEN", " RETURN (ALL) UNSEEN", 0 },
		{ " return (Min MAX count all SAVE) ALL",
		    " RETURN (MIN MAX ALL COUNT SAVE) ALL", 0 },
		{ " RETURN (MIN MIN) 1", " RETURN (MIN) 1", 0 },
		{ " RETURN (SAVE) CHARSET UTF-8 ALL", NULL, 0 },
		{ " CHARSET utf-8 TEXT {2}\r\n\xc3\xa9",
		    " CHARSET utf-8 TEXT \"\xc3\xa9\"", 0 },
		{ " CHARSET \"X Y\" ALL", NULL, 0 },
	};
	static const char *const bad[] = { " RETURN", " RETURN ALL",
		" RETURN () ", " RETURN ()", " RETURN (MIN", " RETURN (MIN) ",
		" RETURN ( MIN) ALL", " RETURN (MIN ) ALL",
		" RETURN (MIN  MAX) ALL", " RETURN (FOO) ALL",
		" RETURN (MIN 1) ALL", " RETURN (PARTIAL 1:2) ALL",
		" RETURN(MIN) ALL", " RETURN (MIN)ALL", " CHARSET",
		" CHARSET x", " CHARSET x ", " CHARSET (x) ALL",
		" CHARSET UTF-8 CHARSET UTF-8 ALL",
		" CHARSET UTF-8 RETURN (MIN) ALL",
		" RETURN (MIN) RETURN (MAX) "
		"ALL" };

	(void)state;
	check_good(trip_search, good, COUNT(good));
	check_bad(trip_search, bad, COUNT(bad));
}

/* Once UTF8=ACCEPT is enabled no charset is named. */
static void
test_utf8(void **state)
{
	struct trip t = { .in = STR(" CHARSET UTF-8 ALL"),
		.arena_bytes = 65536,
		.options = utf8 };

	(void)state;
	trip_run(&t, trip_search);
	assert_false(t.good);
	assert_true(str_eq(buf_str(&t.why),
	    STR("Expected no CHARSET, since UTF8=ACCEPT is enabled, "
		"at octet 9")));
	trip_end(&t);
	check_out(trip_search, STR(" TEXT \"\xc3\xa9\""),
	    STR(" TEXT \"\xc3\xa9\""), utf8);
}

static void
test_depth(void **state)
{
	char *deepest = repeated(" ", "NOT ", NESTING_MAX - 1, "1");
	char *deeper = repeated(" ", "NOT ", NESTING_MAX, "1");
	char *lists = repeated(" ", "(", 60000, "");
	char *ors = repeated(" ", "OR ", 10000, "");
	/* Clients ask so for one of many; it needs no depth. */
	char *alternatives = repeated(" ", "OR 1 ", 2000, "1");

	(void)state;
	check_out(trip_search, str_of(deepest), str_of(deepest),
	    (struct parse_options){ 0 });
	check_why(
	    trip_search, str_of(deeper), PARSER_LIMIT, "Nested too deeply");
	check_why(
	    trip_search, str_of(lists), PARSER_LIMIT, "Nested too deeply");
	check_why(trip_search, str_of(ors), PARSER_LIMIT, "Nested too deeply");
	check_out(trip_search, str_of(alternatives), str_of(alternatives),
	    (struct parse_options){ 0 });
	free(deepest);
	free(deeper);
	free(lists);
	free(ors);
	free(alternatives);
}

static void
test_count(void **state)
{
	/* One for the program itself. */
	char *most = repeated(" 1", " 1", SEARCH_KEYS_MAX - 2, "");
	char *more = repeated(" 1", " 1", SEARCH_KEYS_MAX - 1, "");

	(void)state;
	check_out(trip_search, str_of(most), str_of(most),
	    (struct parse_options){ 0 });
	check_why(
	    trip_search, str_of(more), PARSER_LIMIT, "Too many search keys");
	free(most);
	free(more);
}

static void
test_tree(void **state)
{
	struct arena *arena = arena_new(65536);
	struct search_args args;
	struct search_key *key;
	struct parser p;

	(void)state;
	parser_init(&p,
	    STR(" RETURN (SAVE) CHARSET x OR FROM a OR (1 2) NOT 3 "
		"HEADER F v"),
	    arena, (struct parse_options){ 0 });
	assert_true(parse_search(&p, &args));
	assert_true(args.has_return);
	assert_int_equal(args.returns, SEARCH_RETURN_SAVE);
	assert_true(str_eq(args.charset, STR("x")));
	assert_int_equal(args.root->kind, SEARCH_AND);
	key = args.root->children;
	assert_int_equal(key->kind, SEARCH_OR);
	assert_int_equal(key->children->kind, SEARCH_FROM);
	assert_int_equal(key->children->next->kind, SEARCH_AND);
	assert_int_equal(key->children->next->next->kind, SEARCH_NOT);
	assert_int_equal(key->children->next->next->children->kind, SEARCH_SEQ);
	assert_null(key->children->next->next->next);
	assert_int_equal(key->next->kind, SEARCH_HEADER);
	assert_true(str_eq(key->next->field, STR("F")));
	assert_true(str_eq(key->next->text, STR("v")));
	assert_null(key->next->next);
	assert_int_equal(args.key_count, 9);
	arena_free(arena);
}

static void
test_why(void **state)
{
	(void)state;
	check_why(trip_search, STR(" SEEN FOO"), PARSER_SYNTAX,
	    "Expected search-key at octet 7");
	check_why(trip_search, STR(" SINCE 31-Feb-2024"), PARSER_SYNTAX,
	    "Expected day that exists at octet 10");
	check_why(trip_search, STR(" (SEEN"), PARSER_SYNTAX,
	    "Expected search-key or \")\" at the end");
	check_why(trip_search, STR(" RETURN (FOO) ALL"), PARSER_SYNTAX,
	    "Expected MIN, MAX, ALL, COUNT or SAVE at octet 10");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_return),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
