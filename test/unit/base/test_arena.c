/* SPDX-License-Identifier: MIT
 *
 * base/arena: the maximum, save and restore, clean-ups.
 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_alloc(void **state)
{
	struct arena *a = arena_new(100000);

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % sizeof(max_align_t) % 16, 0);
		for (size_t i = 0; i < size; i++) {
			assert_int_equal(p[i], 0);
			p[i] = 0xff;
		}
	}
	assert_int_equal(arena_used(a), 300 * 299 / 2);
	arena_free(a);
	arena_free(NULL);
}

static void
test_maximum(void **state)
{
	struct arena *a = arena_new(10);

	(void)state;
	assert_null(arena_alloc(a, 11));
	assert_null(arena_alloc(a, SIZE_MAX));
	assert_null(arena_array(a, SIZE_MAX / 2, 3));
	assert_non_null(arena_alloc(a, 10));
	assert_null(arena_alloc(a, 1));
	assert_non_null(arena_alloc(a, 0));
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	assert_non_null(arena_alloc(a, 10));
	arena_reset(a);
	assert_null(arena_text(a, STR("1234567890")));
	assert_null(arena_str(a, STR("1234567890")).p);
	assert_string_equal(arena_text(a, STR("123456789")), "123456789");
	arena_reset(a);
	assert_null(arena_copy(a, "123456", 6, 2));
	assert_null(arena_copy(a, "x", SIZE_MAX, 2));
	assert_non_null(arena_copy(a, NULL, 0, 2));
	assert_memory_equal(arena_copy(a, "123456", 3, 2), "123456", 6);
	arena_free(a);
}

static void
test_large_blocks(void **state)
{
	struct arena *a = arena_new(1 << 20);

	(void)state;
	for (int round = 0; round < 3; round++) {
		char *large = arena_alloc(a, 100000);
		char *small = arena_alloc(a, 1);

		assert_non_null(large);
		large[99999] = 'x';
		*small = 'y';
		arena_reset(a);
	}
	arena_free(a);
}

static void
count(void *arg)
{
	unsigned *n = arg;

	*n = *n * 10 + 1;
}

static void
count_other(void *arg)
{
	unsigned *n = arg;

	*n = *n * 10 + 2;
}

static void
test_cleanups(void **state)
{
	struct arena *a = arena_new(1000);
	struct arena_mark mark;
	unsigned order = 0;

	(void)state;
	arena_cleanup(a, count, &order);
	mark = arena_save(a);
	arena_cleanup(a, count_other, &order);
	arena_restore(a, mark);
	assert_int_equal(order, 2);
	arena_cleanup(a, count_other, &order);
	arena_free(a);
	assert_int_equal(order, 221);
}

static void
test_restore(void **state)
{
	struct arena *a = arena_new(1 << 20);
	char *kept = arena_alloc(a, 16);
	struct arena_mark mark = arena_save(a);

	(void)state;
	kept[15] = 'k';
	for (int i = 0; i < 50; i++)
		assert_non_null(arena_alloc(a, 1000));
	arena_restore(a, mark);
	assert_int_equal(arena_used(a), 16);
	assert_int_equal(kept[15], 'k');
	/* Memory given back comes out zeroed again. */
	for (int i = 0; i < 50; i++) {
		char *p = arena_alloc(a, 1000);

		for (int j = 0; j < 1000; j++)
			assert_int_equal(p[j], 0);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_large_blocks),
		cmocka_unit_test(test_cleanups),
		cmocka_unit_test(test_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
