/* SPDX-License-Identifier: MIT
 *
 * base/base64: RFC 4648 section 10, and what strict means.
 */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_vectors(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&b);
		base64_encode(str_of(cases[i][0]), &b);
		assert_true(str_eq(buf_str(&b), str_of(cases[i][1])));
		buf_clear(&b);
		assert_true(base64_decode(str_of(cases[i][1]), &b));
		assert_true(str_eq(buf_str(&b), str_of(cases[i][0])));
	}
	buf_fini(&b);
}

static void
test_refused(void **state)
{
	static const char *const cases[] = { "Z", "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "Zm 9v", "Zm9v\r\n",
		"Zm9-", "=", "====", "Z===", "Zm9v=", "\xc3\xa4==" };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_text(&b, "kept");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(base64_decode(str_of(cases[i]), &b));
		assert_true(str_eq(buf_str(&b), STR("kept")));
	}
	buf_fini(&b);
}

static void
test_too_long(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	assert_false(base64_decode(STR("Zm9vYmFy"), &b));
	assert_int_equal(b.n, 0);
	assert_true(base64_decode(STR("Zm9vYg=="), &b));
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
