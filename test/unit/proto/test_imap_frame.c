/* SPDX-License-Identifier: MIT
 *
 * The framer: what bytes amount to, told as a transcript, which is the same
 * however the bytes are cut.
 *
 *   [text]   COMMAND         +        CONTINUE
 *   (text)   MESSAGE, with + if the client waits; then <octets> as accepted
 *   !N tag   REFUSED, why    LOST N   lost
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/imap/frame.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct imap_frame_limits small = {
	.line_bytes = 60,
	.command_bytes = 120,
	.message_bytes = 200,
	.discard_bytes = 500,
	.discard_line_bytes = 400,
	.bare_lf = true,
};

static const struct imap_frame_limits strict = {
	.line_bytes = 60,
	.command_bytes = 120,
	.message_bytes = 200,
	.discard_bytes = 500,
	.discard_line_bytes = 400,
};

enum policy { ACCEPT, REFUSE, REFUSE_SECOND };

struct told {
	struct buf text;
	enum policy policy;
	unsigned messages;
	bool in_piece;
};

/* Line ends as "~", so that tables can be read. */
static void
tell_text(struct told *t, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			buf_add_byte(&t->text, '~');
		else if (text.p[i] != '\r')
			buf_add_byte(&t->text, text.p[i]);
}

static void
tell_piece_end(struct told *t)
{
	if (t->in_piece)
		buf_add_byte(&t->text, '>');
	t->in_piece = false;
}

static void
tell_why(struct told *t, struct imap_frame *f, const char *event)
{
	struct str tag = STR("*");

	(void)imap_frame_tag(f, &tag);
	buf_add_text(&t->text, event);
	buf_add_number(&t->text, f->why);
	buf_add_byte(&t->text, ' ');
	buf_add_str(&t->text, tag);
	buf_add_byte(&t->text, ';');
}

static void
tell_message(struct told *t, struct imap_frame *f)
{
	buf_add_byte(&t->text, '(');
	tell_text(t, imap_frame_text(f));
	buf_add_text(&t->text, f->waits ? ")+" : ")");
	if (t->policy == REFUSE ||
	    (t->policy == REFUSE_SECOND && t->messages == 1))
		imap_frame_refuse(f);
	else
		imap_frame_accept(f);
	t->messages++;
}

/* Tell one event; false when there is no more to come of this input. */
static bool
tell(struct told *t, struct imap_frame *f, enum imap_frame_event event)
{
	if (event == IMAP_FRAME_PIECE) {
		if (!t->in_piece)
			buf_add_byte(&t->text, '<');
		t->in_piece = true;
		tell_text(t, f->piece);
		return true;
	}
	if (event == IMAP_FRAME_MORE)
		return false;
	tell_piece_end(t);
	switch (event) {
	case IMAP_FRAME_CONTINUE:
		buf_add_byte(&t->text, '+');
		return true;
	case IMAP_FRAME_COMMAND:
		buf_add_byte(&t->text, '[');
		tell_text(t, imap_frame_text(f));
		buf_add_byte(&t->text, ']');
		t->messages = 0;
		return true;
	case IMAP_FRAME_MESSAGE:
		tell_message(t, f);
		return true;
	case IMAP_FRAME_REFUSED:
		tell_why(t, f, "!");
		t->messages = 0;
		return true;
	default:
		return false;
	}
}

/* Feed one piece, in an allocation of its own. */
static void
feed(struct told *t, struct imap_frame *f, struct str piece)
{
	char *copy = mem_copy(piece.p, piece.n);
	struct cursor c = { copy, copy + piece.n };

	while (tell(t, f, imap_frame_next(f, &c)))
		;
	if (f->state != 7 /* lost */)
		assert_ptr_equal(c.at, c.end);
	mem_free(copy);
}

/* Feed ${in} cut behind the first ${cut} octets, or into single octets. */
static void
run(const struct imap_frame_limits *limits, enum policy policy, struct str in,
    size_t cut, struct buf *out)
{
	struct told t = { .policy = policy };
	struct imap_frame f;

	buf_init(&t.text, 65536);
	imap_frame_init(&f, limits);
	if (cut == SIZE_MAX) {
		for (size_t i = 0; i < in.n; i++)
			feed(&t, &f, (struct str){ in.p + i, 1 });
	} else {
		feed(&t, &f, str_head(in, cut));
		feed(&t, &f, str_skip(in, cut));
	}
	if (imap_frame_next(&f, &(struct cursor){ 0 }) == IMAP_FRAME_LOST)
		tell_why(&t, &f, "LOST ");
	imap_frame_fini(&f);
	*out = t.text;
}

