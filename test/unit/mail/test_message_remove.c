/* SPDX-License-Identifier: MIT
 *
 * Removing messages whatever their flags; and what a message lacks of line
 * ends, which goes with it wherever it goes.
 */
#include "records.h"

/* Two slices, each with chunks of its own. */
#define COUNT 20000

/* Whatever was done, the invariants hold. */
static int
tear_down(void **state)
{
	struct messages *f = *state;

	records_check_clean(f);
	return messages_tear_down(state);
}

static void
test_remove(void **state)
{
	struct messages *f = *state;
	struct uid_range ranges[] = { { 2, COUNT - 1 }, { COUNT + 5, 99999 } };
	const struct uid_list uids = { .v = ranges, .n = 2, .cap = 2 };
	struct uid_list removed;
	uint64_t modseq, again;

	(void)messages_append(f, f->inbox, COUNT, NULL);
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 1, 3 }, STORE_ADD, FLAG_DELETED);
	assert_int_equal(message_remove(f->mail, f->account, f->inbox, &uids,
			     &removed, &modseq),
	    RC_OK);
	assert_int_equal(uid_list_count(&removed), COUNT - 2);
	assert_int_equal(removed.v[0].first, 2);
	assert_true(modseq > 0);
	uid_list_fini(&removed);
	/* \Deleted is for EXPUNGE only. */
	assert_int_equal(messages_message(f, f->inbox, 1).flags, FLAG_DELETED);
	assert_int_equal(messages_message(f, f->inbox, COUNT).flags, 0);
	assert_int_equal(message_remove(f->mail, f->account, f->inbox, &uids,
			     &removed, &again),
	    RC_OK);
	assert_int_equal(removed.n, 0);
	assert_int_equal(again, 0);
	uid_list_fini(&removed);
	assert_int_equal(
	    message_remove(f->mail, f->account, 12345, &uids, &removed, &again),
	    RC_NOTFOUND);
	uid_list_fini(&removed);
}

static void
append(struct messages *f, struct str prefix, struct str text)
{
	struct incoming *in = messages_incoming(f, f->account, text);
	struct append item = { .message = in, .prefix = prefix };
	struct append_result result;

	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, &item, 1, &result),
	    RC_OK);
	uid_list_fini(&result.uids);
	incoming_free(in);
}

static void
test_lacking(void **state)
{
	struct messages *f = *state;
	uint32_t archive = messages_mailbox(f, f->account, "Archive");
	struct uid_range both = { 1, 2 };
	const struct uid_list uids = { .v = &both, .n = 1, .cap = 1 };
	struct copy_result copied;
	uint64_t count;

	append(f, STR(""), STR("a: b\r\n\r\nwhole\r\n"));
	append(f, STR("c: d\r\n"), STR("a: b\n\nnot whole"));
	assert_int_equal(messages_message(f, f->inbox, 1).lacking, 0);
	assert_int_equal(messages_message(f, f->inbox, 2).lacking, 4);
	assert_int_equal(message_copy(f->mail, f->account, f->inbox, &uids,
			     archive, false, &copied),
	    RC_OK);
	copy_result_fini(&copied);
	assert_int_equal(messages_message(f, archive, 1).lacking, 0);
	assert_int_equal(messages_message(f, archive, 2).lacking, 4);
	assert_int_equal(messages_expunge(f, f->inbox, both), 2);
	assert_int_equal(
	    message_undelete(f->mail, f->account, 0, &count), RC_OK);
	assert_int_equal(messages_message(f, f->inbox, 4).lacking, 4);
}

static enum rc
lose_chunk(struct store_txn *t, void *arg)
{
	struct key_space space;

	store_txn_delete(t, key_chunk_fixed(&space, *(uint32_t *)arg, 1));
	return RC_OK;
}

static void
ignore_line(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* A message whose chunk is lost comes back with the same. */
static void
test_lacking_is_recovered(void **state)
{
	struct messages *f = *state;
	uint32_t recovered;

	append(f, STR("c: d\r\n"), STR("a: b\n\nnot whole"));
	assert_int_equal(store_update(mail_store(f->mail), f->account,
			     lose_chunk, &f->inbox),
	    RC_OK);
	assert_int_equal(mail_check(f->mail, true, ignore_line, NULL), RC_OK);
	recovered = messages_mailbox(f, f->account, "Recovered");
	assert_int_equal(messages_message(f, recovered, 1).lacking, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    test_remove, messages_set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_lacking, messages_set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_lacking_is_recovered, messages_set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
