/* SPDX-License-Identifier: MIT
 *
 * Purging: what is past retention goes, with its bytes, and nothing else; what
 * a session still sees stays.  The care-taker does it by itself.
 */
#include "records.h"

#include "base/clock.h"
#include "base/limits.h"

static void
test_expunged(void **state)
{
	struct mailbox_record m;
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 500, NULL);
	assert_int_equal(
	    messages_expunge(&f, f.inbox, (struct uid_range){ 50, 449 }), 400);
	assert_int_equal(records_mailbox(&f, f.inbox).expunged, 400);
	assert_true(records_account(&f).purge_from == T0);
	/* Not yet. */
	assert_int_equal(mail_purge(f.mail, T0), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 500);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 100);
	assert_true(records_has_bytes(&f, 49));
	assert_false(records_has_bytes(&f, 50));
	assert_false(records_has_bytes(&f, 449));
	assert_true(records_has_bytes(&f, 450));
	m = records_mailbox(&f, f.inbox);
	assert_int_equal(m.messages, 100);
	assert_int_equal(m.expunged, 0);
	assert_true(m.expunged_from == 0);
	assert_true(m.purged_modseq > 0 && m.purged_modseq <= m.highestmodseq);
	assert_true(records_account(&f).purge_from == 0);
	/* Chunks of which nothing is left are gone, in both parts. */
	assert_int_equal(records_count(&f, KEY_CHUNK_FIXED), 3);
	assert_int_equal(records_count(&f, KEY_CHUNK_CHANGING), 3);
	records_close(&f);
}

static void
test_everything_expunged(void **state)
{
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 130, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 130 });
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_CHUNK_FIXED), 0);
	assert_int_equal(records_count(&f, KEY_EMAIL), 0);
	assert_int_equal(messages_append(&f, f.inbox, 2, NULL), 131);
	/* The rest of the last chunk goes, and new ones come behind it. */
	(void)messages_append(&f, f.inbox, 60, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 150, 192 });
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(messages_append(&f, f.inbox, 300, NULL), 193);
	assert_int_equal(records_mailbox(&f, f.inbox).messages, 319);
	records_close(&f);
}

/* Only what is old enough, though it is in the same chunk. */
static void
test_by_time(void **state)
{
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 10, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 2 });
	clock_fake(2000, T0 + 100);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 3, 5 });
	assert_int_equal(mail_purge(f.mail, T0 + 50), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 8);
	assert_int_equal(records_mailbox(&f, f.inbox).expunged, 3);
	assert_true(records_mailbox(&f, f.inbox).expunged_from == T0 + 100);
	assert_true(records_account(&f).purge_from == T0 + 100);
	records_close(&f);
}

static struct uid_list
list_of(struct uid_range *range)
{
	return (struct uid_list){ .v = range, .n = 1, .cap = 1 };
}

static void
test_shared_email(void **state)
{
	struct uid_range range = { 1, 3 };
	struct uid_list uids = list_of(&range);
	struct copy_result copied;
	struct messages f;
	uint32_t other;

	(void)state;
	records_open(&f);
	other = messages_create(&f, "other");
	(void)messages_append(&f, f.inbox, 3, NULL);
	assert_int_equal(message_copy(f.mail, f.account, f.inbox, &uids, other,
			     false, &copied),
	    RC_OK);
	copy_result_fini(&copied);
	assert_int_equal(records_count(&f, KEY_REFERENCES), 3);
	(void)messages_expunge(&f, f.inbox, range);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_REFERENCES), 0);
	assert_int_equal(records_count(&f, KEY_EMAIL), 3);
	assert_true(records_has_bytes(&f, 1));
	(void)messages_expunge(&f, other, range);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 0);
	assert_false(records_has_bytes(&f, 1));
	records_close(&f);
}

