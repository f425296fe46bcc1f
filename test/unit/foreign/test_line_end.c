/* SPDX-License-Identifier: MIT
 *
 * Line ends: what goes out as LF comes back as it was, and the rest is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "foreign/line_end.h"

#define S(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct {
	struct str file;
	struct str want;
} in_cases[] = {
	{ S(""), S("") },
	{ S("a"), S("a") },
	{ S("a\n"), S("a\r\n") },
	{ S("a\n\nb"), S("a\r\n\r\nb") },
	{ S("a\nb\r\nc\n"), S("a\r\nb\r\nc\r\n") },
	{ S("a\r\nb\nc\rd\n"), S("a\r\nb\nc\rd\n") }, /* as it is */
	{ S("\r\n\n"), S("\r\n\n") },
	{ S("a\rb\n\0c\n"), S("a\rb\r\n\0c\r\n") },
};

static void
test_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(in_cases) / sizeof(in_cases[0]); i++) {
		for (size_t cut = 0; cut <= in_cases[i].file.n; cut++) {
			struct line_end_in l = { 0 };
			struct buf to;

			buf_init(&to, 100);
			line_end_in(&l, str_head(in_cases[i].file, cut), &to);
			line_end_in(&l, str_skip(in_cases[i].file, cut), &to);
			assert_int_equal(to.n, in_cases[i].want.n);
			assert_memory_equal(
			    to.n ? to.p : "", in_cases[i].want.p, to.n);
			buf_fini(&to);
		}
	}
}

static const struct {
	struct str message;
	struct str want;
	bool clean;
} out_cases[] = {
	{ S(""), S(""), true },
	{ S("a\r\n"), S("a\n"), true },
	{ S("a\r"), S("a\r"), true },
	{ S("a\rb\r\n\r\n"), S("a\rb\n\n"), true },
	{ S("a\r\r"), S("a\r\r"), true },
	{ S("\0\r\n"), S("\0\n"), true },
	{ S("a\n"), S(""), false },
	{ S("a\r\r\n"), S(""), false },
	{ S("a\r\nb\nc"), S(""), false },
};

static void
test_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(out_cases) / sizeof(out_cases[0]); i++) {
		struct str message = out_cases[i].message;

		for (size_t cut = 0; cut <= message.n; cut++) {
			struct line_end_out l = { 0 };
			struct buf to;
			bool clean;

			buf_init(&to, 100);
			clean = line_end_out(&l, str_head(message, cut), &to) &&
				line_end_out(&l, str_skip(message, cut), &to);
			line_end_out_finish(&l, &to);
			assert_int_equal(clean, out_cases[i].clean);
			if (clean)
				assert_true(
				    str_eq(buf_str(&to), out_cases[i].want));
			buf_fini(&to);
		}
	}
}

/* All messages of up to seven of these bytes. */
static void
test_back(void **state)
{
	static const char bytes[] = "a\r\n";

	(void)state;
	for (unsigned n = 0; n < 2187 * 3; n++) {
		struct line_end_out out = { 0 };
		struct line_end_in in = { 0 };
		char text[8];
		struct str message = { text, 0 };
		struct buf file, back;

		for (unsigned rest = n; rest > 0; rest /= 4)
			if (rest % 4 > 0)
				text[message.n++] = bytes[rest % 4 - 1];
		buf_init(&file, 100);
		buf_init(&back, 100);
		if (line_end_out(&out, message, &file)) {
			line_end_out_finish(&out, &file);
			line_end_in(&in, buf_str(&file), &back);
			assert_true(str_eq(buf_str(&back), message));
		}
		buf_fini(&file);
		buf_fini(&back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
