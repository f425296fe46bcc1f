/* SPDX-License-Identifier: MIT
 *
 * Messages on their way in.
 */
#include "messages.h"

#include "base/limits.h"
#include "mail/incoming.h"

/* However the bytes are cut, the same is known of them. */
static void
test_any_split_is_the_same(void **state)
{
	struct messages *f = *state;
	struct str text = SMALL_MESSAGE;
	struct incoming *whole = messages_incoming(f, f->account, text);
	struct email want = incoming_email(whole, 0);

	for (size_t piece = 1; piece < 40; piece++) {
		struct incoming *in = incoming_new(f->mail, f->account);
		struct email got;

		for (size_t at = 0; at < text.n; at += piece)
			assert_int_equal(
			    incoming_write(
				in, str_head(str_skip(text, at), piece)),
			    RC_OK);
		assert_int_equal(incoming_finish(in), RC_OK);
		assert_int_equal(incoming_size(in), text.n);
		got = incoming_email(in, 0);
		assert_true(str_eq(got.digest, want.digest));
		assert_true(str_eq(got.envelope, want.envelope));
		assert_true(str_eq(got.body, want.body));
		assert_true(str_eq(got.bodystructure, want.bodystructure));
		assert_true(str_eq(got.table, want.table));
		assert_true(str_eq(got.sort_keys, want.sort_keys));
		incoming_free(in);
	}
	incoming_free(whole);
}

static void
test_digests_differ(void **state)
{
	struct messages *f = *state;
	struct incoming *one = messages_incoming(f, f->account, STR("a\r\n"));
	struct incoming *two = messages_incoming(f, f->account, STR("b\r\n"));

	assert_false(str_eq(
	    incoming_email(one, 0).digest, incoming_email(two, 0).digest));
	incoming_free(one);
	incoming_free(two);
}

static void
test_prefix_counts(void **state)
{
	struct messages *f = *state;
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct email e = incoming_email(in, 100);

	assert_int_equal(e.prefix, 100);
	assert_int_equal(e.size, SMALL_MESSAGE.n + 100);
	incoming_free(in);
}

/* Beyond the maximum a message is refused, and stays refused. */
static void
test_too_big(void **state)
{
	struct messages *f = *state;
	uint64_t max = mail_message_bytes_max(f->mail), written = 0;
	struct incoming *in = incoming_new(f->mail, f->account);
	size_t size = 1024 * 1024;
	char *bytes = mem_alloc(size);

	memset(bytes, 'x', size);
	while (written + size <= max) {
		assert_int_equal(
		    incoming_write(in, (struct str){ bytes, size }), RC_OK);
		written += size;
	}
	assert_int_equal(
	    incoming_write(in, (struct str){ bytes, max - written }), RC_OK);
	assert_int_equal(incoming_write(in, STR("!")), RC_LIMIT);
	assert_int_equal(incoming_write(in, STR("")), RC_LIMIT);
	assert_int_equal(incoming_finish(in), RC_LIMIT);
	incoming_free(in);
	mem_free(bytes);
	incoming_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test)                       \
	cmocka_unit_test_setup_teardown( \
	    test, messages_set_up, messages_tear_down)
		TEST(test_any_split_is_the_same),
		TEST(test_digests_differ),
		TEST(test_prefix_counts),
		TEST(test_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
