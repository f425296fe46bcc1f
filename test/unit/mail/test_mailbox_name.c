/* SPDX-License-Identifier: MIT
 *
 * mail/mailbox_name: which names may be made, and their one form.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mail/mail_internal.h"

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "a", true },
	{ "INBOX", true },
	{ "inbox/a", true },
	{ "a/INBOX", true },
	{ "INBOXED/INBOX", true },
	{ "with space", true },
	{ " ", true },
	{ "a.b", true },
	{ "...", true },
	{ "&\\\"'#~", true },
	{ "\xc3\xbc", true },
	{ "u\xcc\x88", true },
	{ "\xf0\x9f\x93\xac", true },
	{ "", false },
	{ "/", false },
	{ "/a", false },
	{ "a/", false },
	{ "a//b", false },
	{ ".", false },
	{ "..", false },
	{ "a/./b", false },
	{ "a/..", false },
	{ "a%", false },
	{ "*", false },
	{ "a\rb", false },
	{ "a\nb", false },
	{ "\x01", false },
	{ "a\x7f", false },
	{ "a\xc2\x80", false },
	{ "a\xe2\x80\xa8", false },
	{ "\xff", false },
	{ "\xc3", false },
	{ "\xed\xa0\x80", false },
	{ "INBOX/INBOX", false },
	{ "inbox/Inbox", false },
	{ "INBOX/inbox/a", false },
};

static void
test_valid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *why = NULL;
		bool valid = mailbox_name_valid(str_of(names[i].name), &why);

		if (valid != names[i].valid)
			fail_msg("case %zu, \"%s\": %s", i, names[i].name,
			    why != NULL ? why : "valid");
		assert_true(valid == (why == NULL));
	}
	assert_false(mailbox_name_valid(
	    (struct str){ "a\0b", 3 }, &(const char *){ NULL }));
}

static void
test_limits(void **state)
{
	char text[MAILBOX_NAME_BYTES_MAX + 1];
	char deep[2 * MAILBOX_LEVELS_MAX + 1];
	const char *why;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(mailbox_name_valid(
	    (struct str){ text, MAILBOX_NAME_BYTES_MAX }, &why));
	assert_false(mailbox_name_valid(
	    (struct str){ text, MAILBOX_NAME_BYTES_MAX + 1 }, &why));
	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = i % 2 == 0 ? 'a' : '/';
	assert_true(mailbox_name_valid(
	    (struct str){ deep, 2 * MAILBOX_LEVELS_MAX - 1 }, &why));
	assert_false(mailbox_name_valid(
	    (struct str){ deep, 2 * MAILBOX_LEVELS_MAX + 1 }, &why));
}

static const struct {
	const char *name;
	const char *normal; /* NULL: none */
} forms[] = {
	{ "inbox", "INBOX" },
	{ "InBoX/sub/inbox", "INBOX/sub/inbox" },
	{ "inboxes", "inboxes" },
	{ "a/inbox", "a/inbox" },
	{ "u\xcc\x88", "\xc3\xbc" },
	{ "\xc3\xbc", "\xc3\xbc" },
	{ "", NULL },
	{ "\xff", NULL },
};

static void
test_normal(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct buf b;
		bool is;

		buf_init(&b, 4096);
		buf_add_text(&b, "before");
		is = mailbox_name_normal(str_of(forms[i].name), &b);
		if (is != (forms[i].normal != NULL))
			fail_msg("case %zu", i);
		if (is)
			assert_true(str_eq(
			    str_skip(buf_str(&b), 6), str_of(forms[i].normal)));
		else
			assert_int_equal(b.n, 6);
		buf_fini(&b);
	}
}

/* A name that is too long only as it came is fine. */
static void
test_composed_length(void **state)
{
	const size_t count = MAILBOX_NAME_BYTES_MAX / 2;
	char *text = mem_alloc(3 * count);
	const char *why;

	(void)state;
	for (size_t i = 0; i < count; i++)
		memcpy(text + 3 * i, "u\xcc\x88", 3);
	assert_true(mailbox_name_valid((struct str){ text, 3 * count }, &why));
	mem_free(text);
}

static void
test_special_use_names(void **state)
{
	(void)state;
	assert_string_equal(special_use_name(SPECIAL_NONE), "");
	assert_string_equal(special_use_name(SPECIAL_ALL), "\\All");
	assert_string_equal(special_use_name(SPECIAL_TRASH), "\\Trash");
	for (enum special_use u = SPECIAL_ALL; u < SPECIAL_COUNT; u++)
		assert_int_equal(special_use_name(u)[0], '\\');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_composed_length),
		cmocka_unit_test(test_special_use_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
