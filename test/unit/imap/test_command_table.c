/* SPDX-License-Identifier: MIT
 *
 * imap/command_table: that every row is sound, and what the RFC says of single
 * commands.
 */
#include "imap/command_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void
test_rows_are_complete(void **state)
{
	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		assert_non_null(c->rfc);
		/* A row without states cannot run, others can. */
		assert_int_equal(c->states == 0, c->proceed == NULL);
		/* Only arguments can be checked. */
		assert_true(c->parse != NULL || c->check == NULL);
		assert_ptr_equal(command_find(str_of(c->name)), c);
	}
}

static void
test_names_are_found_in_any_case(void **state)
{
	(void)state;
	assert_string_equal(command_find(STR("uId fEtch"))->name, "UID FETCH");
	assert_null(command_find(STR("UID")));
	assert_null(command_find(STR("UID NOOP")));
	assert_null(command_find(STR("NOOPS")));
	assert_null(command_find(STR("")));
}

static unsigned
flags_of(const char *name)
{
	return command_find(str_of(name))->flags;
}

/* RFC 9051 section 7.5.1: no EXPUNGE during these, but during their UID
 * variants. */
static void
test_numbers_hold_still(void **state)
{
	static const char *const names[] = { "FETCH", "STORE", "SEARCH" };

	(void)state;
	for (const struct command *c = command_table; c->name; c++) {
		bool listed = false;

		for (size_t i = 0; i < 3; i++)
			listed =
			    listed || str_eq(str_of(names[i]), str_of(c->name));
		assert_int_equal(
		    (c->flags & COMMAND_USES_NUMBERS) != 0, listed);
	}
}

static void
test_uid_variants_differ_by_their_flag_only(void **state)
{
	static const char *const pairs[][2] = {
		{ "FETCH", "UID FETCH" },
		{ "STORE", "UID STORE" },
		{ "SEARCH", "UID SEARCH" },
		{ "COPY", "UID COPY" },
		{ "MOVE", "UID MOVE" },
		{ "REPLACE", "UID REPLACE" },
	};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		const struct command *plain = command_find(str_of(pairs[i][0]));
		const struct command *uid = command_find(str_of(pairs[i][1]));

		assert_ptr_equal(plain->proceed, uid->proceed);
		assert_ptr_equal(plain->parse, uid->parse);
		assert_ptr_equal(plain->check, uid->check);
		assert_int_equal(
		    plain->flags & COMMAND_WRITES, uid->flags & COMMAND_WRITES);
		assert_false(plain->flags & COMMAND_BY_UID);
		assert_true(uid->flags & COMMAND_BY_UID);
	}
}

static void
test_examine_is_parsed_like_select(void **state)
{
	const struct command *select = command_find(STR("SELECT"));
	const struct command *examine = command_find(STR("EXAMINE"));

	(void)state;
	assert_ptr_equal(select->parse, examine->parse);
	assert_ptr_equal(select->check, examine->check);
	assert_int_equal(select->flags, examine->flags);
}

/* RFC 9051 section 6.3.3: no change to the permanent state. */
static void
test_what_changes_is_refused_after_examine(void **state)
{
	(void)state;
	assert_true(flags_of("STORE") & COMMAND_WRITES);
	assert_true(flags_of("EXPUNGE") & COMMAND_WRITES);
	assert_true(flags_of("UID EXPUNGE") & COMMAND_WRITES);
	assert_true(flags_of("MOVE") & COMMAND_WRITES);
	assert_false(flags_of("COPY") & COMMAND_WRITES);
	/* Section 6.4.1: no error is given. */
	assert_false(flags_of("CLOSE") & COMMAND_WRITES);
}

static void
test_what_streams(void **state)
{
	(void)state;
	for (const struct command *c = command_table; c->name; c++)
		assert_int_equal((c->flags & COMMAND_STREAMS) != 0,
		    str_eq(str_of(c->name), STR("APPEND")) ||
			str_ends(str_of(c->name), STR("REPLACE")));
}

static void
test_states(void **state)
{
	static const char *const selected[] = { "CHECK", "CLOSE", "UNSELECT",
		"EXPUNGE", "SEARCH", "FETCH", "STORE", "COPY", "MOVE",
		"UID EXPUNGE", "REPLACE", "UID REPLACE" };
	static const char *const before_login[] = { "LOGIN", "AUTHENTICATE",
		"STARTTLS" };

	(void)state;
	for (size_t i = 0; i < sizeof(selected) / sizeof(*selected); i++)
		assert_int_equal(
		    command_find(str_of(selected[i]))->states, IN_SELECTED);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    command_find(str_of(before_login[i]))->states, 0);
	assert_int_equal(command_find(STR("IDLE"))->states, IN_ANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_complete),
		cmocka_unit_test(test_names_are_found_in_any_case),
		cmocka_unit_test(test_numbers_hold_still),
		cmocka_unit_test(test_uid_variants_differ_by_their_flag_only),
		cmocka_unit_test(test_examine_is_parsed_like_select),
		cmocka_unit_test(test_what_changes_is_refused_after_examine),
		cmocka_unit_test(test_what_streams),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
