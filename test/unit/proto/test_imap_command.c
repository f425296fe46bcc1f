/* SPDX-License-Identifier: MIT
 *
 * Tag, name, and commands with simple arguments.
 */
#include "imap_fixture.h"

#include "proto/imap/command.h"
#include "proto/imap/write.h"

static bool
trip_start(struct parser *p, struct buf *out)
{
	struct command_start start;

	if (!parse_command_start(p, &start))
		return false;
	buf_add_str(out, start.tag);
	buf_add_byte(out, ' ');
	buf_add_str(out, start.name);
	return true;
}

static void
test_start(void **state)
{
	static const struct good good[] = {
		{ "a NOOP", NULL, 3 },
		{ "A001 noop", "A001 NOOP", 3 },
		{ "x]y uid fetch", "x]y UID FETCH", 6 },
		{ "1.2 UID.X", NULL, 3 },
	};
	static const char *const bad[] = { "", " ", "a", "a ", "a  NOOP",
		" a NOOP", "* NOOP", "+ NOOP", "a+b NOOP", "a (", "a\tNOOP",
		"a UID", "a UID ", "a UID  FETCH", "a uid (", "\"a\" NOOP",
		"a \"NOOP\"", "a {4}\r\nNOOP", "a NO\x01OP", "\xe9 NOOP" };

	(void)state;
	check_good(trip_start, good, COUNT(good));
	check_bad(trip_start, bad, COUNT(bad));
	check_why(trip_start, STR("a UID "), PARSER_SYNTAX,
	    "Expected command behind UID at the end");
	check_why(
	    trip_start, STR(""), PARSER_SYNTAX, "Expected tag at the end");
	check_why(trip_start, STR("a \x01"), PARSER_SYNTAX,
	    "Expected command at octet 3");
}

static bool
trip_mailbox_only(struct parser *p, struct buf *out)
{
	struct mailbox_name name;

	if (!parse_mailbox_only(p, &name))
		return false;
	buf_add_byte(out, ' ');
	write_mailbox(out, name.utf8, false);
	return true;
}

static void
write_params(struct buf *out, const struct modifier_list *params)
{
	if (params->n > 0)
		buf_add_byte(out, ' ');
	write_modifier_list(out, params);
}

static bool
trip_select(struct parser *p, struct buf *out)
{
	struct select_args args;

	if (!parse_select(p, &args))
		return false;
	buf_add_byte(out, ' ');
	write_mailbox(out, args.mailbox.utf8, false);
	write_params(out, &args.params);
	return true;
}

static bool
trip_rename(struct parser *p, struct buf *out)
{
	struct rename_args args;

	if (!parse_rename(p, &args))
		return false;
	buf_add_byte(out, ' ');
	write_mailbox(out, args.from.utf8, false);
	buf_add_byte(out, ' ');
	write_mailbox(out, args.to.utf8, false);
	write_params(out, &args.params);
	return true;
}

static bool
trip_create(struct parser *p, struct buf *out)
{
	struct create_args args;

	if (!parse_create(p, &args))
		return false;
	buf_add_byte(out, ' ');
	write_mailbox(out, args.mailbox.utf8, false);
	for (size_t i = 0; i < args.use_count; i++) {
		buf_add_text(out, i == 0 ? " (USE (" : " ");
		buf_add_str(out, args.uses[i]);
	}
	if (args.use_count > 0)
		buf_add_text(out, "))");
	write_params(out, &args.params);
	return true;
}

static void
test_mailboxes(void **state)
{
	static const struct good mailbox[] = {
		{ " \"a b\"", NULL, 0 },
		{ " x", " \"x\"", 0 },
		{ " inbox", " \"INBOX\"", 4 },
	};
	static const char *const bad_mailbox[] = { "", " ", " a b", "  a",
		" a ", " (a)" };
	static const struct good select[] = {
		{ " \"x\"", NULL, 0 },
		{ " \"x\" (CONDSTORE)", NULL, 1 },
		{ " \"INBOX\" (CONDSTORE QRESYNC (1 2 3:4 (5 6)))", NULL, 1 },
	};
	static const char *const bad_select[] = { "", " x ()", " x CONDSTORE",
		" x (CONDSTORE) (QRESYNC)", " x(CONDSTORE)", " x (A) " };
	static const struct good rename[] = {
		{ " \"a\" \"b\"", NULL, 0 },
		{ " INBOX old-mail", " \"INBOX\" \"old-mail\"", 7 },
		{ " \"a\" \"b\" (FOO)", NULL, 1 },
	};
	static const char *const bad_rename[] = { "", " a", " a ", " a  b",
		" a b c", " a b ()" };

	(void)state;
	check_good(trip_mailbox_only, mailbox, COUNT(mailbox));
	check_bad(trip_mailbox_only, bad_mailbox, COUNT(bad_mailbox));
	check_good(trip_select, select, COUNT(select));
	check_bad(trip_select, bad_mailbox, 2);
	check_bad(trip_select, bad_select, COUNT(bad_select));
	check_good(trip_rename, rename, COUNT(rename));
	check_bad(trip_rename, bad_rename, COUNT(bad_rename));
}

