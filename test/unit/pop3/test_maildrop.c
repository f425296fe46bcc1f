/* SPDX-License-Identifier: MIT
 *
 * The maildrop: what it shows, what it keeps when others change the mailbox,
 * and what UPDATE does.
 */
#include "../mail/messages.h"

#include "pop3/maildrop.h"

#define BIG_COUNT 1000

static struct maildrop
open_drop(struct messages *f)
{
	struct maildrop d;

	assert_int_equal(maildrop_open(f->mail, f->account, &d), RC_OK);
	return d;
}

static struct message
find(struct maildrop *d, uint32_t number)
{
	struct message m;

	assert_int_equal(maildrop_find(d, number, &m), RC_OK);
	assert_int_equal(m.seq, number);
	return m;
}

static void
check_stat(struct maildrop *d, uint32_t want_count, uint64_t want_size)
{
	uint32_t count;
	uint64_t size;

	assert_int_equal(maildrop_stat(d, &count, &size), RC_OK);
	assert_int_equal(count, want_count);
	assert_int_equal(size, want_size);
}

static void delete (struct maildrop *d, uint32_t number)
{
	assert_int_equal(maildrop_delete(d, number), RC_OK);
	assert_int_equal(maildrop_delete(d, number), RC_NOTFOUND);
}

/* How many messages INBOX has now, and how many of them are \Seen. */
static void
check_inbox(struct messages *f, uint32_t want_count, uint32_t want_unseen)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;

	assert_int_equal(
	    mailbox_find(f->mail, f->account, STR("INBOX"), a, &info), RC_OK);
	assert_int_equal(info.messages, want_count);
	assert_int_equal(info.unseen, want_unseen);
	arena_free(a);
}

static void
test_empty(void **state)
{
	struct maildrop d = open_drop(*state);
	struct message m;
	uint32_t removed;

	assert_int_equal(maildrop_last(&d), 0);
	check_stat(&d, 0, 0);
	assert_int_equal(maildrop_find(&d, 1, &m), RC_NOTFOUND);
	assert_int_equal(maildrop_update(&d, &removed), RC_OK);
	assert_int_equal(removed, 0);
	maildrop_close(&d);
	maildrop_close(&d);
}

static void
test_marks(void **state)
{
	struct messages *f = *state;
	const uint64_t size = SMALL_MESSAGE.n;
	struct maildrop d;
	struct message m;

	(void)messages_append(f, f->inbox, BIG_COUNT, NULL);
	d = open_drop(f);
	assert_int_equal(maildrop_find(&d, 0, &m), RC_NOTFOUND);
	assert_int_equal(maildrop_find(&d, BIG_COUNT + 1, &m), RC_NOTFOUND);
	assert_int_equal(maildrop_find(&d, UINT32_MAX, &m), RC_NOTFOUND);
	assert_int_equal(maildrop_delete(&d, 0), RC_NOTFOUND);
	assert_int_equal(maildrop_delete(&d, BIG_COUNT + 1), RC_NOTFOUND);
	/* Before and after the octets were counted. */
	delete (&d, BIG_COUNT);
	check_stat(&d, BIG_COUNT - 1, (BIG_COUNT - 1) * size);
	delete (&d, 1);
	check_stat(&d, BIG_COUNT - 2, (BIG_COUNT - 2) * size);
	assert_int_equal(maildrop_find(&d, 1, &m), RC_NOTFOUND);
	assert_int_equal(maildrop_find(&d, BIG_COUNT, &m), RC_NOTFOUND);
	(void)find(&d, 2);
	maildrop_reset(&d);
	check_stat(&d, BIG_COUNT, BIG_COUNT * size);
	(void)find(&d, 1);
	maildrop_close(&d);
	check_inbox(f, BIG_COUNT, BIG_COUNT);
}

/* Takes ${left} messages, which it notes. */
struct taking {
	unsigned left;
	uint32_t numbers[16];
	size_t count;
};

static bool
take(void *arg, const struct message *m)
{
	struct taking *t = arg;

	t->numbers[t->count++] = m->seq;
	return --t->left > 0;
}

