/* SPDX-License-Identifier: MIT
 *
 * What is shown of a conversation, the same however its octets are cut.  Lines
 * are written "C:" and "S:", contents "C|" and "S|", counts "C#" and "S#".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proto/transcript.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TURNS_MAX    6

struct talk {
	const char *said[TURNS_MAX]; /* by the client, the server, ... */
	const char *shown;
};

static void
note(void *arg, enum transcript_side side, enum transcript_kind kind,
    struct str text)
{
	static const char marks[] = {
		[TRANSCRIPT_LINE] = ':',
		[TRANSCRIPT_CONTENT] = '|',
		[TRANSCRIPT_COUNT] = '#',
	};
	struct buf *to = arg;

	buf_add_byte(to, side == TRANSCRIPT_CLIENT ? 'C' : 'S');
	buf_add_byte(to, marks[kind]);
	buf_add_str(to, text);
	buf_add_byte(to, '\n');
}

/* Put what was said in pieces of at most ${size} octets. */
static void
put(struct transcript *t, enum transcript_side side, struct str said,
    size_t size)
{
	while (said.n > 0) {
		struct str piece = str_head(said, size);
		char *copy = mem_copy(piece.p, piece.n);

		transcript_put(t, side, (struct str){ copy, piece.n });
		mem_free(copy);
		said = str_skip(said, piece.n);
	}
}

static void
check_cut(const struct talk *talk, bool pop3, bool contents, size_t size)
{
	struct transcript t;
	struct buf shown;

	buf_init(&shown, 1024 * 1024);
	transcript_init(&t, pop3, note, &shown);
	t.contents = contents;
	for (size_t i = 0; i < TURNS_MAX && talk->said[i] != NULL; i++)
		put(&t, i % 2 == 0 ? TRANSCRIPT_CLIENT : TRANSCRIPT_SERVER,
		    str_of(talk->said[i]), size);
	buf_add_byte(&shown, '\0');
	assert_int_equal(buf_check(&shown), RC_OK);
	assert_string_equal(shown.p, talk->shown);
	buf_fini(&shown);
}

static void
check(const struct talk *talks, size_t count, bool pop3, bool contents)
{
	for (size_t i = 0; i < count; i++) {
		check_cut(&talks[i], pop3, contents, 1);
		check_cut(&talks[i], pop3, contents, 2);
		check_cut(&talks[i], pop3, contents, SIZE_MAX);
	}
}

static void
test_lines(void **state)
{
	static const struct talk talks[] = {
		{ { "a NOOP\r\n", "* 1 EXISTS\r\na OK done\r\n" },
		    "C:a NOOP\nS:* 1 EXISTS\nS:a OK done\n" },
		{ { "\r\n" }, "C:\n" },
		{ { "a NOOP\n" }, "C:a NOOP\\x0A\n" },
		{ { "a\rb\r\n" }, "C:a\\x0Db\n" },
		{ { "", "* \x1b[2J\x07\x7f\xc3\xa4\t\\Seen \\x1b\r\n" },
		    "S:* \\x1B[2J\\x07\\x7F\\xC3\\xA4\\x09\\Seen "
		    "\\x5Cx1b\n" },
		{ { "a NO", "* OK\r\n", "OP\r\n" }, "S:* OK\nC:a NOOP\n" },
		{ { "not whole" }, "" },
	};

	(void)state;
	check(talks, COUNT(talks), false, false);
}

