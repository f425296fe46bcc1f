/* SPDX-License-Identifier: MIT
 *
 * Mail from elsewhere: UIDs as they were, a UIDVALIDITY where nobody can mistake
 * it, and nothing twice.
 */
#include "records.h"

#include "base/limits.h"
#include "mail/import.h"

#define ROOM 1000

static const char marks[][IMPORT_MARK_BYTES + 1] = { "0123456789abcde0",
	"0123456789abcde1", "0123456789abcde2", "0123456789abcde3" };

/* Import small messages with these UIDs, all with marks from ${mark} on, none
 * if it is negative. */
static enum rc
import(struct messages *f, uint32_t mailbox, const uint32_t *uids, size_t count,
    int mark, uint32_t uidnext, struct import_result *ret_result)
{
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct import_item *items = mem_array(count, sizeof(*items));
	enum rc rc;

	for (size_t i = 0; i < count; i++) {
		items[i].append.message = in;
		items[i].append.internal_date = 1000000000 + (int64_t)i;
		items[i].uid = uids[i];
		if (mark >= 0)
			items[i].mark = (struct str){ marks[(size_t)mark + i],
				IMPORT_MARK_BYTES };
	}
	rc = message_import(
	    f->mail, f->account, mailbox, items, count, uidnext, ret_result);
	mem_free(items);
	incoming_free(in);
	return rc;
}

static void
expect(struct messages *f, uint32_t mailbox, const uint32_t *uids, size_t count,
    uint32_t uidnext)
{
	struct message *m = mem_array(ROOM, sizeof(*m));

	assert_int_equal(records_messages(f, mailbox, m, ROOM), count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(m[i].uid, uids[i]);
	assert_int_equal(records_mailbox(f, mailbox).uidnext, uidnext);
	mem_free(m);
}

static void
test_uids(void **state)
{
	/* Gaps wider than a chunk, at the beginning and later. */
	static const uint32_t uids[] = { 500, 501, 700, 100000, 100119, 100120,
		UID_MAX };
	struct import_result result;
	struct messages f;

	(void)state;
	records_open(&f);
	assert_int_equal(import(&f, f.inbox, uids, 3, -1, 0, &result), RC_OK);
	assert_int_equal(uid_list_count(&result.uids), 3);
	assert_int_equal(result.uids.v[0].first, 500);
	import_result_fini(&result);
	expect(&f, f.inbox, uids, 3, 701);
	assert_int_equal(
	    import(&f, f.inbox, uids + 3, 3, -1, 200000, &result), RC_OK);
	import_result_fini(&result);
	expect(&f, f.inbox, uids, 6, 200000);
	assert_int_equal(
	    import(&f, f.inbox, uids + 6, 1, -1, UID_MAX + 1, &result), RC_OK);
	import_result_fini(&result);
	expect(&f, f.inbox, uids, 7, UID_MAX + 1);
	records_close(&f);
}

static void
test_uids_refused(void **state)
{
	static const struct {
		uint32_t uids[2];
		uint32_t uidnext;
		enum rc want;
	} cases[] = {
		{ { 3, 0 }, 0, RC_CONFLICT }, /* one that was given out */
		{ { 10, 10 }, 0, RC_CONFLICT },
		{ { 10, 9 }, 0, RC_CONFLICT },
		{ { 10, UID_MAX + 1 }, 0, RC_LIMIT },
		{ { UID_MAX, 0 }, 0, RC_LIMIT },
		{ { 10, 11 }, UID_MAX + 2, RC_LIMIT },
	};
	static const uint32_t had[] = { 1, 2, 3 };
	struct import_result result;
	struct messages f;

	(void)state;
	records_open(&f);
	(void)messages_append(&f, f.inbox, 3, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(import(&f, f.inbox, cases[i].uids, 2, 0,
				     cases[i].uidnext, &result),
		    cases[i].want);
		expect(&f, f.inbox, had, 3, 4);
	}
	assert_int_equal(records_count(&f, KEY_BROUGHT), 0);
	assert_int_equal(import(&f, 12345, had, 1, 0, 0, &result), RC_NOTFOUND);
	/* A lower UIDNEXT than there is changes nothing. */
	assert_int_equal(import(&f, f.inbox, NULL, 0, 0, 2, &result), RC_OK);
	import_result_fini(&result);
	expect(&f, f.inbox, had, 3, 4);
	records_close(&f);
}

static void
test_marks(void **state)
{
	static const uint32_t next[] = { 0, 0, 0, 0 }, want[] = { 1, 2, 3 };
	struct import_result result;
	struct messages f;
	bool known[4];
	uint32_t other;

	(void)state;
	records_open(&f);
	assert_int_equal(import(&f, f.inbox, next, 2, 0, 0, &result), RC_OK);
	import_result_fini(&result);
	assert_int_equal(message_import_known(f.mail, f.account, f.inbox,
			     "0123456789abcde1x123456789abcde1", 2, known),
	    RC_OK);
	assert_true(known[0] && !known[1]);
	/* Once, even when it was expunged here. */
	(void)messages_expunge(&f, f.inbox, (struct uid_range){ 1, 1 });
	assert_int_equal(import(&f, f.inbox, next, 3, 0, 0, &result), RC_OK);
	assert_int_equal(result.passed, 2);
	assert_true(
	    result.passed_at[0] && result.passed_at[1] && !result.passed_at[2]);
	assert_int_equal(uid_list_count(&result.uids), 1);
	import_result_fini(&result);
	expect(&f, f.inbox, want + 1, 2, 4);
	/* In each mailbox by itself. */
	other = messages_mailbox(&f, f.account, "Archive");
	assert_int_equal(import(&f, other, next, 4, 0, 0, &result), RC_OK);
	assert_int_equal(result.passed, 0);
	import_result_fini(&result);
	assert_int_equal(records_count(&f, KEY_BROUGHT), 7);
	/* They go with the mailbox. */
	assert_int_equal(
	    mailbox_delete(f.mail, f.account, STR("Archive")), RC_OK);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_BROUGHT), 3);
	assert_int_equal(records_count(&f, KEY_MAILBOX), 5);
	records_close(&f);
}

