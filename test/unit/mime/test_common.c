/* SPDX-License-Identifier: MIT
 *
 * The packed common fields.
 */
#include "mime_check.h"

#include "mime/common.h"

static void
test_choose(void **state)
{
	const struct str header =
	    STR("Received: by x\r\nSUBJECT: a\r\n b\r\nX-Other: c\r\n"
		"Date: d\nsubject: e\r\njunk\r\nTo:\r\n\r\n");
	const struct str names[] = { STR("Subject"), STR("TO"), STR("Cc") };
	const struct str want =
	    STR("SUBJECT: a\r\n b\r\nsubject: e\r\nTo:\r\n\r\n");
	mime_common_set set;
	struct buf packed, out;

	(void)state;
	buf_init(&packed, SIZE_MAX);
	buf_init(&out, SIZE_MAX);
	mime_common_pack(header, &packed);
	assert_true(mime_common_set_of(names, COUNT(names), &set));
	assert_true(mime_common_choose(buf_str(&packed), set, &out));
	check_str("chosen", 0, buf_str(&out), want);
	buf_fini(&packed);
	buf_fini(&out);
}

static void
test_unknown_name(void **state)
{
	const struct str names[] = { STR("Subject"), STR("Received") };
	const struct str trace[] = { STR("Return-Path"), STR("Received"),
		STR("Delivered-To") };
	mime_common_set set = 0;

	(void)state;
	assert_false(mime_common_set_of(names, COUNT(names), &set));
	for (size_t i = 0; i < COUNT(trace); i++)
		assert_false(mime_common_set_of(&trace[i], 1, &set));
}

/* No header at all, and one without an empty line. */
static void
test_short(void **state)
{
	const struct str headers[] = { STR(""), STR("\r\n"), STR("\n"),
		STR("From: x"), STR("From: x\r\n") };
	const struct str from = STR("From");
	mime_common_set set;

	(void)state;
	assert_true(mime_common_set_of(&from, 1, &set));
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct buf packed, out;

		buf_init(&packed, SIZE_MAX);
		buf_init(&out, SIZE_MAX);
		mime_common_pack(headers[i], &packed);
		assert_true(packed.n > 0);
		assert_true(mime_common_choose(buf_str(&packed), set, &out));
		check_str("all of it", i, buf_str(&out), headers[i]);
		buf_fini(&packed);
		buf_fini(&out);
	}
}

/* What fits to the octet is packed, one more is not; nor is what stood in the
 * buffer before touched. */
static void
test_limit(void **state)
{
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		const size_t limit = MIME_COMMON_BYTES_MAX + more;
		struct buf header, packed;

		buf_init(&header, SIZE_MAX);
		buf_init(&packed, SIZE_MAX);
		buf_add_text(&packed, "before");
		buf_add_text(&header, "References:");
		while (header.n < limit - 2)
			buf_add_byte(&header, 'x');
		buf_add_text(&header, "\r\n");
		mime_common_pack(buf_str(&header), &packed);
		assert_int_equal(packed.n, more > 0 ? 6 : 6 + 3 + header.n + 3);
		buf_fini(&header);
		buf_fini(&packed);
	}
}

/* Any cut of what was packed is found to be damaged. */
static void
test_damage(void **state)
{
	struct buf packed, out;

	(void)state;
	buf_init(&packed, SIZE_MAX);
	buf_init(&out, SIZE_MAX);
	mime_common_pack(STR("From: a\r\nTo: b\r\n\r\n"), &packed);
	for (size_t n = 0; n < packed.n; n++)
		assert_false(mime_common_choose(
		    str_head(buf_str(&packed), n), UINT64_MAX, &out));
	buf_add_byte(&packed, 'x');
	assert_false(mime_common_choose(buf_str(&packed), UINT64_MAX, &out));
	buf_fini(&packed);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_unknown_name),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
