/* SPDX-License-Identifier: MIT
 *
 * Arguments of CONDSTORE and QRESYNC.
 */
#include "imap_fixture.h"

#include "proto/imap/resync.h"
#include "proto/imap/string.h"

static bool
trip_modseq(struct parser *p, struct buf *out)
{
	struct modifier_list list;
	uint64_t modseq;

	if (!parse_modifier_list(p, &list))
		return false;
	if (!modifier_modseq(&list.v[0], &modseq))
		return parser_expected(p, p->begin, "modseq");
	buf_add_byte(out, '(');
	buf_add_str(out, list.v[0].name);
	buf_add_byte(out, ' ');
	buf_add_number(out, modseq);
	buf_add_byte(out, ')');
	return true;
}

static void
test_modseq(void **state)
{
	static const struct good good[] = {
		{ "(CHANGEDSINCE 1)", NULL, 0 },
		{ "(UNCHANGEDSINCE 0)", NULL, 0 },
		{ "(CHANGEDSINCE 9223372036854775807)", NULL, 0 },
	};
	static const char *const bad[] = { "(CHANGEDSINCE)",
		"(CHANGEDSINCE 9223372036854775808)", "(CHANGEDSINCE -1)",
		"(CHANGEDSINCE (1))", "(CHANGEDSINCE 1:2)", "(CHANGEDSINCE *)",
		"(CHANGEDSINCE \"\")", "(CHANGEDSINCE 1x)" };

	(void)state;
	check_good(trip_modseq, good, COUNT(good));
	check_bad(trip_modseq, bad, COUNT(bad));
}

static void
write_ranges(struct buf *out, const struct seq_ranges *r)
{
	write_sequence_set(out, r->v, r->n);
}

static void
write_qresync(struct buf *out, const struct qresync *q)
{
	buf_add_format(out, "(QRESYNC (%u ", q->uidvalidity);
	buf_add_number(out, q->modseq);
	if (q->has_known) {
		buf_add_byte(out, ' ');
		write_set(out, &q->known);
	}
	if (q->numbers.n > 0) {
		buf_add_text(out, " (");
		write_ranges(out, &q->numbers);
		buf_add_byte(out, ' ');
		write_ranges(out, &q->uids);
		buf_add_byte(out, ')');
	}
	buf_add_text(out, "))");
}

/* With an arena of its own, which is large enough: a refusal is malformed. */
static bool
trip_qresync(struct parser *p, struct buf *out)
{
	struct arena *a = arena_new(1024 * 1024);
	struct modifier_list list;
	struct qresync q;
	bool good = false;

	if (parse_modifier_list(p, &list)) {
		good = modifier_qresync(&list.v[0], a, &q) ||
		       parser_expected(p, p->begin, "qresync");
		if (good)
			write_qresync(out, &q);
	}
	arena_free(a);
	return good;
}

static void
test_qresync(void **state)
{
	static const struct good good[] = {
		{ "(QRESYNC (1 1))", NULL, 0 },
		{ "(QRESYNC (67890007 20050715194045000 41,43:211,214:541))",
		    NULL, 0 },
		{ "(QRESYNC (1 9223372036854775807 5:3))", NULL, 0 },
		{ "(QRESYNC (1 2 (1:3 5,8,9)))", "(QRESYNC (1 2 (1:3 5,8:9)))",
		    0 },
		{ "(QRESYNC (4294967295 2 1:29997 (5000,7500,9000,9990:9999 "
		  "15000,22500,27000,29970,29973,29976,29979,29982,29985,"
		  "29988,29991,29994,29997)))",
		    NULL, 0 },
	};
	static const char *const bad[] = { "(QRESYNC)", "(QRESYNC 1)",
		"(QRESYNC ())", "(QRESYNC (1))", "(QRESYNC (0 1))",
		"(QRESYNC (1 0))", "(QRESYNC ((1) 1))", "(QRESYNC (1 (1)))",
		"(QRESYNC (1 1 *))", "(QRESYNC (1 1 1:*))", "(QRESYNC (1 1 $))",
		"(QRESYNC (1 1 0))", "(QRESYNC (1 1 1 1))",
		"(QRESYNC (1 1 ()))", "(QRESYNC (1 1 (1)))",
		"(QRESYNC (1 1 (1 1 1)))", "(QRESYNC (1 1 (1:2 1:3)))",
		"(QRESYNC (1 1 (2,1 1,2)))", "(QRESYNC (1 1 (1,2 2,1)))",
		"(QRESYNC (1 1 (1:2 2:1)))", "(QRESYNC (1 1 (1,1 1,2)))",
		"(QRESYNC (1 1 (1 1) (1 1)))", "(QRESYNC (1 1 (1 1) 5))",
		"(QRESYNC (1 1 ((1) 1)))", "(QRESYNC (1 1 (* 1)))" };

	(void)state;
	check_good(trip_qresync, good, COUNT(good));
	check_bad(trip_qresync, bad, COUNT(bad));
}

static void
test_numbers_of_ranges(void **state)
{
	struct seq_range v[] = { { 3, 5 }, { 9, 9 }, { 20, UINT32_MAX } };
	struct seq_ranges r = { v, COUNT(v) };

	(void)state;
	assert_int_equal(seq_ranges_at(&r, 0), 3);
	assert_int_equal(seq_ranges_at(&r, 2), 5);
	assert_int_equal(seq_ranges_at(&r, 3), 9);
	assert_int_equal(seq_ranges_at(&r, 4), 20);
	assert_true(seq_ranges_at(&r, seq_ranges_count(&r) - 1) == UINT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modseq),
		cmocka_unit_test(test_qresync),
		cmocka_unit_test(test_numbers_of_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
