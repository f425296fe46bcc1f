/* SPDX-License-Identifier: MIT
 *
 * What a POP3 session may send, and what it must not.
 */
#include "output_text.h"

#include <stdio.h>

#include "proto/pop3/response_check.h"

static struct output_check *
new_check(bool greeted)
{
	return pop3_response_check_new(greeted);
}

#define CAPA "+OK These are all\r\nTOP\r\n"

static const char *const good[] = {
	"+OK\r\n+OK Done\r\n-ERR No such command\r\n",
	"-ERR [SYS/TEMP] Not now\r\n-ERR No [AUTH] here\r\n",
	"+OK 3 120\r\n+OK\r\n.\r\n",
	"+OK\r\n1 120\r\n7 0\r\n.\r\n+OK\r\n",
	"+OK\r\n1 7.4294967294\r\n2 7.4294967295\r\n.\r\n+OK 2 7.9\r\n",
	CAPA "SASL PLAIN SCRAM-SHA-256\r\nUTF8 USER\r\n.\r\n+OK\r\n",
	CAPA "SASL\r\n.\r\n",
	"+OK These are all\r\nPLAIN\r\nXOAUTH2\r\n.\r\n",
	"+ \r\n+ cj1hLHM9Yg==\r\n-ERR Authentication cancelled\r\n",
	"+OK 0 octets\r\n.\r\n+OK\r\n",
	"+OK 17 octets\r\n..\r\n+OK 1 octets\r\n.\r\n",
};

static const struct {
	const char *text, *expected;
} bad[] = {
	/* What servers have been seen to send. */
	{ "OK\r\n", "+OK" },
	{ "+ok\r\n", "+OK" },
	{ "+OK\n", "\r\n" },
	{ "+OK two\rlines\r\n", "\r\n" },
	{ "-ERR\r\n", "-ERR " },
	{ "-ERR gr\xc3\xbcn\r\n", "\r\n" },
	{ "+OK 5 octets\r\nabc\r\n\r\n.\r\n", "the end of the message" },
	{ "+OK 6 octets\r\nabc\r\n.\r\n", "as many octets as were announced" },
	{ "+OK 7 octets\r\n.abc\r\n.\r\n", "a second dot" },
	{ "+OK 7 octets\r\nabc\n\r\n.\r\n", "CR in front of LF" },
	{ "+OK\r\n1 120\r\n+OK\r\n", "number" },
	{ "+OK\r\n1 120\r\n.\r\n.\r\n", "+OK" },

	{ "+OK[AUTH]\r\n", "\r\n" },
	{ "+OK [AUTH] In\r\n", "no resp-code behind +OK" },
	{ "-ERR [AUTH]\r\n", "resp-code" },
	{ "-ERR [auth] No\r\n", "resp-code" },
	{ "-ERR [SYS/OTHER] No\r\n", "resp-code" },
	{ "-ERR [AUTH] \r\n", "text" },
	{ "+OK \r\n", "text" },
	{ "+OK a\tb\r\n", "\r\n" },
	{ "+cj1h\r\n", "+OK" },
	{ "+ cj1\r\n", "base64" },
	{ "+ go on\r\n", "base64" },
	{ "+ cj1h\n", "CRLF" },

	{ "+OK\r\n2 120\r\n2 120\r\n.\r\n", "number in its range" },
	{ "+OK\r\n0 120\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 0120\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 120 a\r\n.\r\n", "\r\n" },
	{ "+OK\r\n1  120\r\n.\r\n", "number" },
	{ "+OK\r\n1 120\r\n2 7.1\r\n.\r\n", "\r\n" },
	{ "+OK\r\n1 7.2\r\n2 7.2\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 7.2\r\n2 8.3\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 7.0\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 7.2\r\n2 8\r\n.\r\n", "number in its range" },
	{ "+OK\r\n1 120\r\n..\r\n", "\r\n" },
	{ CAPA "X-NEW\r\n.\r\n", "capability" },
	{ CAPA "TOP\r\n.\r\n", "capability once" },
	{ CAPA "EXPIRE\r\n.\r\n", "capability" },
	{ CAPA "SASL plain\r\n.\r\n", "sasl-mech" },
	{ CAPA "SASL PLAIN \r\n.\r\n", "sasl-mech" },
	{ CAPA "+OK\r\n", "capability" },
	{ "+OK All\r\nPLAIN LOGIN\r\n.\r\n", "\r\n" },
	{ "+OK All\r\nA23456789012345678901\r\n.\r\n",
	    "sasl-mech of 20 octets" },
};

static void
test_greeting(void **state)
{
	(void)state;
	check_good(
	    "+OK mail.example.org ready\r\n-ERR Log in first\r\n", false);
	check_bad("-ERR busy\r\n", false, "+OK ");
	check_bad("+ \r\n", false, "+OK ");
	check_bad("+OK <1.2@x> ready\r\n", false, "no timestamp");
	check_bad("+OK ready\r\n1 120\r\n", false, "+OK");
}

static void
test_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		check_good(good[i], true);
	for (size_t i = 0; i < COUNT(bad); i++)
		check_bad(bad[i].text, true, bad[i].expected);
}

/* Of ${n} octets; the first is ${begin}. */
static struct str
line_of(size_t n, const char *begin, char *room)
{
	memset(room, 'x', n);
	memcpy(room, begin, strlen(begin));
	memcpy(room + n - 2, "\r\n", 2);
	return (struct str){ room, n };
}

static void
test_lengths(void **state)
{
	char room[2000];

	(void)state;
	check_good_str(line_of(512, "+OK ", room), true);
	check_good_str(line_of(512, "-ERR ", room), true);
	check_bad_str(line_of(513, "+OK ", room), true, "512 octets");
	check_bad_str(line_of(513, "-ERR ", room), true, "512 octets");
	check_good_str(line_of(2000, "+ ", room), true);
	check_good_str(line_of(1515, "+OK 1500 octets\r\n", room), true);
}

/* Octets of stored messages. */
static void
test_stored(void **state)
{
	static const struct {
		const char *before;
		uint64_t count;
		const char *behind;
		bool good;
	} cases[] = {
		{ "+OK 7 octets\r\n", 7, ".\r\n", true },
		{ "+OK 7 octets\r\n", 8, ".\r\n+OK\r\n", true },
		{ "+OK 7 octets\r\n", 5, "\r\n.\r\n", true },
		{ "+OK 7 octets\r\n", 6, "\n.\r\n", true },
		{ "+OK 7 octets\r\n", 6, ".\r\n", false },
		{ "+OK 7 octets\r\n", 7, "\r\n+OK\r\n", false },
		{ "+OK 7 octets\r\n", 7, "+OK\r\n", false },
		{ "+OK 7 octets\r\n", 7, "..\r\n", false },
		{ "+OK 1 octets\r\n", 1, "\r\n.\r\n", false },
		{ "+OK 7 octets\r\nabc\r\n", 2, ".\r\n", true },
		{ "+OK 7 octets\r\nabc", 4, ".\r\n", false },
		{ "+OK 7\r\n", 7, ".\r\n", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct output_check *o = new_check(true);
		bool taken = o->text(o, str_of(cases[i].before)) &&
			     o->stored(o, cases[i].count) &&
			     o->text(o, str_of(cases[i].behind));

		if (taken != cases[i].good)
			fail_msg(
			    "case %zu: %s", i, taken ? "taken" : "refused");
		o->free(o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greeting),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
