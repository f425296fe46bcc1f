/* SPDX-License-Identifier: MIT
 *
 * mail/account: names, making, finding, deleting, what a crash in between
 * leaves, and UIDVALIDITYs of an account that is made again.
 */
#include "messages.h"

#include "base/clock.h"
#include "base/limits.h"
#include "mail/mail_internal.h"
#include "mail/system.h"

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "ann", true }, { "ann@example.org", true }, { "a.b-c_d", true },
	{ "j\xc3\xbcrgen", true }, { "", false }, { ".", false },
	{ "..", false }, { "a b", false }, { "a\tb", false }, { "a/b", false },
	{ "a*", false }, { "a%", false }, { "a\"b", false }, { "a\\b", false },
	{ "a+b", false }, { "a\x7f", false },
	{ "a\xc2\x85", false }, /* a C1 control */
	{ "a\xff", false },	/* not UTF-8 */
	{ "a\xef\xbc\x8f"
	  "b",
	    false }, /* fullwidth '/' folds to '/' */
	{ "a\xc2\xa0"
	  "b",
	    false }, /* no-break space folds to a space */
};

static void
test_names(void **state)
{
	char text[USER_NAME_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (account_name_valid(str_of(names[i].name)) != names[i].valid)
			fail_msg("case %zu: %s", i, names[i].name);
	memset(text, 'a', sizeof(text));
	assert_true(
	    account_name_valid((struct str){ text, USER_NAME_BYTES_MAX }));
	assert_false(
	    account_name_valid((struct str){ text, USER_NAME_BYTES_MAX + 1 }));
	assert_false(account_name_valid((struct str){ "a\0b", 3 }));
}

static struct account_info
find(struct messages *f, struct arena *a, const char *name)
{
	struct account_info info;

	assert_int_equal(account_find(f->mail, str_of(name), a, &info), RC_OK);
	return info;
}

static void
test_find_without_case(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct account_info info;
	struct messages f;
	uint64_t id;

	(void)state;
	messages_open(&f, 2);
	assert_int_equal(
	    account_create(f.mail, STR("J\xc3\xbcrgen"), STR("key"), &id),
	    RC_OK);
	info = find(&f, a, "ju\xcc\x88RGEN"); /* decomposed */
	assert_true(info.id == id);
	assert_true(str_eq(info.name, STR("J\xc3\xbcrgen")));
	assert_true(str_eq(info.credentials, STR("key")));
	assert_int_equal(
	    account_create(f.mail, STR("J\xc3\x9cRGEN"), STR(""), &id),
	    RC_EXISTS);
	assert_int_equal(
	    account_create(f.mail, STR("a b"), STR(""), &id), RC_INVALID);
	assert_int_equal(
	    account_find(f.mail, STR("nobody"), a, &info), RC_NOTFOUND);
	assert_int_equal(
	    account_set_credentials(f.mail, STR("J\xc3\x9cRGEN"), STR("new")),
	    RC_OK);
	assert_int_equal(
	    account_set_credentials(f.mail, STR("nobody"), STR("new")),
	    RC_NOTFOUND);
	messages_stop(&f);
	messages_start(&f);
	info = find(&f, a, "j\xc3\xbcrgen");
	assert_true(str_eq(info.credentials, STR("new")));
	arena_free(a);
	messages_close(&f);
}

static void
test_first_mailboxes(void **state)
{
	static const struct {
		const char *name;
		enum special_use use;
	} want[] = { { "INBOX", SPECIAL_NONE }, { "Archive", SPECIAL_ARCHIVE },
		{ "Drafts", SPECIAL_DRAFTS }, { "Junk", SPECIAL_JUNK },
		{ "Sent", SPECIAL_SENT }, { "Trash", SPECIAL_TRASH } };
	struct arena *a = arena_new(1 << 20);
	struct mailbox_info *infos;
	struct messages f;
	size_t count;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(
	    mailbox_list(f.mail, f.account, a, &infos, &count), RC_OK);
	assert_int_equal(count, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(infos[i].name.p, want[i].name);
		assert_int_equal(infos[i].use, want[i].use);
		assert_true(infos[i].subscribed);
		assert_int_equal(infos[i].uidnext, 1);
		assert_true(infos[i].uidvalidity > 0);
		assert_true(infos[i].highestmodseq > 0);
	}
	arena_free(a);
	messages_close(&f);
}

static void
test_list(void **state)
{
	struct arena *a = arena_new(1 << 20), *small = arena_new(40);
	struct account_info *infos;
	struct messages f;
	size_t count;

	(void)state;
	messages_open(&f, 2);
	(void)messages_account(&f, "Zoe");
	(void)messages_account(&f, "ann");
	assert_int_equal(account_list(f.mail, a, &infos, &count), RC_OK);
	assert_int_equal(count, 3);
	assert_string_equal(infos[0].name.p, "ann");
	assert_string_equal(infos[1].name.p, "user");
	assert_string_equal(infos[2].name.p, "Zoe");
	assert_int_equal(account_list(f.mail, small, &infos, &count), RC_LIMIT);
	arena_free(a);
	arena_free(small);
	messages_close(&f);
}

/* How many keys are under an account, of the mail layer's and the store's. */
static size_t
keys_left(struct messages *f, uint64_t account)
{
	struct store_read *r;
	struct store_iter *it;
	struct str none = { 0 }, key, value;
	size_t count = 0;
	enum rc rc;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), account, &r), RC_OK);
	assert_int_equal(store_iter_begin(r, none, none, &it), RC_OK);
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK)
		count++;
	assert_int_equal(rc, RC_NOTFOUND);
	store_iter_end(it);
	store_read_end(r);
	return count;
}

