/* SPDX-License-Identifier: MIT
 *
 * FETCH as a client sees it (RFC 9051 section 6.4.5).
 */
#include "../store/damage.h"
#include "talk.h"

#include "base/base64.h"

static const char plain[] = "From: Ann <ann@example.org>\r\n"
			    "To: bob@example.org\r\n"
			    "Subject: one\r\n"
			    "Date: Mon, 7 Feb 2022 21:52:25 -0800\r\n"
			    "\r\n"
			    "Hello\r\n";

static const char mixed[] = "Subject: two\r\n"
			    "Content-Type: multipart/mixed; boundary=b\r\n"
			    "\r\n"
			    "--b\r\n"
			    "\r\n"
			    "first\r\n"
			    "--b\r\n"
			    "Content-Type: application/octet-stream\r\n"
			    "Content-Transfer-Encoding: base64\r\n"
			    "\r\n"
			    "aGVsbG8AAQI=\r\n"
			    "--b\r\n"
			    "Content-Type: text/plain; charset=utf-8\r\n"
			    "Content-Transfer-Encoding: quoted-printable\r\n"
			    "\r\n"
			    "caf=C3=A9\r\n"
			    "--b\r\n"
			    "Content-Transfer-Encoding: x-mystery\r\n"
			    "\r\n"
			    "???\r\n"
			    "--b\r\n"
			    "Content-Type: message/rfc822\r\n"
			    "\r\n"
			    "Subject: inner\r\n"
			    "\r\n"
			    "within\r\n"
			    "--b--\r\n";

static const char *const both[] = { plain, mixed, NULL };

static void
test_items(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	talk(&t, c, "FETCH 1 FLAGS",
	    "* 1 FETCH (FLAGS (\\Recent))\r\na OK Fetched");
	talk(&t, c, "FETCH 1:2 (UID RFC822.SIZE)",
	    "* 1 FETCH (UID 1 RFC822.SIZE 111)\r\n"
	    "* 2 FETCH (UID 2 RFC822.SIZE 393)\r\na OK Fetched");
	talk(&t, c, "fetch 2,1 (INTERNALDATE uid)",
	    "* 1 FETCH (INTERNALDATE \"09-Sep-2001 01:46:40 +0000\" UID 1)\r\n"
	    "* 2 FETCH (INTERNALDATE \"09-Sep-2001 01:46:40 +0000\" UID 2)\r\n"
	    "a OK Fetched");
	talk(&t, c, "FETCH 1 FAST",
	    "* 1 FETCH (FLAGS (\\Recent) INTERNALDATE "
	    "\"09-Sep-2001 01:46:40 +0000\" RFC822.SIZE 111)\r\na OK Fetched");
	talk(&t, c, "FETCH 1 ENVELOPE",
	    "* 1 FETCH (ENVELOPE (\"Mon, 7 Feb 2022 21:52:25 -0800\" \"one\" "
	    "((\"Ann\" NIL \"ann\" \"example.org\")) "
	    "((\"Ann\" NIL \"ann\" \"example.org\")) "
	    "((\"Ann\" NIL \"ann\" \"example.org\")) "
	    "((NIL NIL \"bob\" \"example.org\")) NIL NIL NIL NIL))\r\n"
	    "a OK Fetched");
	talk_has(&t, c, "FETCH 1 BODY", "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\"");
	talk_has(&t, c, "FETCH 1 BODYSTRUCTURE",
	    "* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"PLAIN\"");
	talk_has(&t, c, "FETCH 1 FULL", " BODY (\"TEXT\" \"PLAIN\"");
	talk_close(&t);
}

