/* SPDX-License-Identifier: MIT
 *
 * SEARCH as a client sees it (RFC 9051 section 6.4.4).
 */
#include "talk.h"

/* 1: plain, 7 Feb late in a zone west; 2: MIME with everything encoded;
 * 3: a message within a message. */
static const char *const three[] = {
	"From: Ann Smith <ann@example.org>\r\n"
	"To: bob@example.org\r\n"
	"Subject: Meeting on\r\n"
	" Monday\r\n"
	"Date: Mon, 7 Feb 2022 23:52:25 -0800\r\n"
	"X-Empty:\r\n"
	"\r\n"
	"See you there\r\n",

	"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.org>\r\n"
	"Cc: ann@example.org\r\n"
	"Subject: =?utf-8?b?w4RwZmVs?=\r\n"
	"Date: Tue, 8 Feb 2022 10:00:00 +0000\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n"
	"\r\n"
	"preamble\r\n"
	"--b\r\n"
	"Content-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n"
	"\r\n"
	"gr=FC=\r\n"
	"ne Birnen\r\n"
	"--b\r\n"
	"Content-Type: text/plain\r\n"
	"Content-Description: a poem\r\n"
	"Content-Transfer-Encoding: base64\r\n"
	"\r\n"
	"dGhlIHF1aWNrIGJyb3duIGZveA==\r\n"
	"--b\r\n"
	"Content-Type: application/octet-stream\r\n"
	"\r\n"
	"not text\r\n"
	"--b--\r\n",

	"From: bob@example.org\r\n"
	"Bcc: eve@example.org\r\n"
	"Subject: Fwd\r\n"
	"Content-Type: message/rfc822\r\n"
	"\r\n"
	"Subject: inner matter\r\n"
	"\r\n"
	"inner words\r\n",
	NULL,
};

struct search_case {
	const char *keys;
	const char *found; /* with a space before each */
};

static void
check(struct talk *t, size_t c, const struct search_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char command[256], answer[256];

		(void)snprintf(
		    command, sizeof(command), "SEARCH %s", cases[i].keys);
		(void)snprintf(answer, sizeof(answer),
		    "* SEARCH%s\r\na OK Searched", cases[i].found);
		print_message("    %s\n", command);
		talk(t, c, command, answer);
	}
}

#define CHECK(t, c, cases) check(t, c, cases, sizeof(cases) / sizeof(*cases))

