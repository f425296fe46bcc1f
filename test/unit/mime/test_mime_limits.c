/* SPDX-License-Identifier: MIT
 *
 * Beyond the limits: the result is bounded and well-formed, the time linear.
 */
#include "mime_check.h"

#include "mime_property.h"

/* Append ${unit} until there are at least ${size} octets. */
static void
fill(struct buf *to, const char *unit, size_t size)
{
	while (to->n < size)
		buf_add_text(to, unit);
}

static void
check(struct buf *message, size_t step)
{
	assert_int_equal(buf_check(message), RC_OK);
	property_message(buf_str(message), 1, step);
	buf_fini(message);
}

/* How many parts, and the depth and type of the last. */
static size_t
count_parts(struct str message, struct mime_part *ret_last, char type[30])
{
	struct mime_result result;
	struct mime_parser *p = property_parse(message, message.n, 1, &result);
	struct mime_parts parts = mime_parts_begin(result.table);
	size_t count = 0;

	while (mime_parts_next(&parts, ret_last))
		count++;
	(void)snprintf(type, 30, "%.*s/%.*s", STR_ARG(ret_last->type),
	    STR_ARG(ret_last->subtype));
	mime_parser_free(p);
	return count;
}

static void
test_deep_multipart(void **state)
{
	struct mime_part last;
	struct buf m;
	char type[30];

	(void)state;
	buf_init(&m, 4 * 1024 * 1024);
	for (int i = 0; i < 5000; i++)
		buf_add_format(&m,
		    "Content-Type: multipart/x; "
		    "boundary=b%d.\r\n\r\n--b%d.\r\n",
		    i, i);
	assert_int_equal(
	    count_parts(buf_str(&m), &last, type), MIME_DEPTH_MAX + 1);
	assert_int_equal(last.depth, MIME_DEPTH_MAX);
	assert_string_equal(type, "application/octet-stream");
	check(&m, 1000);
}

static void
test_deep_message(void **state)
{
	struct mime_part last;
	struct buf m;
	char type[30];

	(void)state;
	buf_init(&m, 1024 * 1024);
	fill(&m, "Content-Type: message/rfc822\r\n\r\n", 100000);
	assert_int_equal(
	    count_parts(buf_str(&m), &last, type), MIME_DEPTH_MAX + 1);
	assert_string_equal(type, "application/octet-stream");
	check(&m, 1000);
}

/* More parts than fit: the last takes all that is left. */
static void
test_many_parts(void **state)
{
	struct mime_part last;
	struct buf m;
	char type[30];
	size_t count;

	(void)state;
	buf_init(&m, 4 * 1024 * 1024);
	buf_add_text(&m, "Content-Type: multipart/x; boundary=b\r\n\r\n");
	for (int i = 0; i < 100000; i++)
		buf_add_text(&m, "--b\r\n\r\nx\r\n");
	count = count_parts(buf_str(&m), &last, type);
	assert_true(count > 1000 && count <= MIME_PARTS_MAX + 1);
	assert_string_equal(type, "application/octet-stream");
	assert_true(last.body.size > m.n / 2);
	check(&m, 65536);
}

/* Parts with much to say of each. */
static void
test_long_descriptions(void **state)
{
	struct buf m;

	(void)state;
	buf_init(&m, 8 * 1024 * 1024);
	buf_add_text(&m, "Content-Type: multipart/x; boundary=b\r\n\r\n");
	for (int i = 0; i < 100; i++) {
		size_t from = m.n;

		buf_add_text(&m, "--b\r\nContent-Description: ");
		fill(&m, i % 2 ? "\xc3\xa9\xe9 x " : "\\\" ", from + 20000);
		buf_add_text(&m, "\r\nContent-Type: a/b; c=\"");
		fill(&m, i % 2 ? "\xc3\xa9" : "d e", from + 40000);
		buf_add_text(&m, "\"\r\n\r\nx\r\n");
	}
	check(&m, 100000);
}