static void
test_sets(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	talk(&t, c, "UID FETCH 2 (FLAGS)",
	    "* 2 FETCH (UID 2 FLAGS (\\Recent))\r\na OK Fetched");
	talk(&t, c, "UID FETCH 1 (RFC822.SIZE UID)",
	    "* 1 FETCH (UID 1 RFC822.SIZE 111)\r\na OK Fetched");
	/* "*" is the last message, whatever the other end. */
	talk(&t, c, "UID FETCH 99:* UID", "* 2 FETCH (UID 2)\r\na OK Fetched");
	talk(&t, c, "UID FETCH 98:99 UID", "a OK Fetched");
	talk(&t, c, "UID FETCH 1:4294967295 UID",
	    "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\na OK Fetched");
	talk(&t, c, "FETCH *:1,2,2 UID",
	    "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)\r\na OK Fetched");
	talk_has(&t, c, "FETCH 3 UID", "a BAD ");
	talk_has(&t, c, "FETCH 1:3 UID", "a BAD ");
	talk_has(&t, c, "FETCH 0 UID", "a BAD ");
	talk_has(&t, c, "FETCH 1 (UID) (XYZZY 1)", "a BAD ");
	talk(&t, c, "FETCH $ UID", "a OK Fetched");
	talk_close(&t);
}