static void
test_strings(void **state)
{
	static const struct search_case cases[] = {
		{ "FROM ann", " 1" },
		{ "FROM \"ANN SMITH\"", " 1" },
		{ "TO bob", " 1" },
		{ "CC ann", " 2" },
		{ "BCC eve", " 3" },
		{ "SUBJECT \"on Monday\"", " 1" },
		{ "SUBJECT inner", "" },
		{ "HEADER X-Empty \"\"", " 1" },
		{ "HEADER X-None \"\"", "" },
		{ "HEADER Subject FWD", " 3" },
		{ "FROM \"\"", " 1 2 3" },
		{ "BODY \"you THERE\"", " 1" },
		{ "BODY Monday", "" },
		{ "TEXT Monday", " 1" },
		{ "BODY birnen", " 2" },
		{ "BODY \"quick brown\"", " 2" },
		{ "BODY poem", "" },
		{ "TEXT poem", " 2" },
		{ "BODY \"not text\"", "" },
		{ "BODY \"inner words\"", " 3" },
		{ "BODY \"inner matter\"", " 3" },
		{ "TEXT \"inner matter\"", " 3" },
		{ "BODY \"\"", " 1 2 3" },
		{ "TEXT nowhere", "" },
		{ "NOT TEXT inner", " 1 2" },
		{ "OR BODY birnen BODY words", " 2 3" },
		{ "BODY inner BODY words", " 3" },
		{ "BODY inner NOT BODY words", "" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	CHECK(&t, c, cases);
	talk_close(&t);
}

static void
test_charsets(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	talk(&t, c, "SEARCH CHARSET UTF-8 SUBJECT {6+}\r\n\xc3\xa4PFEL",
	    "* SEARCH 2\r\na OK Searched");
	talk(&t, c, "SEARCH CHARSET utf-8 FROM \"J\xc3\x96RG\"",
	    "* SEARCH 2\r\na OK Searched");
	talk(&t, c, "SEARCH CHARSET ISO-8859-1 BODY {4+}\r\nGR\xdcN",
	    "* SEARCH 2\r\na OK Searched");
	talk(&t, c, "SEARCH CHARSET X-NO SUBJECT x",
	    "a NO [BADCHARSET (UTF-8 US-ASCII)] The charset is not known");
	talk_close(&t);
}

static void
test_list_keys(void **state)
{
	static const struct search_case cases[] = {
		{ "ALL", " 1 2 3" },
		{ "2", " 2" },
		{ "2:*", " 2 3" },
		{ "7", "" },
		{ "UID 2,3", " 2 3" },
		{ "UID 9:*", " 3" },
		{ "NOT 2", " 1 3" },
		{ "SEEN", " 1" },
		{ "UNSEEN", " 2 3" },
		{ "FLAGGED", " 2" },
		{ "NOT FLAGGED SEEN", " 1" },
		{ "ANSWERED", "" },
		{ "KEYWORD work", " 2" },
		{ "UNKEYWORD Work", " 1 3" },
		{ "KEYWORD nobody", "" },
		{ "UNKEYWORD nobody", " 1 2 3" },
		{ "RECENT", " 1 2 3" },
		{ "NEW", " 2 3" },
		{ "OLD", "" },
		{ "(OR SEEN FLAGGED) 1:2", " 1 2" },
		{ "OR (SEEN 2) (FLAGGED UID 2)", " 2" },
		{ "NOT (SEEN)", " 2 3" },
		{ "NOT NOT SEEN", " 1" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	talk_has(&t, c, "STORE 1 +FLAGS.SILENT (\\Seen)", "a OK");
	talk_has(&t, c, "STORE 2 +FLAGS.SILENT (\\Flagged Work)", "a OK");
	CHECK(&t, c, cases);
	talk_has(&t, c, "SEARCH OR SEEN", "a BAD");
	talk_has(&t, c, "SEARCH", "a BAD");
	talk_has(&t, c, "SEARCH BOGUS", "a BAD");
	talk_close(&t);
}

/* Internal dates: all 9 Sep 2001 01:46:40 UTC. */
static void
test_dates_and_sizes(void **state)
{
	static const struct search_case cases[] = {
		{ "ON 9-Sep-2001", " 1 2 3" },
		{ "ON 8-Sep-2001", "" },
		{ "BEFORE 9-Sep-2001", "" },
		{ "BEFORE \"10-Sep-2001\"", " 1 2 3" },
		{ "SINCE 9-Sep-2001", " 1 2 3" },
		{ "SINCE 10-sep-2001", "" },
		{ "SENTON 7-Feb-2022", " 1" },
		{ "SENTON 8-Feb-2022", " 2" },
		{ "SENTBEFORE 8-Feb-2022", " 1" },
		{ "SENTSINCE 7-Feb-2022", " 1 2" },
		{ "NOT SENTSINCE 7-Feb-2022", " 3" },
		{ "OLDER 10", " 1 2 3" },
		{ "YOUNGER 10", "" },
		{ "YOUNGER 4000000000", " 1 2 3" },
		{ "LARGER 300", " 2" },
		{ "SMALLER 150", " 3" },
		{ "SMALLER 0", "" },
	};
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	CHECK(&t, c, cases);
	talk_has(&t, c, "SEARCH ON 31-Feb-2024", "a BAD");
	talk_close(&t);
}

static void
test_esearch(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	talk(&t, c, "SEARCH RETURN () ALL",
	    "* ESEARCH (TAG \"a\") ALL 1:3\r\na OK Searched");
	talk(&t, c, "UID SEARCH RETURN (MIN MAX COUNT) 1,3",
	    "* ESEARCH (TAG \"a\") UID MIN 1 MAX 3 COUNT 2\r\na OK Searched");
	talk(&t, c, "SEARCH RETURN (MIN) TEXT nowhere",
	    "* ESEARCH (TAG \"a\")\r\na OK Searched");
	talk(&t, c, "SEARCH RETURN (COUNT ALL) TEXT nowhere",
	    "* ESEARCH (TAG \"a\") COUNT 0\r\na OK Searched");
	talk(&t, c, "UID SEARCH 1,3", "* SEARCH 1 3\r\na OK Searched");
	talk_has(&t, c, "SEARCH RETURN (BOGUS) ALL", "a BAD");
	talk_has(&t, c, "ENABLE IMAP4rev2", "a OK");
	talk(&t, c, "SEARCH 1,3",
	    "* ESEARCH (TAG \"a\") ALL 1,3\r\na OK Searched");
	talk_close(&t);
}

static void
test_saved(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	talk(&t, c, "SEARCH RETURN (SAVE) 2:3", "a OK Searched, result saved");
	talk(&t, c, "FETCH $ UID",
	    "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\na OK Fetched");
	talk(&t, c, "UID FETCH $ UID",
	    "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\na OK Fetched");
	talk(&t, c, "SEARCH $ BODY inner", "* SEARCH 3\r\na OK Searched");
	talk(&t, c, "UID SEARCH UID $ NOT BODY inner",
	    "* SEARCH 2\r\na OK Searched");
	/* A BAD changes nothing, a NO empties it. */
	talk_has(&t, c, "SEARCH RETURN (SAVE) BOGUS", "a BAD");
	talk(&t, c, "SEARCH $", "* SEARCH 2 3\r\na OK Searched");
	talk_has(&t, c, "SEARCH CHARSET X-NO ALL", "a NO [BADCHARSET");
	talk(&t, c, "SEARCH $", "* SEARCH 2 3\r\na OK Searched");
	talk(&t, c, "SEARCH RETURN (SAVE MIN) ALL",
	    "* ESEARCH (TAG \"a\") MIN 1\r\na OK Searched, result saved");
	talk(&t, c, "SEARCH $", "* SEARCH 1\r\na OK Searched");
	talk_has(
	    &t, c, "SEARCH RETURN (SAVE) CHARSET X-NO ALL", "a NO [BADCHARSET");
	talk(&t, c, "SEARCH $", "* SEARCH\r\na OK Searched");
	talk(&t, c, "FETCH $ UID", "a OK Fetched");
	/* An expunged message is no more in it. */
	talk_has(&t, c, "SEARCH RETURN (SAVE) ALL", "a OK");
	talk_has(&t, c, "STORE 2 +FLAGS.SILENT (\\Deleted)", "a OK");
	talk_has(&t, c, "EXPUNGE", "* 2 EXPUNGE");
	talk(&t, c, "SEARCH $", "* SEARCH 1 2\r\na OK Searched");
	talk_close(&t);
}

static void
test_saved_in_a_pipeline(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	talk_send(&t, c,
	    "a SEARCH RETURN (SAVE) BODY inner\r\n"
	    "b FETCH $ UID\r\n");
	assert_string_equal(talk_read(&t, c, "b "),
	    "a OK Searched, result saved\r\n"
	    "* 3 FETCH (UID 3)\r\n"
	    "b OK Fetched\r\n");
	talk_close(&t);
}

static void
test_empty_mailbox(void **state)
{
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, NULL);
	talk(&t, c, "SEARCH 1:*", "* SEARCH\r\na OK Searched");
	talk(&t, c, "UID SEARCH 1:* NOT DELETED", "* SEARCH\r\na OK Searched");
	talk(&t, c, "UID SEARCH UID 1:*", "* SEARCH\r\na OK Searched");
	talk_close(&t);
}

/* Too many strings to look for are refused, not run. */
static void
test_too_many_strings(void **state)
{
	struct buf command;
	struct talk t;
	size_t c;

	(void)state;
	talk_open(&t);
	c = talk_select(&t, three);
	buf_init(&command, 1 << 20);
	buf_add_text(&command, "SEARCH");
	for (int i = 0; i < 300; i++)
		buf_add_format(&command, " TEXT x%d", i);
	buf_add_byte(&command, '\0');
	talk(&t, c, command.p, "a NO [LIMIT] Too much to search for");
	buf_clear(&command);
	buf_add_text(&command, "SEARCH");
	for (int i = 0; i < 300; i++)
		buf_add_text(&command, " TEXT example");
	buf_add_byte(&command, '\0');
	talk(&t, c, command.p, "* SEARCH 1 2 3\r\na OK Searched");
	buf_fini(&command);
	talk_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_list_keys),
		cmocka_unit_test(test_dates_and_sizes),
		cmocka_unit_test(test_esearch),
		cmocka_unit_test(test_saved),
		cmocka_unit_test(test_saved_in_a_pipeline),
		cmocka_unit_test(test_empty_mailbox),
		cmocka_unit_test(test_too_many_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
