/* SPDX-License-Identifier: MIT
 *
 * What a session may send, and what it must not.  Each text is looked at as a
 * whole and octet by octet, with the same result.
 */
#include "output_text.h"

#include "proto/imap/response_check.h"

static struct output_check *
new_check(bool greeted)
{
	return response_check_new(greeted);
}

static void
test_greeting(void **state)
{
	(void)state;
	check_good("* OK [CAPABILITY IMAP4rev1 LITERAL+] ready\r\n", false);
	check_good("* BYE [UNAVAILABLE] Later\r\n", false);
	check_good("* PREAUTH Welcome\r\n* 1 EXISTS\r\n", false);
	check_bad("* NO ready\r\n", false, "greeting");
	check_bad("* 1 EXISTS\r\n", false, "greeting");
	check_bad("a OK ready\r\n", false, "greeting");
}

static const char *const good_states[] = {
	"a OK Done\r\n",
	"* OK [ALERT] [not a code] text\r\n",
	"a] NO [BADCHARSET (UTF-8 US-ASCII)] No\r\n",
	"a NO [BADCHARSET] No\r\n",
	"* BAD What?\r\n",
	"a OK [APPENDUID 7 3:4,9] Done\r\n",
	"a OK [COPYUID 7 9,1:2 4:6] Done\r\n",
	"* OK [PERMANENTFLAGS (\\Seen $x \\*)] Those\r\n",
	"* OK [PERMANENTFLAGS ()] None\r\n",
	"* OK [HIGHESTMODSEQ 9223372036854775807] Told\r\n",
	"a OK [MODIFIED 3,7:9] Not all\r\n",
	"* OK [MAILBOXID (F1-2_a)] So long\r\n",
	"* OK [INPROGRESS (\"a\" 0 7)] So far\r\n",
	"* OK [INPROGRESS (NIL NIL NIL)] So far\r\n",
	"* OK [INPROGRESS] So far\r\n",
	"+ Go on\r\n",
	"+ \r\n",
	"+ cj1hLHM9Yg==\r\n",
};
static const struct {
	const char *text, *expected;
} bad_states[] = {
	/* What servers have been seen to send. */
	{ "[COPYUID 7 1 2] Done\r\n", "resp-cond-state" },
	{ "* OK [HIGHESTMODSEQ 7]\r\n", "] " },
	{ "* OK [HIGHESTMODSEQ 7] \r\n", "text" },
	{ "* OK [UIDNEXT 0] Next\r\n", "nz-number" },
	{ "* OK [UIDVALIDITY 0] Valid\r\n", "nz-number" },
	{ "a OK [COPYUID 7  ] Done\r\n", "number" },
	{ "Server Unavailable. 15\r\n", "resp-cond-state" },
	{ "* CAPABILITY IMAP4rev1 LITERAL +\r\n", "capability" },
	{ "* OK [HIGHESTMODSEQ 9.3736e+06] Told\r\n", "] " },

	{ "a OK \r\n", "text" },
	{ "a OK\r\n", "SP" },
	{ "a OK Done \r\n", "no space at the end" },
	{ "a OK  Done\r\n", "text without a space in front" },
	{ "a OK Done\n", "CR in front of LF" },
	{ "a OK Do\rne\r\n", "\r\n" },
	{ "a OK D\xc3\xb6ne\r\n", "\r\n" },
	{ "a OK [Done\r\n", "resp-text-code" },
	{ "a OK [NEW-CODE] Done\r\n", "resp-text-code" },
	{ "a OK [ALERT 7] Done\r\n", "] " },
	{ "a OK [ALERT]Done\r\n", "] " },
	{ "a OK [COPYUID 7 1:3 4:5] Done\r\n", "as many UIDs" },
	{ "a OK [APPENDUID 7 4:3] Done\r\n", "greater number" },
	{ "a OK [MODIFIED *] Done\r\n", "number" },
	{ "a OK [MAILBOXID F1] Done\r\n", "(" },
	{ "a OK [MAILBOXID ()] Done\r\n", "objectid" },
	{ "a+ OK Done\r\n", "tag" },
	{ "a* OK Done\r\n", "SP" },
	{ " OK Done\r\n", "tag" },
	{ "a BYE Done\r\n", "resp-cond-state" },
	{ "a ok Done\r\n", "resp-cond-state" },
	{ "*  OK Done\r\n", "name" },
	{ "+\r\n", "+ " },
	{ "+Go on\r\n", "+ " },
	{ "\r\n", "tag" },
};

