/* SPDX-License-Identifier: MIT
 *
 * LIST in all its forms, LSUB, STATUS.
 */
#include "imap_fixture.h"

#include "proto/imap/list.h"

static bool
trip_list(struct parser *p, struct buf *out)
{
	struct list_args args;

	if (!parse_list(p, &args))
		return false;
	assert_true(args.extended || (args.select == 0 && args.returns == 0 &&
					 args.pattern_count == 1));
	write_list(out, &args, p->options.rev2);
	return true;
}

static bool
trip_lsub(struct parser *p, struct buf *out)
{
	struct list_args args;

	if (!parse_lsub(p, &args))
		return false;
	assert_false(args.extended);
	write_list(out, &args, false);
	return true;
}

static bool
trip_status(struct parser *p, struct buf *out)
{
	struct status_args args;

	if (!parse_status(p, &args))
		return false;
	write_status(out, &args, false);
	return true;
}

static void
test_list(void **state)
{
	static const struct good good[] = {
		{ " \"\" \"*\"", NULL, 0 },
		{ " \"\" \"\"", NULL, 0 },
		{ " \"\" %", " \"\" \"%\"", 0 },
		{ " ~/Mail/ %", " \"~/Mail/\" \"%\"", 0 },
		{ " #news. \"comp/*\"", " \"#news.\" \"comp/*\"", 0 },
		{ " {0}\r\n {1}\r\n*", " \"\" \"*\"", 0 },
		/* RFC 5258 section 5 */
		{ " () \"\" \"*\"", " \"\" \"*\" RETURN ()", 0 },
		{ " (subscribed) \"\" \"*\" return (special-use)",
		    " (SUBSCRIBED) \"\" \"*\" RETURN (SPECIAL-USE)", 1 },
		{ " (REMOTE) \"\" % RETURN (CHILDREN SUBSCRIBED)",
		    " (REMOTE) \"\" \"%\" RETURN (SUBSCRIBED CHILDREN)", 1 },
		{ " (SUBSCRIBED RECURSIVEMATCH) \"\" \"%\" RETURN ()", NULL,
		    1 },
		{ " (RECURSIVEMATCH REMOTE SUBSCRIBED) \"\" \"%\"",
		    " (SUBSCRIBED REMOTE RECURSIVEMATCH) \"\" \"%\" "
		    "RETURN ()",
		    0 },
		{ " \"\" (\"INBOX\" \"Drafts\" \"Sent/%\")",
		    " \"\" (\"INBOX\" \"Drafts\" \"Sent/%\") RETURN ()", 0 },
		{ " \"\" (a)", " \"\" \"a\" RETURN ()", 0 },
		{ " \"\" \"INBOX\" RETURN (SUBSCRIBED CHILDREN)", NULL, 1 },
		{ " (SPECIAL-USE) \"\" \"*\" RETURN ()", NULL, 1 },
		/* RFC 5819 section 2 */
		{ " \"\" \"%\" RETURN (STATUS (MESSAGES UNSEEN))", NULL, 1 },
		{ " \"\" \"*\" return (status (messages uidnext) "
		  "special-use children subscribed)",
		    " \"\" \"*\" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE "
		    "STATUS (MESSAGES UIDNEXT))",
		    1 },
	};
	static const char *const bad[] = { "", " ", " \"\"", " \"\" ",
		" \"\"  *", " \"\" * ", " \"\" a b", " * \"\"", " (FOO) \"\" *",
		" (RECURSIVEMATCH) \"\" *", " (RECURSIVEMATCH REMOTE) \"\" *",
		" (SUBSCRIBED \"\" *", " (SUBSCRIBED ) \"\" *",
		" ( SUBSCRIBED) \"\" *", " (SUBSCRIBED)\"\" *", " \"\" ()",
		" \"\" (a", " \"\" (a )", " \"\" ( a)", " \"\" (a  b)",
		" \"\" * RETURN", " \"\" * RETURN ",
		" \"\" * RETURN SUBSCRIBED", " \"\" * RETURN (",
		" \"\" * RETURN (FOO)", " \"\" * RETURN (CHILDREN",
		" \"\" * RETURN (CHILDREN )", " \"\" * RETURN (STATUS)",
		" \"\" * RETURN (STATUS ())", " \"\" * RETURN (STATUS (FOO))",
		" \"\" * RETURN (REMOTE)", " \"\" * RETURN () x",
		" \"\" * FOO ()" };

	(void)state;
	check_good(trip_list, good, COUNT(good));
	check_bad(trip_list, bad, COUNT(bad));
}

static void
test_utf8_list(void **state)
{
	static const struct good good[] = {
		{ " \"\xc3\xa9/\" \"\xc3\xa9*\"", NULL, 0 },
	};

	(void)state;
	check_good_with(trip_list, good, COUNT(good),
	    (struct parse_options){ .rev2 = true });
}

static void
test_patterns_max(void **state)
{
	char *most = repeated(" \"\" (a", " a", LIST_PATTERNS_MAX - 1, ")");
	char *more = repeated(" \"\" (a", " a", LIST_PATTERNS_MAX, ")");
	struct trip t = { .in = str_of(most), .arena_bytes = 1024 * 1024 };

	(void)state;
	trip_run(&t, trip_list);
	assert_true(t.good);
	trip_end(&t);
	check_why(trip_list, str_of(more), PARSER_LIMIT, "Too many patterns");
	free(most);
	free(more);
}

static void
test_lsub(void **state)
{
	static const struct good good[] = {
		{ " \"\" \"*\"", NULL, 0 },
		{ " \"#news.\" \"comp.%\"", NULL, 0 },
		{ " \"\" \"\"", NULL, 0 },
	};
	static const char *const bad[] = { "", " \"\"", " (SUBSCRIBED) \"\" *",
		" \"\" (a)", " \"\" * RETURN ()" };

	(void)state;
	check_good(trip_lsub, good, COUNT(good));
	check_bad(trip_lsub, bad, COUNT(bad));
}

static void
test_status(void **state)
{
	static const struct good good[] = {
		{ " blurdybloop (UIDNEXT MESSAGES)",
		    " \"blurdybloop\" (MESSAGES UIDNEXT)", 0 },
		{ " \"x\" (UIDVALIDITY)", NULL, 0 },
		{ " inbox (messages recent uidnext uidvalidity unseen deleted "
		  "size appendlimit)",
		    " \"INBOX\" (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN "
		    "DELETED SIZE APPENDLIMIT)",
		    0 },
		{ " {1}\r\na (SIZE SIZE)", " \"a\" (SIZE)", 0 },
	};
	static const char *const bad[] = { "", " a", " a ", " a ()", " a SIZE",
		" a (FOO)", " a (SIZE", " a (SIZE )", " a ( SIZE)",
		" a (SIZE) ", " a (SIZE) b", " (SIZE)" };

	(void)state;
	check_good(trip_status, good, COUNT(good));
	check_bad(trip_status, bad, COUNT(bad));
	assert_string_equal(status_att_name(STATUS_UNSEEN), "UNSEEN");
	assert_string_equal(status_att_name(1u << 20), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_utf8_list),
		cmocka_unit_test(test_patterns_max),
		cmocka_unit_test(test_lsub),
		cmocka_unit_test(test_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
