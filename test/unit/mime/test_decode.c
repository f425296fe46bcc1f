/* SPDX-License-Identifier: MIT
 *
 * Transfer decoding: what comes out, what counts as malformed, and that the
 * way the octets are cut makes no difference.
 */
#include "mime_check.h"

#include "mime/decode.h"

struct decode_case {
	enum mime_encoding encoding;
	struct str in;
	struct str out;
	bool malformed;
};

static void
check_split(const struct decode_case *c, size_t index, size_t split)
{
	struct mime_decoder d;
	struct buf out;

	buf_init(&out, c->in.n + 3 * (size_t)MIME_DECODER_HELD);
	mime_decoder_init(&d, c->encoding);
	mime_decoder_write(&d, str_head(c->in, split), &out);
	mime_decoder_write(&d, str_skip(c->in, split), &out);
	mime_decoder_finish(&d, &out);
	assert_int_equal(buf_check(&out), RC_OK);
	check_str("decoded", index, buf_str(&out), c->out);
	if (d.malformed != c->malformed)
		fail_msg("case %zu: malformed is %d", index, d.malformed);
	assert_int_equal(d.size, c->out.n);
	buf_fini(&out);
}

#define QP  MIME_ENCODING_QUOTED_PRINTABLE
#define B64 MIME_ENCODING_BASE64

static void
test_decode(void **state)
{
	const struct decode_case cases[] = {
		{ MIME_ENCODING_7BIT, STR("a=41\r\n "), STR("a=41\r\n "),
		    false },
		{ MIME_ENCODING_BINARY, STR("\0\r\n"), STR("\0\r\n"), false },
		{ MIME_ENCODING_UNKNOWN, STR("begin"), STR("begin"), false },
		{ QP, STR(""), STR(""), false },
		{ QP, STR("caf=C3=A9\r\n"), STR("caf\xc3\xa9\r\n"), false },
		{ QP, STR("caf=c3=a9"), STR("caf\xc3\xa9"), false },
		{ QP, STR("soft=\r\nline"), STR("softline"), false },
		{ QP, STR("soft=\nline"), STR("softline"), false },
		{ QP, STR("soft= \t\r\nline"), STR("softline"), false },
		{ QP, STR("end \t\r\nnext"), STR("end\r\nnext"), false },
		{ QP, STR("in  side"), STR("in  side"), false },
		{ QP, STR("end  "), STR("end"), false },
		{ QP, STR("end="), STR("end"), false },
		{ QP, STR("=20 \n"), STR(" \n"), false },
		{ QP, STR("a=ZZb"), STR("a=ZZb"), true },
		{ QP, STR("a=4"), STR("a=4"), true },
		{ QP, STR("a=4=41"), STR("a=4A"), true },
		{ QP, STR("a==41"), STR("a=A"), true },
		{ QP, STR("a= b"), STR("a= b"), true },
		{ QP, STR("a=\rb"), STR("ab"), true },
		{ B64, STR("aGVsbG8="), STR("hello"), false },
		{ B64, STR("aGVs\r\nbG8h\r\n"), STR("hello!"), false },
		{ B64, STR("aGVsbG8hIQ=="), STR("hello!!"), false },
		{ B64, STR("aGVsbG8"), STR("hello"), true },
		{ B64, STR("aGVsbG8hIQ"), STR("hello!!"), true },
		{ B64, STR("a"), STR(""), true },
		{ B64, STR("aG-Vs"), STR("hel"), true },
		{ B64, STR("aGk=aGk="), STR("hihi"), true },
		{ B64, STR("=aGk="), STR("hi"), true },
		{ B64, STR("aGk=\r\n=\r\n"), STR("hi"), false },
		{ B64, STR(" \t\r\n"), STR(""), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t split = 0; split <= cases[i].in.n; split++)
			check_split(&cases[i], i, split);
	}
}

/* White space that may have to go is held, but not without end. */
static void
test_long_space(void **state)
{
	struct mime_decoder d;
	struct buf out;
	char spaces[1000];

	(void)state;
	memset(spaces, ' ', sizeof(spaces));
	buf_init(&out, 4096);
	mime_decoder_init(&d, QP);
	mime_decoder_write(&d, (struct str){ spaces, sizeof(spaces) }, &out);
	mime_decoder_write(&d, STR("x"), &out);
	assert_int_equal(out.n, sizeof(spaces) + 1);
	assert_int_equal(d.size, out.n);
	buf_fini(&out);
}

/* Without room the size is counted all the same. */
static void
test_no_room(void **state)
{
	struct mime_decoder d;
	struct buf out;

	(void)state;
	buf_init(&out, 4);
	mime_decoder_init(&d, B64);
	mime_decoder_write(&d, STR("aGVsbG8h"), &out);
	assert_int_equal(buf_check(&out), RC_LIMIT);
	assert_int_equal(d.size, 6);
	buf_fini(&out);
}

static void
test_names(void **state)
{
	(void)state;
	assert_int_equal(mime_encoding_of(STR("7BIT")), MIME_ENCODING_7BIT);
	assert_int_equal(mime_encoding_of(STR("8bit")), MIME_ENCODING_8BIT);
	assert_int_equal(mime_encoding_of(STR("Binary")), MIME_ENCODING_BINARY);
	assert_int_equal(mime_encoding_of(STR("Quoted-Printable")), QP);
	assert_int_equal(mime_encoding_of(STR("BASE64")), B64);
	assert_int_equal(
	    mime_encoding_of(STR("x-uuencode")), MIME_ENCODING_UNKNOWN);
	assert_int_equal(mime_encoding_of(STR("")), MIME_ENCODING_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_long_space),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