static void
test_states(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_states); i++)
		check_good(good_states[i], true);
	for (size_t i = 0; i < COUNT(bad_states); i++)
		check_bad(bad_states[i].text, true, bad_states[i].expected);
}

static const char *const good_data[] = {
	"* CAPABILITY IMAP4rev1 AUTH=PLAIN LITERAL+\r\n",
	"* FLAGS (\\Answered \\Flagged $Forwarded)\r\n* FLAGS ()\r\n",
	"* LIST () \"/\" \"INBOX\"\r\n",
	"* LIST (\\Noselect) \"/\" \"\"\r\n",
	"* LIST (\\HasNoChildren \\Sent) \"/\" \"a \\\"b\\\\\"\r\n",
	"* LIST () NIL {3}\r\na\nb (\"CHILDINFO\" (\"SUBSCRIBED\") "
	"\"OLDNAME\" (\"c\"))\r\n",
	"* LSUB (\\Subscribed) \"/\" \"INBOX\"\r\n",
	"* XLIST (\\HasNoChildren \\Inbox) \"/\" \"INBOX\"\r\n",
	"* STATUS \"INBOX\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1 "
	"UNSEEN 0 RECENT 0 SIZE 5 HIGHESTMODSEQ 7 DELETED 0 "
	"MAILBOXID (F1) APPENDLIMIT 9)\r\n",
	"* STATUS \"INBOX\" ()\r\n",
	"* NAMESPACE ((\"\" \"/\")(\"#x\" NIL)) NIL NIL\r\n",
	"* ID (\"name\" \"x\" \"os\" NIL)\r\n* ID NIL\r\n",
	"* ENABLED\r\n* ENABLED CONDSTORE\r\n",
	"* SEARCH\r\n* SEARCH 1 7 30\r\n* SEARCH 2 (MODSEQ 9)\r\n",
	"* ESEARCH (TAG \"a1\")\r\n",
	"* ESEARCH (TAG \"a1\") UID MIN 2 MAX 9 COUNT 3 ALL 2,4:5 "
	"MODSEQ 7\r\n",
	"* 3 EXISTS\r\n* 3 RECENT\r\n* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n"
	"* 1 EXPUNGE\r\n* 0 EXISTS\r\n",
	"* ENABLED QRESYNC\r\n* 9 EXISTS\r\n* VANISHED 2:4,700\r\n"
	"* VANISHED (EARLIER) 1:100000\r\n",
	"* ENABLED IMAP4rev2\r\n* LIST () \"/\" \"\xc3\xb6\"\r\n",
	"* ENABLED UTF8=ACCEPT\r\n* LIST () \"/\" \"\xc3\xb6\"\r\n",
};
static const struct {
	const char *text, *expected;
} bad_data[] = {
	/* What servers have been seen to send. */
	{ "* LIST () \"/\" Sent Items\r\n", "string" },
	{ "* LIST () \"/\" \"a\"b\"\r\n", "\r\n" },
	{ "* LIST () \"/\" \"a\\b\"\r\n", "quoted-specials" },
	{ "* LIST (\\HasChildren \\) \"/\" \"a\"\r\n", "atom" },
	{ "* LIST (\\Draft) \"/\" \"a\"\r\n", "mailbox attribute" },
	{ "* STATUS Sent (MESSAGES 1)\r\n", "string" },
	{ "* STATUS \"a\" (MESSAGES 1 )\r\n", "name" },
	{ "* STATUS \"a\" (UIDNEXT 0)\r\n", "nz-number" },
	{ "* STATUS \"a\" (UNSEEN -1)\r\n", "number" },
	{ "* STATUS \"a\" (MAILBOXID F1)\r\n", "(" },
	{ "* SEARCH 1 2 \r\n", "number" },
	{ "* SEARCH \r\n", "number" },
	{ "* CAPABILITY IMAP4rev1 \r\n", "capability" },
	{ "* ENABLED QRESYNC\r\n* 1 EXISTS\r\n* VANISHED\r\n", "SP" },
	{ "* ENABLED QRESYNC\r\n* VANISHED \r\n", "number" },
	{ "* ENABLED QRESYNC\r\n* 1 EXISTS\r\n* 1 EXPUNGE\r\n", "VANISHED" },
	{ "* 2 EXISTS\r\n* 3 EXPUNGE\r\n", "EXPUNGE of a message that exists" },
	{ "* 2 EXISTS\r\n* 3 FETCH (UID 1)\r\n",
	    "FETCH of a message that exists" },
	{ "* 2 EXISTS\r\n* 0 FETCH (UID 1)\r\n",
	    "FETCH of a message that exists" },
	{ "* ESEARCH (TAG a1) ALL 1\r\n", "\"" },

	{ "* CAPABILITY IMAP4rev2\r\n", "IMAP4rev1 among the names" },
	{ "* FLAGS (\\Seen \\*)\r\n", "atom" },
	{ "* FLAGS (\\Recent)\r\n", "system flag" },
	{ "* FLAGS (\\Forwarded)\r\n", "system flag" },
	{ "* FLAGS (a]b)\r\n", "SP or \")\"" },
	{ "* FLAGS (a\r\n", "SP or \")\"" },
	{ "* FLAGS (a  b)\r\n", "atom" },
	{ "* LIST () \"/\" \"a\rb\"\r\n", "QUOTED-CHAR" },
	{ "* LIST () \"/\" \"\xc3\xb6\"\r\n", "QUOTED-CHAR" },
	{ "* LIST () \"/\" {0}\r\n\r\n", "no literal of nothing" },
	{ "* LIST () \"/\" \"a\r\n", "QUOTED-CHAR" },
	{ "* ENABLED UTF8=ACCEPT\r\n* LIST () \"/\" \"\xc3\"\r\n", "UTF-8" },
	{ "* LIST () \"/\" \"a\" (\"X\" ())\r\n", "extended item" },
	{ "* STATUS \"a\" (MESSAGES 4294967296)\r\n", "number" },
	{ "* STATUS \"a\" (MESSAGES 01)\r\n", "number" },
	{ "* NAMESPACE NIL NIL\r\n", "SP" },
	{ "* NAMESPACE () NIL NIL\r\n", "(" },
	{ "* ID ()\r\n", "string" },
	{ "* ID (\"name\")\r\n", "SP" },
	{ "* ENABLED \r\n", "atom" },
	{ "* ENABLED IMAP4rev2\r\n* SEARCH 1\r\n", "ESEARCH" },
	{ "* ENABLED IMAP4rev2\r\n* 0 RECENT\r\n", "no RECENT in IMAP4rev2" },
	{ "* SEARCH 2 2\r\n", "greater number" },
	{ "* ESEARCH (TAG \"a\") ALL 4,2\r\n", "greater number" },
	{ "* ESEARCH (TAG \"a\") ALL\r\n", "SP" },
	{ "* ESEARCH (TAG \"a\") MIN 1 UID\r\n", "SP" },
	{ "* ESEARCH (TAG \"\")\r\n", "tag" },
	{ "* VANISHED 1\r\n", "EXPUNGE" },
	{ "* 0 EXPUNGE\r\n", "EXPUNGE of a message that exists" },
	{ "* 5 EXISTS \r\n", "\r\n" },
	{ "* EXISTS\r\n", "response-data" },
	{ "* 1 EXISTS\r\n* 2 RECENT\r\n", "no more messages than exist" },
	{ "* 1 EXISTS\r\n* OK [CLOSED] Gone\r\n* 1 FETCH (UID 1)\r\n",
	    "FETCH of a message that exists" },
};

