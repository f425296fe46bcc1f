/* SPDX-License-Identifier: MIT
 *
 * APPEND, in the parts that the framer makes of it.
 */
#include "imap_fixture.h"

#include "proto/imap/append.h"

static const struct append_message plain = { .octets = 1 };
static const struct append_message utf8 = { .utf8 = true };

static bool
trip_first(struct parser *p, struct buf *out)
{
	const char *from = p->c.at;
	struct mailbox_name mailbox;
	struct append_message m;

	if (!parse_append(p, &mailbox) || !parse_append_message(p, NULL, &m)) {
		p->c.at = from;
		return false;
	}
	buf_add_byte(out, ' ');
	write_mailbox(out, mailbox.utf8, false);
	write_append_message(out, &m);
	return true;
}

static bool
trip_next(struct parser *p, struct buf *out)
{
	struct append_message m;

	if (!parse_append_message(p, &plain, &m))
		return false;
	write_append_message(out, &m);
	return true;
}

static bool
trip_next_utf8(struct parser *p, struct buf *out)
{
	struct append_message m;

	if (!parse_append_message(p, &utf8, &m))
		return false;
	buf_add_byte(out, ')');
	write_append_message(out, &m);
	return true;
}

static bool
trip_end_plain(struct parser *p, struct buf *out)
{
	(void)out;
	return parse_append_end(p, &plain);
}

static bool
trip_end_utf8(struct parser *p, struct buf *out)
{
	if (!parse_append_end(p, &utf8))
		return false;
	buf_add_byte(out, ')');
	return true;
}

static void
test_first(void **state)
{
	static const struct good good[] = {
		/* RFC 9051 section 6.3.12 */
		{ " saved-messages (\\Seen) {326}",
		    " \"saved-messages\" (\\Seen) {326}", 0 },
		{ " \"x\" {0+}", NULL, 0 },
		{ " \"x\" () {1}", NULL, 0 },
		{ " \"x\" (\\Draft a) \"17-Jul-1996 02:44:25 +0000\" {9}", NULL,
		    0 },
		{ " \"x\" \"17-Jul-1996 02:44:25 +0000\" {9+}", NULL, 0 },
		{ " {1}\r\nx (\\Forwarded) {9}", " \"x\" () {9}", 0 },
		{ " \"x\" ~{9}", NULL, 0 },
		{ " \"x\" ~{9+}", NULL, 0 },
		/* RFC 6855 section 4 */
		{ " \"x\" (\\Seen) utf8 (~{9+}", " \"x\" (\\Seen) UTF8 (~{9+}",
		    0 },
		{ " \"x\" {9223372036854775807}", NULL, 0 },
	};
	static const char *const bad[] = { "", " ", " x", " x ", " x {",
		" x {}", " x {1", " x {1+", " x {-1}", " x{1}", " x {1} ",
		"  x {1}", " x  {1}", " x (\\Seen)", " x (\\Seen){1}",
		" x NIL {1}", " x (\\Seen {1}", " x (\\*) {1}",
		" x \" 1-Jan-0000 00:00:00 +9999\" {1}", " x 17-Jul-1996 {1}",
		" x {26}\r\n17-Jul-1996 02:44:25 +0000 "
		"{1}",
		" x \"17-Jul-1996 02:44:25 +0000\" (\\Seen) {1}",
		" x (a) (b) {1}", " x UTF8 {1}", " x UTF8 ({1}", " x UTF8 ~{1}",
		" x UTF8 (~{1})", " x UTF8(~{1}", " x CATENATE (TEXT {1}",
		" x FOO {1}", " x (~{1}", " x {9223372036854775808}" };

	(void)state;
	check_good(trip_first, good, COUNT(good));
	check_bad(trip_first, bad, COUNT(bad));
}

static void
test_further(void **state)
{
	static const struct good next[] = {
		{ " {1}", NULL, 0 },
		{ " (\\Seen) \"17-Jul-1996 02:44:25 +0000\" {9}", NULL, 0 },
		{ " UTF8 (~{9}", NULL, 0 },
	};
	static const struct good next_utf8[] = {
		{ ") {1}", NULL, 0 },
		{ ") UTF8 (~{9}", NULL, 0 },
	};
	static const char *const bad_next[] = { "", ")", ") {1}", "{1}",
		" x {1}" };
	static const char *const bad_next_utf8[] = { "", ")", " {1}", "){1}" };

	(void)state;
	check_good(trip_next, next, COUNT(next));
	check_bad(trip_next, bad_next, COUNT(bad_next));
	check_good(trip_next_utf8, next_utf8, COUNT(next_utf8));
	check_bad(trip_next_utf8, bad_next_utf8, COUNT(bad_next_utf8));
}

static void
test_end(void **state)
{
	static const struct good end[] = { { "", NULL, 0 } };
	static const struct good end_utf8[] = { { ")", NULL, 0 } };
	static const char *const bad[] = { ")", " ", "x" };
	static const char *const bad_utf8[] = { "", " )", ") ", "))" };

	(void)state;
	check_good(trip_end_plain, end, COUNT(end));
	check_bad(trip_end_plain, bad, COUNT(bad));
	check_good(trip_end_utf8, end_utf8, COUNT(end_utf8));
	check_bad(trip_end_utf8, bad_utf8, COUNT(bad_utf8));
}

static bool
trip_replace(struct parser *p, struct buf *out)
{
	const char *from = p->c.at;
	struct mailbox_name mailbox;
	struct seq_set replaced;
	struct append_message m;

	if (!parse_replace(p, &replaced, &mailbox) ||
	    !parse_append_message(p, NULL, &m)) {
		p->c.at = from;
		return false;
	}
	buf_add_byte(out, ' ');
	write_set(out, &replaced);
	buf_add_byte(out, ' ');
	write_mailbox(out, mailbox.utf8, false);
	write_append_message(out, &m);
	return true;
}

static void
test_replace(void **state)
{
	static const struct good good[] = {
		/* RFC 8508 section 3.2 */
		{ " 4 Drafts (\\Seen \\Draft) {312}",
		    " 4 \"Drafts\" (\\Seen \\Draft) {312}", 0 },
		{ " * \"x\" {1+}", NULL, 0 },
		{ " 4294967295 \"x\" ~{1}", NULL, 0 },
	};
	static const char *const bad[] = { " 0 x {1}", " 1:2 x {1}",
		" 1,2 x {1}", " $ x {1}", " x {1}", " 1 {1}", " 1  x {1}",
		"1 x {1}", " 4294967296 x {1}", " 1 x (\\Seen)", " 1 x" };

	(void)state;
	check_good(trip_replace, good, COUNT(good));
	check_bad(trip_replace, bad, COUNT(bad));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_further),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
