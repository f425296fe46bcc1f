/* SPDX-License-Identifier: MIT
 *
 * APPEND as a client sees it (RFC 9051 section 6.3.12, RFC 3502, RFC 3516, RFC
 * 9755): one message, several, none, and whatever goes wrong with a literal.
 */
#include "talk.h"

/* The messages of INBOX, by STATUS. */
static void
expect_messages(struct talk *t, size_t c, unsigned count)
{
	char want[64];

	(void)snprintf(want, sizeof(want), "(MESSAGES %u)\r\n", count);
	talk_has(t, c, "STATUS INBOX (MESSAGES)", want);
}

static void
test_one(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_client(&t);
	talk_send(&t, c, "a APPEND INBOX {15}\r\n");
	assert_memory_equal(talk_read(&t, c, "+ "), "+ ", 2);
	talk_send(&t, c, "Subject: x\r\n\r\ny\r\n");
	talk_has(&t, c, "NOOP", "a OK [APPENDUID ");
	assert_non_null(strstr(t.answer.p, " 1] Appended\r\n"));
	talk_has(&t, c,
	    "APPEND inbox (\\Seen $Work \\Forwarded \\Recent) "
	    "\" 7-Feb-1994 22:43:04 -0800\" {15+}\r\nSubject: x\r\n\r\ny",
	    " 2] Appended\r\n");
	talk_has(&t, c, "EXAMINE INBOX", "* 2 EXISTS\r\n");
	talk_has(&t, c, "FETCH 2 (FLAGS INTERNALDATE RFC822.SIZE BODY[])",
	    " INTERNALDATE \"08-Feb-1994 06:43:04 +0000\" RFC822.SIZE 15 "
	    "BODY[] {15}\r\nSubject: x\r\n\r\ny)\r\n");
	assert_non_null(strstr(t.answer.p, "\\Seen"));
	assert_non_null(strstr(t.answer.p, "$Work"));
	talk_close(&t);
}

/* The session that appends to its own mailbox is told at once. */
static void
test_own_mailbox(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, NULL);
	talk_has(&t, c, "APPEND INBOX {1+}\r\nx", "* 1 EXISTS\r\n");
	assert_non_null(strstr(t.answer.p, "a OK [APPENDUID "));
	talk_close(&t);
}

static void
test_several(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_client(&t);
	talk_has(&t, c,
	    "APPEND INBOX (\\Seen) {1+}\r\n1 {2+}\r\n22 () "
	    "\"01-Jan-2020 00:00:00 +0000\" {3+}\r\n333",
	    " 1:3] Appended\r\n");
	talk_has(&t, c, "SELECT INBOX", "* 3 EXISTS\r\n");
	talk_has(&t, c, "FETCH 1:3 BODY.PEEK[]",
	    "* 1 FETCH (BODY[] {1}\r\n1)\r\n* 2 FETCH (BODY[] {2}\r\n22)\r\n"
	    "* 3 FETCH (BODY[] {3}\r\n333)\r\n");
	talk_close(&t);
}

/* What fails, with the answer; the next command is understood, and nothing was
 * appended. */
static void
test_refusals(void **state)
{
	static const struct {
		const char *command;
		const char *answer;
	} cases[] = {
		{ "APPEND Nowhere {5}", "a NO [TRYCREATE] No such mailbox" },
		{ "APPEND Nowhere {5+}\r\na b c",
		    "a NO [TRYCREATE] No such mailbox" },
		{ "APPEND INBOX {0}", "a NO A message is not empty" },
		{ "APPEND INBOX {0+}\r\n", "a NO A message is not empty" },
		{ "APPEND INBOX {2+}\r\nxx {0+}\r\n",
		    "a NO A message is not empty" },
		{ "APPEND INBOX {2000000000}", "a NO [TOOBIG]" },
		{ "APPEND INBOX (\\Seen {5+}\r\nab cd", "a BAD" },
		{ "APPEND INBOX {2+}\r\nxx junk", "a BAD" },
		{ "APPEND INBOX {2+}\r\nxx (\\Seen {3+}\r\nb N", "a BAD" },
		{ "APPEND INBOX \"01-Jan-2020\" {3+}\r\nxyz", "a BAD" },
		{ "APPEND INBOX UTF8 (~{3+}\r\nxyz)", "a BAD" },
		{ "APPEND INBOX {19+}\r\n1\r\nb LOGOUT\r\nc NO\r\n x",
		    "a BAD" },
		{ "APPEND INBOX", "a BAD" },
		{ "APPEND INBOX \"text\"", "a BAD" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		print_message("    %s\n", cases[i].command);
		c = i % 15 == 0 ? talk_client(&t) : c;
		talk_has(&t, c, cases[i].command, cases[i].answer);
		expect_messages(&t, c, 0);
	}
	talk_close(&t);
}

static void
test_nul(void **state)
{
	const struct str ordinary = STR("a APPEND INBOX {3+}\r\nx\0y\r\n");
	const struct str literal8 = STR("b APPEND INBOX ~{3+}\r\nx\0y\r\n");
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_client(&t);
	talk_send_str(&t, c, ordinary);
	assert_memory_equal(talk_read(&t, c, "a "), "a BAD", 5);
	talk_send_str(&t, c, literal8);
	assert_memory_equal(talk_read(&t, c, "b "), "b OK", 4);
	expect_messages(&t, c, 1);
	talk_close(&t);
}

static void
test_utf8(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_client(&t);
	talk_has(&t, c, "ENABLE UTF8=ACCEPT", "a OK");
	talk_has(&t, c,
	    "APPEND INBOX UTF8 (~{15+}\r\nSubject: \xc3\xa4\r\n\r\n)",
	    " 1] Appended\r\n");
	expect_messages(&t, c, 1);
	talk_close(&t);
}

/* Longer than is kept in memory, in small pieces; then a pipeline behind it. */
static void
test_big(void **state)
{
	const size_t size = 700000;
	char *message = mem_alloc(size);
	struct talk t;
	size_t c;

	(void)state;
	for (size_t i = 0; i < size; i++)
		message[i] = i % 80 == 78   ? '\r'
			     : i % 80 == 79 ? '\n'
					    : (char)('A' + i * i % 26);
	talk_open(&t);
	c = talk_client(&t);
	talk_send(&t, c, "a APPEND INBOX {700000+}\r\n");
	for (size_t i = 0; i < size; i += 7000)
		talk_send_str(&t, c, (struct str){ message + i, 7000 });
	talk_send(&t, c, "\r\nb EXAMINE INBOX\r\nc FETCH 1 BODY.PEEK[]\r\n");
	(void)talk_read(&t, c, "c OK");
	assert_non_null(strstr(t.answer.p, "a OK [APPENDUID "));
	assert_non_null(memmem(t.answer.p, t.answer.n, message, size));
	mem_free(message);
	talk_close(&t);
}

/* A client that goes away in the middle of a message leaves nothing. */
static void
test_disconnected(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_client(&t);
	talk_send(&t, c, "a APPEND INBOX {100+}\r\nSubject: half");
	assert_int_equal(shutdown(t.clients[c], SHUT_RDWR), 0);
	c = talk_client(&t);
	expect_messages(&t, c, 0);
	talk_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_own_mailbox),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_big),
		cmocka_unit_test(test_disconnected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