static void
test_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_data); i++)
		check_good(good_data[i], true);
	for (size_t i = 0; i < COUNT(bad_data); i++)
		check_bad(bad_data[i].text, true, bad_data[i].expected);
}

#define FETCH(items) "* 1 EXISTS\r\n* 1 FETCH (" items ")\r\n"
#define PART(end)                                                 \
	"(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL " \
	"\"7BIT\" 12 1" end ")"
#define EXT   " NIL NIL NIL NIL"
#define NOONE " NIL NIL NIL NIL NIL NIL"

static const char *const good_fetch[] = {
	FETCH("UID 7 FLAGS (\\Seen \\Recent x) RFC822.SIZE 0"),
	FETCH("FLAGS () MODSEQ (12) EMAILID (M1-2) THREADID NIL"),
	FETCH("INTERNALDATE \" 1-Jan-2026 10:00:00 +0000\" "
	      "SAVEDATE \"27-Dec-2026 10:00:00 -0130\""),
	FETCH("SAVEDATE NIL PREVIEW NIL THREADID (T1)"),
	FETCH("BODY[] {5}\r\n1\n )x"),
	FETCH("BODY[]<0> \"\" BODY[1.2.MIME] NIL"),
	FETCH("BODY[HEADER.FIELDS (From \"To\" {2}\r\nCc)]<7> \"a\""),
	FETCH("BODY[4.HEADER.FIELDS.NOT (From)] \"a\""),
	FETCH("BODY[TEXT] NIL RFC822 \"\" RFC822.HEADER \"\""),
	FETCH("BINARY[] ~{2}\r\n)( BINARY[1.2]<3> {1}\r\nx "
	      "BINARY.SIZE[1] 12"),
	FETCH("ENVELOPE (NIL NIL" NOONE " NIL NIL)"),
	FETCH("ENVELOPE (\"d\" {1}\r\nx ((NIL NIL \"a\" \"b\")"
	      "({1}\r\nx NIL \"a\" NIL)) NIL NIL NIL NIL NIL "
	      "\"<i>\" \"<m>\")"),
	FETCH("BODY " PART("")),
	FETCH("BODYSTRUCTURE " PART(EXT)),
	FETCH("BODYSTRUCTURE (" PART(EXT)
		PART(EXT) " \"MIXED\" "
			  "(\"BOUNDARY\" \"x\") (\"attachment\" (\"A\" \"b\")) "
			  "(\"en\" \"de\") \"loc\")"),
	FETCH("BODY (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 9 "
	      "(NIL NIL" NOONE " NIL NIL) " PART("") " 3)"),
	FETCH("BODY (\"IMAGE\" \"PNG\" NIL \"<i>\" \"d\" \"BASE64\" 9)"),
};
static const struct {
	const char *text, *expected;
} bad_fetch[] = {
	/* What servers have been seen to send. */
	{ FETCH("BODY[] {0}\r\n"), "no literal of nothing" },
	{ FETCH("UID 5MODSEQ (1)"), "SP or \")\"" },
	{ FETCH("MODSEQ (-1)"), "number" },
	{ FETCH("RFC822.SIZE -1"), "number" },
	{ FETCH("UID 0"), "nz-number" },
	{ FETCH("ENVELOPE (NIL NIL () NIL NIL NIL NIL NIL NIL NIL)"), "(" },
	{ FETCH("ENVELOPE (NIL NIL ((NIL NIL \"a\" \"b\") "
		"(NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL NIL)"),
	    ")" },
	{ FETCH("(ENVELOPE (NIL NIL" NOONE " NIL NIL))"), "name" },
	{ FETCH("BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL NIL 12 1)"), "string" },
	{ FETCH("BODY (\"TEXT\" \"PLAIN\" (\"A\" NIL) NIL NIL \"7BIT\" "
		"12 1)"),
	    "string" },
	{ FETCH("BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 12)"), "SP" },
	{ FETCH("BODY (NIL NIL NIL NIL NIL \"7BIT\" 12)"), "\"" },
	{ FETCH("BODYSTRUCTURE " PART("")), "SP" },

	{ FETCH(""), "name" },
	{ FETCH("UID 1 "), "name" },
	{ FETCH("X-UNKNOWN 1"), "msg-att" },
	{ FETCH("FLAGS (\\*)"), "atom" },
	{ FETCH("INTERNALDATE \"1-Jan-2026 10:00:00 +0000\""), "date-time" },
	{ FETCH("INTERNALDATE \"01-jan-2026 10:00:00 +0000\""), "date-time" },
	{ FETCH("EMAILID M1"), "(" },
	{ FETCH("BODY[0] NIL"), "section-spec" },
	{ FETCH("BODY[1.] NIL"), "section-part" },
	{ FETCH("BODY[MIME] NIL"), "section-spec" },
	{ FETCH("BODY[HEADER.FIELDS ()] NIL"), "section-spec" },
	{ FETCH("BODY[1]<0.5> NIL"), ">" },
	{ FETCH("BODY[1]"), "SP" },
	{ FETCH("BODY[1] a"), "string" },
	{ FETCH("BINARY[1.MIME] NIL"), "section-spec" },
	{ FETCH("BODY[1] ~{1}\r\nx"), "string" },
	{ FETCH("ENVELOPE (NIL NIL" NOONE " NIL)"), "SP" },
	{ FETCH("BODY (" PART(" ") ")"), ")" },
	{ FETCH("BODY (\"A\" \"B\" () NIL NIL \"7BIT\" 1)"), "string" },
	{ FETCH("BODY (\"A\" \"B\" NIL NIL NIL \"7BIT\" 4294967296)"),
	    "number" },
	{ FETCH("BODY (" PART("") " PART)"), "\"" },
	{ "* 1 EXISTS\r\n* ENABLED IMAP4rev2\r\n"
	  "* 1 FETCH (FLAGS (\\Recent))\r\n",
	    "system flag" },
};