/* More marks than one slice takes, of a mailbox with nothing in it. */
static void
test_many_marks(void **state)
{
	struct import_item *items = mem_array(600, sizeof(*items));
	char(*names)[IMPORT_MARK_BYTES] = mem_array(600, IMPORT_MARK_BYTES);
	struct import_result result;
	struct messages f;
	struct incoming *in;
	uint32_t archive;

	(void)state;
	records_open(&f);
	archive = messages_mailbox(&f, f.account, "Archive");
	in = messages_incoming(&f, f.account, SMALL_MESSAGE);
	for (size_t i = 0; i < 600; i++) {
		memcpy(names[i], &i, sizeof(i));
		items[i].append.message = in;
		items[i].mark = (struct str){ names[i], IMPORT_MARK_BYTES };
	}
	assert_int_equal(
	    message_import(f.mail, f.account, archive, items, 600, 0, &result),
	    RC_OK);
	import_result_fini(&result);
	(void)messages_expunge(&f, archive, (struct uid_range){ 1, 600 });
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_BROUGHT), 600);
	assert_int_equal(
	    mailbox_delete(f.mail, f.account, STR("Archive")), RC_OK);
	assert_int_equal(mail_purge(f.mail, T0 + 1), RC_OK);
	assert_int_equal(records_count(&f, KEY_BROUGHT), 0);
	incoming_free(in);
	mem_free(items);
	mem_free(names);
	records_close(&f);
}

static enum rc
create_as(struct messages *f, const char *name, uint32_t uidvalidity,
    uint32_t *ret_id)
{
	return mailbox_create_as(f->mail, f->account, str_of(name),
	    SPECIAL_NONE, uidvalidity, ret_id);
}

static void
test_uidvalidity(void **state)
{
	struct messages f;
	uint32_t id, again;

	(void)state;
	records_open(&f);
	assert_int_equal(create_as(&f, "Lists/c", 1000, &id), RC_OK);
	assert_int_equal(records_mailbox(&f, id).uidvalidity, 1000);
	/* In the place of one that never had a message, with its use. */
	assert_int_equal(create_as(&f, "Sent", 1001, &id), RC_OK);
	assert_int_equal(records_mailbox(&f, id).uidvalidity, 1001);
	assert_int_equal(records_mailbox(&f, id).use, SPECIAL_SENT);
	assert_int_equal(create_as(&f, "inbox", 1002, &id), RC_OK);
	assert_int_equal(messages_mailbox(&f, f.account, "INBOX"), id);
	assert_int_equal(records_mailbox(&f, id).uidvalidity, 1002);
	records_check_clean(&f);
	/* Not of one that had. */
	(void)messages_append(&f, id, 1, NULL);
	(void)messages_expunge(&f, id, (struct uid_range){ 1, 1 });
	assert_int_equal(create_as(&f, "INBOX", 1003, &again), RC_EXISTS);
	/* Nor one that may come yet, nor one that the name had. */
	assert_int_equal(create_as(&f, "Future", UINT32_MAX, &id), RC_CONFLICT);
	assert_int_equal(create_as(&f, "None", 0, &id), RC_CONFLICT);
	assert_int_equal(create_as(&f, "Had", 2000, &id), RC_OK);
	(void)messages_append(&f, id, 1, NULL);
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("Had")), RC_OK);
	assert_int_equal(create_as(&f, "Had", 2000, &id), RC_CONFLICT);
	assert_int_equal(create_as(&f, "Had", 2001, &id), RC_OK);
	assert_int_equal(create_as(&f, "a//b", 2001, &id), RC_INVALID);
	records_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uids),
		cmocka_unit_test(test_uids_refused),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_many_marks),
		cmocka_unit_test(test_uidvalidity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