static void
test_sections(void **state)
{
	static const struct {
		const char *item;
		const char *value;
	} cases[] = {
		{ "BODY.PEEK[1]", "BODY[1] {5}\r\nfirst" },
		{ "BODY.PEEK[1]<1.3>", "BODY[1]<1> {3}\r\nirs" },
		{ "BODY.PEEK[1]<0.99>", "BODY[1]<0> {5}\r\nfirst" },
		/* Nothing is "", never a literal of no octets. */
		{ "BODY.PEEK[1]<5.1>", "BODY[1]<5> \"\"" },
		{ "BODY.PEEK[1]<393216.393216>", "BODY[1]<393216> \"\"" },
		{ "BODY.PEEK[1.MIME]", "BODY[1.MIME] {2}\r\n\r\n" },
		{ "BODY.PEEK[4.MIME]",
		    "BODY[4.MIME] {40}\r\n"
		    "Content-Transfer-Encoding: x-mystery\r\n\r\n" },
		{ "BODY.PEEK[5.HEADER]",
		    "BODY[5.HEADER] {18}\r\nSubject: inner\r\n\r\n" },
		{ "BODY.PEEK[5.TEXT]", "BODY[5.TEXT] {6}\r\nwithin" },
		{ "BODY.PEEK[5.1]", "BODY[5.1] {6}\r\nwithin" },
		{ "BODY.PEEK[9]", "BODY[9] NIL" },
		{ "BODY.PEEK[1.HEADER]", "BODY[1.HEADER] NIL" },
		{ "BODY.PEEK[HEADER.FIELDS (SUBJECT X-No)]",
		    "BODY[HEADER.FIELDS (SUBJECT X-No)] {16}\r\n"
		    "Subject: two\r\n\r\n" },
		{ "BODY.PEEK[HEADER.FIELDS (X-No)]",
		    "BODY[HEADER.FIELDS (X-No)] {2}\r\n\r\n" },
		{ "BODY.PEEK[HEADER.FIELDS.NOT (Content-Type)]",
		    "BODY[HEADER.FIELDS.NOT (Content-Type)] {16}\r\n"
		    "Subject: two\r\n\r\n" },
		{ "BODY.PEEK[HEADER.FIELDS (Subject)]<9.3>",
		    "BODY[HEADER.FIELDS (Subject)]<9> {3}\r\ntwo" },
		{ "BODY.PEEK[5.HEADER.FIELDS (Subject)]",
		    "BODY[5.HEADER.FIELDS (Subject)] {18}\r\n"
		    "Subject: inner\r\n\r\n" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char command[128], answer[256];

		(void)snprintf(
		    command, sizeof(command), "FETCH 2 %s", cases[i].item);
		(void)snprintf(answer, sizeof(answer),
		    "* 2 FETCH (%s)\r\na OK Fetched", cases[i].value);
		talk(&t, c, command, answer);
	}
	talk_close(&t);
}

static void
test_whole(void **state)
{
	struct talk t;
	char want[512];
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	(void)snprintf(want, sizeof(want),
	    "* 1 FETCH (BODY[] {%zu}\r\n%s)\r\na OK Fetched", strlen(plain),
	    plain);
	talk(&t, c, "FETCH 1 BODY.PEEK[]", want);
	(void)snprintf(want, sizeof(want),
	    "* 1 FETCH (RFC822 {%zu}\r\n%s)\r\na OK Fetched", strlen(plain),
	    plain);
	talk(&t, c, "FETCH 1 RFC822.PEEK", want);
	talk(&t, c, "FETCH 1 (RFC822.HEADER BODY.PEEK[TEXT])",
	    "* 1 FETCH (RFC822.HEADER {104}\r\n"
	    "From: Ann <ann@example.org>\r\n"
	    "To: bob@example.org\r\n"
	    "Subject: one\r\n"
	    "Date: Mon, 7 Feb 2022 21:52:25 -0800\r\n"
	    "\r\n"
	    " BODY[TEXT] {7}\r\nHello\r\n)\r\na OK Fetched");
	/* The same item twice is answered once. */
	talk(&t, c, "FETCH 1 (BODY.PEEK[TEXT] BODY.PEEK[TEXT] UID)",
	    "* 1 FETCH (BODY[TEXT] {7}\r\nHello\r\n UID 1)\r\na OK Fetched");
	talk_close(&t);
}

static void
test_binary(void **state)
{
	static const struct {
		const char *item;
		const char *answer;
	} cases[] = {
		{ "BINARY.PEEK[1]",
		    "* 2 FETCH (BINARY[1] {5}\r\nfirst)\r\na OK Fetched" },
		{ "BINARY.SIZE[2]",
		    "* 2 FETCH (BINARY.SIZE[2] 8)\r\na OK Fetched" },
		{ "BINARY.PEEK[2]<0.5>",
		    "* 2 FETCH (BINARY[2]<0> ~{5}\r\nhello)\r\na OK Fetched" },
		{ "BINARY.PEEK[2]<8.5>",
		    "* 2 FETCH (BINARY[2]<8> \"\")\r\na OK Fetched" },
		{ "BINARY.PEEK[3]", "* 2 FETCH (BINARY[3] "
				    "{5}\r\ncaf\xc3\xa9)\r\na OK Fetched" },
		{ "BINARY.PEEK[3]<1.2>",
		    "* 2 FETCH (BINARY[3]<1> {2}\r\naf)\r\na OK Fetched" },
		{ "BINARY.PEEK[9]",
		    "* 2 FETCH (BINARY[9] NIL)\r\na OK Fetched" },
		{ "BINARY.SIZE[9]",
		    "* 2 FETCH (BINARY.SIZE[9] 0)\r\na OK Fetched" },
		{ "BINARY.PEEK[4]",
		    "a NO [UNKNOWN-CTE] "
		    "A transfer encoding is unknown or broken" },
		{ "BINARY.SIZE[4]",
		    "a NO [UNKNOWN-CTE] "
		    "A transfer encoding is unknown or broken" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char command[64];

		(void)snprintf(
		    command, sizeof(command), "FETCH 2 %s", cases[i].item);
		talk(&t, c, command, cases[i].answer);
	}
	/* Octets that may be NUL come as literal8. */
	talk_send(&t, c, "b FETCH 2 BINARY.PEEK[2]\r\n");
	(void)talk_read(&t, c, "b OK");
	assert_int_equal(t.answer.n, strlen("* 2 FETCH (BINARY[2] ~{8}\r\n") +
					 8 + strlen(")\r\nb OK Fetched\r\n"));
	assert_memory_equal(t.answer.p,
	    "* 2 FETCH (BINARY[2] ~{8}\r\nhello\0\1\2)\r\nb OK Fetched\r\n",
	    t.answer.n);
	talk_close(&t);
}

static void
test_seen(void **state)
{
	struct talk t;
	size_t c, other;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	other = talk_select(&t, NULL);
	talk(&t, c, "FETCH 1 BODY.PEEK[TEXT]",
	    "* 1 FETCH (BODY[TEXT] {7}\r\nHello\r\n)\r\na OK Fetched");
	talk(&t, c, "FETCH 1 BODY[TEXT]",
	    "* 1 FETCH (BODY[TEXT] {7}\r\nHello\r\n "
	    "FLAGS (\\Seen \\Recent))\r\na OK Fetched");
	talk(&t, c, "FETCH 1 (FLAGS BODY[TEXT])",
	    "* 1 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT] {7}\r\n"
	    "Hello\r\n)\r\na OK Fetched");
	talk(&t, c, "UID FETCH 2 (BINARY[1] FLAGS)",
	    "* 2 FETCH (UID 2 BINARY[1] {5}\r\nfirst "
	    "FLAGS (\\Seen \\Recent))\r\na OK Fetched");
	/* The other session is told. */
	talk(&t, other, "NOOP",
	    "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
	    "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\na OK Nothing done");
	talk_close(&t);
}

static void
test_read_only_sets_nothing(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	talk_has(&t, c, "EXAMINE INBOX", "a OK [READ-ONLY]");
	talk(&t, c, "FETCH 1 RFC822.TEXT",
	    "* 1 FETCH (RFC822.TEXT {7}\r\nHello\r\n)\r\na OK Fetched");
	talk_has(&t, c, "FETCH 1 FLAGS", "(FLAGS (");
	assert_null(strstr(t.answer.p, "\\Seen"));
	talk_close(&t);
}

/* What another session has expunged stays readable until this one is told. */
static void
test_expunged_elsewhere(void **state)
{
	struct talk t;
	size_t c, other;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, both);
	other = talk_select(&t, NULL);
	talk_has(&t, other, "STORE 1 +FLAGS.SILENT (\\Deleted)", "a OK");
	talk(&t, other, "EXPUNGE", "* 1 EXPUNGE\r\na OK Expunged");
	talk_has(&t, c, "FETCH 1 BODY.PEEK[TEXT]",
	    "* 1 FETCH (BODY[TEXT] {7}\r\nHello\r\n)\r\n");
	talk_has(&t, c, "FETCH 2 UID", "* 2 FETCH (UID 2)\r\n");
	talk_has(&t, c, "NOOP", "* 1 EXPUNGE\r\n");
	talk_has(&t, c, "FETCH 1 UID", "* 1 FETCH (UID 2)\r\n");
	talk_close(&t);
}

/* The octet at ${i} of what a big part becomes. */
static char
decoded_at(size_t i)
{
	return (char)('A' + i * i % 57);
}

/* A part that is decoded in many pieces, whole and in ranges. */
static void
test_big_binary(void **state)
{
	enum { DECODED = 150000 };
	static const struct {
		size_t from;
		size_t count;
	} ranges[] = {
		{ 0, DECODED },
		{ 1, 2 },
		{ 12287, 2 },
		{ 70000, 70001 },
		{ DECODED - 1, 1 },
	};
	struct buf plain_text, message;
	const char *list[2] = { NULL };
	struct talk t;
	size_t c;

	(void)state;
	buf_init(&plain_text, DECODED);
	buf_init(&message, 2 * DECODED);
	for (size_t i = 0; i < DECODED; i++)
		buf_add_byte(&plain_text, decoded_at(i));
	buf_add_text(&message, "Content-Transfer-Encoding: base64\r\n\r\n");
	for (size_t i = 0; i < DECODED; i += 57) {
		base64_encode(
		    str_head(str_skip(buf_str(&plain_text), i), 57), &message);
		buf_add_text(&message, "\r\n");
	}
	buf_add_byte(&message, '\0');
	list[0] = message.p;
	talk_open(&t);
	c = talk_select(&t, list);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		char command[80], head[80];

		(void)snprintf(command, sizeof(command),
		    "a FETCH 1 BINARY.PEEK[1]<%zu.%zu>\r\n", ranges[i].from,
		    ranges[i].count);
		(void)snprintf(head, sizeof(head),
		    "* 1 FETCH (BINARY[1]<%zu> {%zu}\r\n", ranges[i].from,
		    ranges[i].count);
		talk_send(&t, c, command);
		(void)talk_read(&t, c, "a OK");
		assert_memory_equal(t.answer.p, head, strlen(head));
		assert_memory_equal(t.answer.p + strlen(head),
		    plain_text.p + ranges[i].from, ranges[i].count);
		assert_memory_equal(t.answer.p + strlen(head) + ranges[i].count,
		    ")\r\na OK", 7);
	}
	talk_close(&t);
	buf_fini(&message);
	buf_fini(&plain_text);
}

