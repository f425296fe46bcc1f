/* SPDX-License-Identifier: MIT
 *
 * Open mailboxes: shared, watched, and brought up to date in the order that
 * views rely on.
 */
#include "messages.h"

#include "mail/open_internal.h"

static struct view_sync
sync_it(struct view *v, bool may_expunge)
{
	struct arena *a = arena_new(1 << 20);
	struct view_sync sync = { .may_expunge = may_expunge };

	assert_int_equal(view_sync(v, a, &sync), RC_OK);
	arena_free(a);
	return sync; /* without its lists */
}

static void
count_call(void *arg)
{
	++*(unsigned *)arg;
}

static void
test_open_is_shared(void **state)
{
	struct messages *f = *state;
	struct mailbox *one = messages_open_mailbox(f, f->inbox),
		       *two = messages_open_mailbox(f, f->inbox), *none = NULL;

	assert_ptr_equal(one, two);
	assert_int_equal(mailbox_id(one), f->inbox);
	assert_int_equal(mailbox_account(one), f->account);
	assert_int_equal(
	    mailbox_open(f->mail, f->account, 4711, &none), RC_NOTFOUND);
	assert_int_equal(mailbox_open(f->mail, f->account + 9, f->inbox, &none),
	    RC_NOTFOUND);
	assert_null(none);
	mailbox_unref(&one);
	assert_null(one);
	mailbox_unref(&two);
	mailbox_unref(&none); /* does nothing */
}

static void
test_watch(void **state)
{
	struct messages *f = *state;
	struct mailbox *b = messages_open_mailbox(f, f->inbox);
	uint32_t archive = messages_mailbox(f, f->account, "Archive");
	unsigned first = 0, second = 0;
	struct mailbox_watch w1 = { .fn = count_call, .arg = &first },
			     w2 = { .fn = count_call, .arg = &second };

	mailbox_watch(b, &w1);
	mailbox_watch(b, &w2);
	(void)messages_append(f, f->inbox, 1, NULL);
	assert_int_equal(first, 1);
	assert_int_equal(second, 1);
	(void)messages_append(f, archive, 1, NULL);
	assert_int_equal(first, 1);
	mailbox_unwatch(b, &w1);
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 1 }, STORE_ADD, FLAG_SEEN);
	assert_int_equal(first, 1);
	assert_int_equal(second, 2);
	/* Nothing changes: nobody is called. */
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 1 }, STORE_ADD, FLAG_SEEN);
	assert_int_equal(second, 2);
	mailbox_unwatch(b, &w2);
	mailbox_unref(&b);
}

static void
test_least_modseq(void **state)
{
	struct messages *f = *state;
	struct opens *o = f->mail->opens;
	struct view one, two;

	assert_true(opens_least_modseq(o, f->account, f->inbox) == UINT64_MAX);
	(void)messages_append(f, f->inbox, 1, NULL);
	one = messages_view(f, f->inbox, false);
	(void)messages_append(f, f->inbox, 1, NULL);
	two = messages_view(f, f->inbox, false);
	assert_true(two.modseq > one.modseq);
	assert_int_equal(
	    opens_least_modseq(o, f->account, f->inbox), one.modseq);
	(void)sync_it(&one, true);
	assert_int_equal(
	    opens_least_modseq(o, f->account, f->inbox), two.modseq);
	view_end(&one);
	view_end(&two);
	assert_true(opens_least_modseq(o, f->account, f->inbox) == UINT64_MAX);
}

/* -- what the committer tells ------------------------------------------------ */

static struct str
record_value(const struct mailbox *b, struct buf *space)
{
	struct mailbox_record record = { .name = STR("INBOX"),
		.uidvalidity = 1,
		.uidnext = b->now.uidnext + 1,
		.highestmodseq = b->now.modseq + 1,
		.messages = b->now.messages + 1 };

	buf_init(space, MAILBOX_RECORD_BYTES_MAX);
	mailbox_record_pack(space, &record);
	return buf_str(space);
}

/* A change that has not been told of whole does not move the moment. */
static void
test_moment_moves_at_the_end(void **state)
{
	struct messages *f = *state;
	struct mailbox *b = messages_open_mailbox(f, f->inbox);
	struct opens *o = f->mail->opens;
	struct key_space space;
	struct moment before = b->now;
	uint64_t seq = before.seq + 1;
	struct buf value;
	struct view v;

	opens_changed(o, f->account, key_mailbox(&space, f->inbox),
	    record_value(b, &value), seq);
	assert_int_equal(view_begin(b, false, &v), RC_OK);
	assert_int_equal(v.uidnext, before.uidnext);
	assert_int_equal(v.exists, before.messages);
	assert_true(v.modseq == before.modseq);
	view_end(&v);
	/* The end of another account's change is not this one's. */
	opens_changed(
	    o, f->account + 1, (struct str){ 0 }, (struct str){ 0 }, seq);
	assert_int_equal(b->now.uidnext, before.uidnext);
	opens_changed(o, f->account, (struct str){ 0 }, (struct str){ 0 }, seq);
	assert_int_equal(b->now.uidnext, before.uidnext + 1);
	assert_int_equal(b->now.messages, before.messages + 1);
	/* What is told late does not move it back. */
	value.n = 0;
	mailbox_record_pack(&value,
	    &(struct mailbox_record){ .name = STR("INBOX"), .uidnext = 1 });
	opens_changed(o, f->account, key_mailbox(&space, f->inbox),
	    buf_str(&value), seq - 1);
	opens_changed(
	    o, f->account, (struct str){ 0 }, (struct str){ 0 }, seq - 1);
	assert_int_equal(b->now.uidnext, before.uidnext + 1);
	buf_fini(&value);
	mailbox_unref(&b);
}