static void
test_many_parameters(void **state)
{
	struct buf m;

	(void)state;
	buf_init(&m, 2 * 1024 * 1024);
	buf_add_text(&m, "Content-Type: a/b");
	for (int i = 0; i < 20000; i++)
		buf_add_format(&m, "; p%d=\"v\"; x*%d*=%%%d", i, i, i);
	buf_add_text(&m, "\r\nContent-Disposition: a");
	for (int i = 0; i < 50; i++)
		buf_add_format(&m, "; q%d=%0999d", i, i);
	buf_add_text(&m, "\r\n\r\n");
	check(&m, 1000);
}

/* A header beyond MIME_HEADER_BYTES_MAX: its first part counts. */
static void
test_long_header(void **state)
{
	struct mime_result result;
	struct mime_parser *p;
	struct buf m;

	(void)state;
	buf_init(&m, 8 * 1024 * 1024);
	buf_add_text(&m, "Subject: first\r\nTo: ");
	fill(&m, "Name <a@b>,\r\n ", 2 * MIME_HEADER_BYTES_MAX);
	buf_add_text(&m, "\r\nCc: lost@x\r\n\r\nbody");
	p = property_parse(buf_str(&m), m.n, 1, &result);
	assert_true(str_begins(result.envelope, STR("(NIL \"first\" NIL")));
	assert_true(result.envelope.n < 2 * MIME_ADDRESSES_BYTES_MAX);
	assert_true(str_ends(result.envelope, STR("NIL NIL NIL NIL)")));
	assert_true(str_begins(result.body, STR("(\"TEXT\" \"PLAIN\"")));
	mime_parser_free(p);
	check(&m, 4096);
}

/* Envelopes of messages within that do not fit are left out. */
static void
test_many_envelopes(void **state)
{
	struct buf m;

	(void)state;
	buf_init(&m, 8 * 1024 * 1024);
	buf_add_text(&m, "Content-Type: multipart/digest; boundary=b\r\n\r\n");
	for (int i = 0; i < 40; i++) {
		size_t from = m.n;

		buf_add_text(&m, "--b\r\n\r\nTo: g:");
		fill(&m, "Name <a@b>,\r\n ", from + 50000);
		buf_add_text(&m, "\r\n\r\nx\r\n");
	}
	check(&m, 100000);
}

static void
test_long_lines(void **state)
{
	const char *const units[] = { "x", "-", "--b", "\r", " ", "=?", "(",
		"\"", "[", "<", ";", "a=\"", "\\", "%" };

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		struct buf m;

		buf_init(&m, 4 * 1024 * 1024);
		buf_add_text(&m, "Content-Type: multipart/x; boundary=b;");
		fill(&m, units[i], 300000);
		buf_add_text(&m, "\r\nSubject: ");
		fill(&m, units[i], 600000);
		buf_add_text(&m, "\r\nFrom: ");
		fill(&m, units[i], 900000);
		buf_add_text(&m, "\r\n\r\n--b\r\n");
		fill(&m, units[i], 1200000);
		check(&m, 1021);
	}
}

/* Boundaries around the longest, and one longer. */
static void
test_long_boundary(void **state)
{
	(void)state;
	for (size_t n = MIME_BOUNDARY_BYTES_MAX - 1;
	     n <= MIME_BOUNDARY_BYTES_MAX + 1; n++) {
		struct mime_part last;
		struct buf m;
		char type[30], boundary[300] = "";

		memset(boundary, 'b', n);
		buf_init(&m, 10000);
		buf_add_format(&m,
		    "Content-Type: multipart/x; boundary=%s\r\n\r\n"
		    "--%s\r\nContent-Type: a/b\r\n\r\nx\r\n--%s--\r\n",
		    boundary, boundary, boundary);
		(void)count_parts(buf_str(&m), &last, type);
		assert_string_equal(
		    type, n <= MIME_BOUNDARY_BYTES_MAX ? "a/b" : "text/plain");
		check(&m, 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deep_multipart),
		cmocka_unit_test(test_deep_message),
		cmocka_unit_test(test_many_parts),
		cmocka_unit_test(test_long_descriptions),
		cmocka_unit_test(test_many_parameters),
		cmocka_unit_test(test_long_header),
		cmocka_unit_test(test_many_envelopes),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_long_boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
