/* SPDX-License-Identifier: MIT
 *
 * What a search returns and saves, for every combination of result options
 * (RFC 9051 table 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/result.h"

/* Three matches: numbers 2, 3, 9; UIDs 20, 21, 90. */
static const struct message found[] = {
	{ .seq = 2, .uid = 20, .modseq = 500 },
	{ .seq = 3, .uid = 21, .modseq = 900 },
	{ .seq = 9, .uid = 90, .modseq = 400 },
};

static const struct {
	unsigned options;
	size_t looked_at; /* matches until the search may end */
	uint64_t modseq;
	size_t saved;
	uint32_t saved_first;
	uint32_t saved_last;
} cases[] = {
	{ RESULT_ALL, 3, 900, 0, 0, 0 },
	{ RESULT_MIN, 1, 500, 0, 0, 0 },
	{ RESULT_MAX, 3, 400, 0, 0, 0 },
	{ RESULT_MIN | RESULT_MAX, 3, 500, 0, 0, 0 },
	{ RESULT_MIN | RESULT_COUNT, 3, 900, 0, 0, 0 },
	{ RESULT_SAVE, 3, 900, 3, 20, 90 },
	{ RESULT_SAVE | RESULT_MIN, 1, 500, 1, 20, 20 },
	{ RESULT_SAVE | RESULT_MAX, 3, 400, 1, 90, 90 },
	{ RESULT_SAVE | RESULT_MIN | RESULT_MAX, 3, 500, 2, 20, 90 },
	{ RESULT_SAVE | RESULT_ALL, 3, 900, 3, 20, 90 },
	{ RESULT_SAVE | RESULT_COUNT, 3, 900, 3, 20, 90 },
	{ RESULT_SAVE | RESULT_COUNT | RESULT_MIN, 3, 900, 3, 20, 90 },
	{ RESULT_SAVE | RESULT_ALL | RESULT_MIN | RESULT_MAX, 3, 900, 3, 20,
	    90 },
};

static void
check_saved(struct result *r, size_t i)
{
	struct uid_list saved;

	result_take_saved(r, &saved);
	assert_int_equal(uid_list_count(&saved), cases[i].saved);
	assert_int_equal(saved.v[0].first, cases[i].saved_first);
	assert_int_equal(saved.v[saved.n - 1].last, cases[i].saved_last);
	uid_list_fini(&saved);
}

static void
test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r;
		size_t n = 0;

		result_init(&r, cases[i].options, false);
		while (n < 3 && result_add(&r, &found[n++]))
			continue;
		assert_int_equal(n, cases[i].looked_at);
		assert_int_equal(r.count, cases[i].looked_at);
		assert_int_equal(r.min, 2);
		assert_int_equal(r.modseq, cases[i].modseq);
		if (n == 3)
			assert_int_equal(r.max, 9);
		if ((cases[i].options & RESULT_ALL) != 0) {
			assert_int_equal(r.all.n, 2);
			assert_int_equal(r.all.v[0].last, 3);
		}
		if ((cases[i].options & RESULT_SAVE) != 0)
			check_saved(&r, i);
		result_fini(&r);
	}
}

static void
test_uids(void **state)
{
	struct result r;

	(void)state;
	result_init(&r, RESULT_ALL | RESULT_MIN | RESULT_MAX, true);
	for (size_t i = 0; i < 3; i++)
		assert_true(result_add(&r, &found[i]));
	assert_int_equal(r.min, 20);
	assert_int_equal(r.max, 90);
	assert_true(uid_list_has(&r.all, 21));
	assert_false(uid_list_has(&r.all, 3));
	result_fini(&r);
}

static void
test_nothing_found(void **state)
{
	struct uid_list saved;
	struct result r;

	(void)state;
	result_init(&r, RESULT_SAVE | RESULT_MIN | RESULT_MAX, false);
	assert_int_equal(r.min, 0);
	result_take_saved(&r, &saved);
	assert_int_equal(saved.n, 0);
	result_fini(&r);
}

/* MIN and MAX are the same message. */
static void
test_one_found(void **state)
{
	struct uid_list saved;
	struct result r;

	(void)state;
	result_init(&r, RESULT_SAVE | RESULT_MIN | RESULT_MAX, false);
	assert_true(result_add(&r, &found[0]));
	result_take_saved(&r, &saved);
	assert_int_equal(uid_list_count(&saved), 1);
	uid_list_fini(&saved);
	result_fini(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_uids),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_one_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
