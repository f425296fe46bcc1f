/* SPDX-License-Identifier: MIT
 *
 * Lists of modifiers, whatever they hold.
 */
#include "imap_fixture.h"

#include "proto/imap/modifier.h"

static bool
trip_list(struct parser *p, struct buf *out)
{
	struct modifier_list list = { 0 };

	if (!parse_modifier_list(p, &list))
		return false;
	write_modifier_list(out, &list);
	return true;
}

static bool
trip_modifiers(struct parser *p, struct buf *out)
{
	struct modifier_list list = { 0 };

	if (!parse_modifiers(p, &list))
		return false;
	if (list.n > 0)
		buf_add_byte(out, ' ');
	write_modifier_list(out, &list);
	return true;
}

static void
test_lists(void **state)
{
	static const struct good good[] = {
		{ "(CONDSTORE)", NULL, 0 },
		{ "(condstore)", "(CONDSTORE)", 0 },
		{ "(CHANGEDSINCE 12345 VANISHED)", NULL, 0 },
		{ "(UNCHANGEDSINCE 0)", NULL, 0 },
		/* all of it is taken, in any order */
		{ "(CONDSTORE QRESYNC (67890007 20050715194045000 41,43:211 "
		  "(1,4 2,5)))",
		    NULL, 0 },
		{ "(QRESYNC (1 1) CONDSTORE)", NULL, 0 },
		{ "(A 1:* B $ C \"x y\" D (\"p\\\"\" (q) ()))",
		    "(A 1:* B $ C \"x y\" D (\"p\\\"\" (q) ()))", 0 },
		{ "(PARTIAL -1:-100)", NULL, 0 },
		{ "(A {3}\r\nb c)", "(A \"b c\")", 0 },
		{ "(A \"b\")", NULL, 0 },
		{ "(A \"-1\")", "(A -1)", 0 },
		{ "(A. -b _C:1)", "(A. -B _C:1)", 0 },
		{ "(A ())", NULL, 0 },
	};
	static const char *const bad[] = { "", "()", "(", "( A)", "(A )", "(1)",
		"(:A)", "(A  B)", "(A (b)", "(A (b ))", "(A b))", "(A \"b)",
		"(\"A\")", "(A())", "(A\\Foo)" };

	(void)state;
	check_good(trip_list, good, COUNT(good));
	check_bad(trip_list, bad, COUNT(bad));
}

static void
test_optional(void **state)
{
	static const struct good good[] = {
		{ "", NULL, 0 },
		{ " (A 1)", NULL, 1 },
	};
	static const char *const bad[] = { " ", " A", " ()", " (A", " (A) " };

	(void)state;
	check_good(trip_modifiers, good, COUNT(good));
	check_bad(trip_modifiers, bad, COUNT(bad));
}

static void
test_limits(void **state)
{
	char *deepest = repeated("(A ", "(", NESTING_MAX, "x");
	char *deeper = repeated("(A ", "(", NESTING_MAX + 1, "x");
	char *deepest_closed = repeated(deepest, ")", NESTING_MAX + 1, "");
	char *deeper_closed = repeated(deeper, ")", NESTING_MAX + 2, "");
	char *endless = repeated("(A ", "(", 60000, "");
	char *most = repeated("(A", " A", MODIFIERS_MAX - 1, ")");
	char *more = repeated("(A", " A", MODIFIERS_MAX, ")");

	(void)state;
	check_out(trip_list, str_of(deepest_closed), str_of(deepest_closed),
	    (struct parse_options){ 0 });
	check_why(trip_list, str_of(deeper_closed), PARSER_LIMIT,
	    "Nested too deeply");
	check_why(
	    trip_list, str_of(endless), PARSER_LIMIT, "Nested too deeply");
	check_out(
	    trip_list, str_of(most), str_of(most), (struct parse_options){ 0 });
	check_why(trip_list, str_of(more), PARSER_LIMIT, "Too many modifiers");
	free(deepest);
	free(deeper);
	free(deepest_closed);
	free(deeper_closed);
	free(endless);
	free(most);
	free(more);
}

static void
test_find(void **state)
{
	struct arena *arena = arena_new(65536);
	struct modifier_list list;
	struct parser p;

	(void)state;
	parser_init(&p, STR("(condstore Qresync (1 (2 3)))"), arena,
	    (struct parse_options){ 0 });
	assert_true(parse_modifier_list(&p, &list));
	assert_int_equal(list.n, 2);
	assert_null(modifier_find(&list, "CONDSTORE")->value);
	assert_null(modifier_find(&list, "FOO"));
	{
		const struct tagged_value *v =
		    modifier_find(&list, "QRESYNC")->value;

		assert_true(v->is_list);
		assert_true(str_eq(v->children->text, STR("1")));
		assert_true(v->children->next->is_list);
		assert_null(v->children->next->next);
	}
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_optional),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