static void
test_literals(void **state)
{
	static const struct talk talks[] = {
		{ { "a APPEND x {5+}\r\nab\r\nc\r\nb NOOP\r\n" },
		    "C:a APPEND x {5+}\nC#(5 octets)\nC:\nC:b NOOP\n" },
		{ { "a APPEND x {5}\r\n", "+ Go on\r\n", "ab\r\nc {2}\r\n",
		      "+ Go on\r\n", "xy\r\n", "a OK\r\n" },
		    "C:a APPEND x {5}\nS:+ Go on\nC#(5 octets)\nC: {2}\n"
		    "S:+ Go on\nC#(2 octets)\nC:\nS:a OK\n" },
		/* Refused: another command follows. */
		{ { "a APPEND x {5}\r\n", "a NO too big\r\n", "b NOOP\r\n" },
		    "C:a APPEND x {5}\nS:a NO too big\nC:b NOOP\n" },
		/* An answer to a command before is no refusal. */
		{ { "a NOOP\r\nb APPEND x {5}\r\n",
		      "a OK\r\n* 1 EXISTS\r\n+ Go on\r\n", "b LO\n\r\n" },
		    "C:a NOOP\nC:b APPEND x {5}\nS:a OK\nS:* 1 EXISTS\n"
		    "S:+ Go on\nC#(5 octets)\nC:\n" },
		/* A client that does not wait. */
		{ { "a SELECT {5}\r\nINBOX\r\n" },
		    "C:a SELECT {5}\nC#(5 octets)\nC:\n" },
		{ { "", "* 1 FETCH (BODY[] {4}\r\n\x1b\r\nx UID 1 X ~{2}\r\n"
			"{3)\r\n" },
		    "S:* 1 FETCH (BODY[] {4}\nS#(4 octets)\n"
		    "S: UID 1 X ~{2}\nS#(2 octets)\nS:)\n" },
		{ { "", "* X {0}\r\n)\r\n" },
		    "S:* X {0}\nS#(0 octets)\nS:)\n" },
		/* These announce nothing. */
		{ { "a SEARCH TEXT \"{3}\r\nb NOOP\r\n" },
		    "C:a SEARCH TEXT \"{3}\nC:b NOOP\n" },
		{ { "a X \"\\\"{3+}\r\nb X {}\r\nc X {+}\r\nd X {3+} \r\n" },
		    "C:a X \"\\\"{3+}\nC:b X {}\nC:c X {+}\nC:d X {3+} \n" },
	};

	(void)state;
	check(talks, COUNT(talks), false, false);
}

static void
test_contents(void **state)
{
	static const struct talk talks[] = {
		{ { "a APPEND x {9+}\r\nab\r\n\nc\x1b d\r\n" },
		    "C:a APPEND x {9+}\nC|ab\nC|\\x0A\nC|c\\x1B d\n"
		    "C#(9 octets)\nC:\n" },
		/* Secrets are no content. */
		{ { "a LOGIN {3+}\r\nbob {4+}\r\nword\r\n" },
		    "C:a LOGIN ***\nC:***\nC:***\nC:***\nC:***\n" },
	};

	(void)state;
	check(talks, COUNT(talks), false, true);
}

static void
test_secrets(void **state)
{
	static const struct talk talks[] = {
		{ { "a LOGIN bob word\r\n", "a BAD\r\n" },
		    "C:a LOGIN ***\nS:a BAD\n" },
		{ { "a login \"b\" \"w\"\r\na lOgIn\"b\" w\r\n" },
		    "C:a login ***\nC:a lOgIn ***\n" },
		{ { "  a\t LOGIN bob word\r\nLOGIN bob word\r\n" },
		    "C:  a\\x09 LOGIN ***\nC:LOGIN ***\n" },
		{ { "a AUTHENTICATE PLAIN AGJvYgB3b3Jk\r\nb NOOP\r\n" },
		    "C:a AUTHENTICATE ***\nC:b NOOP\n" },
		/* The response sent all the same, and taken for a tag. */
		{ { "a AUTHENTICATE PLAIN\r\n", "a BAD\r\n", "AGJvYgB3b3Jk\r\n",
		      "AGJvYgB3b3Jk BAD what?\r\n", "b NOOP\r\n",
		      "b OK\r\n* BYE\r\n" },
		    "C:a AUTHENTICATE ***\nS:a BAD\nC:***\nS:*** BAD what?\n"
		    "C:b NOOP\nS:*** OK\nS:* BYE\n" },
		{ { "a AUTHENTICATE LOGIN\r\nYm9i\r\nd29yZA==\r\n*\r\n"
		    "b NOOP\r\n" },
		    "C:a AUTHENTICATE ***\nC:***\nC:***\nC:***\nC:b NOOP\n" },
		/* Literals, which the client waits for or not. */
		{ { "a LOGIN {3}\r\n", "+ Go on\r\n", "bob {4}\r\n",
		      "+ Go on\r\n", "word\r\n", "a BAD\r\n" },
		    "C:a LOGIN ***\nS:+ Go on\nC:***\nC:***\nS:+ Go on\n"
		    "C:***\nC:***\nS:a BAD\n" },
		{ { "a LOGIN {3}\r\n", "a BAD\r\n", "bob {4}\r\nword\r\n",
		      "* BAD\r\n", "c NOOP\r\n" },
		    "C:a LOGIN ***\nS:a BAD\nC:***\nC:***\nC:***\nC:***\n"
		    "S:* BAD\nC:c NOOP\n" },
		/* No secrets. */
		{ { "a LOGOUT\r\nb ID (\"x\" \"LOGIN y\")\r\nc DONE\r\n" },
		    "C:a LOGOUT\nC:b ID (\"x\" \"LOGIN y\")\nC:c DONE\n" },
	};

	(void)state;
	check(talks, COUNT(talks), false, false);
	check(talks, COUNT(talks), false, true);
}

