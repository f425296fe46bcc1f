/* SPDX-License-Identifier: MIT
 *
 * FETCH: items, sections, partials, macros.
 */
#include "imap_fixture.h"

#include "proto/imap/fetch.h"

static bool
trip_fetch(struct parser *p, struct buf *out)
{
	struct fetch_args args;

	if (!parse_fetch(p, &args))
		return false;
	write_fetch(out, &args);
	return true;
}

static bool
trip_section(struct parser *p, struct buf *out)
{
	struct fetch_att att = { .kind = FETCH_BODY_SECTION };

	if (!parse_section(p, &att.section))
		return false;
	write_fetch_att(out, &att);
	buf_consume(out, strlen("BODY"));
	return true;
}

static void
test_fetch(void **state)
{
	static const struct good good[] = {
		{ " 1 FLAGS", " 1 (FLAGS)", 0 },
		{ " 1 (FLAGS)", NULL, 0 },
		{ " 2:4,7,* (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY "
		  "BODYSTRUCTURE)",
		    NULL, 0 },
		{ " 1 fast", " 1 (FLAGS INTERNALDATE RFC822.SIZE)", 0 },
		{ " 1 ALL", " 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)", 0 },
		{ " 1 Full",
		    " 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)", 0 },
		{ " $ (BODY[])", NULL, 0 },
		{ " 1 (BODY.PEEK[])", NULL, 0 },
		{ " 1 BODY[]", " 1 (BODY[])", 1 },
		/* RFC 9051 section 6.4.5 */
		{ " 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])", NULL, 0 },
		{ " 12 (body.peek[header])", " 12 (BODY.PEEK[HEADER])", 0 },
		{ " 1 (BODY[HEADER.FIELDS.NOT (\"a b\" c])])", NULL, 0 },
		{ " 1 (BODY[HEADER.FIELDS ({4}\r\nfrom {2}\r\nto)])",
		    " 1 (BODY[HEADER.FIELDS (from to)])", 0 },
		{ " 1 (BODY[1] BODY[1.2.MIME] BODY[3.HEADER] BODY[4.1.TEXT])",
		    NULL, 0 },
		{ " 1 (BODY[4.2.HEADER.FIELDS (A)])", NULL, 0 },
		{ " 475 (UID BODY.PEEK[1]<0.393216>)", NULL, 0 },
		{ " 1 (BODY[TEXT]<4294967295.9223372036854775807>)", NULL, 0 },
		{ " 1 (BODY[4294967295])", NULL, 0 },
		{ " 1 (RFC822 RFC822.HEADER RFC822.TEXT)", NULL, 0 },
		{ " 1 (RFC822.PEEK RFC822.TEXT.PEEK)", NULL, 0 },
		{ " 1 RFC822.HEADER.PEEK", " 1 (RFC822.HEADER)", 2 },
		/* RFC 3516 */
		{ " 1 (BINARY[1] BINARY.PEEK[] BINARY.SIZE[1.2])", NULL, 0 },
		{ " 1 (BINARY.PEEK[2]<0.10> BINARY[]<5.1>)", NULL, 0 },
		{ " 1 (SAVEDATE EMAILID THREADID)", NULL, 0 },
		/* RFC 8970 */
		{ " 1:4 (ENVELOPE PREVIEW (LAZY))", NULL, 0 },
		{ " 1 (PREVIEW FLAGS PREVIEW (LAZY) UID)", NULL, 0 },
		{ " 1 (preview (lazy Lazy))", " 1 (PREVIEW (LAZY))", 0 },
		{ " 1 PREVIEW (LAZY) (CHANGEDSINCE 5)",
		    " 1 (PREVIEW (LAZY)) (CHANGEDSINCE 5)", 2 },
		{ " 1 PREVIEW (CHANGEDSINCE 5)",
		    " 1 (PREVIEW) (CHANGEDSINCE 5)", 1 },
		{ " 1 (FLAGS) (CHANGEDSINCE 0)", NULL, 1 },
		{ " 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)",
		    " 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)", 1 },
	};
	static const char *const bad[] = { "", " ", "1 FLAGS", " 1", " 1 ",
		" FLAGS", " 0 FLAGS", " 4294967296 FLAGS", " 1:0 FLAGS",
		" , FLAGS", " 1, FLAGS", " 1:2:3 FLAGS", "  1 FLAGS",
		" 1  FLAGS", " 1 FLAGS ", " 1 ()", " 1 (FLAGS", " 1 (FLAGS )",
		" 1 ( FLAGS)", " 1 (ALL)", " 1 ALL FLAGS", " 1 FLAGS UID",
		" 1 (PREVIEW ())", " 1 (PREVIEW (LAZY )) ",
		" 1 (PREVIEW (EAGER))", " 1 (PREVIEW(LAZY))", " 1 (PREVIEW[])",
		" 1 FOO", " 1 (FLAGS FOO)", " 1 FLAGS.SILENT", " 1 BODY.PEEK",
		" 1 BODY.", " 1 BODY[", " 1 BODY[0]", " 1 BODY[01]",
		" 1 BODY[4294967296]", " 1 BODY[1.0]", " 1 BODY[1.]",
		" 1 BODY[.1]", " 1 BODY[1..2]", " 1 BODY[MIME]", " 1 BODY[FOO]",
		" 1 BODY[1 TEXT]", " 1 BODY[TEXT.1]", " 1 BODY[HEADER.FIELDS]",
		" 1 BODY[HEADER.FIELDS ()]", " 1 BODY[HEADER.FIELDS (A ]",
		" 1 BODY[HEADER.FIELDS (A )]", " 1 BODY[HEADER.FIELDS A]",
		" 1 BODY[HEADER (A)]", " 1 BODY[1.2", " 1 BODY[]<0>",
		" 1 BODY[]<0.0>", " 1 BODY[]<.1>", " 1 BODY[]<5.-1>",
		" 1 BODY[]<-5.1>", " 1 BODY[]<1.99999999999999999999>",
		" 1 BODY[]<0.1", " 1 BODYSTRUCTURE[]", " 1 FLAGS[]",
		" 1 BINARY", " 1 BINARY.SIZE", " 1 BINARY[TEXT]",
		" 1 BINARY[1.MIME]", " 1 BINARY.SIZE[1]<0.1>", " 1 RFC822[]",
		" 1 RFC822<0.1>", " 1 (FLAGS) CHANGEDSINCE 1",
		" 1 (FLAGS) (CHANGEDSINCE 1", " 1 (FLAGS) ()" };

	(void)state;
	check_good(trip_fetch, good, COUNT(good));
	check_bad(trip_fetch, bad, COUNT(bad));
}

