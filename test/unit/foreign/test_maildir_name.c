/* SPDX-License-Identifier: MIT
 *
 * Maildir's names of messages and folders.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "foreign/flags.h"
#include "foreign/maildir_name.h"

static const struct {
	const char *name, *base;
	unsigned flags;
	uint32_t keywords;
	int64_t seconds;
} names[] = {
	{ "1700000000.M1P2.host,S=3:2,FS", "1700000000.M1P2.host,S=3",
	    FOREIGN_FLAGGED | FOREIGN_SEEN, 0, 1700000000 },
	{ "1700000000.M1P2.host:2,DFPRSTabz", "1700000000.M1P2.host",
	    FOREIGN_DRAFT | FOREIGN_FLAGGED | FOREIGN_FORWARDED |
		FOREIGN_ANSWERED | FOREIGN_SEEN | FOREIGN_DELETED,
	    3 | 1 << 25, 1700000000 },
	{ "x:2,S,extra", "x", FOREIGN_SEEN, 0, INT64_MIN },
	{ "17:1,S", "17", 0, 0, 17 },
	{ "99999999999999999999.a", "99999999999999999999.a", 0, 0, INT64_MIN },
	{ "", "", 0, 0, INT64_MIN },
	{ ":2,S", "", FOREIGN_SEEN, 0, INT64_MIN },
	{ "a\nb:2,Q?\n", "a\nb", 0, 0, INT64_MIN },
};

static void
test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct maildir_name n;

		maildir_name_parse(str_of(names[i].name), &n);
		assert_true(str_eq(n.base, str_of(names[i].base)));
		assert_int_equal(n.flags, names[i].flags);
		assert_int_equal(n.keywords, names[i].keywords);
		assert_true(n.seconds == names[i].seconds);
	}
}

static void
test_flags(void **state)
{
	(void)state;
	for (unsigned flags = 0; flags < 64; flags++) {
		struct maildir_name n;
		struct buf to;

		buf_init(&to, 100);
		buf_add_text(&to, "1.x");
		maildir_name_add_flags(&to, flags, flags * 54321 & 0x3ffffff);
		maildir_name_parse(buf_str(&to), &n);
		assert_int_equal(n.flags, flags);
		assert_int_equal(n.keywords, flags * 54321 & 0x3ffffff);
		buf_fini(&to);
	}
}

static const struct {
	const char *folder;
	char separator;
	const char *mailbox; /* NULL: none */
} folders[] = {
	{ "Sent", '.', "Sent" },
	{ "Lists.Caf&AOk-", '.', "Lists/Caf\u00e9" },
	{ "Lists/Caf&AOk-", '/', "Lists/Caf\u00e9" },
	{ "Lists.Caf\u00e9", '.', "Lists/Caf\u00e9" },
	{ "a.b", '/', "a.b" },
	{ "a/b", '.', "a_b" },
	{ "a\\2eb\\5c", '.', "a.b\\" },
	{ "a..b", '.', "a/_/b" },
	{ "", '.', "_" },
	{ "\\2e\\2e", '.', "_" },
	{ "a%b*c\nd", '.', "a_b_c_d" },
	{ "&", '.', "&" }, /* no UTF-7, but UTF-8 */
	{ "\xff", '.', NULL },
	{ "a.\xff", '.', NULL },
};

static void
test_folders(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct buf to;
		bool good;

		buf_init(&to, 1000);
		good = maildir_name_to_mailbox(
		    str_of(folders[i].folder), folders[i].separator, &to);
		assert_int_equal(good, folders[i].mailbox != NULL);
		if (good && strcmp(folders[i].mailbox, "_") == 0)
			assert_true(str_ends(buf_str(&to), STR("_")));
		else
			assert_true(
			    str_eq(buf_str(&to), str_of(folders[i].mailbox)));
		buf_fini(&to);
	}
}

static void
test_folders_back(void **state)
{
	static const char *const mailboxes[] = { "Sent", "a/b/c",
		"Lists/Caf\u00e9", "v1.2/x.y", "back\\slash", "A&B", "\u65e5" };

	(void)state;
	for (size_t i = 0; i < sizeof(mailboxes) / sizeof(*mailboxes); i++) {
		struct buf to, back;

		buf_init(&to, 1000);
		buf_init(&back, 1000);
		maildir_name_of_mailbox(str_of(mailboxes[i]), &to);
		assert_int_equal(to.p[0], '.');
		assert_true(maildir_name_to_mailbox(
		    str_skip(buf_str(&to), 1), '.', &back));
		assert_true(str_eq(buf_str(&back), str_of(mailboxes[i])));
		buf_fini(&to);
		buf_fini(&back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_folders_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