static void
test_create(void **state)
{
	static const struct good good[] = {
		{ " \"x\"", NULL, 0 },
		{ " owatagusiam/", " \"owatagusiam\"", 11 },
		{ " \"MySpecial\" (USE (\\Drafts \\Sent))", NULL, 1 },
		{ " \"x\" (use (\\drafts))", " \"x\" (USE (\\drafts))", 1 },
		{ " \"x\" (USE ())", " \"x\"", 1 },
		{ " \"x\" (FOO (bar))", NULL, 1 },
	};
	static const char *const bad[] = { "", " x (USE)", " x (USE \\Drafts)",
		" x (USE (Drafts))", " x (USE (\\))", " x (USE (\\Drafts )",
		" x (USE (\\Drafts))x", " x (USE (\\Drafts)", " x ()",
		" x USE (\\Drafts)", " x (USE (\\Drafts) FOO)" };

	(void)state;
	check_good(trip_create, good, COUNT(good));
	check_bad(trip_create, bad, COUNT(bad));
}

static bool
trip_copy(struct parser *p, struct buf *out)
{
	struct copy_args args;

	if (!parse_copy(p, &args))
		return false;
	buf_add_byte(out, ' ');
	write_set(out, &args.set);
	buf_add_byte(out, ' ');
	write_mailbox(out, args.mailbox.utf8, false);
	return true;
}

static bool
trip_uid_expunge(struct parser *p, struct buf *out)
{
	struct seq_set set;

	if (!parse_uid_expunge(p, &set))
		return false;
	buf_add_byte(out, ' ');
	write_set(out, &set);
	return true;
}

static void
test_copy(void **state)
{
	static const struct good copy[] = {
		{ " 2:4 MEETING", " 2:4 \"MEETING\"", 6 },
		{ " $ \"Other Messages\"", NULL, 0 },
		{ " 475 \"Trash\"", NULL, 0 },
	};
	static const char *const bad_copy[] = { "", " 1", " 1 ", " x y",
		" 1 y z", " 0 y", "1 y" };
	static const struct good expunge[] = {
		{ " 3000:3002", NULL, 7 },
		{ " $", NULL, 0 },
	};
	static const char *const bad_expunge[] = { "", " ", " x", " 1 ",
		" 1 2" };

	(void)state;
	check_good(trip_copy, copy, COUNT(copy));
	check_bad(trip_copy, bad_copy, COUNT(bad_copy));
	check_good(trip_uid_expunge, expunge, COUNT(expunge));
	check_bad(trip_uid_expunge, bad_expunge, COUNT(bad_expunge));
}

static bool
trip_enable(struct parser *p, struct buf *out)
{
	struct enable_args args;

	if (!parse_enable(p, &args))
		return false;
	for (size_t i = 0; i < args.name_count; i++) {
		buf_add_byte(out, ' ');
		buf_add_str(out, args.names[i]);
	}
	return true;
}

static void
test_enable(void **state)
{
	static const struct good good[] = {
		{ " CONDSTORE", NULL, 8 },
		{ " imap4rev2", " IMAP4REV2", 8 },
		{ " A UTF8=ACCEPT B", NULL, 12 },
	};
	static const char *const bad[] = { "", " ", "A", " A ", " A  B", " (A)",
		" \"A\"" };
	char *many = repeated("", " A", 10000, "");

	(void)state;
	check_good(trip_enable, good, COUNT(good));
	check_bad(trip_enable, bad, COUNT(bad));
	check_out(trip_enable, str_of(many), str_of(many),
	    (struct parse_options){ 0 });
	free(many);
}