static void
test_sections(void **state)
{
	static const struct good good[] = {
		{ "[]", NULL, 0 },
		{ "[1.2.3.4.5.6.7.8.9.10]", NULL, 0 },
		{ "[header.fields (\"\")]", "[HEADER.FIELDS (\"\")]", 0 },
	};
	char *deep = repeated("[1", ".1", 500, "]");

	(void)state;
	check_good(trip_section, good, COUNT(good));
	check_out(trip_section, str_of(deep), str_of(deep),
	    (struct parse_options){ 0 });
	free(deep);
}

static void
test_limits(void **state)
{
	char *most = repeated(" 1 (UID", " UID", FETCH_ITEMS_MAX - 1, ")");
	char *more = repeated(" 1 (UID", " UID", FETCH_ITEMS_MAX, ")");
	char *fields = repeated(
	    " 1 (BODY[HEADER.FIELDS (a", " a", HEADER_FIELDS_MAX - 1, ")])");
	char *more_fields = repeated(
	    " 1 (BODY[HEADER.FIELDS (a", " a", HEADER_FIELDS_MAX, ")])");

	(void)state;
	check_out(trip_fetch, str_of(most), str_of(most),
	    (struct parse_options){ 0 });
	check_why(trip_fetch, str_of(more), PARSER_LIMIT, "Too many items");
	check_out(trip_fetch, str_of(fields), str_of(fields),
	    (struct parse_options){ 0 });
	check_why(trip_fetch, str_of(more_fields), PARSER_LIMIT,
	    "Too many header fields");
	free(most);
	free(more);
	free(fields);
	free(more_fields);
}

/* What the answer calls an item, and whether it sets \Seen. */
static void
test_names(void **state)
{
	static const struct {
		const char *asked, *name;
		bool peek;
	} cases[] = {
		{ " 1 UID", "UID", true },
		{ " 1 BODY", "BODY", true },
		{ " 1 BODYSTRUCTURE", "BODYSTRUCTURE", true },
		{ " 1 BODY[]", "BODY[]", false },
		{ " 1 BODY.PEEK[]", "BODY[]", true },
		{ " 1 BODY.PEEK[1]<0.100>", "BODY[1]<0>", true },
		{ " 1 body[1.header]<7.100>", "BODY[1.HEADER]<7>", false },
		{ " 1 BODY[HEADER.FIELDS (From \"a b\")]",
		    "BODY[HEADER.FIELDS (From \"a b\")]", false },
		{ " 1 BINARY.PEEK[1.2]<3.4>", "BINARY[1.2]<3>", true },
		{ " 1 BINARY[]", "BINARY[]", false },
		{ " 1 BINARY.SIZE[1]", "BINARY.SIZE[1]", true },
		{ " 1 RFC822", "RFC822", false },
		{ " 1 RFC822.PEEK", "RFC822", true },
		{ " 1 RFC822.TEXT.PEEK", "RFC822.TEXT", true },
		{ " 1 RFC822.TEXT", "RFC822.TEXT", false },
		{ " 1 RFC822.HEADER", "RFC822.HEADER", true },
		{ " 1 RFC822.SIZE", "RFC822.SIZE", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena *arena = arena_new(65536);
		struct fetch_args args;
		struct parser p;
		struct buf to;

		parser_init(&p, str_of(cases[i].asked), arena,
		    (struct parse_options){ 0 });
		assert_true(parse_fetch(&p, &args));
		assert_int_equal(args.att_count, 1);
		assert_int_equal(args.atts[0].peek, cases[i].peek);
		buf_init(&to, 1000);
		write_fetch_att_name(&to, &args.atts[0]);
		if (!str_eq(buf_str(&to), str_of(cases[i].name)))
			fail_msg(
			    "%s: %.*s", cases[i].asked, STR_ARG(buf_str(&to)));
		buf_fini(&to);
		arena_free(arena);
	}
}

static void
test_why(void **state)
{
	(void)state;
	check_why(trip_fetch, STR(" 1 FOO"), PARSER_SYNTAX,
	    "Expected fetch-att at octet 4");
	check_why(trip_fetch, STR(" 1 (FLAGS FOO)"), PARSER_SYNTAX,
	    "Expected fetch-att at octet 11");
	check_why(trip_fetch, STR(" 1 BODY[FOO]"), PARSER_SYNTAX,
	    "Expected section at octet 9");
	check_why(trip_fetch, STR(" x FLAGS"), PARSER_SYNTAX,
	    "Expected sequence-set at octet 2");
	check_why(
	    trip_fetch, STR(" 1"), PARSER_SYNTAX, "Expected space at the end");
	check_why(trip_fetch, STR(" 1 FLAGS UID"), PARSER_SYNTAX,
	    "Expected list of modifiers at octet 10");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
