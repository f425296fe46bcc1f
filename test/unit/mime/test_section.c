/* SPDX-License-Identifier: MIT
 *
 * BODY[<section>]: every kind of section of a message that has every kind of
 * part, as the text that is found there.
 */
#include "mime_check.h"

#include "mime_property.h"

/* As the example of RFC 9051 section 6.4.5.1, with a message in a message. */
static const char example[] = "Content-Type: multipart/mixed; boundary=b\r\n"
			      "\r\n"
			      "--b\r\n"
			      "A: 1\r\n\r\none\r\n"
			      "--b\r\n"
			      "Content-Type: message/rfc822\r\n\r\n"
			      "Content-Type: multipart/mixed; boundary=c\r\n"
			      "\r\n"
			      "--c\r\n\r\nin c\r\n"
			      "--c--\r\n"
			      "--b\r\n"
			      "Content-Type: multipart/mixed; boundary=d\r\n"
			      "\r\n"
			      "--d\r\n"
			      "Content-Type: image/gif\r\n\r\ngif\r\n"
			      "--d\r\n"
			      "Content-Type: message/rfc822\r\n\r\n"
			      "Subject: s\r\n\r\nplain\r\n"
			      "--d--\r\n"
			      "--b--\r\n";

struct section_case {
	size_t count;
	uint32_t path[4];
	enum mime_section_kind kind;
	const char *text; /* NULL: there is no such section */
};

static void
check(const char *message, const struct section_case *cases, size_t count)
{
	struct str whole = str_of(message);
	struct mime_result result;
	struct mime_parser *p = property_parse(whole, whole.n, 1, &result);

	for (size_t i = 0; i < count; i++) {
		struct mime_section section = { cases[i].path, cases[i].count,
			cases[i].kind };
		struct mime_range range;
		bool found = mime_section_find(result.table, &section, &range);

		if (found != (cases[i].text != NULL))
			fail_msg("case %zu: found is %d", i, found);
		if (found)
			check_str("section", i,
			    str_head(str_skip(whole, range.offset), range.size),
			    str_of(cases[i].text));
	}
	mime_parser_free(p);
}

#define NONE   MIME_SECTION_NONE
#define HEADER MIME_SECTION_HEADER
#define TEXT   MIME_SECTION_TEXT
#define MIME   MIME_SECTION_MIME

static void
test_nested(void **state)
{
#define C_HEADER "Content-Type: multipart/mixed; boundary=c\r\n\r\n"
#define C_TEXT	 "--c\r\n\r\nin c\r\n--c--"
#define D_2	 "Subject: s\r\n\r\nplain"
	const struct section_case cases[] = {
		{ 0, { 0 }, NONE, example },
		{ 0, { 0 }, HEADER,
		    "Content-Type: multipart/mixed; boundary=b\r\n\r\n" },
		{ 0, { 0 }, TEXT, strstr(example, "--b") },
		{ 0, { 0 }, MIME, NULL },
		{ 1, { 1 }, NONE, "one" },
		{ 1, { 1 }, MIME, "A: 1\r\n\r\n" },
		{ 1, { 1 }, HEADER, NULL },
		{ 1, { 1 }, TEXT, NULL },
		{ 2, { 1, 1 }, NONE, NULL },
		{ 1, { 2 }, NONE, C_HEADER C_TEXT },
		{ 1, { 2 }, HEADER, C_HEADER },
		{ 1, { 2 }, TEXT, C_TEXT },
		{ 1, { 2 }, MIME, "Content-Type: message/rfc822\r\n\r\n" },
		{ 2, { 2, 1 }, NONE, "in c" },
		{ 2, { 2, 1 }, MIME, "\r\n" },
		{ 2, { 2, 2 }, NONE, NULL },
		{ 3, { 2, 1, 1 }, NONE, NULL },
		{ 1, { 3 }, HEADER, NULL },
		{ 2, { 3, 1 }, NONE, "gif" },
		{ 2, { 3, 1 }, MIME, "Content-Type: image/gif\r\n\r\n" },
		{ 2, { 3, 2 }, NONE, D_2 },
		{ 2, { 3, 2 }, HEADER, "Subject: s\r\n\r\n" },
		{ 2, { 3, 2 }, TEXT, "plain" },
		{ 3, { 3, 2, 1 }, NONE, "plain" },
		{ 3, { 3, 2, 1 }, MIME, "Subject: s\r\n\r\n" },
		{ 3, { 3, 2, 1 }, TEXT, NULL },
		{ 4, { 3, 2, 1, 1 }, NONE, NULL },
		{ 3, { 3, 2, 2 }, NONE, NULL },
		{ 1, { 4 }, NONE, NULL },
		{ 1, { 0 }, NONE, NULL },
		{ 1, { UINT32_MAX }, NONE, NULL },
	};

	(void)state;
	check(example, cases, COUNT(cases));
}

