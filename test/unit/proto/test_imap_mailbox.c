/* SPDX-License-Identifier: MIT
 *
 * Mailbox names and LIST patterns.
 */
#include "imap_fixture.h"

#include "base/utf8.h"
#include "proto/imap/mailbox.h"

static const struct parse_options rev2 = { .rev2 = true };
static const struct parse_options utf8 = { .utf8 = true };

/* A name that is not valid is written with "!" in front, as it came. */
static bool
trip_mailbox(struct parser *p, struct buf *out)
{
	struct mailbox_name name;

	if (!parse_mailbox(p, &name))
		return false;
	if (!name.valid)
		buf_add_byte(out, '!');
	if (!name.valid)
		buf_add_str(out, name.utf8);
	else
		write_mailbox(out, name.utf8, p->options.rev2);
	return true;
}

static void
test_names(void **state)
{
	static const struct good good[] = {
		{ "a", "\"a\"", 0 },
		{ "\"\"", NULL, 0 },
		{ "inbox", "\"INBOX\"", 4 },
		{ "\"iNbOx\"", "\"INBOX\"", 0 },
		{ "InBoX/x", "\"INBOX/x\"", 6 },
		{ "\"inboxes\"", NULL, 0 },
		{ "{5}\r\nINBOX", "\"INBOX\"", 0 },
		{ "\"a/b\"", NULL, 0 },
		{ "\"a/\"", "\"a\"", 0 },
		{ "\"a b\\\"\\\\%*\"", NULL, 0 },
		{ "\"&AOk-\"", NULL, 0 },
		{ "\"&-\"", NULL, 0 },
		/* e and a combining accent become one letter */
		{ "\"e&AwE-\"", "\"&AOk-\"", 0 },
		{ "\"&2D3eAA-\"", NULL, 0 },
	};
	static const char *const bad[] = { "", "a b", "a*", "(", "\"a", "%" };

	(void)state;
	check_good(trip_mailbox, good, COUNT(good));
	check_bad(trip_mailbox, bad, COUNT(bad));
}

static void
test_utf8_names(void **state)
{
	static const struct good good[] = {
		{ "\"&AOk-\"", NULL, 0 },
		{ "\"a&b\"", NULL, 0 },
		{ "\"\xc3\xa9\"", NULL, 0 },
		{ "\"e\xcc\x81\"", "\"\xc3\xa9\"", 0 },
		{ "\"\xf0\x9f\x98\x80/\"", "\"\xf0\x9f\x98\x80\"", 0 },
		{ "{2}\r\n\xc3\xa9", "\"\xc3\xa9\"", 0 },
	};

	(void)state;
	check_good_with(trip_mailbox, good, COUNT(good), rev2);
	/* UTF8=ACCEPT reads the same. */
	check_out(trip_mailbox, STR("\"\xc3\xa9\""), STR("\"&AOk-\""), utf8);
}

static void
test_odd_names(void **state)
{
	static const struct parse_options neither = { 0 };
	char *longer = repeated("", "x", 4 * MAILBOX_NAME_BYTES_MAX + 1, "");
	char *marked = repeated("!", "x", 4 * MAILBOX_NAME_BYTES_MAX + 1, "");

	(void)state;
	check_out(trip_mailbox, STR("a//"), STR("\"a/\""), neither);
	check_out(trip_mailbox, STR("&AGE-"), STR("!&AGE-"), neither);
	check_out(trip_mailbox, STR("&AEk-NBOX"), STR("!&AEk-NBOX"), neither);
	check_out(trip_mailbox, STR("a&"), STR("!a&"), neither);
	check_out(trip_mailbox, STR("&2D0-"), STR("!&2D0-"), neither);
	check_out(trip_mailbox, STR("\"\xc3\xa9\""), STR("!\xc3\xa9"), neither);
	check_out(trip_mailbox, STR("{3}\r\na\r\n"), STR("!a\r\n"), neither);
	check_out(trip_mailbox, STR("\"a\tb\""), STR("!a\tb"), neither);
	check_out(trip_mailbox, STR("\"a\tb\""), STR("!a\tb"), rev2);
	check_out(trip_mailbox, STR("{1}\r\n\xff"), STR("!\xff"), rev2);
	check_out(trip_mailbox, STR("{1}\r\n\x7f"), STR("!\x7f"), rev2);
	check_out(trip_mailbox, STR("\"&AAE-\""), STR("!&AAE-"), neither);
	check_out(trip_mailbox, str_of(longer), str_of(marked), neither);
	free(longer);
	free(marked);
}

/* -- patterns ------------------------------------------------------------ */