static void
check(const struct imap_frame_limits *limits, enum policy policy, struct str in,
    const char *want)
{
	for (size_t cut = 0; cut <= in.n + 1; cut++) {
		struct buf got;

		run(limits, policy, in, cut > in.n ? SIZE_MAX : cut, &got);
		if (!str_eq(buf_str(&got), str_of(want)))
			fail_msg("%.*s, cut at %zu: %.*s, not %s", STR_ARG(in),
			    cut, STR_ARG(buf_str(&got)), want);
		buf_fini(&got);
	}
}

struct frame_case {
	struct str in;
	const char *want;
};

static void
check_all(const struct imap_frame_limits *limits, enum policy policy,
    const struct frame_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(limits, policy, cases[i].in, cases[i].want);
}

static void
test_lines(void **state)
{
	const struct frame_case cases[] = {
		{ STR("a NOOP\r\n"), "[a NOOP~]" },
		{ STR("a NOOP\r\nb NOOP\r\n"), "[a NOOP~][b NOOP~]" },
		{ STR("DONE\r\nA5 SELECT x\r\n"), "[DONE~][A5 SELECT x~]" },
		{ STR("\r\nB41 UID MOVE 475 \"Trash\"\r\n\r\n\r\nc N\r\n"),
		    "[B41 UID MOVE 475 \"Trash\"~][c N~]" },
		{ STR("a NOOP\n\nb NOOP\r\n"), "[a NOOP~][b NOOP~]" },
		{ STR("a \"x\ty\x7f\"\r\n"), "[a \"x\ty\x7f\"~]" },
		{ STR("a NOOP"), "" },
		{ STR(" \r\n"), "[ ~]" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
}

static void
test_literals(void **state)
{
	const struct frame_case cases[] = {
		{ STR("a LOGIN {1}\r\nu {2}\r\npw\r\nb N\r\n"),
		    "++[a LOGIN {1}~u {2}~pw~][b N~]" },
		{ STR("a LOGIN {1+}\r\nu {2+}\r\npw\r\n"),
		    "[a LOGIN {1+}~u {2+}~pw~]" },
		{ STR("a X {0}\r\n\r\nb N\r\n"), "+[a X {0}~~][b N~]" },
		{ STR("a X {0+}\r\n {0+}\r\n\r\n"), "[a X {0+}~ {0+}~~]" },
		{ STR("a X {12+}\r\n\r\nb LOGOUT\r\n\r\n"),
		    "[a X {12+}~~b LOGOUT~~]" },
		{ STR("a X {003+}\r\nabc\r\n"), "[a X {003+}~abc~]" },
		{ STR("a X {3+}\r\n{9}\r\nb N\r\n"), "[a X {3+}~{9}~][b N~]" },
		{ STR("a X x{1+}\r\ny\r\n"), "[a X x{1+}~y~]" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
}

/* NUL is allowed in literal8 alone. */
static void
test_literal8(void **state)
{
	struct str in = STR("a X ~{3+}\r\na\0c\r\n");
	struct cursor c = str_cursor(in);
	struct imap_frame f;

	(void)state;
	imap_frame_init(&f, &small);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
	assert_true(str_eq(imap_frame_text(&f), in));
	imap_frame_fini(&f);
}

/* Looks like a literal, but announces nothing. */
static void
test_no_literals(void **state)
{
	const struct frame_case cases[] = {
		{ STR("a X \"{3}\r\nb N\r\n"), "[a X \"{3}~][b N~]" },
		{ STR("a X \"{3+}\r\nb N\r\n"), "[a X \"{3+}~][b N~]" },
		{ STR("a X \"{3}\"\r\nb N\r\n"), "[a X \"{3}\"~][b N~]" },
		{ STR("a X \"\\\"{3}\r\nb N\r\n"), "[a X \"\\\"{3}~][b N~]" },
		{ STR("a X \"\\\\\" {1+}\r\nx\r\n"), "[a X \"\\\\\" {1+}~x~]" },
		{ STR("a X {-1}\r\nb N\r\n"), "[a X {-1}~][b N~]" },
		{ STR("a X {}\r\nb N\r\n"), "[a X {}~][b N~]" },
		{ STR("a X {+}\r\nb N\r\n"), "[a X {+}~][b N~]" },
		{ STR("a X {1x}\r\nb N\r\n"), "[a X {1x}~][b N~]" },
		{ STR("a X { 1}\r\nb N\r\n"), "[a X { 1}~][b N~]" },
		{ STR("a X {1 }\r\nb N\r\n"), "[a X {1 }~][b N~]" },
		{ STR("a X {1++}\r\nb N\r\n"), "[a X {1++}~][b N~]" },
		{ STR("a X {1+2}\r\nb N\r\n"), "[a X {1+2}~][b N~]" },
		{ STR("a X {1} \r\nb N\r\n"), "[a X {1} ~][b N~]" },
		{ STR("a X {1}}\r\nb N\r\n"), "[a X {1}}~][b N~]" },
		{ STR("a X 1}\r\nb N\r\n"), "[a X 1}~][b N~]" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
}

static void
test_refused(void **state)
{
	const struct frame_case cases[] = {
		/* 1: NUL */
		{ STR("a \0 x\r\nb N\r\n"), "!1 a;[b N~]" },
		{ STR("\0\r\nb N\r\n"), "!1 *;[b N~]" },
		{ STR("a\0 x\r\nb N\r\n"), "!1 *;[b N~]" },
		{ STR("a X \"\0\" {4+}\r\nb Q\n\r\nb N\r\n"), "!1 a;[b N~]" },
		{ STR("a X \0 {4}\r\nb N\r\n"), "!1 a;[b N~]" },
		{ STR("a X {3+}\r\na\0c {4+}\r\nb Q\n\r\nb N\r\n"),
		    "!1 a;[b N~]" },
		{ STR("a X {3}\r\n\0bc {4}\r\nb N\r\n"), "+!1 a;[b N~]" },
		{ STR("a X {3+}\r\nab\0\r\nb N\r\n"), "!1 a;[b N~]" },
		/* 2: CR, LF */
		{ STR("a\rb\r\nb N\r\n"), "!2 *;[b N~]" },
		{ STR("a N\r\r\nb N\r\n"), "!2 a;[b N~]" },
		{ STR("a N\n\rb N\r\nc N\r\n"), "[a N~]!2 *;[c N~]" },
		{ STR("a X {4}\nb N\r\n"), "!2 a;[b N~]" },
		{ STR("a X {4+}\nb Q\n\r\nb N\r\n"), "!2 a;[b N~]" },
		{ STR("a X {4+}\r\r\nb Q\n\r\nb N\r\n"), "!2 a;[b N~]" },
	};
	const struct frame_case strict_cases[] = {
		{ STR("a N\nb N\r\nc N\r\n"), "!2 a;[c N~]" },
		{ STR("\r\nb N\r\n"), "[b N~]" },
		{ STR("\nb N\r\nc N\r\n"), "!2 *;[c N~]" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
	check_all(&strict, ACCEPT, strict_cases, COUNT(strict_cases));
}

/* A line of ${n} octets, without its end, that begins with "a ". */
static void
test_long_lines(void **state)
{
	char line[1100];
	struct buf in;

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "a ", 2);
	buf_init(&in, 4096);
	buf_add(&in, line, 60);
	buf_add_text(&in, "\r\nb N\r\n");
	assert_true(imap_frame_limits.line_bytes == LINE_BYTES_MAX);
	{
		struct cursor c = str_cursor(buf_str(&in));
		struct imap_frame f;

		imap_frame_init(&f, &small);
		assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
		assert_int_equal(imap_frame_text(&f).n, 62);
		imap_frame_fini(&f);
	}
	buf_clear(&in);
	buf_add(&in, line, 61);
	buf_add_text(&in, "\r\nb N\r\n");
	check(&small, ACCEPT, buf_str(&in), "!3 a;[b N~]");
	buf_clear(&in);
	buf_add(&in, line, 300);
	buf_add_text(&in, " {4+}\r\nb Q\n\r\nb N\r\n");
	check(&small, ACCEPT, buf_str(&in), "!3 a;[b N~]");
	/* Endless: nothing can be told any more. */
	buf_clear(&in);
	buf_add(&in, line, sizeof(line));
	check(&small, ACCEPT, buf_str(&in), "LOST 3 a;");
	buf_add_text(&in, "\r\nb N\r\n");
	check(&small, ACCEPT, buf_str(&in), "LOST 3 a;");
	/* No tag that is too long comes back. */
	buf_clear(&in);
	memset(line, 't', 200);
	buf_add(&in, line, 200);
	buf_add_text(&in, " N\r\nb N\r\n");
	check(&small, ACCEPT, buf_str(&in), "!3 *;[b N~]");
	buf_fini(&in);
}

static void
test_big_literals(void **state)
{
	const struct frame_case cases[] = {
		{ STR("a LOGIN {4294967296}\r\nb N\r\n"), "!4 a;[b N~]" },
		{ STR("a LOGIN {99999999999999999999999}\r\nb N\r\n"),
		    "!4 a;[b N~]" },
		{ STR("a LOGIN {2147483647+}\r\nb N\r\n"), "LOST 4 a;" },
		{ STR("a LOGIN {99999999999999999999999+}\r\nb N\r\n"),
		    "LOST 4 a;" },
		{ STR("a X {118}\r\nb N\r\n"), "!4 a;[b N~]" },
		{ STR("a X {30+}\r\nabcdefghijklmnopqrstuvwxyz0123 {90+}\r\n"
		      "abcdefghijklmnopqrstuvwxyz\r\nb LOGOUT\r\nabcdefghijk"
		      "abcdefghijklmnopqrstuvwxyz0123456789abcde {3}\r\nb "
		      "N\r\n"),
		    "!4 a;[b N~]" },
		{ STR("a APPEND x {201}\r\nb N\r\n"), "!5 a;[b N~]" },
		{ STR("a APPEND x {99999}\r\nb N\r\n"), "!5 a;[b N~]" },
		{ STR("a APPEND x {501+}\r\nb N\r\n"), "LOST 5 a;" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
}

static void
test_append(void **state)
{
	const struct frame_case cases[] = {
		{ STR("A3 append saved (\\Seen) {12}\r\nhello\r\nb N\n\r\nb "
		      "N\r\n"),
		    "(A3 append saved (\\Seen) {12}~)+<hello~b N~>[~][b N~]" },
		{ STR("a APPEND x {3+}\r\nabc\r\n"),
		    "(a APPEND x {3+}~)<abc>[~]" },
		{ STR("a APPEND x {0+}\r\n\r\n"), "(a APPEND x {0+}~)[~]" },
		{ STR("a APPEND {1}\r\nx (\\Seen) {3}\r\nabc\r\n"),
		    "+(a APPEND {1}~x (\\Seen) {3}~)+<abc>[~]" },
		{ STR("a APPEND {1+}\r\n{ {3+}\r\n{1}\r\n"),
		    "(a APPEND {1+}~{ {3+}~)<{1}>[~]" },
		{ STR("a APPEND \"{1}\" {3+}\r\nabc\r\n"),
		    "(a APPEND \"{1}\" {3+}~)<abc>[~]" },
		/* RFC 3502 section 6.3.11: several. */
		{ STR("A APPEND x {3}\r\nabc (\\Seen) \" 7-Feb\" "
		      "{2+}\r\nde\r\n"),
		    "(A APPEND x {3}~)+<abc>( (\\Seen) \" 7-Feb\" "
		    "{2+}~)<de>[~]" },
		/* RFC 6855 section 4. */
		{ STR("a APPEND x UTF8 (~{3+}\r\nabc)\r\n"),
		    "(a APPEND x UTF8 (~{3+}~)<abc>[)~]" },
		{ STR("a APPEND x UTF8 (~{3+}\r\nabc) ~{1}\r\nd\r\n"),
		    "(a APPEND x UTF8 (~{3+}~)<abc>() ~{1}~)+<d>[~]" },
		/* RFC 8508 section 5. */
		{ STR("a REPLACE 4 x {3+}\r\nabc\r\n"),
		    "(a REPLACE 4 x {3+}~)<abc>[~]" },
		{ STR("a uid Replace * {1+}\r\nx () {3}\r\nabc\r\n"),
		    "(a uid Replace * {1+}~x () {3}~)+<abc>[~]" },
		{ STR("a REPLACE {1+}\r\n4 x {3+}\r\nabc\r\n"),
		    "(a REPLACE {1+}~4 x {3+}~)<abc>[~]" },
		{ STR("a REPLACE 4 {3+}\r\nabc\r\n"),
		    "[a REPLACE 4 {3+}~abc~]" },
		{ STR("a REPLACE {3+}\r\nabc\r\n"), "[a REPLACE {3+}~abc~]" },
		{ STR("a UID REPLACES 4 x {3+}\r\nabc\r\n"),
		    "[a UID REPLACES 4 x {3+}~abc~]" },
		/* Not what it looks like. */
		{ STR("a XAPPEND x {3+}\r\nabc\r\n"),
		    "[a XAPPEND x {3+}~abc~]" },
		{ STR("a APPENDX {3+}\r\nabc\r\n"), "[a APPENDX {3+}~abc~]" },
		{ STR("a  APPEND x {3+}\r\nabc\r\n"),
		    "[a  APPEND x {3+}~abc~]" },
		{ STR("APPEND x {3+}\r\nabc\r\n"), "[APPEND x {3+}~abc~]" },
		{ STR("a APPEND {3+}\r\nabc\r\nb N\r\n"),
		    "[a APPEND {3+}~abc~][b N~]" },
		{ STR("a APPEND x\r\nb N\r\n"), "[a APPEND x~][b N~]" },
		/* Broken on the way. */
		{ STR("a APPEND x {5+}\r\nab\0de {3+}\r\nabc\r\nb N\r\n"),
		    "(a APPEND x {5+}~)<ab>!1 a;[b N~]" },
	};

	(void)state;
	check_all(&small, ACCEPT, cases, COUNT(cases));
}

/* Messages may be larger than commands, and hold NUL as literal8. */
static void
test_large_message(void **state)
{
	char octets[200];
	struct buf in;
	struct buf want;

	(void)state;
	memset(octets, 'm', sizeof(octets));
	buf_init(&in, 1024);
	buf_init(&want, 1024);
	buf_add_text(&in, "a APPEND x {200+}\r\n");
	buf_add(&in, octets, 200);
	buf_add_text(&in, " {200+}\r\n");
	buf_add(&in, octets, 200);
	buf_add_text(&in, "\r\n");
	buf_add_text(&want, "(a APPEND x {200+}~)<");
	buf_add(&want, octets, 200);
	buf_add_text(&want, ">( {200+}~)<");
	buf_add(&want, octets, 200);
	buf_add(&want, ">[~]", 5);
	check(&small, ACCEPT, buf_str(&in), want.p);
	buf_fini(&in);
	buf_fini(&want);
}

static void
test_refuse(void **state)
{
	const struct frame_case first[] = {
		{ STR("a APPEND x {3}\r\nb N\r\n"),
		    "(a APPEND x {3}~)+!6 a;[b N~]" },
		{ STR("a APPEND x {3+}\r\nabc\r\nb N\r\n"),
		    "(a APPEND x {3+}~)!6 a;[b N~]" },
		{ STR("a APPEND x {3+}\r\nabc {5+}\r\nb Q\r\n {9}\r\nb N\r\n"),
		    "(a APPEND x {3+}~)!6 a;[b N~]" },
		{ STR("a APPEND x {0+}\r\n\r\nb N\r\n"),
		    "(a APPEND x {0+}~)!6 a;[b N~]" },
	};
	const struct frame_case second[] = {
		{ STR("a APPEND x {3+}\r\nabc {4+}\r\nb Q\n\r\nb N\r\n"),
		    "(a APPEND x {3+}~)<abc>( {4+}~)!6 a;[b N~]" },
		{ STR("a APPEND x {3+}\r\nabc {4}\r\nb N\r\n"),
		    "(a APPEND x {3+}~)<abc>( {4}~)+!6 a;[b N~]" },
	};

	(void)state;
	check_all(&small, REFUSE, first, COUNT(first));
	check_all(&small, REFUSE_SECOND, second, COUNT(second));
}

/* Refused at other moments: before "+", within a literal, within a message,
 * within a line, after the end. */
static void
test_refuse_anywhere(void **state)
{
	struct str in = STR("a X {3}\r\n");
	struct cursor c = str_cursor(in);
	struct imap_frame f;

	(void)state;
	imap_frame_init(&f, &small);
	imap_frame_refuse(&f); /* no command, nothing to refuse */
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_CONTINUE);
	imap_frame_refuse(&f);
	c = str_cursor(STR("b X {5+}\r\nab"));
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_REFUSED);
	assert_int_equal(f.why, IMAP_FRAME_WHY_CALLER);
	imap_frame_refuse(&f);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_MORE);
	imap_frame_refuse(&f);
	c = str_cursor(STR("cde\r\nc APPEND x {5+}\r\nab"));
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_REFUSED);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_MESSAGE);
	imap_frame_accept(&f);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_PIECE);
	imap_frame_refuse(&f);
	c = str_cursor(STR("cde\r\nd X"));
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_REFUSED);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_MORE);
	imap_frame_refuse(&f);
	c = str_cursor(STR("\r\ne X\r\n"));
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_REFUSED);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
	imap_frame_fini(&f);
}