static size_t
nameless(struct messages *f)
{
	struct account_ids ids = { 0 };
	size_t count;

	assert_int_equal(account_nameless_ids(f->mail, NULL, &ids), RC_OK);
	count = ids.v.n;
	vec_fini(&ids.v);
	return count;
}

static void
test_delete(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct account_info info;
	struct mailbox_info mailbox;
	struct messages f;
	uint32_t id;

	(void)state;
	messages_open(&f, 2);
	/* More than one slice of keys. */
	for (int i = 0; i < 3; i++)
		(void)messages_append(&f, f.inbox, 800, NULL);
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("idle"), true), RC_OK);
	assert_true(keys_left(&f, f.account) > 2 * ACCOUNT_SLICE_KEYS);
	assert_int_equal(account_delete(f.mail, STR("USER")), RC_OK);
	assert_int_equal(
	    account_find(f.mail, STR("user"), a, &info), RC_NOTFOUND);
	assert_int_equal(keys_left(&f, f.account), 0);
	assert_int_equal(nameless(&f), 0);
	assert_int_equal(account_delete(f.mail, STR("user")), RC_NOTFOUND);
	/* What still has the number finds nothing, and makes nothing. */
	assert_int_equal(
	    mailbox_find(f.mail, f.account, STR("INBOX"), a, &mailbox),
	    RC_NOTFOUND);
	assert_int_equal(
	    mailbox_create(f.mail, f.account, STR("x"), SPECIAL_NONE, &id),
	    RC_NOTFOUND);
	assert_int_equal(keys_left(&f, f.account), 0);
	arena_free(a);
	messages_close(&f);
}

static void
add_name(void *to, struct str name)
{
	buf_add_str(to, name);
	buf_add_byte(to, ' ');
}

/* All, each with a space behind it. */
static void
expect_off(struct messages *f, const char *want)
{
	struct buf off;

	buf_init(&off, 10000);
	assert_int_equal(
	    account_each_off(f->mail, f->account, add_name, &off), RC_OK);
	assert_true(str_eq(buf_str(&off), str_of(want)));
	buf_fini(&off);
}

