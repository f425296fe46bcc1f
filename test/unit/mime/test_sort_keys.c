/* SPDX-License-Identifier: MIT
 *
 * Sort keys: what the parser packs is what is read, and damage is seen.
 */
#include "mime_check.h"

#include "mime_property.h"

static struct mime_parser *
parse(struct str message, struct str *ret_packed, struct mime_sort_keys *keys)
{
	struct mime_result result;
	struct mime_parser *p = property_parse(message, message.n, 1, &result);

	assert_true(mime_sort_keys_read(result.sort_keys, keys));
	*ret_packed = result.sort_keys;
	return p;
}

static void
test_all(void **state)
{
	struct mime_sort_keys k;
	struct str packed;
	struct mime_parser *p =
	    parse(STR("Date: Tue, 7 Apr 2026 23:30:00 -0100\r\n"
		      "Subject: Re: [x] =?utf-8?Q?=C3=89T=C3=89?=\r\n"
		      "From: \"Zed\" <Alice@Example.ORG>, b@c\r\n"
		      "To: Team: Bob@x;\r\nCc: carol@y\r\n"
		      "Message-ID: <\"I d\"@host>\r\n"
		      "References: <1@a> junk <2@b>\r\n <3@c>\r\n"
		      "In-Reply-To: <9@z>\r\n\r\n"),
		&packed, &k);
	const struct str ids[] = { STR("1@a"), STR("2@b"), STR("3@c") };
	struct cursor c = str_cursor(k.parents);
	struct str id;

	(void)state;
	check_str("subject", 0, k.base_subject, STR("e\xcc\x81te\xcc\x81"));
	assert_true(k.is_reply);
	check_str("from", 0, k.from, STR("alice"));
	check_str("to", 0, k.to, STR("team"));
	check_str("cc", 0, k.cc, STR("carol"));
	check_str("display_from", 0, k.display_from, STR("zed"));
	check_str("display_to", 0, k.display_to, STR("team"));
	assert_true(k.sent_valid);
	assert_int_equal(k.sent, 1775608200);
	assert_int_equal(k.sent_day, 1775520000 / 86400);
	check_str("message_id", 0, k.message_id, STR("Id@host"));
	check_str("origin", 0, mime_sort_keys_origin(&k), STR("1@a"));
	for (size_t i = 0; i < COUNT(ids); i++) {
		assert_true(mime_sort_keys_parent(&c, &id));
		check_str("parent", i, id, ids[i]);
	}
	assert_false(mime_sort_keys_parent(&c, &id));
	mime_parser_free(p);
}

static void
test_few(void **state)
{
	struct mime_sort_keys k;
	struct str packed, id;
	struct cursor c;
	struct mime_parser *p = parse(STR("From: Alice <A@B>\r\nTo: C@D\r\n"
					  "In-Reply-To: x <9@z> <8@z>\r\n"
					  "Message-ID: bare@id\r\n\r\n"),
	    &packed, &k);

	(void)state;
	check_str("subject", 0, k.base_subject, STR(""));
	assert_false(k.is_reply);
	assert_false(k.sent_valid);
	check_str("display_from", 0, k.display_from, STR("alice"));
	check_str("display_to", 0, k.display_to, STR("c@d"));
	check_str("message_id", 0, k.message_id, STR("bare@id"));
	check_str("origin", 0, mime_sort_keys_origin(&k), STR("9@z"));
	k.parents.n = 0;
	check_str("origin", 1, mime_sort_keys_origin(&k), STR("bare@id"));
	assert_true(mime_sort_keys_read(packed, &k));
	c = str_cursor(k.parents);
	assert_true(mime_sort_keys_parent(&c, &id));
	check_str("parent", 0, id, STR("9@z"));
	assert_false(mime_sort_keys_parent(&c, &id));
	mime_parser_free(p);
}

/* Beyond the limits: texts are cut between characters, ids left out, the
 * first and the last references kept. */
static void
test_limits(void **state)
{
	struct mime_sort_keys k;
	struct mime_parser *p;
	struct buf in;
	struct str packed, id;
	struct cursor c;
	size_t count = 0;

	(void)state;
	buf_init(&in, 1024 * 1024);
	buf_add_text(&in, "Subject: x");
	for (int i = 0; i < 400; i++)
		buf_add_text(&in, "\xd0\xb6");
	buf_add_text(&in, "\r\nMessage-ID: <");
	for (int i = 0; i < 1000; i++)
		buf_add_byte(&in, 'm');
	buf_add_text(&in, ">\r\nReferences:");
	for (int i = 0; i < MIME_REFERENCES_MAX + 5; i++)
		buf_add_format(&in, "\r\n <%d@x>", i);
	buf_add_text(&in, "\r\n\r\n");
	p = parse(buf_str(&in), &packed, &k);
	assert_int_equal(k.base_subject.n, MIME_SORT_TEXT_BYTES_MAX - 1);
	assert_int_equal(k.message_id.n, 0);
	c = str_cursor(k.parents);
	check_str("origin", 0, mime_sort_keys_origin(&k), STR("0@x"));
	while (mime_sort_keys_parent(&c, &id)) {
		if (count == 0)
			check_str("first", 0, id, STR("0@x"));
		if (count++ == 1)
			check_str("second", 0, id, STR("6@x"));
	}
	check_str("last", 0, id, STR("104@x"));
	assert_int_equal(count, MIME_REFERENCES_MAX);
	mime_parser_free(p);
	buf_fini(&in);
}

/* Every prefix that cuts what must be there is refused. */
static void
test_damaged(void **state)
{
	struct mime_sort_keys k, keys;
	struct str packed;
	struct mime_parser *p = parse(STR("Subject: s\r\nFrom: a@b\r\n"
					  "Message-ID: <x@y>\r\n\r\n"),
	    &packed, &k);
	char copy[200];

	(void)state;
	assert_int_equal(k.parents.n, 0);
	for (size_t n = 0; n < packed.n; n++)
		assert_false(mime_sort_keys_read(str_head(packed, n), &keys));
	assert_true(packed.n <= sizeof(copy));
	memcpy(copy, packed.p, packed.n);
	copy[0]++;
	assert_false(
	    mime_sort_keys_read((struct str){ copy, packed.n }, &keys));
	mime_parser_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
