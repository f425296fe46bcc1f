/* SPDX-License-Identifier: MIT
 *
 * Views: what each call promises, one by one.  Whether many of them agree is
 * test_view_model.c's.
 */
#include "messages.h"

#include <stdio.h>

#include "base/limits.h"
#include "mail/view_internal.h"

struct told {
	size_t expunged;
	size_t changed;
	bool exists_changed;
	bool keywords_changed;
	bool deleted;
	bool more;
};

static struct told
sync_it(struct view *v, bool may_expunge)
{
	struct arena *a = arena_new(1 << 24);
	struct view_sync sync = { .may_expunge = may_expunge };
	struct told told;

	assert_int_equal(view_sync(v, a, &sync), RC_OK);
	told = (struct told){ sync.expunged_count, sync.changed_count,
		sync.exists_changed, sync.keywords_changed, sync.deleted,
		sync.more };
	arena_free(a);
	return told;
}

/* -- a mailbox that goes --------------------------------------------------------- */

static void
count_call(void *arg)
{
	++*(unsigned *)arg;
}

static void
test_mailbox_is_deleted(void **state)
{
	struct messages *f = *state;
	unsigned calls = 0;
	struct mailbox_watch w = { .fn = count_call, .arg = &calls };
	struct mailbox *b;
	struct view v;
	struct told told;
	struct message m;
	uint32_t id;

	assert_int_equal(
	    mailbox_create(f->mail, f->account, STR("gone"), SPECIAL_NONE, &id),
	    RC_OK);
	(void)messages_append(f, id, 2, NULL);
	v = messages_view(f, id, false);
	b = v.mailbox;
	mailbox_watch(b, &w);
	assert_false(view_is_stale(&v));
	assert_int_equal(
	    mailbox_delete(f->mail, f->account, STR("gone")), RC_OK);
	assert_true(calls > 0);
	assert_true(mailbox_is_deleted(b));
	assert_true(view_is_stale(&v));
	told = sync_it(&v, true);
	assert_true(told.deleted);
	assert_false(told.exists_changed);
	/* The session may go on reading until it is told. */
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 2, 2 }, false, &m, 1), 1);
	assert_int_equal(
	    mailbox_open(f->mail, f->account, id, &b), RC_NOTFOUND);
	mailbox_unwatch(v.mailbox, &w);
	view_end(&v);
	view_end(&v); /* does nothing */
}

/* -- \Recent ------------------------------------------------------------------- */

static void
check_recent(struct view *v, const char *want)
{
	struct message m[16];
	char got[16];
	size_t n =
	    messages_walk(v, (struct uid_range){ 1, UINT32_MAX }, false, m, 15);

	for (size_t i = 0; i < n; i++)
		got[i] = m[i].recent ? 'R' : '-';
	got[n] = '\0';
	assert_string_equal(got, want);
}

static void
test_recent_is_claimed_once(void **state)
{
	struct messages *f = *state;
	struct view first, second, third;

	(void)messages_append(f, f->inbox, 2, NULL);
	first = messages_view(f, f->inbox, false);
	check_recent(&first, "RR"); /* EXAMINE sees it, but claims nothing */
	second = messages_view(f, f->inbox, true);
	check_recent(&second, "RR");
	third = messages_view(f, f->inbox, true);
	check_recent(&third, "--");
	/* The first to synchronise has what comes; it keeps what it had. */
	(void)messages_append(f, f->inbox, 1, NULL);
	(void)sync_it(&first, true);
	check_recent(&first, "RRR");
	(void)sync_it(&second, true);
	check_recent(&second, "RRR");
	(void)sync_it(&third, true);
	check_recent(&third, "---");
	view_end(&first);
	view_end(&second);
	view_end(&third);
}

static struct mailbox_info
info_of(struct messages *f, const char *name, struct arena *a)
{
	struct mailbox_info info;

	assert_int_equal(
	    mailbox_find(f->mail, f->account, str_of(name), a, &info), RC_OK);
	return info;
}

