/* SPDX-License-Identifier: MIT
 *
 * STORE.
 */
#include "imap_fixture.h"

#include "proto/imap/store.h"

static bool
trip_store(struct parser *p, struct buf *out)
{
	struct store_args args;

	if (!parse_store(p, &args))
		return false;
	write_store(out, &args);
	return true;
}

static void
test_store(void **state)
{
	static const struct good good[] = {
		{ " 2:4 +FLAGS (\\Deleted)", NULL, 0 },
		{ " 1 FLAGS ()", NULL, 0 },
		{ " 1 -flags.silent (\\Seen $Junk)",
		    " 1 -FLAGS.SILENT (\\Seen $Junk)", 0 },
		{ " $ +FLAGS \\Deleted", " $ +FLAGS (\\Deleted)", 6 },
		{ " 1:* FLAGS \\Seen a", " 1:* FLAGS (\\Seen a)", 4 },
		{ " 1 (UNCHANGEDSINCE 12345) +FLAGS.SILENT (a)", NULL, 0 },
	};
	static const char *const bad[] = { "", " 1", " 1 FLAGS", " 1 FLAGS ",
		" 1 FLAGS (", " 1 FLAGS NIL)", " 1 +FLAG (a)", " 1 (a)",
		" 1 FLAGS.LOUD (a)", " 1 ++FLAGS (a)", " 1 + FLAGS (a)",
		" 1 FLAGS  (a)", " 1 FLAGS (a) ", " 1 FLAGS (a) (b)",
		" 1 () FLAGS (a)", " 1 (A 1)FLAGS (a)", " 0 FLAGS (a)",
		" 1 (A 1) (B 2) FLAGS (a)", " 1 FLAGS (\\*)", " 1 BODY (a)" };

	(void)state;
	check_good(trip_store, good, COUNT(good));
	check_bad(trip_store, bad, COUNT(bad));
}

static void
test_limit(void **state)
{
	char *many = repeated(" 1 +FLAGS (a", " a", 30000, ")");
	char *bare = repeated(" 1 +FLAGS a", " a", 30000, "");

	(void)state;
	check_why(trip_store, str_of(many), PARSER_LIMIT, "Too many flags");
	check_why(trip_store, str_of(bare), PARSER_LIMIT, "Too many flags");
	free(many);
	free(bare);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
