/* SPDX-License-Identifier: MIT
 *
 * ENVELOPE: strings, address lists, defaults, what is not ASCII.
 */
#include "mime_check.h"

#include "mime_property.h"

#define N4 "NIL NIL NIL NIL"
#define N6 N4 " NIL NIL"
#define N8 N4 " " N4

static void
check(const struct str (*cases)[2], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mime_result result;
		struct mime_parser *p =
		    property_parse(cases[i][0], cases[i][0].n, 1, &result);

		check_str("envelope", i, result.envelope, cases[i][1]);
		mime_parser_free(p);
		property_message(cases[i][0], 0, 1);
	}
}

static void
test_strings(void **state)
{
	const struct str cases[][2] = {
		{ STR(""), STR("(" N8 " NIL NIL)") },
		{ STR("Date: Tue,\r\n 7 Apr\r\nSubject: a \"b\" \\c\r\n"
		      "In-Reply-To: <x>\r\n <y>\r\nMessage-ID: <z>\r\n\r\n"),
		    STR("(\"Tue, 7 Apr\" \"a \\\"b\\\" \\\\c\" " N6
			" \"<x> <y>\" \"<z>\")") },
		{ STR("Subject:\r\nDate: \r\n\r\n"),
		    STR("(\"\" \"\" " N6 " NIL NIL)") },
		{ STR("subject: 1\r\nSubject: 2\r\n\r\n"),
		    STR("(NIL \"2\" " N6 " NIL NIL)") },
		{ STR("Subject: a\0b\rc\r\n\r\n"),
		    STR("(NIL \"ab c\" " N6 " NIL NIL)") },
		{ STR("Subject: =?utf-8?Q?=C3=A9?=\r\n =?utf-8?Q?x?=\r\n\r\n"),
		    STR("(NIL \"=?utf-8?Q?=C3=A9?= =?utf-8?Q?x?=\" " N6
			" NIL NIL)") },
		{ STR("Subject: a caf\xc3\xa9 b\r\n\r\n"),
		    STR("(NIL \"a =?utf-8?B?Y2Fmw6k=?= b\" " N6 " NIL NIL)") },
		{ STR("Subject: \xc3\xa9 \xe9\r\n\r\n"),
		    STR("(NIL \"=?utf-8?B?w6kgw6k=?=\" " N6 " NIL NIL)") },
		{ STR("Subject: =?utf-8?Q?x?= \xc3\xa9\r\n\r\n"),
		    STR("(NIL \"=?utf-8?Q?x?= =?utf-8?B?IMOp?=\" " N6
			" NIL NIL)") },
		{ STR("Subject: \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82"
		      "\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		      "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82"
		      "\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\r\n\r\n"),
		    STR("(NIL \"=?utf-8?B?4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs4oKs"
			"4oKs4oKs4oKs4oKs4oKs4oKs?= =?utf-8?B?4oKs?=\" " N6
			" NIL NIL)") },
	};

	(void)state;
	check(cases, COUNT(cases));
}

static void
test_addresses(void **state)
{
#define A "((NIL NIL \"a\" \"b\"))"
#define C "((NIL NIL \"c\" \"d\"))"
	const struct str cases[][2] = {
		{ STR("From: a@b\r\n\r\n"),
		    STR("(NIL NIL " A " " A " " A " " N4 " NIL)") },
		{ STR("From: a@b\r\nSender: c@d\r\n\r\n"),
		    STR("(NIL NIL " A " " C " " A " " N4 " NIL)") },
		{ STR("From: a@b\r\nSender: \r\nReply-To: c@d\r\n\r\n"),
		    STR("(NIL NIL " A " " A " " C " " N4 " NIL)") },
		{ STR("Sender: c@d\r\n\r\n"),
		    STR("(NIL NIL NIL " C " " N6 ")") },
		{ STR("To: a@b, X <c@d>\r\nCc: c@d\r\nBcc: ,\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL NIL \"a\" \"b\")(\"X\" NIL \"c\" "
			"\"d\")) " C " NIL NIL NIL)") },
		{ STR("To: G: a@b;\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL NIL \"G\" NIL)(NIL NIL \"a\" \"b\")"
			"(NIL NIL NIL NIL)) " N4 ")") },
		{ STR("To: undisclosed-recipients:;\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL NIL \"undisclosed-recipients\" NIL)"
			"(NIL NIL NIL NIL)) " N4 ")") },
		/* All of several, each with its group closed. */
		{ STR("To: a@b\r\nSubject:\r\nto: c@d\r\n\r\n"),
		    STR("(NIL \"\" NIL NIL NIL ((NIL NIL \"a\" \"b\")"
			"(NIL NIL \"c\" \"d\")) " N4 ")") },
		{ STR("Cc: G: a@b\r\nCc: \r\nCc: c@d\r\n\r\n"),
		    STR("(" N6 " ((NIL NIL \"G\" NIL)(NIL NIL \"a\" \"b\")"
			"(NIL NIL NIL NIL)(NIL NIL \"c\" \"d\")) NIL NIL "
			"NIL)") },
		{ STR("From: a@b>\r\n\r\n"),
		    STR("(NIL NIL " A " " A " " A " " N4 " NIL)") },
		{ STR("To: someone\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL NIL \"someone\" \"\")) " N4 ")") },
		{ STR("To: <>\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL NIL \"\" \"\")) " N4 ")") },
		{ STR("To: <@x,@y:a@b>\r\n\r\n"),
		    STR("(" N4 " NIL ((NIL \"@x,@y\" \"a\" \"b\")) " N4 ")") },
		{ STR("To: \"J \\\"Q\\\"\" <a@b>\r\n\r\n"),
		    STR("(" N4 " NIL ((\"J \\\"Q\\\"\" NIL \"a\" \"b\")) " N4
			")") },
		{ STR("To: \xc3\xa9 <\xc3\xa9@b>\r\n\r\n"),
		    STR("(" N4 " NIL ((\"=?utf-8?B?w6k=?=\" NIL "
			"\"=?utf-8?B?w6k=?=\" \"b\")) " N4 ")") },
	};

	(void)state;
	check(cases, COUNT(cases));
#undef A
#undef C
}

/* Strings beyond what clients read as one line are literals. */
static void
test_literal(void **state)
{
	struct mime_result result;
	struct mime_parser *p;
	struct buf in, want;

	(void)state;
	buf_init(&in, 10000);
	buf_init(&want, 10000);
	buf_add_text(&in, "Subject: ");
	buf_add_text(&want, "(NIL {901}\r\n");
	for (int i = 0; i < 901; i++) {
		buf_add_byte(&in, 's');
		buf_add_byte(&want, 's');
	}
	buf_add_text(&in, "\r\n\r\n");
	buf_add_text(&want, " " N8 ")");
	p = property_parse(buf_str(&in), in.n, 1, &result);
	check_str("literal", 0, result.envelope, buf_str(&want));
	mime_parser_free(p);
	property_message(buf_str(&in), 5, 7);
	buf_fini(&in);
	buf_fini(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
