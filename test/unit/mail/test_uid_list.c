/* SPDX-License-Identifier: MIT
 *
 * Lists of UIDs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/message_internal.h"

static void
test_add_joins_neighbours(void **state)
{
	static const uint32_t uids[] = { 3, 4, 5, 9, 11, 12, 0x7fffffff };
	struct uid_list l = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(uids) / sizeof(*uids); i++)
		uid_list_add(&l, uids[i]);
	assert_int_equal(l.n, 4);
	assert_int_equal(l.v[0].first, 3);
	assert_int_equal(l.v[0].last, 5);
	assert_int_equal(l.v[2].first, 11);
	assert_int_equal(uid_list_count(&l), 7);
	uid_list_fini(&l);
	assert_int_equal(l.n, 0);
	assert_null(l.v);
}

static void
test_has(void **state)
{
	struct uid_list l = { 0 };

	(void)state;
	assert_false(uid_list_has(&l, 1));
	for (uint32_t uid = 10; uid < 1000; uid++) {
		if (uid % 7 < 3)
			uid_list_add(&l, uid);
	}
	for (uint32_t uid = 0; uid < 1010; uid++)
		assert_int_equal(uid_list_has(&l, uid),
		    uid >= 10 && uid < 1000 && uid % 7 < 3);
	uid_list_fini(&l);
}

static void
test_join(void **state)
{
	struct uid_list l = { 0 }, more = { 0 };

	(void)state;
	uid_list_join(&l, &more);
	assert_int_equal(l.n, 0);
	uid_list_add(&l, 1);
	uid_list_add(&more, 2);
	uid_list_add(&more, 5);
	uid_list_join(&l, &more);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].last, 2);
	assert_int_equal(uid_list_count(&l), 3);
	uid_list_fini(&l);
	uid_list_fini(&more);
}

/* A whole range of UIDs does not overflow the count. */
static void
test_count_of_everything(void **state)
{
	struct uid_range all = { 0, UINT32_MAX };
	struct uid_list l = { .v = &all, .n = 1, .cap = 1 };

	(void)state;
	assert_true(uid_list_count(&l) == UINT64_C(1) << 32);
	assert_true(uid_list_has(&l, UINT32_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add_joins_neighbours),
		cmocka_unit_test(test_has),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_count_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