static void
test_pop3(void **state)
{
	static const struct talk talks[] = {
		{ { "RETR 1\r\n", "+OK 12 octets\r\nA: b\r\n\r\n..{3}\r\n.\r\n",
		      "LIST {3}\r\n", "-ERR {3}\r\n", "DELE 1\r\n" },
		    "C:RETR 1\nS:+OK 12 octets\nS#(15 octets)\nS:.\n"
		    "C:LIST {3}\nS:-ERR {3}\nC:DELE 1\n" },
		{ { "STAT\r\nUIDL\r\n",
		      "+OK 1 12\r\n+OK\r\n1 7 octets\r\n.\r\n" },
		    "C:STAT\nC:UIDL\nS:+OK 1 12\nS:+OK\nS:1 7 octets\nS:.\n" },
		{ { "PASS my word\r\npass\r\nAPOP bob 0123\r\n" },
		    "C:PASS ***\nC:pass ***\nC:APOP ***\n" },
		{ { "AUTH PLAIN AGJvYgB3b3Jk\r\nAGJvYgB3b3Jk\r\nRETR 1\r\n"
		    "QUIT\r\n" },
		    "C:AUTH ***\nC:***\nC:RETR 1\nC:QUIT\n" },
	};
	static const struct talk whole[] = {
		{ { "TOP 1 9\r\n",
		      "+OK 5 octets\r\na\r\n..\r\n.b\n\r\n.\r\n+OK\r\n" },
		    "C:TOP 1 9\nS:+OK 5 octets\nS|a\nS|..\nS|.b\\x0A\nS|\n"
		    "S#(12 octets)\nS:.\nS:+OK\n" },
	};

	(void)state;
	check(talks, COUNT(talks), true, false);
	check(whole, COUNT(whole), true, true);
}

/* A line, of a command or of content, that is longer than what is kept. */
static void
test_long_lines(void **state)
{
	enum { LONG = TRANSCRIPT_LINE_BYTES_MAX };
	char *xs = mem_alloc(LONG + 1), *said = mem_alloc(2 * LONG);
	char *shown = mem_alloc(3 * LONG);
	struct talk talk = { { said }, shown };

	(void)state;
	memset(xs, 'x', LONG);
	(void)snprintf(said, 2 * LONG, "%s123\r\nNOOP\r\n", xs);
	(void)snprintf(shown, 3 * LONG, "C:%s [and 4 octets]\nC:NOOP\n", xs);
	check(&talk, 1, false, false);
	talk = (struct talk){ { "", said }, shown };
	/* A dot behind so many octets ends no message. */
	(void)snprintf(
	    said, 2 * LONG, "+OK 9 octets\r\n%s.\r\n.\r\n+OK\r\n", xs);
	(void)snprintf(shown, 3 * LONG,
	    "S:+OK 9 octets\nS|%s\nS|.\nS#(%d octets)\nS:.\nS:+OK\n", xs,
	    LONG + 3);
	check(&talk, 1, true, true);
	mem_free(xs);
	mem_free(said);
	mem_free(shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_literals),
		cmocka_unit_test(test_contents),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_pop3),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
