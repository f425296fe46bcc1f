/* SPDX-License-Identifier: MIT
 *
 * A message as lines: dots, line ends, TOP; the way the octets were split makes
 * no difference, nor does making them in place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proto/pop3/lines.h"

#define WHOLE (-1)

static void
start(struct pop3_lines *l, int top)
{
	if (top == WHOLE)
		pop3_lines_whole(l);
	else
		pop3_lines_top(l, (uint32_t)top);
}

/* Put ${piece} by way of memory that is exactly twice as large. */
static void
put(struct pop3_lines *l, struct str piece, struct buf *out)
{
	char *room = mem_alloc(2 * piece.n);
	char *from = room + piece.n;
	struct cursor c = { from, from + piece.n };

	if (piece.n > 0)
		memcpy(from, piece.p, piece.n);
	buf_add(out, room, pop3_lines_put(l, &c, room));
	assert_true(c.at == c.end || l->ended);
	mem_free(room);
}

static void
check(struct str in, int top, struct str want, uint64_t stuffed)
{
	for (size_t a = 0; a <= in.n; a++) {
		for (size_t b = a; b <= in.n; b++) {
			struct pop3_lines l;
			struct buf out;

			start(&l, top);
			buf_init(&out, 4096);
			put(&l, str_head(in, a), &out);
			put(&l, str_skip(str_head(in, b), a), &out);
			put(&l, str_skip(in, b), &out);
			buf_add_str(&out, pop3_lines_finish(&l));
			if (!str_eq(buf_str(&out), want))
				fail_msg("%.*s split at %zu and %zu: %.*s",
				    STR_ARG(in), a, b, STR_ARG(buf_str(&out)));
			assert_int_equal(l.stuffed, stuffed);
			buf_fini(&out);
		}
	}
}

static void
test_whole(void **state)
{
	const struct {
		struct str in, out;
		uint64_t stuffed;
	} cases[] = {
		{ STR(""), STR(""), 0 },
		{ STR("a: b\r\n\r\nc\r\n"), STR("a: b\r\n\r\nc\r\n"), 0 },
		{ STR(".\r\n"), STR("..\r\n"), 1 },
		{ STR("."), STR("..\r\n"), 1 },
		{ STR(".."), STR("...\r\n"), 1 },
		{ STR("a\r\n.\r\n..\r\n.b\r\nc.\r\n"),
		    STR("a\r\n..\r\n...\r\n..b\r\nc.\r\n"), 3 },
		{ STR("no end"), STR("no end\r\n"), 0 },
		{ STR("no LF\r"), STR("no LF\r\n"), 0 },
		{ STR("\n"), STR("\r\n"), 0 },
		{ STR("a\nb\r\n\nc\n"), STR("a\r\nb\r\n\r\nc\r\n"), 0 },
		{ STR("a\n.\nb"), STR("a\r\n..\r\nb\r\n"), 1 },
		{ STR("a\n.\r\nb\r\n"), STR("a\r\n..\r\nb\r\n"), 1 },
		{ STR("a\r.\rb\r\n"), STR("a\r.\rb\r\n"), 0 },
		{ STR("a\r\r\nb\r\n"), STR("a\r\r\nb\r\n"), 0 },
		{ STR("a\0.\0\r\n.\0"), STR("a\0.\0\r\n..\0\r\n"), 1 },
		{ STR("\r"), STR("\r\n"), 0 },
		{ STR(".\n.\n.\n."), STR("..\r\n..\r\n..\r\n..\r\n"), 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].in, WHOLE, cases[i].out, cases[i].stuffed);
}

static void
test_top(void **state)
{
	const struct {
		struct str in;
		int lines;
		struct str out;
		uint64_t stuffed;
	} cases[] = {
		{ STR("a: b\r\n\r\n1\r\n2\r\n"), 0, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b\r\n\r\n1\r\n2\r\n"), 1, STR("a: b\r\n\r\n1\r\n"),
		    0 },
		{ STR("a: b\r\n\r\n1\r\n2\r\n"), 2,
		    STR("a: b\r\n\r\n1\r\n2\r\n"), 0 },
		{ STR("a: b\r\n\r\n1\r\n2"), 9, STR("a: b\r\n\r\n1\r\n2\r\n"),
		    0 },
		{ STR("a: b\n\n1\n2\n"), 1, STR("a: b\r\n\r\n1\r\n"), 0 },
		{ STR("a: b\r\n\r\n\r\n\r\nx"), 2, STR("a: b\r\n\r\n\r\n\r\n"),
		    0 },
		{ STR("\r\n1\r\n2\r\n"), 1, STR("\r\n1\r\n"), 0 },
		{ STR("a: b\r\n\r\n.\r\n.\r\n"), 1, STR("a: b\r\n\r\n..\r\n"),
		    1 },
		/* The empty line is there even if the message has none. */
		{ STR(""), 0, STR("\r\n"), 0 },
		{ STR("a: b\r\n"), 0, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b\r\n"), 5, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b"), 0, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b\r"), 0, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b\r\n\r"), 0, STR("a: b\r\n\r\n"), 0 },
		{ STR("a: b\r\n \r\nc: d\r\n\r\n1\r\n"), 0,
		    STR("a: b\r\n \r\nc: d\r\n\r\n"), 0 },
		{ STR("a: b\r\n\r\r\nc: d\r\n\r\n1\r\n"), 0,
		    STR("a: b\r\n\r\r\nc: d\r\n\r\n"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i].in, cases[i].lines, cases[i].out,
		    cases[i].stuffed);
}

static void
test_hidden_nul(void **state)
{
	const struct str in = STR("\0a\0\0\r\n\0\n.\0b\r\0");
	const struct str want = STR("\x80"
				    "a\x80\x80\r\n\x80\r\n..\x80"
				    "b\r\x80\r\n");

	(void)state;
	for (size_t a = 0; a <= in.n; a++) {
		struct pop3_lines l;
		struct buf out;

		start(&l, WHOLE);
		l.hide_nul = true;
		buf_init(&out, 100);
		put(&l, str_head(in, a), &out);
		put(&l, str_skip(in, a), &out);
		buf_add_str(&out, pop3_lines_finish(&l));
		assert_true(str_eq(buf_str(&out), want));
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_hidden_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
