/* SPDX-License-Identifier: MIT
 *
 * What a message lacks of line ends, however it is cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mime/line_ends.h"

static void
test_lacking(void **state)
{
	const struct {
		struct str text;
		uint64_t lacking;
	} cases[] = {
		{ STR(""), 0 },
		{ STR("\r\n"), 0 },
		{ STR("a\r\nb\r\n"), 0 },
		{ STR("a\r\nb"), 2 },
		{ STR("a\r\nb\r"), 1 },
		{ STR("\r"), 1 },
		{ STR("\n"), 1 },
		{ STR("\n\n\n"), 3 },
		{ STR("a\nb\r\nc\n"), 2 },
		{ STR("a\rb\r\r\n"), 0 },
		{ STR("\n\r"), 2 },
		{ STR("\0\n\0"), 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str s = cases[i].text;

		for (size_t split = 0; split <= s.n; split++) {
			struct mime_line_ends e = { 0 };

			mime_line_ends_add(&e, str_head(s, split));
			mime_line_ends_add(&e, str_skip(s, split));
			if (mime_line_ends_lacking(&e) != cases[i].lacking)
				fail_msg("case %zu split at %zu: %d", i, split,
				    (int)mime_line_ends_lacking(&e));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lacking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