/* -- damage ------------------------------------------------------------ */

/* A damaged message is left out; the others are answered; the session goes
 * on.  A search says that it could not look there. */
static void
test_damaged(void **state)
{
	static const char *const list[] = { plain,
		"A: " DAMAGE_MARK "\r\n\r\nx\r\n", plain, NULL };
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, list);
	damage_mark(t.messages.folder);
	talk(&t, c, "FETCH 1:3 (UID BODY.PEEK[TEXT])",
	    "* 1 FETCH (UID 1 BODY[TEXT] {7}\r\nHello\r\n)\r\n"
	    "* 3 FETCH (UID 3 BODY[TEXT] {7}\r\nHello\r\n)\r\n"
	    "a NO [SERVERBUG] Some of the messages are damaged");
	talk_has(&t, c, "FETCH 2 ENVELOPE", "a OK");
	talk(&t, c, "SEARCH BODY x",
	    "* NO [SERVERBUG] 1 damaged messages could not be searched\r\n"
	    "* SEARCH\r\na OK Searched");
	talk(&t, c, "SEARCH BODY hello 1,3", "* SEARCH 1 3\r\na OK Searched");
	talk_close(&t);
}

/* More than a socket or the queue takes, of a message of many blocks. */
static void
test_big(void **state)
{
	const size_t size = 3000000;
	char *message = mem_alloc(size + 1);
	const char *list[] = { message, NULL };
	const char head[] = "* 1 FETCH (BODY[] {3000000}\r\n";
	struct talk t;
	size_t c;

	(void)state;
	memcpy(message, "A: b\r\n\r\n", 8);
	for (size_t i = 8; i < size; i++)
		message[i] = i % 64 == 62   ? '\r'
			     : i % 64 == 63 ? '\n'
					    : (char)('a' + i * i % 23);
	talk_open(&t);
	c = talk_select(&t, list);
	talk_send(&t, c, "a FETCH 1:* (BODY.PEEK[])\r\n");
	(void)talk_read(&t, c, "a OK");
	assert_memory_equal(t.answer.p, head, strlen(head));
	assert_memory_equal(t.answer.p + strlen(head), message, size);
	talk_close(&t);
	mem_free(message);
}

/* More messages than may be open at once. */
static void
test_many(void **state)
{
	const uint32_t count = 300;
	const struct flags none = { 0 };
	const char *at;
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	(void)messages_append(&t.messages, t.messages.inbox, count, &none);
	c = talk_select(&t, NULL);
	talk_send(&t, c, "a FETCH 1:* (UID BODY[TEXT] FLAGS)\r\n");
	at = talk_read(&t, c, "a OK");
	for (uint32_t i = 1; i <= count; i++) {
		char want[128];

		(void)snprintf(want, sizeof(want),
		    "* %u FETCH (UID %u BODY[TEXT] {6}\r\nbody\r\n "
		    "FLAGS (\\Seen \\Recent))\r\n",
		    i, i);
		assert_memory_equal(at, want, strlen(want));
		at += strlen(want);
	}
	assert_string_equal(at, "a OK Fetched\r\n");
	talk_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_seen),
		cmocka_unit_test(test_read_only_sets_nothing),
		cmocka_unit_test(test_expunged_elsewhere),
		cmocka_unit_test(test_big_binary),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
