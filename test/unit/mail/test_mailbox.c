/* SPDX-License-Identifier: MIT
 *
 * mail/mailbox: what CREATE, DELETE, RENAME and SUBSCRIBE do, case by case.
 * Many of each against a model are in test_mailbox_model.c.
 */
#include "records.h"

#include <stdio.h>

#include "base/limits.h"

static enum rc
create(struct messages *f, const char *name)
{
	uint32_t id;

	return mailbox_create(
	    f->mail, f->account, str_of(name), SPECIAL_NONE, &id);
}

static enum rc
delete_box(struct messages *f, const char *name)
{
	return mailbox_delete(f->mail, f->account, str_of(name));
}

static enum rc
rename_box(struct messages *f, const char *from, const char *to)
{
	return mailbox_rename(f->mail, f->account, str_of(from), str_of(to));
}

/* Its id is 0 when there is no such mailbox; the name is not kept. */
static struct mailbox_info
look(struct messages *f, const char *name)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info = { 0 };
	enum rc rc = mailbox_find(f->mail, f->account, str_of(name), a, &info);

	assert_true(rc == RC_OK || rc == RC_NOTFOUND);
	arena_free(a);
	info.name = (struct str){ 0 };
	return info;
}

static bool
exists(struct messages *f, const char *name)
{
	return look(f, name).id != 0;
}

static void
test_create(void **state)
{
	struct messages f;
	uint32_t id, other;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(
	    mailbox_create(f.mail, f.account, STR("a/b/c"), SPECIAL_NONE, &id),
	    RC_OK);
	assert_int_equal(look(&f, "a/b/c").id, id);
	assert_true(exists(&f, "a") && exists(&f, "a/b"));
	assert_false(exists(&f, "A"));
	assert_int_equal(create(&f, "a/b"), RC_EXISTS);
	assert_int_equal(create(&f, "inbox"), RC_EXISTS);
	assert_int_equal(create(&f, "inbox/x"), RC_OK);
	assert_true(exists(&f, "INBOX/x") && exists(&f, "Inbox/x"));
	assert_false(exists(&f, "INBOX/X"));
	assert_int_equal(create(&f, "u\xcc\x88"), RC_OK);
	assert_int_equal(create(&f, "\xc3\xbc"), RC_EXISTS);
	assert_int_equal(create(&f, "a//b"), RC_INVALID);
	assert_int_equal(create(&f, "INBOX/INBOX"), RC_INVALID);
	/* Nothing of what is refused is made. */
	assert_int_equal(create(&f, "new/\x01"), RC_INVALID);
	assert_false(exists(&f, "new"));
	assert_int_equal(mailbox_create(f.mail, f.account, STR("q/trash"),
			     SPECIAL_TRASH, &other),
	    RC_CONFLICT);
	assert_false(exists(&f, "q"));
	assert_int_equal(mailbox_create(f.mail, f.account, STR("q/flags"),
			     SPECIAL_FLAGGED, &other),
	    RC_OK);
	assert_int_equal(look(&f, "q/flags").use, SPECIAL_FLAGGED);
	assert_int_equal(look(&f, "q").use, SPECIAL_NONE);
	assert_false(look(&f, "q").subscribed);
	messages_close(&f);
}

static void
test_delete(void **state)
{
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "a/b"), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("a"), true), RC_OK);
	assert_int_equal(delete_box(&f, "a"), RC_OK);
	assert_false(exists(&f, "a"));
	assert_true(exists(&f, "a/b"));
	assert_int_equal(delete_box(&f, "a"), RC_NOTFOUND);
	assert_int_equal(delete_box(&f, "nowhere"), RC_NOTFOUND);
	assert_int_equal(delete_box(&f, "inbox"), RC_REFUSED);
	/* The name stays subscribed, and is so when it comes back. */
	assert_int_equal(create(&f, "a"), RC_OK);
	assert_true(look(&f, "a").subscribed);
	/* A special use is free again. */
	assert_int_equal(delete_box(&f, "Trash"), RC_OK);
	assert_int_equal(mailbox_create(f.mail, f.account, STR("bin"),
			     SPECIAL_TRASH, &(uint32_t){ 0 }),
	    RC_OK);
	messages_close(&f);
}

static void
test_delete_with_messages(void **state)
{
	struct messages f;
	struct account_record before;
	uint32_t id;

	(void)state;
	messages_open(&f, 1);
	(void)messages_append(&f, f.inbox, 3, NULL);
	before = records_account(&f);
	assert_int_equal(
	    mailbox_create(f.mail, f.account, STR("a"), SPECIAL_NONE, &id),
	    RC_OK);
	(void)messages_append(&f, id, 5, NULL);
	assert_true(records_account(&f).messages == 8);
	assert_int_equal(delete_box(&f, "a"), RC_OK);
	assert_true(records_account(&f).messages == 3);
	assert_true(records_account(&f).size == before.size);
	assert_int_equal(records_account(&f).mailboxes, before.mailboxes);
	assert_true(records_account(&f).purge_from > 0);
	messages_close(&f);
}

