/* SPDX-License-Identifier: MIT
 *
 * base/endian: byte order, any alignment, keys that sort.
 */
#include "base/endian.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void
test_bytes(void **state)
{
	unsigned char at[16];

	(void)state;
	for (size_t shift = 0; shift < 8; shift++) {
		unsigned char *p = at + shift;

		endian_put_le16(p, 0x0102);
		assert_memory_equal(p, "\x02\x01", 2);
		assert_int_equal(endian_get_le16(p), 0x0102);
		endian_put_le32(p, 0x01020304);
		assert_memory_equal(p, "\x04\x03\x02\x01", 4);
		assert_int_equal(endian_get_le32(p), 0x01020304);
		endian_put_le64(p, 0xf102030405060708);
		assert_memory_equal(p, "\x08\x07\x06\x05\x04\x03\x02\xf1", 8);
		assert_int_equal(endian_get_le64(p), 0xf102030405060708);
		endian_put_be32(p, 0xf1020304);
		assert_memory_equal(p, "\xf1\x02\x03\x04", 4);
		assert_int_equal(endian_get_be32(p), 0xf1020304);
		endian_put_be64(p, 0xf102030405060708);
		assert_memory_equal(p, "\xf1\x02\x03\x04\x05\x06\x07\x08", 8);
		assert_int_equal(endian_get_be64(p), 0xf102030405060708);
	}
}

static void
test_order(void **state)
{
	unsigned char a[8], b[8];

	(void)state;
	for (uint64_t n = 1; n != 0; n <<= 1) {
		endian_put_be64(a, n - 1);
		endian_put_be64(b, n);
		assert_true(memcmp(a, b, 8) < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
