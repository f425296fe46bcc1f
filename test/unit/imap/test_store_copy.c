/* SPDX-License-Identifier: MIT
 *
 * STORE, COPY and MOVE as a client sees them (RFC 9051 sections 6.4.6 to
 * 6.4.9).
 */
#include "talk.h"

static const char small[] = "Subject: x\r\n\r\ny\r\n";
static const char *const four[] = { small, small, small, small, NULL };

static void
test_store(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk(&t, c, "STORE 1:2 +FLAGS (\\Seen \\Draft)",
	    "* 1 FETCH (UID 1 FLAGS (\\Seen \\Draft))\r\n"
	    "* 2 FETCH (UID 2 FLAGS (\\Seen \\Draft))\r\na OK Stored");
	talk(&t, c, "UID STORE 2 -FLAGS \\Draft",
	    "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\na OK Stored");
	talk(&t, c, "STORE 2 FLAGS.SILENT (\\Flagged)", "a OK Stored");
	talk(&t, c, "FETCH 1:2 FLAGS",
	    "* 1 FETCH (FLAGS (\\Seen \\Draft))\r\n"
	    "* 2 FETCH (FLAGS (\\Flagged))\r\na OK Fetched");
	talk(&t, c, "STORE 1:2 FLAGS ()",
	    "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n"
	    "a OK Stored");
	talk(&t, c, "UID STORE 77 +FLAGS (\\Seen)", "a OK Stored");
	talk_has(&t, c, "STORE 5 +FLAGS (\\Seen)", "a BAD");
	talk_has(&t, c, "STORE 1 +FLAGS (\\Recent)", "a NO [CANNOT]");
	talk_has(&t, c, "STORE 1 (XYZZY 5) FLAGS ()", "a BAD");
	/* A system flag that does not exist is left out. */
	talk(&t, c, "STORE 1 +FLAGS (\\Forwarded \\Seen)",
	    "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\na OK Stored");
	talk_has(&t, c, "EXAMINE INBOX", "a OK");
	talk_has(&t, c, "STORE 1 +FLAGS (\\Seen)", "a NO [READ-ONLY]");
	talk_close(&t);
}

/* A new keyword is announced once, before a message has it. */
static void
test_keywords(void **state)
{
	const char announced[] = "* FLAGS (\\Answered \\Flagged \\Deleted "
				 "\\Seen \\Draft $Work)\r\n";
	struct talk t;
	const char *at;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk_has(&t, c, "STORE 1 +FLAGS ($Work)",
	    "* 1 FETCH (UID 1 FLAGS ($Work))\r\na OK Stored\r\n");
	at = strstr(t.answer.p, announced);
	assert_non_null(at);
	assert_null(strstr(at + 1, announced));
	talk(&t, c, "STORE 2 +FLAGS ($WORK)",
	    "* 2 FETCH (UID 2 FLAGS ($Work))\r\na OK Stored");
	talk_close(&t);
}

/* A silent STORE says what another session has changed meanwhile. */
static void
test_silent_tells_of_others(void **state)
{
	struct talk t;
	size_t c, other;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	other = talk_select(&t, NULL);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk_has(&t, other, "STORE 2 +FLAGS.SILENT (\\Flagged)", "a OK");
	talk(&t, c, "STORE 1:3 +FLAGS.SILENT (\\Seen)",
	    "* 2 FETCH (UID 2 FLAGS (\\Flagged \\Seen))\r\na OK Stored");
	talk(&t, c, "NOOP", "a OK Nothing done");
	talk_close(&t);
}

static void
test_copy(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk_has(&t, c, "STORE 2 +FLAGS.SILENT (\\Seen mine)", "a OK");
	talk_has(&t, c, "COPY 1:2,4 Archive", "a OK [COPYUID ");
	assert_non_null(strstr(t.answer.p, " 1:2,4 1:3] Copied\r\n"));
	talk(&t, c, "UID COPY 88:99 Archive", "a OK Nothing copied");
	talk_has(&t, c, "COPY 9 Archive", "a BAD");
	talk(&t, c, "COPY 1 Nowhere", "a NO [TRYCREATE] No such mailbox");
	/* To itself. */
	talk_has(&t, c, "UID COPY 1 INBOX", "* 5 EXISTS\r\n");
	assert_non_null(strstr(t.answer.p, " 1 5] Copied\r\n"));
	talk_has(&t, c, "SELECT Archive", "* 3 EXISTS\r\n");
	talk(&t, c, "FETCH 1:2 (FLAGS BODY.PEEK[TEXT])",
	    "* 1 FETCH (FLAGS () BODY[TEXT] {3}\r\ny\r\n)\r\n"
	    "* 2 FETCH (FLAGS (\\Seen mine) BODY[TEXT] {3}\r\ny\r\n)\r\n"
	    "a OK Fetched");
	talk_close(&t);
}