static void
test_rename_tree(void **state)
{
	struct messages f;
	struct mailbox_info a, c;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "a/b/c"), RC_OK);
	assert_int_equal(create(&f, "ab"), RC_OK);
	assert_int_equal(create(&f, "a.b"), RC_OK);
	a = look(&f, "a");
	c = look(&f, "a/b/c");
	(void)messages_append(&f, c.id, 2, NULL);
	assert_int_equal(rename_box(&f, "a", "x/y"), RC_OK);
	assert_false(exists(&f, "a") || exists(&f, "a/b"));
	assert_true(exists(&f, "x") && exists(&f, "ab") && exists(&f, "a.b"));
	assert_int_equal(look(&f, "x/y").id, a.id);
	assert_int_equal(look(&f, "x/y/b/c").id, c.id);
	assert_int_equal(look(&f, "x/y/b/c").messages, 2);
	/* Names that none had before do not change the UIDVALIDITY. */
	assert_int_equal(look(&f, "x/y/b/c").uidvalidity, c.uidvalidity);
	messages_close(&f);
}

static void
test_rename_refused(void **state)
{
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "a/b"), RC_OK);
	assert_int_equal(create(&f, "x/b"), RC_OK);
	assert_int_equal(rename_box(&f, "nowhere", "y"), RC_NOTFOUND);
	assert_int_equal(rename_box(&f, "a", "x"), RC_EXISTS);
	assert_int_equal(rename_box(&f, "a", "a"), RC_EXISTS);
	assert_int_equal(rename_box(&f, "a", "inbox"), RC_EXISTS);
	assert_int_equal(rename_box(&f, "a", "a/c"), RC_INVALID);
	assert_int_equal(rename_box(&f, "a", "a/b/c"), RC_INVALID);
	assert_int_equal(rename_box(&f, "a", "y//z"), RC_INVALID);
	assert_int_equal(rename_box(&f, "inbox", "x"), RC_EXISTS);
	/* All or nothing: x is free, but x/b is not. */
	assert_int_equal(delete_box(&f, "x"), RC_OK);
	assert_int_equal(rename_box(&f, "a", "x"), RC_EXISTS);
	assert_true(exists(&f, "a") && exists(&f, "a/b"));
	assert_false(exists(&f, "x"));
	messages_close(&f);
}

/* An inferior's new name is that of another inferior before. */
static void
test_rename_within_itself(void **state)
{
	struct messages f;
	struct mailbox_info b, bb;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "a/b/b/c"), RC_OK);
	b = look(&f, "a/b");
	bb = look(&f, "a/b/b");
	assert_int_equal(delete_box(&f, "a"), RC_OK);
	assert_int_equal(rename_box(&f, "a/b", "a"), RC_OK);
	assert_int_equal(look(&f, "a").id, b.id);
	assert_int_equal(look(&f, "a/b").id, bb.id);
	assert_true(exists(&f, "a/b/c"));
	assert_false(exists(&f, "a/b/b"));
	/* a/b had b's UIDVALIDITY; that of bb is greater, and a's own name had
	 * a lesser one: so neither needs a new one but by chance of its slot. */
	assert_true(look(&f, "a/b").uidvalidity > b.uidvalidity);
	messages_close(&f);
}

static void
test_rename_too_long(void **state)
{
	char name[MAILBOX_NAME_BYTES_MAX + 1] = { 0 };
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	memset(name, 'n', MAILBOX_NAME_BYTES_MAX - 10);
	assert_int_equal(create(&f, "a/inferior-of-it"), RC_OK);
	assert_int_equal(rename_box(&f, "a", name), RC_LIMIT);
	assert_true(exists(&f, "a/inferior-of-it"));
	messages_close(&f);
}

static void
test_rename_inbox(void **state)
{
	static const struct str keywords[] = { { "work", 4 }, { "$Junk", 5 } };
	struct flags flags = {
		.system = FLAG_SEEN, .keywords = keywords, .keyword_count = 2
	};
	struct mailbox_info inbox, old;
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "INBOX/below"), RC_OK);
	(void)messages_append(&f, f.inbox, 130, &flags);
	(void)messages_append(&f, f.inbox, 1, NULL);
	assert_int_equal(rename_box(&f, "inbox", "old/mail"), RC_OK);
	inbox = look(&f, "INBOX");
	old = look(&f, "old/mail");
	assert_int_equal(inbox.id, f.inbox);
	assert_int_equal(inbox.messages, 0);
	assert_int_equal(inbox.uidnext, 132);
	assert_int_equal(old.messages, 131);
	assert_int_equal(old.unseen, 1);
	assert_int_equal(old.uidnext, 132);
	assert_true(exists(&f, "INBOX/below") && exists(&f, "old"));
	assert_true(records_account(&f).messages == 131);
	messages_close(&f);
}

