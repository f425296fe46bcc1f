/* SPDX-License-Identifier: MIT
 *
 * Structure: what BODYSTRUCTURE says of good and of broken messages, where the
 * parts lie, and what must hold of every one of them however it is cut.
 */
#include "mime_check.h"

#include "mime_property.h"

#define PLAIN  "\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" "
#define NONE   "\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" "
#define TAIL   " NIL NIL NIL NIL)"
#define MIXED  " \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL)"
#define EMPTY  "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
#define MULTI  "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#define TEXT   "Content-Type: text/plain\r\n\r\n"
#define RFC822 "Content-Type: message/rfc822\r\n\r\n"
#define OCTETS "\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL "

struct parser_case {
	struct str message;
	struct str bodystructure;
};

static void
check_case(const char *what, size_t index, const struct parser_case *c)
{
	struct mime_result result;
	struct mime_parser *p =
	    property_parse(c->message, c->message.n, 1, &result);

	check_str(what, index, result.bodystructure, c->bodystructure);
	mime_parser_free(p);
	for (size_t first = 0; first <= c->message.n; first++)
		property_message(c->message, first, c->message.n + 1);
	property_message(c->message, 0, 1);
}

static void
check(const char *what, const struct parser_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_case(what, i, &cases[i]);
}

static void
test_single(void **state)
{
	const struct parser_case cases[] = {
		{ STR(""), STR("(" NONE "0 0" TAIL) },
		{ STR("\r\n"), STR("(" NONE "0 0" TAIL) },
		{ STR("\n"), STR("(" NONE "0 0" TAIL) },
		{ STR("A: b\r\n"), STR("(" NONE "0 0" TAIL) },
		{ STR("A: b"), STR("(" NONE "0 0" TAIL) },
		{ STR("A: b\r\n\r\n"), STR("(" NONE "0 0" TAIL) },
		{ STR("A: b\r\n\r\nx"), STR("(" NONE "1 0" TAIL) },
		{ STR("A: b\r\n\r\nx\r\n"), STR("(" NONE "3 1" TAIL) },
		{ STR("A: b\n\nx\ny"), STR("(" NONE "3 1" TAIL) },
		{ STR("A: b\n\r\n\n"), STR("(" NONE "1 1" TAIL) },
		{ STR("\r\nbody"), STR("(" NONE "4 0" TAIL) },
		{ STR("no header\r\nhere"), STR("(" NONE "15 1" TAIL) },
		{ STR("From x y\r\nA: b\r\n\r\nx"), STR("(" NONE "1 0" TAIL) },
		{ STR(">From x y\nA: b\n\nx"), STR("(" NONE "1 0" TAIL) },
		{ STR("Mail content:\r\nA: b\r\n\r\nxyz"),
		    STR("(" NONE "3 0" TAIL) },
		{ STR("\xef\xbb\xbf" TEXT "\r\nx"), STR("(" NONE "34 3" TAIL) },
		{ STR("\xef\xbb\xbf"
		      "A: b\r\n" TEXT "x"),
		    STR("(" PLAIN "1 0" TAIL) },
		{ STR("junk\r\n\r\nA: b\r\n\r\nx"), STR("(" NONE "17 4" TAIL) },
		{ STR("junk\r\n"), STR("(" NONE "6 1" TAIL) },
		{ STR("junk"), STR("(" NONE "4 0" TAIL) },
		{ STR("A: b\r\njunk\r\nC: d\r\n\r\nxy"),
		    STR("(" NONE "2 0" TAIL) },
		{ STR(TEXT "x\r\n"), STR("(" PLAIN "3 1" TAIL) },
		{ STR("\0\0\n\0"), STR("(" NONE "4 1" TAIL) },
		{ STR("A: b\r\n \r\n\r\nx"), STR("(" NONE "1 0" TAIL) },
	};

	(void)state;
	check("single", cases, COUNT(cases));
}

