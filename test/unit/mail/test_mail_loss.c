/* SPDX-License-Identifier: MIT
 *
 * A log that lost records, and what a repair makes of it: no UID is given
 * twice under one UIDVALIDITY, no UIDVALIDITY, id or modseq is given twice at
 * all.  A repair that lost nothing changes no number.
 */
#include "../store/damage.h"
#include "records.h"

#include "store/record.h"

#define LOG	  "shard-00/log-00000001"
#define MAILBOXES 6 /* of a new account */

/* Where the damage is: behind the header of a record, or in it. */
#define IN_PAYLOAD (RECORD_HEADER_BYTES + 1)
#define IN_HEADER  24

static void
path_of_log(const struct messages *f, char path[HELP_PATH_BYTES])
{
	(void)snprintf(path, HELP_PATH_BYTES, "%s/" LOG, f->folder);
}

/* Where the next change's record will stand. */
static size_t
next_record(const struct messages *f)
{
	char path[HELP_PATH_BYTES];

	path_of_log(f, path);
	return damage_size(path);
}

struct told {
	size_t renewed; /* mailboxes with a new UIDVALIDITY */
	size_t lines;
};

static void
hear(void *arg, const char *line)
{
	struct told *t = arg;

	print_message("  reported: %s\n", line);
	t->renewed += strstr(line, "has the new UIDVALIDITY") != NULL;
	t->lines++;
}