static bool
trip_pattern(struct parser *p, struct buf *out)
{
	struct mailbox_name name;

	if (!parse_list_pattern(p, &name) || !name.valid)
		return false;
	write_mailbox(out, name.utf8, p->options.rev2);
	return true;
}

static bool
trip_reference(struct parser *p, struct buf *out)
{
	struct mailbox_name name;

	if (!parse_list_reference(p, &name) || !name.valid)
		return false;
	write_mailbox(out, name.utf8, p->options.rev2);
	return true;
}

static void
test_pattern_syntax(void **state)
{
	static const struct good patterns[] = {
		{ "%", "\"%\"", 0 },
		{ "a/*", "\"a/*\"", 2 },
		{ "\"inbox\"", "\"INBOX\"", 0 },
		{ "\"&AOk-*\"", NULL, 0 },
	};
	static const struct good references[] = {
		{ "\"\"", NULL, 0 },
		{ "\"a/\"", NULL, 0 },
	};

	(void)state;
	check_good(trip_pattern, patterns, COUNT(patterns));
	check_good(trip_reference, references, COUNT(references));
}

static void
test_patterns(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "a", "a", true },
		{ "a", "A", false },
		{ "*", "", true },
		{ "*", "a/b/c", true },
		{ "%", "a", true },
		{ "%", "a/b", false },
		{ "%", "/", false },
		{ "%/%", "a/b", true },
		{ "%/%", "a/b/c", false },
		{ "%/*", "a/b/c", true },
		{ "a%", "a", true },
		{ "a%", "ab", true },
		{ "a%", "ab/c", false },
		{ "a*c", "abbbc", true },
		{ "a*c", "ab/bbc", true },
		{ "a%c", "ab/bbc", false },
		{ "a*c", "abbb", false },
		{ "*a*b*c*", "xxaxxbxxcxx", true },
		{ "*a*b*c*", "xxaxxcxxbxx", false },
		{ "%*", "a/b", true },
		{ "*%", "a/b", true },
		{ "a/%", "a", false },
		{ "a/%", "a/", true },
		{ "inbox", "INBOX", true },
		{ "in%", "INBOX", true },
		{ "InBoX/*", "INBOX/a", true },
		{ "InBoX/A", "INBOX/a", false },
		{ "inboxes", "INBOXES", false },
		{ "%", "INBOX", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (list_pattern_matches(str_of(cases[i].pattern),
			str_of(cases[i].name)) != cases[i].matches)
			fail_msg("%s, %s", cases[i].pattern, cases[i].name);
}

/* Many wildcards cost no more than their product with the name. */
static void
test_pattern_cost(void **state)
{
	char *pattern = repeated("", "*%", 800, "b");
	char *name = repeated("", "a", MAILBOX_NAME_BYTES_MAX, "");
	char *longer = repeated("", "a", MAILBOX_NAME_BYTES_MAX + 1, "");

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_false(
		    list_pattern_matches(str_of(pattern), str_of(name)));
	assert_true(list_pattern_matches(STR("*"), str_of(name)));
	assert_false(list_pattern_matches(STR("*"), str_of(longer)));
	free(pattern);
	free(name);
	free(longer);
}

static void
test_join(void **state)
{
	static const struct {
		const char *reference, *pattern, *joined;
	} cases[] = {
		{ "", "*", "*" },
		{ "a/", "%", "a/%" },
		{ "a", "b", "ab" },
		{ "a/", "/b", "/b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf to;

		buf_init(&to, 100);
		list_pattern_join(
		    &to, str_of(cases[i].reference), str_of(cases[i].pattern));
		assert_true(str_eq(buf_str(&to), str_of(cases[i].joined)));
		buf_fini(&to);
	}
}

/* -- writing ------------------------------------------------------------- */

static void
check_written(struct str name, bool as_utf8, const char *want)
{
	struct buf to;

	buf_init(&to, 4096);
	write_mailbox(&to, name, as_utf8);
	if (!str_eq(buf_str(&to), str_of(want)))
		fail_msg("%.*s, not %s", STR_ARG(buf_str(&to)), want);
	buf_fini(&to);
}

static void
test_writing(void **state)
{
	(void)state;
	check_written(STR("a b"), false, "\"a b\"");
	check_written(STR(""), false, "\"\"");
	check_written(STR("a&\"\\"), false, "\"a&-\\\"\\\\\"");
	check_written(STR("a&\"\\"), true, "\"a&\\\"\\\\\"");
	check_written(STR("\xc3\xa9"), false, "\"&AOk-\"");
	check_written(STR("\xc3\xa9"), true, "\"\xc3\xa9\"");
	check_written(STR("\xff\n"), true, "\"??\"");
	check_written(STR("\xff\n"), false, "\"??\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_utf8_names),
		cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_pattern_syntax),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_pattern_cost),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_writing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