static void
test_content(void **state)
{
	const struct parser_case cases[] = {
		{ STR("Content-Type: TEXT/html; Charset=\"utf-8\"\r\n"
		      "Content-Transfer-Encoding: Base64 (x)\r\n"
		      "Content-ID: <i@d>\r\nContent-Description: a\r\n "
		      "\"b\"\r\n"
		      "Content-MD5: Q2hlY2s=\r\n"
		      "Content-Disposition: inline; filename=\"a b\"\r\n"
		      "Content-Language: en, de\r\n"
		      "Content-Location: http://x/\r\n\r\n"),
		    STR("(\"TEXT\" \"HTML\" (\"CHARSET\" \"utf-8\") \"<i@d>\" "
			"\"a \\\"b\\\"\" \"BASE64\" 0 0 \"Q2hlY2s=\" "
			"(\"INLINE\" (\"FILENAME\" \"a b\")) (\"en\" \"de\") "
			"\"http://x/\")") },
		{ STR("Content-Type: image/png\r\nContent-Language: en\r\n"
		      "Content-Disposition: attachment\r\n\r\n"),
		    STR("(\"IMAGE\" \"PNG\" NIL NIL NIL \"7BIT\" 0 NIL "
			"(\"ATTACHMENT\" NIL) \"en\" NIL)") },
		{ STR("Content-Type: text\r\n\r\n"),
		    STR("(" PLAIN "0 0" TAIL) },
		{ STR("Content-Type: text/\r\n\r\n"),
		    STR("(" PLAIN "0 0" TAIL) },
		{ STR("Content-Type: text; charset=x\r\n\r\n"),
		    STR("(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"x\") NIL NIL "
			"\"7BIT\" 0 0" TAIL) },
		{ STR("Content-Type: \r\n\r\n"), STR("(" NONE "0 0" TAIL) },
		{ STR("Content-Type: image\r\n\r\n"),
		    STR("(" NONE "0 0" TAIL) },
		{ STR("Content-Type: ???\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\n"),
		    STR("(" OCTETS "\"BASE64\" 0" TAIL) },
		{ STR("Content-Type: (c) text (d) / (e) plain (f); "
		      "(g)\r\n\r\n"),
		    STR("(" PLAIN "0 0" TAIL) },
		{ STR("Content-Type: text/plain\r\nContent-Type: a/b\r\n\r\n"),
		    STR("(" PLAIN "0 0" TAIL) },
		{ STR("Content-Type: text/plain\r\n"
		      "Content-Transfer-Encoding:\r\n\r\n"),
		    STR("(" PLAIN "0 0" TAIL) },
		{ STR("Content-Type: text/plain\r\n"
		      "Content-Transfer-Encoding: x-uuencode\r\n\r\n"),
		    STR("(\"TEXT\" \"PLAIN\" NIL NIL NIL \"X-UUENCODE\" 0 "
			"0" TAIL) },
		{ STR("Content-Type: a/b\r\n"
		      "Content-Disposition: ; filename=x\r\n\r\n"),
		    STR("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 0 NIL "
			"(\"ATTACHMENT\" (\"FILENAME\" \"x\")) NIL NIL)") },
		{ STR("Content-Type: a/b\r\n"
		      "Content-Disposition: filename=x\r\n\r\n"),
		    STR("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 0 NIL "
			"(\"ATTACHMENT\" (\"FILENAME\" \"x\")) NIL NIL)") },
		{ STR("Content-Type: a/b\r\nContent-Disposition: \r\n"
		      "Content-Language: ,\r\nContent-ID: \r\n\r\n"),
		    STR("(\"A\" \"B\" NIL NIL NIL \"7BIT\" 0 NIL NIL NIL "
			"NIL)") },
		{ STR("Content-Type: a/b\r\nContent-Description: \xc3\xa9"
		      "\r\n\r\n"),
		    STR("(\"A\" \"B\" NIL NIL \"=?utf-8?B?w6k=?=\" \"7BIT\" 0 "
			"NIL NIL NIL NIL)") },
		{ STR("Content-Type: multipart/mixed\r\n\r\nx"),
		    STR("(" NONE "1 0" TAIL) },
		{ STR("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\nx"),
		    STR("(" NONE "1 0" TAIL) },
	};

	(void)state;
	check("content", cases, COUNT(cases));
}

