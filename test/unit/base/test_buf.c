/* SPDX-License-Identifier: MIT
 *
 * base/buf: growth, the maximum, and what happens beyond it.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
check(const struct buf *b)
{
	assert_true(b->n <= b->cap);
	assert_true(b->cap <= b->max || b->cap <= 1);
	assert_int_equal(b->p == NULL, b->cap == 0);
}

static void
test_grow(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	check(&b);
	for (int i = 0; i < 1000; i++) {
		buf_add_byte(&b, (char)('a' + i % 26));
		check(&b);
	}
	assert_int_equal(buf_check(&b), RC_OK);
	assert_int_equal(b.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.p[i], 'a' + i % 26);
	buf_fini(&b);
	check(&b);
}

/* Memory that was lent is used until it is too little, and never freed. */
static void
test_room(void **state)
{
	char room[8];
	struct buf b;

	(void)state;
	buf_init_room(&b, 20, room, sizeof(room));
	check(&b);
	buf_add_text(&b, "12345678");
	assert_ptr_equal(b.p, room);
	buf_add_byte(&b, '9');
	assert_ptr_not_equal(b.p, room);
	assert_true(str_eq(buf_str(&b), STR("123456789")));
	check(&b);
	buf_fini(&b);
	check(&b);
	buf_init_room(&b, 4, room, sizeof(room));
	check(&b);
	buf_add_text(&b, "12345");
	assert_int_equal(buf_check(&b), RC_LIMIT);
	buf_fini(&b);
	check(&b);
	buf_init_room(&b, 0, room, sizeof(room));
	check(&b);
	buf_fini(&b);
}

static void
test_overflow(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add_text(&b, "12345678");
	buf_add_text(&b, "abc");
	assert_int_equal(buf_check(&b), RC_LIMIT);
	/* Nothing of a text that does not fit, nor of a later one that would. */
	buf_add_byte(&b, 'x');
	assert_true(str_eq(buf_str(&b), STR("12345678")));
	buf_clear(&b);
	assert_int_equal(buf_check(&b), RC_OK);
	buf_add_text(&b, "1234567890");
	assert_int_equal(buf_check(&b), RC_OK);
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_int_equal(buf_check(&b), RC_LIMIT);
	check(&b);
	buf_fini(&b);
}

static void
test_nothing_fits(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_add(&b, NULL, 0);
	buf_add_str(&b, (struct str){ NULL, 0 });
	assert_int_equal(buf_check(&b), RC_OK);
	buf_add_byte(&b, 'x');
	assert_int_equal(buf_check(&b), RC_LIMIT);
	buf_fini(&b);
}

static void
test_numbers(void **state)
{
	static const char le[] = "\x02\x01\x04\x03\x02\x01"
				 "\x08\x07\x06\x05\x04\x03\x02\x01";
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_add_number(&b, 0);
	buf_add_byte(&b, ' ');
	buf_add_number(&b, UINT64_MAX);
	buf_add_format(&b, " %s=%d", "x", -5);
	assert_true(str_eq(buf_str(&b), STR("0 18446744073709551615 x=-5")));
	buf_clear(&b);
	buf_add_le16(&b, 0x0102);
	buf_add_le32(&b, 0x01020304);
	buf_add_le64(&b, 0x0102030405060708);
	assert_int_equal(b.n, 14);
	assert_memory_equal(b.p, le, 14);
	buf_fini(&b);
}

static void
test_cut(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_text(&b, "abcdef");
	buf_consume(&b, 0);
	buf_consume(&b, 2);
	assert_true(str_eq(buf_str(&b), STR("cdef")));
	buf_truncate(&b, 1);
	assert_true(str_eq(buf_str(&b), STR("c")));
	buf_consume(&b, 1);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_nothing_fits),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
