/* SPDX-License-Identifier: MIT
 *
 * What an LMTP session may send, and what it must not.
 */
#include "output_text.h"

#include <stdio.h>

#include "proto/lmtp/reply_check.h"

#define GREETING "220 mail.example.org LMTP Avocet\r\n"

static struct output_check *
new_check(bool greeted)
{
	struct output_check *o = lmtp_reply_check_new();

	if (greeted)
		assert_true(o->text(o, STR(GREETING)));
	return o;
}

#define LHLO                                                         \
	"250-mail.example.org\r\n250-PIPELINING\r\n250-8BITMIME\r\n" \
	"250-ENHANCEDSTATUSCODES\r\n"
#define MAIL	"250 2.1.0 Sender taken\r\n"
#define RCPT	"250 2.1.5 Recipient taken\r\n"
#define DATA	"354 Go on\r\n"
#define CHUNK	"250 2.0.0 Chunk taken\r\n"
#define DONE(a) "250 2.1.5 Delivered <" a ">\r\n"
#define FULL(a) "452 4.2.2 Full <" a ">\r\n"
#define BYE	"421 4.4.2 Waited too long\r\n"

static const char *const good[] = {
	LHLO "250 SIZE 1\r\n",
	LHLO "250-SIZE 1\r\n250 STARTTLS\r\n220 2.0.0 Begin TLS\r\n",
	MAIL RCPT "550 5.1.1 No such user\r\n" RCPT DATA DONE("a") FULL("b"),
	MAIL RCPT RCPT CHUNK DONE("a") DONE("a") "221 2.0.0 Bye\r\n",
	MAIL RCPT DATA BYE,
	MAIL RCPT DATA DONE("gr\xc3\xbcn@x") MAIL RCPT DATA FULL("a"),
	MAIL RCPT "250 2.0.0 Forgotten\r\n" MAIL RCPT DATA DONE("a"),
	MAIL RCPT LHLO "250 SIZE 1\r\n" MAIL RCPT DATA DONE("a"),
	MAIL RCPT DATA DONE("\"a> <b\"@[127.0.0.1]"),
	"500 5.5.2 No such command\r\n" BYE,
	"214 2.0.0 RFC 2033\r\n252 2.5.0 Try RCPT\r\n",
};

static const struct {
	const char *text, *expected;
} bad[] = {
	{ "250 OK\r\n", "class of the reply" },
	{ "250 5.1.1 No such user\r\n", "class of the reply" },
	{ "550 4.1.1 No such user\r\n", "class of the reply" },
	{ "250 2.1 OK\r\n", "." },
	{ "250 2.8.0 OK\r\n", "number in its range" },
	{ "250 2.4.8 OK\r\n", "number in its range" },
	{ "250 2.01.0 OK\r\n", "number in its range" },
	{ "250 2.1.0\r\n", " " },
	{ "250 2.1.0 \r\n", "text" },
	{ "250\r\n", " " },
	{ "250 2.1.0 OK\n", "\r\n" },
	{ "250 2.1.0 two\rlines\r\n", "\r\n" },
	{ "250 2.1.0 two\nlines\r\n", "\r\n" },
	{ "250 2.1.0 gr\xc3\xbcn\r\n", "\r\n" },
	{ "299 2.1.0 OK\r\n", "Reply-code" },
	{ "0250 2.1.0 OK\r\n", "Reply-code" },
	{ "OK\r\n", "Reply-code" },
	{ "\r\n", "Reply-code" },
	{ "550-5.1.1 No such\r\n550 5.1.1 user\r\n", " " },

	{ LHLO "250 PIPELINING\r\n", "ehlo-keyword once" },
	{ LHLO "250 XYZZY\r\n", "ehlo-keyword" },
	{ LHLO "250 SIZE\r\n", "ehlo-keyword" },
	{ LHLO "250 SIZE 0\r\n", "number in its range" },
	{ LHLO "220 SIZE 1\r\n", "250" },
	{ LHLO MAIL, "ehlo-keyword" },
	{ "250-a b\r\n", "\r\n" },
	{ "250-a\r\n250-PIPELINING\r\n250 SIZE 1\r\n",
	    "PIPELINING, ENHANCEDSTATUSCODES and 8BITMIME among the keywords" },

	/* One reply a recipient, no more, no less. */
	{ DATA, "recipients before 354" },
	{ MAIL DATA, "recipients before 354" },
	{ MAIL RCPT MAIL DATA, "recipients before 354" },
	{ MAIL RCPT LHLO "250 SIZE 1\r\n" DATA, "recipients before 354" },
	{ MAIL RCPT DATA DONE("a") DATA, "recipients before 354" },
	{ MAIL RCPT RCPT DATA DONE("a") MAIL, "reply for a recipient" },
	{ MAIL RCPT RCPT DATA DONE("a") BYE, "reply for a recipient" },
	{ MAIL RCPT DATA MAIL, "reply for a recipient" },
	{ MAIL RCPT DATA DONE("a") DONE("b"), "no reply for a recipient" },
	{ MAIL RCPT RCPT CHUNK DONE("a") MAIL, "reply for a recipient" },
	{ MAIL RCPT CHUNK DONE("a") DONE("b"), "no reply for a recipient" },
	{ MAIL DONE("a"), "no reply for a recipient" },
	{ MAIL RCPT DATA DONE("a\xff"), "UTF-8" },
	{ MAIL RCPT DATA DONE("a\rb"), "text" },

	{ BYE BYE, "nothing more" },
	{ "221 2.0.0 Bye\r\n" MAIL, "nothing more" },
};

static void
test_greeting(void **state)
{
	(void)state;
	check_good(GREETING MAIL, false);
	check_good("220 [127.0.0.1] LMTP\r\n", false);
	check_bad("220 LMTP\r\n", false, " ");
	check_bad("220 a_b LMTP\r\n", false, " ");
	check_bad(MAIL, false, "220 ");
	check_bad(BYE, false, "220 ");
	check_bad(GREETING GREETING, false, "class of the reply");
}

static void
test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		check_good(good[i], true);
	for (size_t i = 0; i < COUNT(bad); i++)
		check_bad(bad[i].text, true, bad[i].expected);
}

static void
test_octets(void **state)
{
	char line[513 + 1];

	(void)state;
	check_bad_str(STR("250 2.1.0 a\0b\r\n"), true, "\r\n");
	(void)snprintf(line, sizeof(line), "250 2.0.0 %0500d\r\n", 0);
	check_good(line, true);
	(void)snprintf(line, sizeof(line), "250 2.0.0 %0501d\r\n", 0);
	check_bad(line, true, "512 octets");
}

static void
test_stored(void **state)
{
	struct output_check *o = new_check(true);

	(void)state;
	assert_false(o->stored(o, 1));
	o->free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