static void
test_switches(void **state)
{
	char name[SWITCH_BYTES_MAX + 1];
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	expect_off(&f, "");
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("Move"), true), RC_OK);
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("IDLE"), true), RC_OK);
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("move"), true), RC_OK);
	expect_off(&f, "IDLE MOVE ");
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("moVe"), false), RC_OK);
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("none"), false), RC_OK);
	expect_off(&f, "IDLE ");
	assert_int_equal(
	    account_switch(f.mail, f.account, STR(""), true), RC_INVALID);
	memset(name, 'X', sizeof(name));
	assert_int_equal(account_switch(f.mail, f.account,
			     (struct str){ name, sizeof(name) }, true),
	    RC_INVALID);
	for (size_t i = 1; i < SWITCHES_MAX; i++)
		assert_int_equal(account_switch(f.mail, f.account,
				     (struct str){ name, i }, true),
		    RC_OK);
	assert_int_equal(
	    account_switch(f.mail, f.account, STR("more"), true), RC_LIMIT);
	assert_int_equal(
	    account_switch(f.mail, f.account + 1, STR("x"), true), RC_NOTFOUND);
	messages_close(&f);
}

static uint32_t
uidvalidity(struct messages *f, uint64_t account, const char *name)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;
	uint32_t result;

	assert_int_equal(
	    mailbox_find(f->mail, account, str_of(name), a, &info), RC_OK);
	result = info.uidvalidity;
	arena_free(a);
	return result;
}

/* Whatever the clock says, an account of the same name goes on above. */
static void
test_made_again(void **state)
{
	struct messages f;
	uint32_t last, id;
	uint64_t again;

	(void)state;
	clock_fake(1000, 1700000000);
	messages_open(&f, 2);
	for (int i = 0; i < 40; i++) {
		assert_int_equal(mailbox_create(f.mail, f.account, STR("x"),
				     SPECIAL_NONE, &id),
		    RC_OK);
		last = uidvalidity(&f, f.account, "x");
		assert_int_equal(
		    mailbox_delete(f.mail, f.account, STR("x")), RC_OK);
	}
	assert_int_equal(account_delete(f.mail, STR("user")), RC_OK);
	clock_fake(2000, 1600000000);
	again = messages_account(&f, "user");
	assert_true(again != f.account);
	assert_true(uidvalidity(&f, again, "INBOX") > last);
	clock_fake(0, 0);
	messages_close(&f);
}

/* A crash left an account without a name, with mail in it; or one that never
 * got its name.  The care-taker ends both at the next start. */
static enum rc
leave_change(struct store_txn *t, void *arg)
{
	const uint64_t *account = arg;
	struct key_space space;

	store_txn_delete(t, key_login(&space, STR("user")));
	system_put_nameless(t, *account,
	    &(struct deleted_login_record){ .folded = STR("user") });
	return RC_OK;
}

static void
test_crash_in_deletion(void **state)
{
	struct messages f;
	uint32_t last;
	uint64_t again;

	(void)state;
	clock_fake(1000, 1700000000);
	messages_open(&f, 2);
	(void)messages_append(&f, f.inbox, 10, NULL);
	last = uidvalidity(&f, f.account, "Archive");
	assert_int_equal(store_update(mail_store(f.mail), SYSTEM_ACCOUNT,
			     leave_change, &f.account),
	    RC_OK);
	/* Made again before anybody cleaned up. */
	again = messages_account(&f, "user");
	assert_true(uidvalidity(&f, again, "INBOX") > last);
	messages_stop(&f);
	messages_start(&f);
	care_go_round(f.mail->care);
	assert_int_equal(nameless(&f), 0);
	assert_int_equal(keys_left(&f, f.account), 0);
	assert_true(uidvalidity(&f, again, "INBOX") > last);
	clock_fake(0, 0);
	messages_close(&f);
}

static void
test_sealed_gets_no_name(void **state)
{
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(account_bury(f.mail, f.account), RC_NOTFOUND);
	assert_int_equal(store_update(mail_store(f.mail), SYSTEM_ACCOUNT,
			     leave_change, &f.account),
	    RC_OK);
	assert_int_equal(account_bury(f.mail, f.account), RC_OK);
	assert_int_equal(account_bury(f.mail, f.account), RC_OK);
	assert_int_equal(account_empty(f.mail, f.account, NULL), RC_OK);
	assert_int_equal(account_bury(f.mail, f.account), RC_NOTFOUND);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_find_without_case),
		cmocka_unit_test(test_first_mailboxes),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_switches),
		cmocka_unit_test(test_made_again),
		cmocka_unit_test(test_crash_in_deletion),
		cmocka_unit_test(test_sealed_gets_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
