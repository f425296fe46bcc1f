/* SPDX-License-Identifier: MIT
 *
 * Bringing expunged messages back: with new UIDs, once, with flags, keywords
 * and bytes as they were; and mailboxes that were deleted.
 */
#include "records.h"

#include "base/clock.h"
#include "base/limits.h"

#define ROOM 8000

static uint64_t
undelete(struct messages *f, int64_t since)
{
	uint64_t count;

	assert_int_equal(
	    message_undelete(f->mail, f->account, since, &count), RC_OK);
	return count;
}

static uint32_t
make(struct messages *f, const char *name, enum special_use use)
{
	uint32_t id;

	assert_int_equal(
	    mailbox_create(f->mail, f->account, str_of(name), use, &id), RC_OK);
	return id;
}

static void
test_expunged(void **state)
{
	static const struct str keyword = { "work", 4 };
	struct flags flags = { .system = FLAG_SEEN | FLAG_FLAGGED,
		.keywords = &keyword,
		.keyword_count = 1 };
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 3, NULL);
	(void)messages_append(&f, f.inbox, 2, &flags);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 2, 4 });
	assert_true(undelete(&f, T0) == 3);
	assert_int_equal(records_messages(&f, f.inbox, m, ROOM), 5);
	assert_int_equal(m[0].uid, 1);
	assert_int_equal(m[1].uid, 5);
	assert_int_equal(m[2].uid, 6);
	assert_int_equal(m[2].flags, 0);
	assert_int_equal(m[2].email, 2);
	assert_int_equal(m[4].uid, 8);
	assert_int_equal(m[4].flags, FLAG_SEEN | FLAG_FLAGGED);
	assert_true(m[4].keywords == m[1].keywords && m[4].keywords != 0);
	assert_true(m[4].internal_date == m[1].internal_date);
	assert_true(m[4].modseq > m[1].modseq);
	assert_true(records_account(&f).messages == 5);
	/* Once. */
	assert_true(undelete(&f, 0) == 0);
	/* But again when they are expunged again. */
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 6, 6 });
	assert_true(undelete(&f, 0) == 1);
	/* The old entries go; the messages stay. */
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_REFERENCES), 0);
	assert_int_equal(records_messages(&f, f.inbox, m, ROOM), 5);
	assert_true(records_has_bytes(&f, 2));
	mem_free(m);
	records_close(&f);
}

static void
test_since(void **state)
{
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 6, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 2 });
	clock_fake(2000, T0 + 100);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 3, 3 });
	assert_true(undelete(&f, T0 + 101) == 0);
	assert_true(undelete(&f, T0 + 100) == 1);
	assert_int_equal(records_messages(&f, f.inbox, m, ROOM), 4);
	assert_int_equal(m[3].email, 3);
	assert_true(undelete(&f, T0) == 2);
	mem_free(m);
	records_close(&f);
}

static void
test_moved_is_not_lost(void **state)
{
	struct uid_range range = { 1, 2 };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct copy_result moved;
	struct messages f;
	uint32_t other;

	(void)state;
	records_open(&f);
	other = make(&f, "other", SPECIAL_NONE);
	(void)messages_append(&f, f.inbox, 3, NULL);
	assert_int_equal(message_copy(f.mail, f.account, f.inbox, &uids, other,
			     true, &moved),
	    RC_OK);
	copy_result_fini(&moved);
	assert_true(undelete(&f, 0) == 0);
	assert_int_equal(records_mailbox(&f, f.inbox).messages, 1);
	assert_int_equal(records_mailbox(&f, other).messages, 2);
	records_close(&f);
}

static struct mailbox_info
look(struct messages *f, const char *name)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info = { 0 };

	assert_int_equal(
	    mailbox_find(f->mail, f->account, str_of(name), a, &info), RC_OK);
	arena_free(a);
	return info;
}

