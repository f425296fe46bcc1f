/* SPDX-License-Identifier: MIT
 *
 * Frames of the control socket: round trip, every prefix, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admin/frame.h"
#include "base/limits.h"

static void
test_round_trip(void **state)
{
	static const char bytes[] = "a\n.\n\0b";
	struct str want[] = { STR("user-add"), STR(""),
		{ .p = bytes, .n = sizeof(bytes) - 1 } };
	struct buf b;
	struct cursor c;
	struct str got;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < 3; i++)
		frame_add(&b, want[i]);
	frame_add_end(&b);
	c = str_cursor(buf_str(&b));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(frame_next(&c, &got), RC_OK);
		assert_true(str_eq(got, want[i]));
	}
	assert_int_equal(frame_next(&c, &got), RC_EOF);
	assert_ptr_equal(c.at, c.end);
	assert_int_equal(frame_next(&c, &got), RC_AGAIN);
	buf_fini(&b);
}

/* Each prefix asks for more, moves nothing and reads nothing beyond. */
static void
test_prefixes(void **state)
{
	static const char frame[] = "12\nhello, world";

	(void)state;
	for (size_t n = 0; n < sizeof(frame) - 1; n++) {
		char *copy = malloc(n + 1);
		struct cursor c;
		struct str got;

		assert_non_null(copy);
		memcpy(copy + 1, frame, n);
		c = str_cursor((struct str){ .p = copy + 1, .n = n });
		assert_int_equal(frame_next(&c, &got), RC_AGAIN);
		assert_ptr_equal(c.at, copy + 1);
		free(copy);
	}
}

static void
test_refused(void **state)
{
	static const char *const cases[] = { "\n", "-1\nx", "+1\nx", "1 \nx",
		"x\n", "..\n", "65537\n", "9999999\n", "99999999", "0x1\nx",
		"\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cursor c = str_cursor(str_of(cases[i]));
		struct str got;

		if (frame_next(&c, &got) != RC_SYNTAX)
			fail_msg("taken: %s", cases[i]);
	}
}

static void
test_largest(void **state)
{
	char *bytes = calloc(1, CONTROL_FRAME_BYTES_MAX + 1);
	struct buf b;
	struct cursor c;
	struct str got;

	(void)state;
	assert_non_null(bytes);
	buf_init(&b, 2 * CONTROL_FRAME_BYTES_MAX);
	frame_add(
	    &b, (struct str){ .p = bytes, .n = CONTROL_FRAME_BYTES_MAX + 1 });
	c = str_cursor(buf_str(&b));
	assert_int_equal(frame_next(&c, &got), RC_OK);
	assert_int_equal(got.n, CONTROL_FRAME_BYTES_MAX);
	buf_fini(&b);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