static void
test_deleted_mailbox(void **state)
{
	struct messages f;
	uint32_t id, empty;

	(void)state;
	records_open(&f);
	id = messages_create(&f, "a");
	empty = messages_create(&f, "empty");
	(void)messages_append(&f, id, 200, NULL);
	(void)messages_expunge(&f, id, (struct uid_range){ 1, 10 });
	assert_int_equal(records_count(&f, KEY_MAILBOX), 8);
	assert_int_equal(
	    mailbox_delete(f.mail, f.account, STR("empty")), RC_OK);
	assert_int_equal(records_count(&f, KEY_MAILBOX), 7);
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("a")), RC_OK);
	assert_int_equal(records_count(&f, KEY_MAILBOX), 7);
	records_check_clean(&f);
	assert_int_equal(mail_purge(f.mail, T0), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 200);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_MAILBOX), 6);
	assert_int_equal(records_count(&f, KEY_EMAIL), 0);
	assert_int_equal(records_count(&f, KEY_CHUNK_FIXED), 0);
	assert_true(records_account(&f).purge_from == 0);
	assert_true(empty > id);
	records_close(&f);
}

/* A session that was not told yet still has the messages, by number. */
static void
test_seen_by_a_session(void **state)
{
	struct message *seen = mem_array(300, sizeof(*seen));
	struct arena *a = arena_new(1 << 24);
	struct view_sync sync = { .may_expunge = true };
	struct messages f;
	struct mailbox *b;
	struct view v;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 300, NULL);
	b = messages_open_mailbox(&f, f.inbox);
	assert_int_equal(view_begin(b, false, &v), RC_OK);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 200 });
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 300 }, false, seen, 300),
	    300);
	assert_true(seen[0].expunged && seen[0].uid == 1);
	assert_true(!seen[200].expunged && seen[200].seq == 201);
	assert_true(records_has_bytes(&f, seen[0].email));
	assert_int_equal(view_sync(&v, a, &sync), RC_OK);
	assert_int_equal(sync.expunged_count, 200);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_false(records_has_bytes(&f, seen[0].email));
	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ 1, 100 }, false, seen, 300),
	    100);
	assert_int_equal(seen[0].uid, 201);
	view_end(&v);
	mailbox_unref(&b);
	arena_free(a);
	mem_free(seen);
	records_close(&f);
}

static void
test_care_taker(void **state)
{
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 20, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 10 });
	clock_fake(2000, T0 + RETENTION_SECONDS_MIN);
	care_go_round(f.mail->care);
	assert_int_equal(records_count(&f, KEY_EMAIL), 20);
	clock_fake(3000, T0 + RETENTION_SECONDS_MIN + 1);
	care_go_round(f.mail->care);
	assert_int_equal(records_count(&f, KEY_EMAIL), 10);
	records_close(&f);
}

/* Another retention time counts for what was deleted before, too. */
static void
test_another_retention(void **state)
{
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 20, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 10 });
	mail_set_options(
	    f.mail, &(struct mail_options){
			.retention_seconds = 3 * RETENTION_SECONDS_MIN });
	clock_fake(2000, T0 + 3 * RETENTION_SECONDS_MIN);
	care_go_round(f.mail->care);
	assert_int_equal(records_count(&f, KEY_EMAIL), 20);
	mail_set_options(
	    f.mail, &(struct mail_options){
			.retention_seconds = 2 * RETENTION_SECONDS_MIN });
	care_go_round(f.mail->care);
	assert_int_equal(records_count(&f, KEY_EMAIL), 10);
	records_close(&f);
}

/* Many chunks, so many slices. */
static void
test_slices(void **state)
{
	struct messages f;

	(void)state;
	records_open(&f);
	for (int i = 0; i < 10; i++)
		(void)messages_append(&f, f.inbox, 900, NULL);
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 2, 8999 });
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_EMAIL), 2);
	assert_int_equal(records_count(&f, KEY_CHUNK_CHANGING), 2);
	records_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expunged),
		cmocka_unit_test(test_everything_expunged),
		cmocka_unit_test(test_by_time),
		cmocka_unit_test(test_shared_email),
		cmocka_unit_test(test_deleted_mailbox),
		cmocka_unit_test(test_seen_by_a_session),
		cmocka_unit_test(test_care_taker),
		cmocka_unit_test(test_another_retention),
		cmocka_unit_test(test_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