static void
test_walk_goes_on(void **state)
{
	struct messages *f = *state;
	struct taking t = { .left = 2 };
	struct maildrop d;
	uint32_t next;

	(void)messages_append(f, f->inbox, 5, NULL);
	d = open_drop(f);
	delete (&d, 2);
	delete (&d, 5);
	assert_int_equal(maildrop_walk(&d, 1, take, &t, &next), RC_OK);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.numbers[1], 3);
	assert_int_equal(next, 4);
	t.left = 9;
	assert_int_equal(maildrop_walk(&d, next, take, &t, &next), RC_OK);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.numbers[2], 4);
	assert_true(next > maildrop_last(&d));
	assert_int_equal(maildrop_walk(&d, next, take, &t, &next), RC_OK);
	assert_int_equal(t.count, 3);
	maildrop_close(&d);
}

static void
test_update(void **state)
{
	struct messages *f = *state;
	struct maildrop d;
	struct message m;
	uint32_t removed;

	(void)messages_append(f, f->inbox, BIG_COUNT, NULL);
	d = open_drop(f);
	for (uint32_t n = 1; n <= BIG_COUNT; n += 3) {
		m = find(&d, n);
		maildrop_see(&d, &m);
		if (n % 2 == 0)
			delete (&d, n);
	}
	assert_int_equal(maildrop_update(&d, &removed), RC_OK);
	assert_int_equal(removed, 167);
	maildrop_close(&d);
	check_inbox(f, BIG_COUNT - 167, BIG_COUNT - 334);
	d = open_drop(f);
	assert_int_equal(find(&d, 1).uid, 1);
	assert_int_equal(find(&d, 1).flags, FLAG_SEEN);
	assert_int_equal(find(&d, 4).uid, 5); /* 4 is gone */
	maildrop_close(&d);
}

/* A maildrop keeps its messages and numbers, and removes no others. */
static void
test_others(void **state)
{
	struct messages *f = *state;
	struct maildrop one, two;
	struct blob *blob;
	struct store_read *r;
	uint32_t removed;

	(void)messages_append(f, f->inbox, 6, NULL);
	one = open_drop(f);
	two = open_drop(f);
	(void)messages_expunge(f, f->inbox, (struct uid_range){ 1, 2 });
	(void)messages_append(f, f->inbox, 1, NULL);
	delete (&one, 2);
	delete (&one, 3);
	assert_int_equal(maildrop_update(&one, &removed), RC_OK);
	maildrop_close(&one);
	assert_int_equal(mail_purge(f->mail, INT64_MAX), RC_OK);
	assert_int_equal(maildrop_last(&two), 6);
	for (uint32_t n = 1; n <= 6; n++) {
		assert_int_equal(find(&two, n).uid, n);
		assert_int_equal(
		    store_read_begin(mail_store(f->mail), f->account, &r),
		    RC_OK);
		assert_int_equal(
		    email_open(r, find(&two, n).email, &blob), RC_OK);
		store_read_end(r);
		assert_int_equal(blob_size(blob), SMALL_MESSAGE.n);
		blob_close(blob);
	}
	delete (&two, 1);
	assert_int_equal(maildrop_update(&two, &removed), RC_OK);
	maildrop_close(&two);
	check_inbox(f, 4, 4);
}

static void
test_unique_ids(void **state)
{
	struct messages *f = *state;
	struct maildrop d;
	struct message m;
	struct buf uid, want;

	(void)messages_append(f, f->inbox, 2, NULL);
	d = open_drop(f);
	m = find(&d, 2);
	buf_init(&uid, 70);
	buf_init(&want, 70);
	maildrop_write_uid(&d, &m, &uid);
	assert_int_equal(buf_check(&uid), RC_OK);
	buf_add_format(&want, "%u.2", d.uidvalidity);
	assert_true(d.uidvalidity > 0);
	assert_true(str_eq(buf_str(&uid), buf_str(&want)));
	buf_fini(&uid);
	buf_fini(&want);
	maildrop_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_empty, messages_set_up, messages_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_marks, messages_set_up, messages_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_walk_goes_on, messages_set_up, messages_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_update, messages_set_up, messages_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_others, messages_set_up, messages_tear_down),
		cmocka_unit_test_setup_teardown(
		    test_unique_ids, messages_set_up, messages_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