static void
test_rest(void **state)
{
	struct cursor c = str_cursor(STR("a NOOP\r\nb"));
	struct imap_frame f;

	(void)state;
	imap_frame_init(&f, &imap_frame_limits);
	assert_true(imap_frame_is_empty(&f));
	assert_null(f.bytes.p);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
	assert_int_equal(c.end - c.at, 1);
	assert_true(imap_frame_is_empty(&f));
	imap_frame_rest(&f);
	assert_null(f.bytes.p);
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_MORE);
	assert_false(imap_frame_is_empty(&f));
	imap_frame_rest(&f);
	c = str_cursor(STR(" NOOP\r\n"));
	assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
	assert_true(str_eq(imap_frame_text(&f), STR("b NOOP\r\n")));
	imap_frame_fini(&f);
}

static void
test_texts(void **state)
{
	(void)state;
	for (int i = 0; i <= IMAP_FRAME_WHY_CALLER; i++)
		assert_true(
		    strlen(imap_frame_why_text((enum imap_frame_why)i)) > 5);
	assert_string_equal(
	    imap_frame_why_code(IMAP_FRAME_WHY_MESSAGE), "TOOBIG");
	assert_string_equal(imap_frame_why_code(IMAP_FRAME_WHY_NUL), "");
}

/* Spaces at the end of a command go, but none of a literal. */
static void
test_trim(void **state)
{
	static const struct imap_frame_limits trimming = {
		.line_bytes = 60,
		.command_bytes = 120,
		.message_bytes = 200,
		.discard_bytes = 500,
		.discard_line_bytes = 400,
		.bare_lf = true,
		.trim = true,
	};
	static const struct {
		const char *in, *text;
	} cases[] = {
		{ "a NOOP  \r\n", "a NOOP\r\n" },
		{ "a NOOP \n", "a NOOP\n" },
		{ "a NOOP\r\n", "a NOOP\r\n" },
		{ "a SELECT {2+}\r\nx \r\n", "a SELECT {2+}\r\nx \r\n" },
		{ "a SELECT {2+}\r\nx   \r\n", "a SELECT {2+}\r\nx \r\n" },
		{ "a SELECT {2+}\r\n   ()  \r\n",
		    "a SELECT {2+}\r\n   ()\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str in = str_of(cases[i].in);
		struct cursor c = str_cursor(in);
		struct imap_frame f;

		imap_frame_init(&f, &trimming);
		assert_int_equal(imap_frame_next(&f, &c), IMAP_FRAME_COMMAND);
		if (!str_eq(imap_frame_text(&f), str_of(cases[i].text)))
			fail_msg("case %zu", i);
		imap_frame_fini(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_literal8),
		cmocka_unit_test(test_no_literals),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_big_literals),
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_large_message),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_refuse_anywhere),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_trim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