static void
test_multipart(void **state)
{
	const struct parser_case cases[] = {
		{ STR(MULTI "pre\r\n--b\r\n" TEXT "one\r\n--b\r\n" TEXT
			    "two\r\n\r\n--b--\r\nepilogue\r\n"),
		    STR("((" PLAIN "3 0" TAIL "(" PLAIN "5 1" TAIL MIXED) },
		{ STR(MULTI "--b\n" TEXT "one\n--b--"),
		    STR("((" PLAIN "3 0" TAIL MIXED) },
		{ STR(MULTI "--b \t\r\n\r\nx\r\n--b-- \r\n"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\n--b--\r\n"),
		    STR("((" NONE "0 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\n--b--\r\n"),
		    STR("((" NONE "0 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\nx\r\n--b\r\n"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\nx\r\n--b-- y\r\n\r\nz"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\nx\r\n--bc--\r\n\r\nz"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR("Content-Type: multipart/mixed; boundary=b\r\n"
		      "--b\r\n\r\nx\r\n--b--\r\n"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR("A: b\r\n--c\r\nContent-Type: a/b; boundary=b\r\n--b\r\n"
		      "C: d\r\n\r\nx"),
		    STR("(\"A\" \"B\" (\"BOUNDARY\" \"b\") NIL NIL \"7BIT\" "
			"1" TAIL) },
		{ STR(MULTI "--b\r\n" TEXT "unfinished"),
		    STR("((" PLAIN "10 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\nA: b\r\n--b\r\n\r\nx\r\n--b--"),
		    STR("((" NONE "0 0" TAIL "(" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\ntext at once\r\n--b--"),
		    STR("((" NONE "12 0" TAIL MIXED) },
		{ STR(MULTI "--b\r\ntext\r\nA: b\r\n\r\nx\r\n--b--"),
		    STR("((" NONE "15 3" TAIL MIXED) },
		{ STR(MULTI "--b\r\n" RFC822 "junk\r\n--b--"),
		    STR("((\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 4 " EMPTY
			" (" NONE "4 0" TAIL " 0" TAIL MIXED) },
		{ STR(MULTI "--b"), STR("((" NONE "0 0" TAIL MIXED) },
		{ STR(MULTI "--b--"), STR("((" NONE "0 0" TAIL MIXED) },
		{ STR(MULTI), STR("((" NONE "0 0" TAIL MIXED) },
		{ STR(MULTI "wrong\r\n--c\r\n"),
		    STR("((" NONE "12 2" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\nx\r\n--b--\r\n--b\r\n\r\ny\r\n--b--"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI "--bx\r\n\r\nx\r\n--b--y\r\nz"),
		    STR("((" NONE "1 0" TAIL MIXED) },
		{ STR(MULTI " --b\r\n--b\r\n\r\n -b\r\n-b\r\n--b--"),
		    STR("((" NONE "7 1" TAIL MIXED) },
		{ STR(MULTI "--b\r\n\r\n\r\n\r\n--b--"),
		    STR("((" NONE "2 1" TAIL MIXED) },
	};

	(void)state;
	check("multipart", cases, COUNT(cases));
}

/* Boundaries that begin like others, or are the same; ends that are missing. */
static void
test_boundaries(void **state)
{
#define OUTER(x) "Content-Type: multipart/a; boundary=" x "\r\n\r\n"
#define END(type, boundary) \
	" \"" type "\" (\"BOUNDARY\" \"" boundary "\") NIL NIL NIL)"
	const struct parser_case cases[] = {
		{ STR(OUTER("a") "--a\r\n" OUTER(
		      "ab") "--ab\r\n\r\nx\r\n"
			    "--ab--\r\n--a\r\n\r\ny\r\n--a--\r\n"),
		    STR("(((" NONE "1 0" TAIL END(
			"A", "ab") "(" NONE "1 0" TAIL END("A", "a")) },
		{ STR(OUTER("ab") "--ab\r\n" OUTER(
		      "a") "--a\r\n\r\nx\r\n"
			   "--ab\r\n\r\ny\r\n--ab--\r\n"),
		    STR("(((" NONE "1 0" TAIL END(
			"A", "a") "(" NONE "1 0" TAIL END("A", "ab")) },
		{ STR(OUTER("a") "--a\r\n" OUTER(
		      "a") "--a\r\n\r\nx\r\n"
			   "--a--\r\n--a\r\n\r\ny\r\n--a--\r\n"),
		    STR("(((" NONE "1 0" TAIL END(
			"A", "a") "(" NONE "1 0" TAIL END("A", "a")) },
		{ STR(OUTER("a") "--a\r\n" OUTER(
		      "c") "--c\r\n\r\nx\r\n"
			   "--a\r\n\r\ny\r\n--a--\r\n"),
		    STR("(((" NONE "1 0" TAIL END(
			"A", "c") "(" NONE "1 0" TAIL END("A", "a")) },
		{ STR(OUTER("a") "--a\r\n" OUTER("c") "--c\r\n--a\r\n\r\ny\r\n"
						      "--a--\r\n"),
		    STR("(((" NONE "0 0" TAIL END(
			"A", "c") "(" NONE "1 0" TAIL END("A", "a")) },
		{ STR(OUTER(
		      "a") "--a\r\nContent-Type: multipart/a; boundary=ab\r\n"
			   "--ab\r\n\r\nx\r\n--ab--\r\n--a--\r\n"),
		    STR("(((" NONE "1 0" TAIL END("A", "ab") END("A", "a")) },
		{ STR(OUTER("a--") "--a--\r\n" OUTER("a") "--a--\r\n\r\nx"),
		    STR("(((" NONE "0 0" TAIL END("A", "a") END("A", "a--")) },
		{ STR(OUTER("\"a b\"") "--a b\r\n\r\nx\r\n--a b--\r\n"),
		    STR("((" NONE "1 0" TAIL END("A", "a b")) },
		{ STR(OUTER("\"a \"") "--a\r\n\r\nx\r\n--a--\r\n"),
		    STR("((" NONE "1 0" TAIL END("A", "a")) },
	};

	(void)state;
	check("boundaries", cases, COUNT(cases));
#undef OUTER
#undef END
}

static void
test_messages(void **state)
{
#define MESSAGE "\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" "
	const struct parser_case cases[] = {
		{ STR(RFC822 TEXT "x\r\n"),
		    STR("(" MESSAGE "31 " EMPTY " (" PLAIN "3 1" TAIL
			" 3" TAIL) },
		{ STR(RFC822), STR("(" MESSAGE "0 " EMPTY " (" NONE "0 0" TAIL
				   " 0" TAIL) },
		{ STR(RFC822 "no header"), STR("(" MESSAGE "9 " EMPTY " (" NONE
					       "9 0" TAIL " 0" TAIL) },
		{ STR(RFC822 RFC822 "\r\nx"),
		    STR("(" MESSAGE "35 " EMPTY " (" MESSAGE "3 " EMPTY
			" (" NONE "1 0" TAIL " 1" TAIL " 3" TAIL) },
		{ STR("Content-Type: message/GLOBAL\r\n\r\n\r\nx"),
		    STR("(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 3 " EMPTY
			" (" NONE "1 0" TAIL " 1" TAIL) },
		{ STR("Content-Type: message/rfc822\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\nQTo="),
		    STR("(" OCTETS "\"BASE64\" 4" TAIL) },
		{ STR("Content-Type: message/partial\r\n\r\nx"),
		    STR("(\"MESSAGE\" \"PARTIAL\" NIL NIL NIL \"7BIT\" "
			"1" TAIL) },
		{ STR(MULTI "--b\r\n" RFC822 "Subject: s\r\n\r\nx\r\n--b--"),
		    STR("((" MESSAGE "15 (NIL \"s\" NIL NIL NIL NIL NIL NIL "
			"NIL NIL) (" NONE "1 0" TAIL " 2" TAIL MIXED) },
		{ STR(MULTI "--b\r\nContent-Type: message/rfc822\r\n--b--"),
		    STR("((" MESSAGE "0 " EMPTY " (" NONE "0 0" TAIL
			" 0" TAIL MIXED) },
		{ STR("Content-Type: multipart/digest; boundary=b\r\n\r\n"
		      "--b\r\n\r\nSubject: s\r\n\r\nx\r\n--b--"),
		    STR("((" MESSAGE "15 (NIL \"s\" NIL NIL NIL NIL NIL NIL "
			"NIL NIL) (" NONE "1 0" TAIL " 2" TAIL
			" \"DIGEST\" (\"BOUNDARY\" \"b\") NIL NIL NIL)") },
		{ STR("Content-Type: multipart/digest; boundary=b\r\n\r\n"
		      "--b\r\nno header\r\n--b--"),
		    STR("((" MESSAGE "9 " EMPTY " (" NONE "9 0" TAIL " 0" TAIL
			" \"DIGEST\" (\"BOUNDARY\" \"b\") NIL NIL NIL)") },
	};

	(void)state;
	check("messages", cases, COUNT(cases));
#undef MESSAGE
}

static void
test_parameters(void **state)
{
#define TYPE(in, out)                                                   \
	{                                                               \
		STR("Content-Type: a/b" in "\r\n\r\n"),                 \
		    STR("(\"A\" \"B\" " out " NIL NIL \"7BIT\" 0" TAIL) \
	}
	const struct parser_case cases[] = {
		TYPE("", "NIL"),
		TYPE(";", "NIL"),
		TYPE(";;x=1;;y=2;", "(\"X\" \"1\" \"Y\" \"2\")"),
		TYPE("; x = \"a\\\"b\\\\c\" ", "(\"X\" \"a\\\"b\\\\c\")"),
		TYPE("; x=\"a\r\n b\"", "(\"X\" \"a b\")"),
		TYPE("; x=(c)y(d)", "(\"X\" \"y\")"),
		TYPE("; x=a b.txt; y=c", "(\"X\" \"a b.txt\" \"Y\" \"c\")"),
		TYPE("; x=a (1).txt", "(\"X\" \"a (1).txt\")"),
		TYPE(" x=1 y=2", "(\"X\" \"1\" \"Y\" \"2\")"),
		TYPE("; x=", "(\"X\" \"\")"),
		TYPE("; x; y=1", "(\"Y\" \"1\")"),
		TYPE("; x=1; X=2", "(\"X\" \"1\")"),
		TYPE("; x=\"open; y=1", "(\"X\" \"open\" \"Y\" \"1\")"),
		TYPE("; x*0=a; x*1=b; x*3=d", "(\"X\" \"ab\")"),
		TYPE("; x*1=b; x*0=a", "(\"X\" \"ab\")"),
		TYPE(
		    "; x*=utf-8'en'caf%C3%A9", "(\"X*\" \"UTF-8''caf%C3%A9\")"),
		TYPE("; x*=iso-8859-1''caf%E9%20",
		    "(\"X*\" \"UTF-8''caf%C3%A9%20\")"),
		TYPE("; x*0*=utf-8''%C3; x*1*=%A9; x*2=%41",
		    "(\"X*\" \"UTF-8''%C3%A9%2541\")"),
		TYPE("; x*=nothing", "(\"X*\" \"UTF-8''nothing\")"),
		TYPE("; x*=u''%4", "(\"X*\" \"UTF-8''%254\")"),
		TYPE("; x=a; x*=utf-8''b", "(\"X\" \"a\" \"X*\" \"UTF-8''b\")"),
		TYPE("; x=\"\xc3\xa9\"", "(\"X*\" \"UTF-8''%C3%A9\")"),
		TYPE("; x=\"=?utf-8?Q?=C3=A9?=\"",
		    "(\"X\" \"=?utf-8?Q?=C3=A9?=\")"),
		TYPE("; *=1; *0=2", "(\"*\" \"1\" \"*0\" \"2\")"),
		TYPE("; \xc3=1; =; \"", "NIL"),
	};

	(void)state;
	check("parameters", cases, COUNT(cases));
#undef TYPE
}

/* Offsets: header with its empty line, body without the boundary's line end. */
static void
test_ranges(void **state)
{
	const struct str message =
	    STR(MULTI "--b\r\n" TEXT "one\r\n--b\r\nA: x\n\ntwo\n\n--b--\r\n");
	const uint64_t want[][4] = { { 0, 45, 45, 61 }, { 50, 28, 78, 3 },
		{ 88, 6, 94, 4 } };
	struct mime_result result;
	struct mime_parser *p = property_parse(message, message.n, 1, &result);
	struct mime_parts parts = mime_parts_begin(result.table);
	struct mime_part part;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(mime_parts_next(&parts, &part));
		assert_int_equal(part.header.offset, want[i][0]);
		assert_int_equal(part.header.size, want[i][1]);
		assert_int_equal(part.body.offset, want[i][2]);
		assert_int_equal(part.body.size, want[i][3]);
	}
	assert_false(mime_parts_next(&parts, &part));
	mime_parser_free(p);
}

/* More lines than are counted at once, cut in many ways. */
static void
test_many_lines(void **state)
{
	const size_t counts[] = { 1, 15, 16, 17, 4079, 4080, 4081, 9000 };
	const size_t steps[] = { 1, 2, 16, 4081, 9000 };
	struct buf message;

	(void)state;
	buf_init(&message, SIZE_MAX);
	for (size_t i = 0; i < COUNT(counts); i++) {
		buf_clear(&message);
		buf_add_text(&message, MULTI "--b\r\n" TEXT);
		for (size_t line = 0; line < counts[i]; line++)
			buf_add_byte(&message, '\n');
		buf_add_text(&message, "--b\r\n" TEXT "x-\r\n-y\r\n--b--\r\n");
		for (size_t line = 0; line < counts[i]; line++)
			buf_add_text(&message, "-\r\n");
		for (size_t step = 0; step < COUNT(steps); step++)
			property_message(
			    buf_str(&message), counts[i], steps[step]);
	}
	buf_fini(&message);
}

static void
test_facts(void **state)
{
	const struct {
		struct str message;
		bool has_nul, has_8bit_header;
	} cases[] = {
		{ STR("A: b\r\n\r\n\xc3"), false, false },
		{ STR("A: \xc3\r\n\r\n"), false, true },
		{ STR("A: b\r\n\r\n\0"), true, false },
		{ STR(MULTI "--b\r\nA: \xc3\r\n\r\n\r\n--b--"), false, true },
		{ STR("\xc3 no header"), false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mime_result result;
		struct mime_facts facts;
		struct mime_parser *p =
		    property_parse(cases[i].message, 3, 3, &result);

		assert_int_equal(result.has_nul, cases[i].has_nul);
		assert_int_equal(
		    result.has_8bit_header, cases[i].has_8bit_header);
		assert_true(mime_section_facts(result.table, &facts));
		assert_int_equal(facts.size, cases[i].message.n);
		assert_int_equal(facts.has_nul, cases[i].has_nul);
		assert_int_equal(
		    facts.has_8bit_header, cases[i].has_8bit_header);
		mime_parser_free(p);
	}
	mime_parser_free(mime_parser_new());
	mime_parser_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_multipart),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_many_lines),
		cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