/* The store may not know yet what a session was told of: as long as the
 * mailbox is open, that makes no difference. */
static void
test_recent_is_counted_at_once(void **state)
{
	struct messages *f = *state;
	struct arena *a = arena_new(1 << 20);
	struct view v = messages_view(f, f->inbox, true);

	for (unsigned i = 0; i < 50; i++) {
		(void)messages_append(f, f->inbox, 2, NULL);
		assert_int_equal(info_of(f, "INBOX", a).recent, 2);
		(void)sync_it(&v, true);
		assert_int_equal(info_of(f, "INBOX", a).recent, 0);
	}
	/* Of what comes now the session is told in part. */
	(void)messages_append(f, f->inbox, 5, NULL);
	assert_int_equal(info_of(f, "INBOX", a).recent, 5);
	lock_take(&v.mailbox->lock);
	assert_true(view_claim(&v, v.uidnext + 2));
	lock_release(&v.mailbox->lock);
	assert_int_equal(info_of(f, "INBOX", a).recent, 3);
	view_end(&v);
	arena_free(a);
}

static void
test_recent_is_stored(void **state)
{
	struct messages *f = *state;
	struct arena *a = arena_new(1 << 16);
	struct view v;

	(void)messages_append(f, f->inbox, 3, NULL);
	assert_int_equal(info_of(f, "INBOX", a).recent, 3);
	v = messages_view(f, f->inbox, true);
	view_end(&v);
	/* The hint is queued in front of this change. */
	(void)messages_append(f, f->inbox, 1, NULL);
	assert_int_equal(info_of(f, "INBOX", a).recent, 1);
	messages_stop(f);
	messages_start(f);
	v = messages_view(f, f->inbox, true);
	check_recent(&v, "---R");
	view_end(&v);
	arena_free(a);
}

/* -- synchronising --------------------------------------------------------------- */

static void
test_expunged_stays_until_told(void **state)
{
	struct messages *f = *state;
	struct view v;
	struct told told;
	struct message m[4];

	(void)messages_append(f, f->inbox, 3, NULL);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 2, 2 }), 1);
	/* Neither reading, nor telling without expunges, nor purging takes it
	 * out of the view. */
	told = sync_it(&v, false);
	assert_int_equal(told.expunged, 0);
	assert_false(told.exists_changed);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 3 }, false, m, 4), 3);
	assert_true(m[1].expunged);
	assert_int_equal(m[1].uid, 2);
	told = sync_it(&v, true);
	assert_int_equal(told.expunged, 1);
	assert_int_equal(v.exists, 2);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 3 }, true, m, 4), 2);
	assert_int_equal(m[1].uid, 3);
	assert_int_equal(m[1].seq, 2);
	view_end(&v);
}

/* Came and went between two looks, without and with leave to tell. */
static void
test_came_and_went(void **state)
{
	struct messages *f = *state;
	struct view v = messages_view(f, f->inbox, false);
	struct told told;

	(void)messages_append(f, f->inbox, 2, NULL);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, 1 }), 1);
	told = sync_it(&v, true);
	assert_int_equal(told.expunged, 0);
	assert_true(told.exists_changed);
	assert_int_equal(v.exists, 1);
	(void)messages_append(f, f->inbox, 1, NULL);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 3, 3 }), 1);
	told = sync_it(&v, false);
	assert_int_equal(v.exists, 2); /* told as there, then as gone */
	told = sync_it(&v, true);
	assert_int_equal(told.expunged, 1);
	assert_int_equal(v.exists, 1);
	view_end(&v);
}