static void
test_move(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk_has(&t, c, "MOVE 2:3 Trash", "* OK [COPYUID ");
	assert_non_null(strstr(t.answer.p,
	    " 2:3 1:2] Moved\r\n* 2 EXPUNGE\r\n* 2 EXPUNGE\r\na OK Moved\r\n"));
	talk(&t, c, "UID MOVE 2 Trash", "a OK Nothing moved");
	talk(&t, c, "MOVE 1 Nowhere", "a NO [TRYCREATE] No such mailbox");
	talk_has(&t, c, "UID MOVE 4 Trash", "* 2 EXPUNGE\r\na OK Moved");
	talk(&t, c, "FETCH 1:* UID", "* 1 FETCH (UID 1)\r\na OK Fetched");
	/* To itself: a new UID. */
	talk_has(&t, c, "MOVE 1 INBOX", " 1 5] Moved\r\n");
	assert_non_null(strstr(t.answer.p, "* 1 EXPUNGE\r\n"));
	talk(&t, c, "FETCH 1:* UID", "* 1 FETCH (UID 5)\r\na OK Fetched");
	talk_has(&t, c, "EXAMINE Trash", "* 3 EXISTS\r\n");
	talk_has(&t, c, "MOVE 1 INBOX", "a NO [READ-ONLY]");
	talk_close(&t);
}

/* Numbers of messages that another session has expunged: the whole COPY is
 * refused; by UID the rest is copied. */
static void
test_copy_of_gone_messages(void **state)
{
	struct talk t;
	size_t c, other;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	other = talk_select(&t, NULL);
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk_has(&t, other, "STORE 2 +FLAGS.SILENT (\\Deleted)", "a OK");
	talk_has(&t, other, "EXPUNGE", "a OK");
	talk_send(&t, c, "b FETCH 1 UID\r\n");
	(void)talk_read(&t, c, "b OK");
	talk_has(&t, c, "SEARCH 1:4", "ALL 1:4\r\n");
	talk_has(&t, c, "COPY 1:3 Archive",
	    "a NO [EXPUNGEISSUED] Some of the messages exist no longer");
	talk_has(&t, c, "UID COPY 1:3 Archive", " 1,3 1:2] Copied\r\n");
	talk_close(&t);
}

/* STORE of numbers that are all gone. */
static void
test_store_of_gone_messages(void **state)
{
	struct talk t;
	size_t c, other;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, four);
	other = talk_select(&t, NULL);
	talk_has(&t, other, "STORE 2 +FLAGS.SILENT (\\Deleted)", "a OK");
	talk_has(&t, other, "EXPUNGE", "a OK");
	talk_has(&t, c, "STORE 2 +FLAGS (\\Seen)", "a NO [EXPUNGEISSUED]");
	talk_has(&t, c, "STORE 3 +FLAGS (\\Seen)", "* 3 FETCH (UID 3 FLAGS");
	talk_close(&t);
}

/* Every second of many messages: sets of many ranges. */
static void
test_scattered_numbers(void **state)
{
	struct buf set;
	const char *at;
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	(void)messages_append(&t.messages, t.messages.inbox, 400, NULL);
	c = talk_select(&t, NULL);
	buf_init(&set, 1 << 16);
	buf_add_text(&set, "COPY 1");
	for (int i = 3; i < 400; i += 2)
		buf_add_format(&set, ",%d", i);
	buf_add_text(&set, " Archive");
	buf_add_byte(&set, '\0');
	talk_has(&t, c, set.p, "a OK [COPYUID ");
	at = strstr(t.answer.p, " 1,3,5,7,");
	assert_non_null(at);
	assert_non_null(strstr(at, ",397,399 1:200] Copied\r\n"));
	talk_has(&t, c, "STATUS Archive (MESSAGES)", "(MESSAGES 200)");
	buf_fini(&set);
	talk_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_silent_tells_of_others),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_move),
		cmocka_unit_test(test_copy_of_gone_messages),
		cmocka_unit_test(test_store_of_gone_messages),
		cmocka_unit_test(test_scattered_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
