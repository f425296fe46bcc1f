/* SPDX-License-Identifier: MIT
 *
 * A big mailbox: what beginning, walking and synchronising a view costs is
 * printed, not judged; that all is there is.
 */
#include "messages.h"

#include <time.h>

#include "base/limits.h"

#define COUNT 100000
#define BATCH 1000

static double
seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
lap(double *since, const char *what)
{
	double now = seconds(), took = now - *since;

	print_message("%-32s %10.3f ms\n", what, took * 1e3);
	*since = seconds();
	return took;
}

static void
walk_everything(struct view *v, uint32_t want)
{
	struct uid_range all = { 1, UINT32_MAX };
	struct arena *a = arena_new(1 << 24);
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	uint32_t seq = 0;
	size_t count;

	assert_int_equal(view_walk_begin(v, &all, 1, false, a, &walk), RC_OK);
	do {
		assert_int_equal(view_walk_next(&walk, slice, &count), RC_OK);
		for (size_t i = 0; i < count; i++)
			assert_int_equal(slice[i].seq, ++seq);
	} while (count > 0);
	assert_int_equal(seq, want);
	arena_free(a);
}

static void
walk_single(struct view *v)
{
	struct message m;

	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t seq = (i * 7919) % COUNT + 1;

		assert_int_equal(
		    messages_walk(
			v, (struct uid_range){ seq, seq }, false, &m, 1),
		    1);
		assert_int_equal(m.uid, seq);
	}
}

/* Synchronise until all is told. */
static void
sync_view(struct view *v, size_t expunged, size_t changed)
{
	struct view_sync sync = { .may_expunge = true };

	do {
		struct arena *a = arena_new(1 << 24);

		assert_int_equal(view_sync(v, a, &sync), RC_OK);
		assert_true(sync.changed_count <= SYNC_CHANGED_MAX);
		assert_true(sync.expunged_count <= expunged);
		assert_true(sync.changed_count <= changed);
		expunged -= sync.expunged_count;
		changed -= sync.changed_count;
		arena_free(a);
	} while (sync.more);
	assert_int_equal(expunged, 0);
	assert_int_equal(changed, 0);
}

static void
test_big_mailbox(void **state)
{
	struct messages f;
	struct mailbox *b, *again;
	struct view v;
	uint32_t seq;
	double t;

	(void)state;
	messages_open(&f, 1);
	t = seconds();
	for (unsigned i = 0; i < COUNT / BATCH; i++)
		(void)messages_append(&f, f.inbox, BATCH, NULL);
	(void)lap(&t, "append, in batches");
	assert_int_equal(store_checkpoint(mail_store(f.mail)), RC_OK);
	(void)lap(&t, "checkpoint");
	b = messages_open_mailbox(&f, f.inbox);
	(void)lap(&t, "open the mailbox");
	again = messages_open_mailbox(&f, f.inbox);
	assert_int_equal(view_begin(again, true, &v), RC_OK);
	(void)lap(&t, "view when it is open");
	assert_int_equal(v.exists, COUNT);
	walk_everything(&v, COUNT);
	(void)lap(&t, "walk all");
	walk_single(&v);
	(void)lap(&t, "walk one, 1000 times");
	assert_int_equal(view_first_unseen(&v, &seq), RC_OK);
	assert_int_equal(seq, 1);
	(void)lap(&t, "first unseen");
	(void)messages_flag(&f, f.inbox, (struct uid_range){ 1, COUNT - 1 },
	    STORE_ADD, FLAG_SEEN);
	(void)lap(&t, "flag all but one");
	assert_int_equal(view_first_unseen(&v, &seq), RC_OK);
	assert_int_equal(seq, COUNT);
	(void)lap(&t, "first unseen, all stale");
	sync_view(&v, 0, COUNT - 1);
	(void)lap(&t, "tell of all flags");
	(void)messages_flag(&f, f.inbox, (struct uid_range){ 777, 777 },
	    STORE_ADD, FLAG_FLAGGED);
	(void)lap(&t, "flag one");
	sync_view(&v, 0, 1);
	(void)lap(&t, "tell of one flag");
	assert_int_equal(
	    messages_expunge(&f, f.inbox, (struct uid_range){ 1, COUNT / 2 }),
	    COUNT / 2);
	(void)lap(&t, "expunge half");
	walk_everything(&v, COUNT);
	(void)lap(&t, "walk all, half stale");
	sync_view(&v, COUNT / 2, 0);
	(void)lap(&t, "tell of expunges");
	walk_everything(&v, COUNT / 2);
	(void)lap(&t, "walk the rest");
	view_end(&v);
	mailbox_unref(&again);
	mailbox_unref(&b);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_big_mailbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