static void
test_own_changes_are_not_told(void **state)
{
	struct messages *f = *state;
	struct arena *a = arena_new(1 << 20);
	struct view v;
	uint64_t own;

	(void)messages_append(f, f->inbox, 3, NULL);
	v = messages_view(f, f->inbox, false);
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 3, 3 }, STORE_ADD, FLAG_SEEN);
	own = messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 2 }, STORE_ADD, FLAG_FLAGGED);
	{
		struct view_sync sync = { .own = { &own, 1, 1 } };

		assert_int_equal(view_sync(&v, a, &sync), RC_OK);
		assert_int_equal(sync.changed_count, 1);
		assert_int_equal(sync.changed[0].uid, 3);
		assert_int_equal(sync.changed[0].flags, FLAG_SEEN);
	}
	assert_false(view_is_stale(&v));
	view_end(&v);
	arena_free(a);
}

static void
test_keywords_changed(void **state)
{
	struct messages *f = *state;
	struct str name = STR("new");
	struct flags flags = { 0, &name, 1 };
	struct view v = messages_view(f, f->inbox, false);

	assert_int_equal(v.keyword_count, 0);
	(void)messages_append(f, f->inbox, 1, &flags);
	assert_true(sync_it(&v, true).keywords_changed);
	assert_int_equal(v.keyword_count, 1);
	(void)messages_append(f, f->inbox, 1, &flags);
	assert_false(sync_it(&v, true).keywords_changed);
	view_end(&v);
}

/* More flags than are told at once: all are told in the end, none of the
 * numbers is wrong meanwhile. */
static void
test_flags_are_told_in_parts(void **state)
{
	struct messages *f = *state;
	enum { COUNT = SYNC_CHANGED_MAX + 3000 };
	struct view v;
	struct told told;
	uint32_t gone = 10;

	(void)messages_append(f, f->inbox, COUNT, NULL);
	v = messages_view(f, f->inbox, false);
	(void)messages_flag(f, f->inbox, (struct uid_range){ 1, UINT32_MAX },
	    STORE_ADD, FLAG_SEEN);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, gone }), gone);
	told = sync_it(&v, true);
	assert_int_equal(told.expunged, gone);
	assert_int_equal(told.changed, SYNC_CHANGED_MAX);
	assert_true(told.more);
	assert_true(view_is_stale(&v));
	/* A change among those that know is told, too. */
	(void)messages_flag(f, f->inbox,
	    (struct uid_range){ gone + 1, gone + 1 }, STORE_ADD, FLAG_FLAGGED);
	told = sync_it(&v, true);
	assert_int_equal(told.changed, COUNT - gone - SYNC_CHANGED_MAX + 1);
	assert_false(told.more);
	assert_false(view_is_stale(&v));
	assert_int_equal(sync_it(&v, true).changed, 0);
	view_end(&v);
}

/* When the lists do not fit nothing has moved. */
static void
test_sync_without_memory(void **state)
{
	struct messages *f = *state;
	struct view v, before;
	struct view_sync sync = { .may_expunge = true };

	(void)messages_append(f, f->inbox, 500, NULL);
	v = messages_view(f, f->inbox, false);
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 400 }, STORE_ADD, FLAG_SEEN);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, 200 }), 200);
	before = v;
	for (size_t max = 16; max < 200000; max *= 2) {
		struct arena *a = arena_new(max);
		enum rc rc = view_sync(&v, a, &sync);

		arena_free(a);
		if (rc == RC_OK)
			break;
		assert_int_equal(rc, RC_LIMIT);
		assert_memory_equal(&v, &before, sizeof(v));
		assert_int_equal(sync.expunged_count, 0);
		assert_int_equal(sync.changed_count, 0);
	}
	assert_int_equal(v.exists, 300);
	view_end(&v);
}

static void
test_walk_without_memory(void **state)
{
	struct messages *f = *state;
	struct uid_range all = { 1, 9 };
	struct arena *a = arena_new(16);
	struct view_walk walk;
	struct view v;

	(void)messages_append(f, f->inbox, 1, NULL);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(
	    view_walk_begin(&v, &all, 1, false, a, &walk), RC_LIMIT);
	view_end(&v);
	arena_free(a);
}