/* The directory and the store are ahead of the moment that a session looked
 * at: what is newer is left for the next time. */
static void
test_store_ahead_of_the_moment(void **state)
{
	struct messages *f = *state;
	struct moment old, new;
	struct view_sync told;
	struct message m[8];
	struct mailbox *b;
	struct view v;

	(void)messages_append(f, f->inbox, 4, NULL);
	v = messages_view(f, f->inbox, false);
	b = v.mailbox;
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 3 }, STORE_ADD, FLAG_DELETED);
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 1, 1 }), 1);
	old = b->now;
	assert_int_equal(
	    messages_expunge(f, f->inbox, (struct uid_range){ 3, 3 }), 1);
	(void)messages_append(f, f->inbox, 2, NULL);
	new = b->now;
	b->now = old;
	told = sync_it(&v, true);
	assert_int_equal(told.expunged_count, 1);
	assert_int_equal(told.changed_count, 1); /* 2; 3 is gone */
	assert_int_equal(v.exists, 3);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 9 }, false, m, 8), 3);
	assert_int_equal(m[1].uid, 3);
	assert_true(m[1].expunged);
	b->now = new;
	told = sync_it(&v, true);
	assert_int_equal(told.expunged_count, 1);
	assert_true(told.exists_changed);
	assert_int_equal(v.exists, 4);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 9 }, false, m, 8), 4);
	assert_int_equal(m[3].uid, 6);
	view_end(&v);
}

/* -- the directory while it is made ------------------------------------------- */

static struct str
chunk_value(unsigned live, uint64_t modseq, struct buf *space)
{
	struct chunk_changing items[4] = { 0 };

	for (unsigned i = 0; i < 4; i++) {
		items[i].modseq = modseq;
		items[i].expunged = i < live ? 0 : 99;
	}
	buf_clear(space);
	chunk_changing_pack(space, items, 4);
	return buf_str(space);
}

static void
check_entry(const struct directory *d, uint32_t first, int live)
{
	size_t at = directory_find(d, first);
	bool known = at < d->entries.n && d->entries.v[at].first == first;

	if (live < 0)
		assert_true(!known || d->entries.v[at].gone);
	else
		assert_true(known && !d->entries.v[at].gone);
	if (live >= 0)
		assert_int_equal(d->entries.v[at].live, live);
}

static void
test_newest_value_stays(void **state)
{
	const struct str none = { 0 };
	struct directory d = { 0 };
	struct buf v;

	(void)state;
	buf_init(&v, 4096);
	/* Told of while the store is read, in any order. */
	directory_change(
	    &d, 121, chunk_value(3, 9, &v), 9, DIRECTORY_TOLD_BUILDING);
	directory_change(&d, 121, chunk_value(4, 5, &v), 5, DIRECTORY_READ);
	check_entry(&d, 121, 3);
	directory_change(&d, 1, none, 8, DIRECTORY_TOLD_BUILDING);
	directory_change(&d, 1, chunk_value(2, 7, &v), 7, DIRECTORY_READ);
	check_entry(&d, 1, -1);
	directory_change(&d, 241, chunk_value(1, 6, &v), 6, DIRECTORY_READ);
	directory_change(
	    &d, 241, chunk_value(2, 6, &v), 6, DIRECTORY_TOLD_BUILDING);
	check_entry(&d, 241, 1); /* an earlier put of the same change */
	directory_built(&d);
	assert_int_equal(d.entries.n, 2);
	/* Afterwards. */
	directory_change(&d, 361, chunk_value(1, 10, &v), 10, DIRECTORY_TOLD);
	directory_change(&d, 361, chunk_value(4, 10, &v), 10, DIRECTORY_TOLD);
	check_entry(&d, 361, 4); /* the later put of the same change */
	directory_change(&d, 121, none, 11, DIRECTORY_TOLD);
	check_entry(&d, 121, -1);
	directory_change(&d, 777, none, 11, DIRECTORY_TOLD);
	assert_int_equal(d.entries.n, 2);
	/* What cannot be read is not taken for empty and current. */
	directory_change(&d, 241, STR("rubbish"), 12, DIRECTORY_TOLD);
	assert_true(d.entries.v[0].modseq == UINT64_MAX);
	directory_fini(&d);
	buf_fini(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(test)                       \
	cmocka_unit_test_setup_teardown( \
	    test, messages_set_up, messages_tear_down)
		TEST(test_open_is_shared),
		TEST(test_watch),
		TEST(test_least_modseq),
		TEST(test_moment_moves_at_the_end),
		TEST(test_store_ahead_of_the_moment),
		cmocka_unit_test(test_newest_value_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
