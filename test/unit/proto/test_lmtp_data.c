/* SPDX-License-Identifier: MIT
 *
 * Un-dot-stuffing: what ends the data, what does not, and that the way the
 * bytes were split makes no difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "proto/lmtp/data.h"
#include "proto/lmtp/trace.h"

/* Feed ${in} in two pieces; what comes out goes to ${out}. */
static size_t
run(struct str in, size_t split, struct buf *out, bool *ret_ended)
{
	struct str halves[2] = { str_head(in, split), str_skip(in, split) };
	struct lmtp_data d;
	size_t taken = 0;
	struct str piece;

	lmtp_data_init(&d);
	for (int i = 0; i < 2; i++) {
		struct cursor c = str_cursor(halves[i]);

		while (lmtp_data_next(&d, &c, &piece))
			buf_add_str(out, piece);
		taken += halves[i].n - (size_t)(c.end - c.at);
	}
	*ret_ended = lmtp_data_ended(&d);
	return taken;
}

static void
test_data(void **state)
{
	const struct {
		struct str in, out;
		bool ended;
		size_t left;
	} cases[] = {
		{ STR(".\r\n"), STR(""), true, 0 },
		{ STR("a\r\n.\r\nQUIT\r\n"), STR("a\r\n"), true, 6 },
		{ STR("..a\r\n...\r\n.\r\n"), STR(".a\r\n..\r\n"), true, 0 },
		{ STR("a.\r\nb\r\n.\r\n"), STR("a.\r\nb\r\n"), true, 0 },
		{ STR("a\n.\nb"), STR("a\n.\nb"), false, 0 },
		{ STR("a\n.\r\nb"), STR("a\n.\r\nb"), false, 0 },
		{ STR("a\r.\rb"), STR("a\r.\rb"), false, 0 },
		{ STR("a\r\n.\nMAIL FROM:<x>\r\n.\r\n"),
		    STR("a\r\n\nMAIL FROM:<x>\r\n"), true, 0 },
		{ STR("a\r\n.\rb\r\n.\r\n"), STR("a\r\n\rb\r\n"), true, 0 },
		{ STR("a\r\n.\r\r\n.\r\n"), STR("a\r\n\r\r\n"), true, 0 },
		{ STR("a\r\r\n.\r\n"), STR("a\r\r\n"), true, 0 },
		{ STR("\r\n.\r\n"), STR("\r\n"), true, 0 },
		{ STR("a\0b\r\n.\r\n"), STR("a\0b\r\n"), true, 0 },
		{ STR("a\r\n."), STR("a\r\n"), false, 0 },
		{ STR("a\r\n.\r"), STR("a\r\n"), false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t split = 0; split <= cases[i].in.n; split++) {
			struct buf out;
			bool ended;
			size_t taken;

			buf_init(&out, 4096);
			taken = run(cases[i].in, split, &out, &ended);
			assert_int_equal(ended, cases[i].ended);
			assert_int_equal(cases[i].in.n - taken, cases[i].left);
			if (!str_eq(buf_str(&out), cases[i].out))
				fail_msg("case %zu split %zu", i, split);
			buf_fini(&out);
		}
	}
}

static void
test_trace(void **state)
{
	const struct str message =
	    STR("Received: a\r\nX: Received: no\r\n Received: folded\r\n"
		"DELIVERED-TO: b\nreceived:c\r\nReceive: d\r\n"
		"\r\nReceived: body\r\n");

	(void)state;
	for (size_t split = 0; split <= message.n; split++) {
		struct lmtp_trace t;

		lmtp_trace_init(&t);
		lmtp_trace_add(&t, str_head(message, split));
		lmtp_trace_add(&t, str_skip(message, split));
		assert_int_equal(t.count, 3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