/* Whatever gets a name has a greater UIDVALIDITY than the name had. */
static void
test_uidvalidity_grows(void **state)
{
	struct messages f;
	uint32_t first, second, third;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "old"), RC_OK);
	assert_int_equal(create(&f, "name"), RC_OK);
	first = look(&f, "name").uidvalidity;
	assert_int_equal(delete_box(&f, "name"), RC_OK);
	assert_int_equal(create(&f, "name"), RC_OK);
	second = look(&f, "name").uidvalidity;
	assert_true(second > first);
	assert_int_equal(rename_box(&f, "name", "gone"), RC_OK);
	assert_int_equal(look(&f, "gone").uidvalidity, second);
	assert_true(look(&f, "old").uidvalidity < second);
	assert_int_equal(rename_box(&f, "old", "name"), RC_OK);
	third = look(&f, "name").uidvalidity;
	assert_true(third > second);
	/* There and back. */
	assert_int_equal(rename_box(&f, "name", "old"), RC_OK);
	assert_int_equal(rename_box(&f, "old", "name"), RC_OK);
	assert_true(look(&f, "name").uidvalidity > third);
	messages_close(&f);
}

static void
test_subscriptions(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct messages f;
	struct str *names;
	size_t count;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("inbox/later"), true),
	    RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("INBOX/later"), true),
	    RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("Sent"), false), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("Sent"), false), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("a//b"), true),
	    RC_INVALID);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("a//b"), false), RC_OK);
	assert_int_equal(
	    mailbox_subscriptions(f.mail, f.account, a, &names, &count), RC_OK);
	assert_int_equal(count, 6);
	assert_string_equal(names[0].p, "Archive");
	assert_string_equal(names[2].p, "INBOX");
	assert_string_equal(names[3].p, "INBOX/later");
	assert_string_equal(names[5].p, "Trash");
	assert_int_equal(records_account(&f).subscriptions, 6);
	assert_false(look(&f, "Sent").subscribed);
	arena_free(a);
	messages_close(&f);
}

static void
test_list(void **state)
{
	struct arena *a = arena_new(1 << 16), *small = arena_new(600);
	struct mailbox_info *infos;
	struct messages f;
	size_t count;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "INBOX/a"), RC_OK);
	assert_int_equal(create(&f, "A"), RC_OK);
	(void)messages_append(&f, f.inbox, 2, NULL);
	assert_int_equal(
	    mailbox_list(f.mail, f.account, a, &infos, &count), RC_OK);
	assert_int_equal(count, 8);
	assert_string_equal(infos[0].name.p, "INBOX");
	assert_int_equal(infos[0].messages, 2);
	assert_int_equal(infos[0].unseen, 2);
	assert_true(infos[0].size == 2 * SMALL_MESSAGE.n);
	assert_string_equal(infos[1].name.p, "A");
	for (size_t i = 2; i < count; i++)
		assert_true(str_cmp(infos[i - 1].name, infos[i].name) < 0);
	assert_int_equal(
	    mailbox_list(f.mail, f.account, small, &infos, &count), RC_LIMIT);
	assert_int_equal(
	    mailbox_list(f.mail, 12345, a, &infos, &count), RC_NOTFOUND);
	arena_free(a);
	arena_free(small);
	messages_close(&f);
}

/* All that was done is there after a restart. */
static void
test_restart(void **state)
{
	struct mailbox_info before, after;
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(create(&f, "a/b"), RC_OK);
	assert_int_equal(rename_box(&f, "a", "c"), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("c/b"), true), RC_OK);
	before = look(&f, "c/b");
	messages_stop(&f);
	messages_start(&f);
	after = look(&f, "c/b");
	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(after.subscribed);
	assert_false(exists(&f, "a"));
	messages_close(&f);
}

/* The limit of an account, by saying that it has as many. */
static enum rc
fill_change(struct store_txn *t, void *arg)
{
	struct change c;
	enum rc rc = change_begin(t, 1, &c);

	(void)arg;
	if (rc != RC_OK)
		return rc;
	c.account.mailboxes = MAILBOXES_MAX - 1;
	c.account.subscriptions = SUBSCRIPTIONS_MAX - 1;
	c.dirty = true;
	change_end(&c);
	return RC_OK;
}

static void
test_limits(void **state)
{
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	assert_int_equal(
	    store_update(mail_store(f.mail), f.account, fill_change, NULL),
	    RC_OK);
	assert_int_equal(create(&f, "a/b"), RC_LIMIT);
	assert_false(exists(&f, "a"));
	assert_int_equal(create(&f, "a"), RC_OK);
	assert_int_equal(create(&f, "b"), RC_LIMIT);
	assert_int_equal(rename_box(&f, "a", "x/y"), RC_LIMIT);
	assert_true(exists(&f, "a"));
	assert_int_equal(rename_box(&f, "a", "x"), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("1"), true), RC_OK);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("2"), true), RC_LIMIT);
	assert_int_equal(
	    mailbox_subscribe(f.mail, f.account, STR("1"), true), RC_OK);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_delete),
		cmocka_unit_test(test_delete_with_messages),
		cmocka_unit_test(test_rename_tree),
		cmocka_unit_test(test_rename_refused),
		cmocka_unit_test(test_rename_within_itself),
		cmocka_unit_test(test_rename_too_long),
		cmocka_unit_test(test_rename_inbox),
		cmocka_unit_test(test_uidvalidity_grows),
		cmocka_unit_test(test_subscriptions),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
