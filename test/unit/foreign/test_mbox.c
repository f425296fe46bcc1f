/* SPDX-License-Identifier: MIT
 *
 * Reading mbox files cut in any place, and reading back what was written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "foreign/flags.h"
#include "foreign/mbox.h"

#define F "From a@b Thu Jan  1 00:00:01 1970\n"

/* "{", the message, "}", flags, keywords. */
static enum rc
on_begin(void *arg)
{
	buf_add_byte(arg, '{');
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	assert_true(piece.n > 0);
	buf_add_str(arg, piece);
	return RC_OK;
}

static enum rc
on_end(void *arg, const struct mbox_message *message)
{
	buf_add_format(arg, "}%u", message->flags);
	for (size_t i = 0; i < message->keyword_count; i++)
		buf_add_format(arg, ",%.*s", STR_ARG(message->keywords[i]));
	return message->seconds == 1 ? RC_OK : RC_INVALID;
}

static enum rc
read_cut(struct str file, size_t cut, struct buf *to)
{
	struct mbox_events events = { on_begin, on_piece, on_end, to };
	struct mbox *m = mbox_new(&events);
	enum rc rc = mbox_read(m, str_head(file, cut));

	if (rc == RC_OK)
		rc = mbox_read(m, str_skip(file, cut));
	if (rc == RC_OK)
		rc = mbox_read_end(m);
	mbox_free(m);
	return rc;
}

static const struct {
	const char *file;
	const char *want; /* NULL: refused */
} cases[] = {
	{ "", "" },
	{ F, "{}0" },
	{ F "a: b\n\nx\n", "{a: b\n\nx\n}0" },
	{ F "a: b\n\nx\n\n", "{a: b\n\nx\n}0" },
	{ F "a: b\n\nx\n\n\n", "{a: b\n\nx\n\n}0" },
	{ F "a: b\n\nx\n\n" F "c: d\n\ny", "{a: b\n\nx\n}0{c: d\n\ny}0" },
	/* No empty line before, or no date: text. */
	{ F "a: b\n\nx\n" F, "{a: b\n\nx\n" F "}0" },
	{ F "a: b\n\nx\n\nFrom here on\n", "{a: b\n\nx\n\nFrom here on\n}0" },
	/* Quotes. */
	{ F "a: b\n\n>From x\n>>From y\n>x\n",
	    "{a: b\n\nFrom x\n>From y\n>x\n}0" },
	/* Line ends of other systems. */
	{ "From a@b Thu Jan  1 00:00:01 1970\r\na: b\r\n\r\nx\r\n\r\n" F
	  "c: d\r\n",
	    "{a: b\r\n\r\nx\r\n}0{c: d\r\n}0" },
	/* Our fields at the top, and the message's own. */
	{ F "Status: RO\nX-Status: AFDT\nX-Keywords: work  $Forwarded\n"
	    "a: b\nStatus: x\nX-UID: 5\n\nx\n",
	    "{a: b\nStatus: x\nX-UID: 5\n\nx\n}31,work,$Forwarded" },
	{ F "Status: O\nX-Status: \nX-Keywords:\nX-Status: D\n\nx\n",
	    "{X-Status: D\n\nx\n}0" },
	{ F "Status: O\n\nx\n", "{\nx\n}0" },
	/* Another server's, where they stand, once. */
	{ F "a: b\nX-IMAPbase: 1 2\nX-UID: 1\nStatus: RO\nX-Status: A\n"
	    "X-Keywords: work\n  play\nContent-Length: 5\nStatus: x\n\nx\n",
	    "{a: b\nStatus: x\n\nx\n}3,work,play" },
	{ F "a: b\n\nStatus: R\n", "{a: b\n\nStatus: R\n}0" },
	{ F "a: b\nX-UID: 1\n 2\n 3\nc: d\n 4\n", "{a: b\nc: d\n 4\n}0" },
	{ "x", NULL },
	{ "a: b\n\nx\n", NULL },
	{ "From x\n", NULL },
	{ "\n" F "a: b\n", "{a: b\n}0" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str file = str_of(cases[i].file);

		for (size_t cut = 0; cut <= file.n; cut++) {
			struct buf to;
			enum rc rc;

			buf_init(&to, 4096);
			rc = read_cut(file, cut, &to);
			assert_int_equal(
			    rc, cases[i].want != NULL ? RC_OK : RC_SYNTAX);
			if (rc == RC_OK) {
				buf_add_byte(&to, '\0');
				assert_string_equal(to.p, cases[i].want);
			}
			buf_fini(&to);
		}
	}
}

static void
test_long_lines(void **state)
{
	struct buf file, to;

	(void)state;
	buf_init(&file, 1 << 20);
	buf_init(&to, 1 << 20);
	buf_add_text(&file, F "a: ");
	for (int i = 0; i < 40000; i++)
		buf_add_byte(&file, 'x');
	buf_add_text(&file, "\nX-UID: ");
	for (int i = 0; i < 40000; i++)
		buf_add_byte(&file, 'y');
	buf_add_text(&file, "\n\nFrom ");
	for (int i = 0; i < 40000; i++)
		buf_add_byte(&file, 'z');
	buf_add_text(&file, " Thu Jan  1 00:00:01 1970\n");
	assert_int_equal(read_cut(buf_str(&file), 20000, &to), RC_OK);
	assert_int_equal(to.n, 1 + 3 + 40000 + 2 + 5 + 40000 + 26 + 2);
	buf_fini(&file);
	buf_fini(&to);
}

/* Write messages and read them. */
static void
expect_back(struct str message, bool crlf)
{
	static const struct str keywords[] = { { "work", 4 },
		{ "$MDNSent", 8 } };
	struct mbox_message attributes = { .seconds = 1,
		.flags = FOREIGN_SEEN | FOREIGN_DRAFT,
		.keywords = { keywords[0], keywords[1] },
		.keyword_count = 2 };
	struct mbox_quote q = { 0 };
	struct buf file, to, want;
	bool added;

	buf_init(&file, 4096);
	buf_init(&to, 4096);
	buf_init(&want, 4096);
	for (int i = 0; i < 2; i++) {
		mbox_add_begin(&file, &attributes, crlf);
		for (size_t at = 0; at < message.n; at++)
			mbox_quote(
			    &q, (struct str){ message.p + at, 1 }, &file);
		added = mbox_add_end(&q, &file);
		assert_int_equal(
		    added, message.n > 0 && message.p[message.n - 1] != '\n');
		buf_add_format(&want, "{%.*s%s}17,work,$MDNSent",
		    STR_ARG(message), added ? "\n" : "");
	}
	assert_int_equal(read_cut(buf_str(&file), 7, &to), RC_OK);
	assert_true(str_eq(buf_str(&to), buf_str(&want)));
	buf_fini(&file);
	buf_fini(&to);
	buf_fini(&want);
}

static void
test_back(void **state)
{
	static const char *const messages[] = { "", "\n", "\n\n", "a: b\n",
		"a: b\n\n", "a: b\n\nx\n", "a: b\n\nx", "a: b\n\nx\n\n\n",
		"From x\n", F "a: b\n\n" F "\n" F, ">From x\n\n>>From y\n", ">",
		">>>", "From", "a\n\nFrom \n", "Status: x\nX-Status: D\n\n",
		"X-UID: 1\nStatus: R\n\nStatus: x\n", " folded\n\nx\n",
		"a\r\n\r\nb\nFrom \r\n", "X-Keywords: a\n b\n\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++)
		for (int crlf = 0; crlf < 2; crlf++)
			expect_back(str_of(messages[i]), crlf != 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