static bool
trip_id(struct parser *p, struct buf *out)
{
	struct id_args args;

	if (!parse_id(p, &args))
		return false;
	for (size_t i = 0; i < args.field_count; i++) {
		buf_add_text(out, i == 0 ? " (" : " ");
		write_string(out, args.fields[i].name, true);
		buf_add_byte(out, ' ');
		write_nstring(out, args.fields[i].value, true);
	}
	buf_add_text(out, args.field_count > 0 ? ")" : " NIL");
	return true;
}

static void
test_id(void **state)
{
	static const struct good good[] = {
		{ " NIL", NULL, 0 },
		{ " nil", " NIL", 0 },
		{ " ()", " NIL", 0 },
		{ " (\"name\" \"Cyrus\" \"version\" NIL \"\" \"\")", NULL, 0 },
		{ " ({4}\r\nname {3}\r\na\r\n)", " (\"name\" {3}\r\na\r\n)",
		    0 },
		{ " (\"a\" \"1\" \"a\" \"2\")", NULL, 0 },
	};
	static const char *const bad[] = { "", " ", "NIL", " NILL", " (",
		" (\"a\")", " (\"a\" )", " (\"a\" b)", " (a \"b\")",
		" (NIL \"b\")", " (\"a\" \"b\" )", " (\"a\"  \"b\")", " () x",
		" (\"a\" \"b\" \"c\")" };
	char *fields = repeated(" (\"a\" \"b\"", " \"a\" \"b\"", 100, ")");
	char *kept =
	    repeated(" (\"a\" \"b\"", " \"a\" \"b\"", ID_FIELDS_MAX - 1, ")");
	char *value = repeated(" (\"a\" \"", "v", 5000, "\")");
	char *cut =
	    repeated(" (\"a\" {1024}\r\n", "v", ID_VALUE_BYTES_MAX, ")");

	(void)state;
	check_good(trip_id, good, COUNT(good));
	check_bad(trip_id, bad, COUNT(bad));
	check_out(
	    trip_id, str_of(fields), str_of(kept), (struct parse_options){ 0 });
	check_out(
	    trip_id, str_of(value), str_of(cut), (struct parse_options){ 0 });
	free(fields);
	free(kept);
	free(value);
	free(cut);
}

static bool
trip_done(struct parser *p, struct buf *out)
{
	if (!parse_done(p))
		return false;
	buf_add_text(out, "DONE");
	return true;
}

static bool
trip_compress(struct parser *p, struct buf *out)
{
	if (!parse_compress(p))
		return false;
	buf_add_text(out, " DEFLATE");
	return true;
}

static bool
trip_nothing(struct parser *p, struct buf *out)
{
	(void)out;
	return parse_end(p);
}

static void
test_words(void **state)
{
	static const struct good done[] = {
		{ "DONE", NULL, 0 },
		{ "done", "DONE", 0 },
	};
	static const char *const bad_done[] = { "", "DONE ", " DONE", "DONEX",
		"A DONE", "A NOOP", "DONE(" };
	static const struct good compress[] = {
		{ " DEFLATE", NULL, 0 },
		{ " deFlate", " DEFLATE", 0 },
	};
	static const char *const bad_compress[] = { "", " ", "DEFLATE",
		"  DEFLATE", " DEFLATE ", " DEFLATE64", " ZSTD", " \"DEFLATE\"",
		" DEFLATE DEFLATE" };
	static const struct good nothing[] = { { "", NULL, 0 } };
	static const char *const something[] = { " ", "x" };

	(void)state;
	check_good(trip_done, done, COUNT(done));
	check_bad(trip_done, bad_done, COUNT(bad_done));
	check_good(trip_compress, compress, COUNT(compress));
	check_bad(trip_compress, bad_compress, COUNT(bad_compress));
	check_good(trip_nothing, nothing, COUNT(nothing));
	check_bad(trip_nothing, something, COUNT(something));
}

/* The line end is taken off, CRLF or LF, once. */
static void
test_line_ends(void **state)
{
	const struct str lines[] = { STR("DONE\r\n"), STR("DONE\n"),
		STR("DONE") };
	const struct str bad[] = { STR("DONE\r\n\r\n"), STR("DONE\n\n"),
		STR("DONE\r") };
	struct parser p;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		parser_init(&p, lines[i], NULL, (struct parse_options){ 0 });
		assert_true(parse_done(&p));
		parser_init(&p, bad[i], NULL, (struct parse_options){ 0 });
		assert_false(parse_done(&p));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_enable),
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