static void
test_walk_of_many_ranges(void **state)
{
	struct messages *f = *state;
	struct uid_range few[] = { { 2, 2 }, { 119, 122 }, { 300, 300 },
		{ 599, 700 }, { 5000, UINT32_MAX } };
	static const uint32_t want[] = { 2, 119, 120, 121, 122, 300, 599, 600 };
	struct arena *a = arena_new(1 << 20);
	struct message found[VIEW_SLICE];
	struct view_walk walk;
	struct view v;
	size_t at = 0, count;

	(void)messages_append(f, f->inbox, 600, NULL);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(view_walk_begin(&v, few, 5, false, a, &walk), RC_OK);
	do {
		assert_int_equal(view_walk_next(&walk, found, &count), RC_OK);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(found[i].seq, want[at++]);
	} while (count > 0);
	assert_int_equal(at, 8);
	/* The end stays the end. */
	assert_int_equal(view_walk_next(&walk, found, &count), RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(view_walk_begin(&v, few, 0, true, a, &walk), RC_OK);
	assert_int_equal(view_walk_next(&walk, found, &count), RC_OK);
	assert_int_equal(count, 0);
	view_end(&v);
	arena_free(a);
}

/* A walk goes on while others change the mailbox. */
static void
test_walk_while_it_changes(void **state)
{
	struct messages *f = *state;
	struct uid_range all = { 1, UINT32_MAX };
	struct arena *a = arena_new(1 << 20);
	struct message found[VIEW_SLICE];
	struct view_walk walk;
	uint32_t seq = 0, step = 0;
	struct view v;
	size_t count;

	(void)messages_append(f, f->inbox, 1000, NULL);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(view_walk_begin(&v, &all, 1, true, a, &walk), RC_OK);
	do {
		assert_int_equal(view_walk_next(&walk, found, &count), RC_OK);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(found[i].seq, ++seq);
			assert_int_equal(found[i].uid, seq);
		}
		(void)messages_append(f, f->inbox, 50, NULL);
		(void)messages_expunge(f, f->inbox,
		    (struct uid_range){ step * 100 + 1, step * 100 + 150 });
		step++;
	} while (count > 0);
	assert_int_equal(seq, 1000);
	view_end(&v);
	arena_free(a);
}

static void
test_empty_mailbox(void **state)
{
	struct messages *f = *state;
	struct view v = messages_view(f, f->inbox, true);
	struct message m;
	uint32_t number = 77;

	assert_int_equal(v.exists, 0);
	assert_int_equal(view_last_uid(&v, &number), RC_OK);
	assert_int_equal(number, 0);
	assert_int_equal(view_first_unseen(&v, &number), RC_OK);
	assert_int_equal(number, 0);
	assert_int_equal(view_seq_of(&v, 1, &number), RC_OK);
	assert_int_equal(number, 0);
	assert_int_equal(view_uid_of(&v, 1, &number), RC_NOTFOUND);
	assert_int_equal(view_uid_of(&v, 0, &number), RC_NOTFOUND);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, UINT32_MAX }, true, &m, 1),
	    0);
	view_end(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test)                       \
	cmocka_unit_test_setup_teardown( \
	    test, messages_set_up, messages_tear_down)
		TEST(test_mailbox_is_deleted),
		TEST(test_recent_is_claimed_once),
		TEST(test_recent_is_counted_at_once),
		TEST(test_recent_is_stored),
		TEST(test_expunged_stays_until_told),
		TEST(test_came_and_went),
		TEST(test_own_changes_are_not_told),
		TEST(test_keywords_changed),
		TEST(test_flags_are_told_in_parts),
		TEST(test_sync_without_memory),
		TEST(test_walk_without_memory),
		TEST(test_walk_of_many_ranges),
		TEST(test_walk_while_it_changes),
		TEST(test_empty_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