static void
test_fetch(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good_fetch); i++)
		check_good(good_fetch[i], true);
	for (size_t i = 0; i < COUNT(bad_fetch); i++)
		check_bad(bad_fetch[i].text, true, bad_fetch[i].expected);
}

/* Octets that no line can hold, and literals as long as announced, or not. */
static void
test_octets(void **state)
{
	(void)state;
	check_good_str(STR(FETCH("BINARY[1] ~{2}\r\n\0\0 UID 1")), true);
	check_good_str(STR(FETCH("BODY[1] {4}\r\n\0\xff\r\n UID 1")), true);
	check_bad_str(STR("\0\0* OK Padded\r\n"), true, "tag");
	check_bad_str(STR("* OK Pad\0ded\r\n"), true, "\r\n");
	check_bad_str(STR("* LIST () \"/\" \"a\0b\"\r\n"), true, "QUOTED-CHAR");
	check_bad(
	    FETCH("BODY[] {6}\r\n12345") "* 2 EXISTS\r\n", true, "SP or \")\"");
	check_bad(FETCH("BODY[] {4}\r\n12345"), true, "SP or \")\"");
	check_bad(
	    "a OK See {3}\r\n* 1 EXISTS\r\n", true, "the end of the response");
}

/* Octets of stored messages. */
static void
test_stored(void **state)
{
	struct output_check *o = response_check_new(true);
	struct buf why;

	(void)state;
	assert_true(o->text(o, STR("* 1 EXISTS\r\n* 1 FETCH (BODY[] {7}\r\n")));
	assert_true(o->stored(o, 3));
	assert_true(o->stored(o, 4));
	assert_true(o->text(o, STR(" BODY[1] {1}\r\n")));
	assert_true(o->stored(o, 1));
	assert_true(o->text(o, STR(")\r\n* 1 FETCH (BODY[] {7}\r\n")));
	assert_false(o->stored(o, 8));
	buf_init(&why, 4096);
	o->why(o, &why);
	assert_true(str_begins(buf_str(&why),
	    STR("expected a literal as long as what was announced")));
	buf_fini(&why);
	o->free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