static void
test_plain(void **state)
{
	const struct section_case cases[] = {
		{ 0, { 0 }, NONE, "A: 1\r\n\r\nx" },
		{ 0, { 0 }, HEADER, "A: 1\r\n\r\n" },
		{ 0, { 0 }, TEXT, "x" },
		{ 1, { 1 }, NONE, "x" },
		{ 1, { 1 }, MIME, "A: 1\r\n\r\n" },
		{ 1, { 1 }, HEADER, NULL },
		{ 1, { 1 }, TEXT, NULL },
		{ 1, { 2 }, NONE, NULL },
		{ 2, { 1, 1 }, NONE, NULL },
	};

	(void)state;
	check("A: 1\r\n\r\nx", cases, COUNT(cases));
}

/* A message whose body is a message whose body is a message. */
static void
test_messages(void **state)
{
#define TYPE "Content-Type: message/rfc822\r\n\r\n"
	const struct section_case cases[] = {
		{ 1, { 1 }, NONE, TYPE "A: 1\r\n\r\nx" },
		{ 1, { 1 }, HEADER, TYPE },
		{ 1, { 1 }, TEXT, "A: 1\r\n\r\nx" },
		{ 2, { 1, 1 }, NONE, "A: 1\r\n\r\nx" },
		{ 2, { 1, 1 }, MIME, TYPE },
		{ 2, { 1, 1 }, HEADER, "A: 1\r\n\r\n" },
		{ 2, { 1, 1 }, TEXT, "x" },
		{ 3, { 1, 1, 1 }, NONE, "x" },
		{ 3, { 1, 1, 1 }, HEADER, NULL },
		{ 4, { 1, 1, 1, 1 }, NONE, NULL },
		{ 2, { 1, 2 }, NONE, NULL },
	};

	(void)state;
	check(TYPE TYPE "A: 1\r\n\r\nx", cases, COUNT(cases));
}

static void
test_part(void **state)
{
	const uint32_t path[] = { 3, 1 };
	struct mime_result result;
	struct mime_parser *p =
	    property_parse(str_of(example), strlen(example), 1, &result);
	struct mime_part part;

	(void)state;
	assert_true(mime_section_part(result.table, path, 2, &part));
	check_str("type", 0, part.type, STR("image"));
	check_str("subtype", 0, part.subtype, STR("gif"));
	assert_int_equal(part.encoding, MIME_ENCODING_7BIT);
	assert_true(mime_section_part(result.table, path, 0, &part));
	assert_int_equal(part.kind, MIME_MULTIPART);
	mime_parser_free(p);
}

/* Whatever the table has become, looking at it is safe. */
static void
test_damaged(void **state)
{
	const uint32_t path[] = { 3, 2, 1 };
	const struct mime_section section = { path, 3, NONE };
	struct mime_result result;
	struct mime_parser *p =
	    property_parse(str_of(example), strlen(example), 1, &result);
	struct mime_range range;
	struct mime_facts facts;
	char copy[2000];

	(void)state;
	for (size_t n = 0; n < result.table.n; n++)
		assert_false(mime_section_find(
		    str_head(result.table, n), &section, &range));
	assert_true(result.table.n <= sizeof(copy));
	for (size_t i = 0; i < result.table.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, result.table.p, result.table.n);
			copy[i] ^= (char)(1u << bit);
			(void)mime_section_find(
			    (struct str){ copy, result.table.n }, &section,
			    &range);
		}
	}
	copy[0] = 2;
	assert_false(
	    mime_section_facts((struct str){ copy, result.table.n }, &facts));
	mime_parser_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_part),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
