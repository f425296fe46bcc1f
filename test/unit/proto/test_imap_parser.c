/* SPDX-License-Identifier: MIT
 *
 * The parser's state: the furthest point, faults, their texts.
 */
#include "imap_fixture.h"

#include "proto/imap/string.h"

static void
check_text(const struct parser *p, enum parser_fault fault, const char *want)
{
	struct buf to;

	buf_init(&to, 200);
	assert_int_equal(parser_fault(p), fault);
	parser_why(p, &to);
	if (!str_eq(buf_str(&to), str_of(want)))
		fail_msg("%.*s, not %s", STR_ARG(buf_str(&to)), want);
	buf_fini(&to);
}

/* What was expected furthest on is told, and of one place the last. */
static void
test_furthest(void **state)
{
	struct parser p;
	const char *at;

	(void)state;
	parser_init(&p, STR("abc\r\n"), NULL, (struct parse_options){ 0 });
	at = p.c.at;
	check_text(&p, PARSER_SYNTAX, "Expected command at octet 1");
	assert_false(parser_expected(&p, at + 1, "x"));
	check_text(&p, PARSER_SYNTAX, "Expected x at octet 2");
	assert_ptr_equal(p.c.at, at + 1);
	assert_false(parser_expected(&p, at, "y"));
	check_text(&p, PARSER_SYNTAX, "Expected x at octet 2");
	assert_ptr_equal(p.c.at, at);
	assert_false(parser_expected(&p, at + 1, "z"));
	check_text(&p, PARSER_SYNTAX, "Expected z at octet 2");
	assert_false(parser_expected(&p, at + 3, "more"));
	check_text(&p, PARSER_SYNTAX, "Expected more at the end");
}

static void
test_faults(void **state)
{
	struct arena *arena = arena_new(0);
	struct parser p;
	struct str s;

	(void)state;
	parser_init(&p, STR("abc"), arena, (struct parse_options){ 0 });
	assert_false(parser_refuse(&p, "Too many x"));
	assert_false(parser_refuse(&p, "Too many y"));
	check_text(&p, PARSER_LIMIT, "Too many x");
	parser_init(&p, STR("abc"), arena, (struct parse_options){ 0 });
	assert_false(parse_atom(&p, &s));
	check_text(&p, PARSER_FULL, "Command too complex");
	arena_free(arena);
}

static void
test_nesting(void **state)
{
	struct parser p;

	(void)state;
	parser_init(&p, STR(""), NULL, (struct parse_options){ 0 });
	for (int i = 0; i < NESTING_MAX; i++)
		assert_true(parser_enter(&p));
	assert_false(parser_enter(&p));
	parser_leave(&p);
	assert_true(parser_enter(&p));
}

static void
test_taking(void **state)
{
	struct parser p;

	(void)state;
	parser_init(&p, STR("RETURN (a b)"), NULL, (struct parse_options){ 0 });
	assert_false(take_word(&p, "RETURNS"));
	assert_false(take_word(&p, "RETUR"));
	assert_true(take_word(&p, "return"));
	assert_false(take_byte(&p, '('));
	assert_int_equal(parser_count(&p, ' ', '\0'), 3);
	assert_int_equal(parser_count(&p, 'a', ')'), 2);
	assert_int_equal(parser_count(&p, 'b', ' '), 1);
	assert_int_equal(parser_count_words(&p, 2), 2);
	assert_true(take_sp(&p));
	assert_true(take_byte(&p, '('));
	assert_false(parse_end(&p));
}

static void
test_spaces(void **state)
{
	struct parser p;

	(void)state;
	parser_init(&p, STR("  x"), NULL, (struct parse_options){ 0 });
	assert_true(take_sp(&p));
	assert_false(take_byte(&p, 'x'));
	parser_init(
	    &p, STR("  x"), NULL, (struct parse_options){ .lenient = true });
	assert_true(take_sp(&p));
	assert_true(take_byte(&p, 'x'));
	assert_false(take_sp(&p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_furthest),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_taking),
		cmocka_unit_test(test_spaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