static void
test_deleted_mailbox(void **state)
{
	static const struct str keyword = { "work", 4 };
	struct flags flags = { .system = FLAG_SEEN | FLAG_DELETED,
		.keywords = &keyword,
		.keyword_count = 1 };
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct mailbox_info info;
	struct messages f;
	uint32_t id, uidvalidity;

	(void)state;
	records_open(&f);
	id = make(&f, "a/b", SPECIAL_FLAGGED);
	uidvalidity = look(&f, "a/b").uidvalidity;
	(void)messages_append(&f, id, 4, &flags);
	(void)messages_expunge(&f, id, (struct uid_range){ 1, 1 });
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a/b")), RC_OK);
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a")), RC_OK);
	assert_true(records_account(&f).messages == 0);
	assert_true(undelete(&f, T0) == 4);
	(void)look(&f, "a");
	info = look(&f, "a/b");
	assert_true(info.id != id);
	assert_true(info.uidvalidity > uidvalidity);
	assert_int_equal(info.use, SPECIAL_FLAGGED);
	assert_int_equal(records_messages(&f, info.id, m, ROOM), 4);
	/* The one that was expunged for it is not \Deleted any more. */
	assert_int_equal(m[0].email, 1);
	assert_int_equal(m[0].flags, FLAG_SEEN);
	assert_int_equal(m[1].flags, FLAG_SEEN | FLAG_DELETED);
	assert_true(m[1].keywords != 0);
	assert_true(records_account(&f).messages == 4);
	/* Deleted again, it comes back once, not twice. */
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a/b")), RC_OK);
	assert_true(undelete(&f, T0) == 4);
	assert_int_equal(look(&f, "a/b").messages, 4);
	/* The mailboxes it was are purged at once. */
	assert_int_equal(mail_purge(f.mail, T0), RC_OK);
	assert_int_equal(records_count(&f, KEY_MAILBOX), 8);
	assert_int_equal(records_count(&f, KEY_REFERENCES), 0);
	mem_free(m);
	records_close(&f);
}

/* Its name has been taken: the messages go there, with their keywords. */
static void
test_name_taken(void **state)
{
	static const struct str one = { "one", 3 }, two = { "two", 3 };
	struct flags has_one = { .keywords = &one, .keyword_count = 1 };
	struct flags has_two = { .keywords = &two, .keyword_count = 1 };
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct messages f;
	uint32_t id;

	(void)state;
	records_open(&f);
	id = make(&f, "a", SPECIAL_NONE);
	(void)messages_append(&f, id, 1, &has_one);
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a")), RC_OK);
	id = make(&f, "a", SPECIAL_NONE);
	(void)messages_append(&f, id, 1, &has_two);
	assert_true(undelete(&f, T0) == 1);
	assert_int_equal(look(&f, "a").id, id);
	assert_int_equal(records_messages(&f, id, m, ROOM), 2);
	assert_true(m[0].keywords == 1 && m[1].keywords == 2);
	mem_free(m);
	records_close(&f);
}

/* There is no room for the keyword: the message comes without it. */
static void
test_no_room_for_keywords(void **state)
{
	char texts[KEYWORDS_MAX + 1][8];
	struct str names[KEYWORDS_MAX + 1];
	struct flags all = { .keywords = names, .keyword_count = KEYWORDS_MAX };
	struct flags last = { .system = FLAG_SEEN,
		.keywords = names + KEYWORDS_MAX,
		.keyword_count = 1 };
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct messages f;
	uint32_t id;

	(void)state;
	records_open(&f);
	for (int i = 0; i <= KEYWORDS_MAX; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "k%d", i);
		names[i] = str_of(texts[i]);
	}
	id = make(&f, "a", SPECIAL_NONE);
	(void)messages_append(&f, id, 1, &last);
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a")), RC_OK);
	id = make(&f, "a", SPECIAL_NONE);
	(void)messages_append(&f, id, 1, &all);
	assert_true(undelete(&f, T0) == 1);
	assert_int_equal(records_messages(&f, id, m, ROOM), 2);
	assert_int_equal(m[1].flags, FLAG_SEEN);
	assert_true(m[1].keywords == 0);
	mem_free(m);
	records_close(&f);
}

static void
test_slices(void **state)
{
	struct message *m = mem_array(ROOM, sizeof(*m));
	struct messages f;

	(void)state;
	records_open(&f);
	for (int i = 0; i < 8; i++)
		(void)messages_append(&f, f.inbox, 999, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 7000 });
	assert_true(undelete(&f, T0) == 7000);
	assert_int_equal(records_messages(&f, f.inbox, m, ROOM), 7992);
	for (size_t i = 0; i < 7000; i++)
		assert_int_equal(m[992 + i].email, i + 1);
	mem_free(m);
	records_close(&f);
}

static void
test_nobody(void **state)
{
	struct messages f;
	uint64_t count;

	(void)state;
	records_open(&f);
	assert_int_equal(
	    message_undelete(f.mail, 12345, 0, &count), RC_NOTFOUND);
	assert_true(undelete(&f, 0) == 0);
	records_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expunged),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_moved_is_not_lost),
		cmocka_unit_test(test_deleted_mailbox),
		cmocka_unit_test(test_name_taken),
		cmocka_unit_test(test_no_room_for_keywords),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