static void
hear_nothing(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

/* Make the index anew from a log that is damaged at ${at} (0: it is not), and
 * ends at ${end} (0: where it did). */
static void
rebuild(struct messages *f, size_t at, size_t end)
{
	struct store_options options = { .folder = f->folder };
	char path[HELP_PATH_BYTES];

	messages_stop(f);
	path_of_log(f, path);
	if (at > 0)
		damage_flip(path, at);
	if (end > 0)
		assert_int_equal(truncate(path, (off_t)end), 0);
	(void)snprintf(path, sizeof(path), "%s/shard-00/index.mdb", f->folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_rebuild(&options, hear_nothing, NULL), RC_OK);
}

/* Repair; the result is ${want}.  Then the store opens as ever. */
static struct told
repair(struct messages *f, enum rc want)
{
	struct store_options options = { .folder = f->folder, .lossy = true };
	struct mail_options mail_options = { .repair = true };
	struct told told = { 0 };
	struct store *store;
	const char *why;

	assert_int_equal(store_open(&options, &store, &why), RC_OK);
	assert_int_equal(mail_open(store, &mail_options, &f->mail), RC_OK);
	assert_int_equal(mail_check(f->mail, true, hear, &told), want);
	messages_stop(f);
	messages_start(f);
	return told;
}

static uint32_t
uidvalidity(struct messages *f, const char *name)
{
	return records_mailbox(f, messages_mailbox(f, f->account, name))
	    .uidvalidity;
}

/* All numbers that count are beyond what they were. */
static void
expect_ahead(struct messages *f, const struct account_record *before)
{
	static const char *const names[MAILBOXES] = { "INBOX", "Drafts", "Sent",
		"Junk", "Trash", "Archive" };
	struct account_record now = records_account(f);

	for (size_t i = 0; i < MAILBOXES; i++)
		assert_true(
		    uidvalidity(f, names[i]) >= before->uidvalidity_next);
	assert_true(now.uidvalidity_next > before->uidvalidity_next);
	assert_true(now.mailbox_next > before->mailbox_next);
	assert_true(now.email_next > before->email_next);
	assert_true(now.highestmodseq > before->highestmodseq);
}

static void
test_nothing_lost(void **state)
{
	struct account_record before, now;
	struct messages f;
	struct told told;
	uint32_t was;

	(void)state;
	messages_open(&f, 1);
	for (int i = 0; i < 3; i++)
		(void)messages_append(&f, f.inbox, 1, NULL);
	was = uidvalidity(&f, "INBOX");
	before = records_account(&f);
	rebuild(&f, 0, 0);
	told = repair(&f, RC_OK);
	assert_int_equal(told.lines, 0);
	assert_int_equal(uidvalidity(&f, "INBOX"), was);
	now = records_account(&f);
	assert_int_equal(now.email_next, before.email_next);
	assert_int_equal(now.highestmodseq, before.highestmodseq);
	assert_int_equal(messages_append(&f, f.inbox, 1, NULL), 4);
	messages_close(&f);
}

/* The last message is lost: its UID comes again, but means another one. */
static void
lose_the_last(size_t where)
{
	struct account_record before;
	struct message m[3];
	struct messages f;
	struct told told;
	size_t at;

	messages_open(&f, 1);
	(void)messages_append(&f, f.inbox, 1, NULL);
	(void)messages_append(&f, f.inbox, 1, NULL);
	at = next_record(&f);
	assert_int_equal(messages_append(&f, f.inbox, 1, NULL), 3);
	before = records_account(&f);
	rebuild(&f, at + where, 0);
	told = repair(&f, RC_OK);
	assert_int_equal(told.renewed, MAILBOXES);
	expect_ahead(&f, &before);
	records_check_clean(&f);
	assert_int_equal(messages_append(&f, f.inbox, 1, NULL), 3);
	assert_int_equal(records_messages(&f, f.inbox, m, 3), 3);
	assert_true(m[2].email >= before.email_next);
	assert_true(m[2].modseq > before.highestmodseq);
	messages_close(&f);
}

static void
test_last_record_damaged(void **state)
{
	(void)state;
	lose_the_last(IN_PAYLOAD);
	lose_the_last(IN_HEADER);
}

/* What came later knows of the message whose bytes are lost. */
static void
test_middle_record_damaged(void **state)
{
	struct account_record before;
	struct messages f;
	struct told told;
	size_t at;

	(void)state;
	messages_open(&f, 1);
	(void)messages_append(&f, f.inbox, 1, NULL);
	at = next_record(&f);
	(void)messages_append(&f, f.inbox, 1, NULL);
	assert_int_equal(messages_append(&f, f.inbox, 1, NULL), 3);
	before = records_account(&f);
	rebuild(&f, at + IN_PAYLOAD, 0);
	told = repair(&f, RC_CORRUPT);
	assert_int_equal(told.renewed, MAILBOXES);
	expect_ahead(&f, &before);
	assert_int_equal(messages_append(&f, f.inbox, 1, NULL), 4);
	messages_close(&f);
}

/* An expunge is lost: the message is back, under another UIDVALIDITY. */
static void
test_expunge_lost(void **state)
{
	struct uid_range range = { 2, 2 };
	struct account_record before;
	struct message m[3];
	struct messages f;
	size_t at;

	(void)state;
	messages_open(&f, 1);
	(void)messages_append(&f, f.inbox, 3, NULL);
	(void)messages_flag(&f, f.inbox, range, STORE_ADD, FLAG_DELETED);
	at = next_record(&f);
	assert_int_equal(messages_expunge(&f, f.inbox, range), 1);
	before = records_account(&f);
	rebuild(&f, at + IN_PAYLOAD, 0);
	(void)repair(&f, RC_OK);
	expect_ahead(&f, &before);
	records_check_clean(&f);
	assert_int_equal(records_messages(&f, f.inbox, m, 3), 3);
	messages_close(&f);
}

/* Mailboxes are lost, with the UIDVALIDITYs and ids that they were given. */
static void
test_mailboxes_lost(void **state)
{
	struct messages f;
	uint32_t id, was;
	size_t at;

	(void)state;
	messages_open(&f, 1);
	at = next_record(&f);
	id = messages_create(&f, "a/b/c/d/late");
	was = uidvalidity(&f, "a/b/c/d/late");
	rebuild(&f, at + IN_PAYLOAD, 0);
	(void)repair(&f, RC_OK);
	assert_true(messages_create(&f, "late") > id);
	assert_true(messages_create(&f, "a/b/c/d/late") > id);
	assert_true(uidvalidity(&f, "late") > was);
	assert_true(uidvalidity(&f, "a/b/c/d/late") > was);
	/* A name may have been given up by what is lost. */
	assert_int_equal(mailbox_rename(f.mail, f.account, STR("Archive"),
			     STR("a/b/c/d/other")),
	    RC_OK);
	assert_true(uidvalidity(&f, "a/b/c/d/other") > was);
	records_check_clean(&f);
	messages_close(&f);
}

/* A deleted mailbox that is brought back counts as any other. */
static void
test_deleted_mailbox(void **state)
{
	struct messages f;
	struct told told;
	uint32_t id, was;
	size_t at;

	(void)state;
	messages_open(&f, 1);
	id = messages_create(&f, "gone");
	(void)messages_append(&f, id, 2, NULL);
	was = records_mailbox(&f, id).uidvalidity;
	assert_int_equal(mailbox_delete(f.mail, f.account, STR("gone")), RC_OK);
	at = next_record(&f);
	(void)messages_append(&f, f.inbox, 1, NULL);
	rebuild(&f, at + IN_PAYLOAD, 0);
	told = repair(&f, RC_OK);
	assert_int_equal(told.renewed, MAILBOXES + 1);
	assert_true(records_mailbox(&f, id).uidvalidity > was);
	messages_close(&f);
}

/* Only who has lost something is told, as far as that is known. */
static void
test_other_account(void **state)
{
	static const size_t wheres[] = { IN_PAYLOAD, IN_HEADER };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct messages f;
		uint64_t other, mine;
		uint32_t inbox, was;
		size_t at;

		messages_open(&f, 1);
		other = messages_account(&f, "other");
		inbox = messages_mailbox(&f, other, "INBOX");
		at = next_record(&f);
		(void)messages_append(&f, f.inbox, 1, NULL);
		mine = f.account;
		f.account = other;
		was = records_mailbox(&f, inbox).uidvalidity;
		f.account = mine;
		rebuild(&f, at + wheres[i], 0);
		assert_int_equal(repair(&f, RC_OK).renewed,
		    wheres[i] == IN_PAYLOAD ? MAILBOXES : 2 * MAILBOXES);
		f.account = other;
		assert_int_equal(records_mailbox(&f, inbox).uidvalidity == was,
		    wheres[i] == IN_PAYLOAD);
		messages_close(&f);
	}
}

/* The number of an account that is lost belongs to nobody else, in whatever
 * shard its mail may be. */
static void
test_account_lost(void **state)
{
	struct messages f;
	uint64_t lost;
	uint32_t was;
	size_t at;

	(void)state;
	messages_open(&f, 1);
	at = next_record(&f);
	lost = messages_account(&f, "lost");
	was = records_account(&f).uidvalidity_next;
	rebuild(&f, 0, at + IN_PAYLOAD);
	(void)repair(&f, RC_OK);
	f.account = messages_account(&f, "lost");
	assert_true(f.account > lost);
	assert_true(uidvalidity(&f, "INBOX") >= was);
	records_check_clean(&f);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_lost),
		cmocka_unit_test(test_last_record_damaged),
		cmocka_unit_test(test_middle_record_damaged),
		cmocka_unit_test(test_expunge_lost),
		cmocka_unit_test(test_mailboxes_lost),
		cmocka_unit_test(test_deleted_mailbox),
		cmocka_unit_test(test_other_account),
		cmocka_unit_test(test_account_lost),
	};

	help_quiet();
	return cmocka_run_group_tests_name("mail loss", tests, NULL, NULL);
}
