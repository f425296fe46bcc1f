/* SPDX-License-Identifier: MIT
 *
 * mail_check(): whatever is damaged behind its back it finds, and after a
 * repair all is whole and no message that can be read is lost.
 */
#include "records.h"

#include "base/limits.h"

#define MESSAGES 130

/* One way to damage an account.  What it needs is under fixed numbers: INBOX
 * has id 1, its first chunk begins at 1, emails are 1.. */
struct damage {
	const char *name;
	struct str (*key)(struct key_space *space);
	const char *value; /* NULL: delete */
	uint32_t messages; /* in all, after the repair */
	bool renewed;	   /* INBOX has a new UIDVALIDITY after it */
};

static struct str
k_mailbox(struct key_space *s)
{
	return key_mailbox(s, 1);
}

static struct str
k_name(struct key_space *s)
{
	return key_name(s, STR("INBOX"));
}

static struct str
k_stray_name(struct key_space *s)
{
	return key_name(s, STR("stray"));
}

static struct str
k_fixed(struct key_space *s)
{
	return key_chunk_fixed(s, 1, 1);
}

static struct str
k_changing(struct key_space *s)
{
	return key_chunk_changing(s, 1, 1);
}

static struct str
k_stray_changing(struct key_space *s)
{
	return key_chunk_changing(s, 1, 100000);
}

static struct str
k_stray_fixed(struct key_space *s)
{
	return key_chunk_fixed(s, 900, 1);
}

static struct str
k_keywords(struct key_space *s)
{
	return key_keywords(s, 1);
}

static struct str
k_email(struct key_space *s)
{
	return key_email(s, 7);
}

static struct str
k_references(struct key_space *s)
{
	return key_references(s, 7);
}

static struct str
k_stray_references(struct key_space *s)
{
	return key_references(s, 70000);
}

static struct str
k_freed(struct key_space *s)
{
	return key_freed(s);
}

static struct str
k_account(struct key_space *s)
{
	return key_account(s);
}

static struct str
k_common(struct key_space *s)
{
	return key_common(s, 7);
}

static struct str
k_stray_common(struct key_space *s)
{
	return key_common(s, 70000);
}

static struct str
k_stray_email(struct key_space *s)
{
	return key_email(s, 70000);
}

static const struct damage damages[] = {
	{ "mailbox record missing", k_mailbox, NULL, MESSAGES, true },
	{ "mailbox record garbage", k_mailbox, "garbage", MESSAGES, true },
	{ "name missing", k_name, NULL, MESSAGES, false },
	{ "name garbage", k_name, "garbage", MESSAGES, false },
	{ "name of nothing", k_stray_name, "\1\2\2\2\2", MESSAGES, false },
	{ "fixed part missing", k_fixed, NULL, MESSAGES, true },
	{ "fixed part garbage", k_fixed, "garbage", MESSAGES, true },
	{ "changing part missing", k_changing, NULL, MESSAGES, true },
	{ "changing part garbage", k_changing, "garbage", MESSAGES, true },
	{ "changing part alone", k_stray_changing, "garbage", MESSAGES, true },
	{ "fixed part alone", k_stray_fixed, "garbage", MESSAGES, false },
	{ "keywords missing", k_keywords, NULL, MESSAGES, true },
	{ "keywords garbage", k_keywords, "garbage", MESSAGES, true },
	{ "email missing", k_email, NULL, MESSAGES, false },
	{ "email garbage", k_email, "garbage", MESSAGES, false },
	{ "references wrong", k_references, "\1\5\1\1\1", MESSAGES, false },
	{ "references garbage", k_references, "garbage", MESSAGES, false },
	{ "references of nothing", k_stray_references, "\1\5\1\1\1", MESSAGES,
	    false },
	{ "email of nothing", k_stray_email, "garbage", MESSAGES, false },
	{ "common fields garbage", k_common, "garbage", MESSAGES, false },
	{ "other common fields", k_common, "\1x", MESSAGES, false },
	{ "common fields of nothing", k_stray_common, "\1x", MESSAGES, false },
	{ "names given up garbage", k_freed, "garbage", MESSAGES, false },
	{ "account record missing", k_account, NULL, MESSAGES, false },
	{ "account record garbage", k_account, "garbage", MESSAGES, false },
};

static enum rc
damage_change(struct store_txn *t, void *arg)
{
	const struct damage *d = arg;
	struct key_space space;
	struct str key = d->key(&space);

	if (d->value == NULL)
		store_txn_delete(t, key);
	else
		store_txn_put(t, key, str_of(d->value));
	return RC_OK;
}

static void
fill(struct messages *f)
{
	static const struct str keyword = { "work", 4 };
	struct flags flags = {
		.system = FLAG_SEEN, .keywords = &keyword, .keyword_count = 1
	};
	uint32_t id;

	messages_open(f, 1);
	assert_int_equal(f->inbox, 1);
	(void)messages_append(f, f->inbox, MESSAGES, &flags);
	assert_int_equal(
	    mailbox_create(f->mail, f->account, STR("gone"), SPECIAL_NONE, &id),
	    RC_OK);
	assert_int_equal(
	    mailbox_delete(f->mail, f->account, STR("gone")), RC_OK);
}

static void
damage(struct messages *f, const struct damage *d)
{
	struct damage copy = *d;

	assert_int_equal(
	    store_update(mail_store(f->mail), f->account, damage_change, &copy),
	    RC_OK);
}

static uint32_t
all_messages(struct messages *f)
{
	struct arena *a = arena_new(1 << 20);
	struct message *m = mem_array(MESSAGES + 50, sizeof(*m));
	struct mailbox_info *infos;
	uint32_t sum = 0;
	size_t count;

	assert_int_equal(
	    mailbox_list(f->mail, f->account, a, &infos, &count), RC_OK);
	for (size_t i = 0; i < count; i++) {
		sum += infos[i].messages;
		assert_int_equal(
		    records_messages(f, infos[i].id, m, MESSAGES + 50),
		    infos[i].messages);
	}
	mem_free(m);
	arena_free(a);
	return sum;
}

static void
test_each_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct records_report r = { .quiet = true };
		struct messages f;
		uint32_t was;
		enum rc rc;

		fill(&f);
		records_check_clean(&f);
		was = records_mailbox(&f, f.inbox).uidvalidity;
		damage(&f, &damages[i]);
		rc = mail_check(f.mail, false, records_line, &r);
		if (rc != RC_CORRUPT || r.lines == 0)
			fail_msg("%s: not found", damages[i].name);
		r.quiet = false;
		print_message("%s:\n", damages[i].name);
		rc = mail_check(f.mail, true, records_line, &r);
		if (rc != RC_OK)
			fail_msg("%s: %s", damages[i].name, rc_name(rc));
		records_check_clean(&f);
		if (all_messages(&f) != damages[i].messages)
			fail_msg("%s: %u messages", damages[i].name,
			    all_messages(&f));
		if ((records_mailbox(&f, 1).uidvalidity > was) !=
		    damages[i].renewed)
			fail_msg("%s: UIDVALIDITY %u, it was %u",
			    damages[i].name, records_mailbox(&f, 1).uidvalidity,
			    was);
		messages_close(&f);
	}
}

/* Numbers go on above all that were given out, though nobody knows them. */
static void
test_account_record_lost(void **state)
{
	static const struct damage lost = { .key = k_account };
	struct records_report r = { .quiet = true };
	struct account_record before, now;
	struct messages f;

	(void)state;
	fill(&f);
	before = records_account(&f);
	damage(&f, &lost);
	assert_int_equal(mail_check(f.mail, true, records_line, &r), RC_OK);
	now = records_account(&f);
	assert_true(now.mailbox_next > before.mailbox_next);
	assert_true(now.uidvalidity_next > before.uidvalidity_next);
	assert_true(now.email_next > before.email_next);
	assert_true(now.highestmodseq > before.highestmodseq);
	messages_close(&f);
}

static struct str
k_system(struct key_space *s)
{
	return key_system(s);
}

static void
test_system_record(void **state)
{
	static const struct damage damaged[] = { { .key = k_system },
		{ .key = k_system, .value = "garbage" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct records_report r = { .quiet = true };
		struct damage d = damaged[i];
		struct messages f;
		uint64_t last;

		messages_open(&f, 1);
		last = messages_account(&f, "last");
		assert_int_equal(store_update(mail_store(f.mail),
				     SYSTEM_ACCOUNT, damage_change, &d),
		    RC_OK);
		assert_int_equal(
		    mail_check(f.mail, false, records_line, &r), RC_CORRUPT);
		assert_int_equal(
		    mail_check(f.mail, true, records_line, &r), RC_OK);
		records_check_clean(&f);
		assert_true(messages_account(&f, "new") > last);
		messages_close(&f);
	}
}

/* -- numbers ------------------------------------------------------------- */

typedef void spoil_fn(struct account_record *a, struct mailbox_record *m);

static void
s_messages(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->messages++;
}

static void
s_unseen(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->unseen++;
}

static void
s_marked(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->marked++;
}

static void
s_recent(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->recent--;
}

static void
s_size(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->size--;
}

static void
s_marked_size(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->marked_size = 5;
}

static void
s_expunged(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->expunged = 3;
}

static void
s_uidnext(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->uidnext = MESSAGES;
}

static void
s_highestmodseq(struct account_record *a, struct mailbox_record *m)
{
	(void)a;
	m->highestmodseq = 1;
}

static void
s_uidvalidity(struct account_record *a, struct mailbox_record *m)
{
	m->uidvalidity = a->uidvalidity_next;
}

static void
s_account_modseq(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->highestmodseq = 1;
}

static void
s_email_next(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->email_next = 9;
}

static void
s_mailbox_next(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->mailbox_next = 2;
}

static void
s_account_messages(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->messages = 0;
}

static void
s_account_size(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->size++;
}

static void
s_mailboxes(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->mailboxes--;
}

static void
s_subscriptions(struct account_record *a, struct mailbox_record *m)
{
	(void)m;
	a->subscriptions--;
}

static spoil_fn *const spoils[] = { s_messages, s_unseen, s_marked, s_recent,
	s_size, s_marked_size, s_expunged, s_uidnext, s_highestmodseq,
	s_uidvalidity, s_account_modseq, s_email_next, s_mailbox_next,
	s_account_messages, s_account_size, s_mailboxes, s_subscriptions };

static enum rc
spoil_change(struct store_txn *t, void *arg)
{
	spoil_fn *const *spoil = arg;
	struct mailbox_record m;
	struct change c;

	assert_int_equal(change_begin(t, 1, &c), RC_OK);
	assert_int_equal(change_mailbox(&c, 1, &m), RC_OK);
	(*spoil)(&c.account, &m);
	change_put_mailbox(&c, &m);
	c.dirty = true;
	change_end(&c);
	return RC_OK;
}

static void
test_each_number(void **state)
{
	struct messages f;

	(void)state;
	fill(&f);
	for (size_t i = 0; i < sizeof(spoils) / sizeof(*spoils); i++) {
		struct records_report r = { .quiet = true };
		spoil_fn *spoil = spoils[i];

		assert_int_equal(store_update(mail_store(f.mail), f.account,
				     spoil_change, &spoil),
		    RC_OK);
		if (mail_check(f.mail, false, records_line, &r) != RC_CORRUPT ||
		    r.lines == 0)
			fail_msg("number %zu: not found", i);
		if (mail_check(f.mail, true, records_line, &r) != RC_OK)
			fail_msg("number %zu: not repaired", i);
		records_check_clean(&f);
		assert_int_equal(all_messages(&f), MESSAGES);
	}
	messages_close(&f);
}

/* -- contents ------------------------------------------------------------ */

struct rewrite {
	bool digest; /* or else the envelope */
};

static enum rc
rewrite_change(struct store_txn *t, void *arg)
{
	const struct rewrite *w = arg;
	struct email e = { 0 };
	struct key_space space;
	struct str key = key_email(&space, 7), value;
	struct buf b;

	assert_int_equal(store_txn_get(t, key, &value), RC_OK);
	assert_true(email_record_unpack(value, &e));
	if (w->digest)
		e.digest = STR("0123456789abcdef");
	else
		e.envelope = STR("(NIL)");
	buf_init(&b, EMAIL_RECORD_BYTES_MAX);
	email_record_pack(&b, &e);
	store_txn_put(t, key, buf_str(&b));
	buf_fini(&b);
	return RC_OK;
}

static void
test_record_does_not_fit_bytes(void **state)
{
	struct records_report r = { .quiet = true };
	struct rewrite w = { .digest = false };
	struct messages f;

	(void)state;
	fill(&f);
	assert_int_equal(
	    store_update(mail_store(f.mail), f.account, rewrite_change, &w),
	    RC_OK);
	assert_int_equal(
	    mail_check(f.mail, false, records_line, &r), RC_CORRUPT);
	assert_int_equal(r.lines, 1);
	assert_int_equal(mail_check(f.mail, true, records_line, &r), RC_OK);
	records_check_clean(&f);
	/* Bytes that are not what came in cannot be repaired, and the record
	 * that knows it is not made to agree. */
	w.digest = true;
	assert_int_equal(
	    store_update(mail_store(f.mail), f.account, rewrite_change, &w),
	    RC_OK);
	assert_int_equal(
	    mail_check(f.mail, true, records_line, &r), RC_CORRUPT);
	assert_int_equal(
	    mail_check(f.mail, false, records_line, &r), RC_CORRUPT);
	messages_close(&f);
}

static enum rc
lose_bytes_change(struct store_txn *t, void *arg)
{
	(void)arg;
	store_txn_blob_delete(t, 7);
	return RC_OK;
}

static void
test_bytes_missing(void **state)
{
	struct records_report r = { .quiet = true };
	struct messages f;

	(void)state;
	fill(&f);
	assert_int_equal(store_update(mail_store(f.mail), f.account,
			     lose_bytes_change, NULL),
	    RC_OK);
	assert_int_equal(
	    mail_check(f.mail, true, records_line, &r), RC_CORRUPT);
	assert_int_equal(all_messages(&f), MESSAGES);
	messages_close(&f);
}

/* -- damage below: values whose checksum is wrong -------------------------- */

/* The record of the mailbox Archive, as it begins. */
static const char pattern[] = "\1\2\7\0Archive";
static unsigned spoiled;

static int
spoil_file(const char *path, const struct stat *stat, int kind, struct FTW *at)
{
	const size_t n = sizeof(pattern) - 1;
	char *bytes = mem_alloc((size_t)stat->st_size + 1);
	FILE *f = fopen(path, "r+b");

	(void)at;
	if (kind == FTW_F && f != NULL && strstr(path, "mdb") != NULL &&
	    strstr(path, "lock") == NULL) {
		size_t size = fread(bytes, 1, (size_t)stat->st_size, f);

		for (size_t i = 0; i + n <= size; i++) {
			if (memcmp(bytes + i, pattern, n) != 0)
				continue;
			assert_int_equal(fseek(f, (long)i, SEEK_SET), 0);
			assert_int_equal(fputc(2, f), 2);
			spoiled++;
		}
	}
	if (f != NULL)
		assert_int_equal(fclose(f), 0);
	mem_free(bytes);
	return 0;
}

static void
test_checksum(void **state)
{
	struct records_report r = { .quiet = true };
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;
	struct messages f;
	uint32_t archive;

	(void)state;
	fill(&f);
	archive = messages_mailbox(&f, f.account, "Archive");
	(void)messages_append(&f, archive, 3, NULL);
	messages_stop(&f);
	assert_int_equal(nftw(f.folder, spoil_file, 8, FTW_PHYS), 0);
	assert_true(spoiled > 0);
	messages_start(&f);
	assert_int_equal(
	    mail_check(f.mail, false, records_line, &r), RC_CORRUPT);
	assert_int_equal(mail_check(f.mail, true, records_line, &r), RC_OK);
	records_check_clean(&f);
	assert_int_equal(all_messages(&f), MESSAGES + 3);
	assert_int_equal(
	    mailbox_find(f.mail, f.account, STR("Found-6"), a, &info), RC_OK);
	assert_int_equal(info.id, archive);
	assert_int_equal(info.messages, 3);
	arena_free(a);
	messages_close(&f);
}

/* With a prefix, and in a busier account: expunged, copied, moved messages. */
static void
test_clean(void **state)
{
	struct uid_range range = { 10, 30 };
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 }, gone;
	struct incoming *in;
	struct copy_result copied;
	struct append_result appended;
	struct messages f;
	struct append item = { .prefix = STR("Return-Path: <>\r\n"),
		.internal_date = INT64_MIN };
	uint32_t other;
	uint64_t modseq;

	(void)state;
	fill(&f);
	in = messages_incoming(&f, f.account, SMALL_MESSAGE);
	item.message = in;
	assert_int_equal(
	    message_append(f.mail, f.account, f.inbox, &item, 1, &appended),
	    RC_OK);
	uid_list_fini(&appended.uids);
	incoming_free(in);
	assert_int_equal(mailbox_create(f.mail, f.account, STR("other"),
			     SPECIAL_NONE, &other),
	    RC_OK);
	for (int move = 0; move <= 1; move++) {
		assert_int_equal(message_copy(f.mail, f.account, f.inbox, &uids,
				     other, move, &copied),
		    RC_OK);
		copy_result_fini(&copied);
		records_check_clean(&f);
	}
	(void)messages_flag(&f, other, range, STORE_ADD, FLAG_DELETED);
	records_check_clean(&f);
	assert_int_equal(
	    message_expunge(f.mail, f.account, other, NULL, &gone, &modseq),
	    RC_OK);
	uid_list_fini(&gone);
	records_check_clean(&f);
	assert_int_equal(
	    mailbox_delete(f.mail, f.account, STR("other")), RC_OK);
	records_check_clean(&f);
	messages_stop(&f);
	messages_start(&f);
	records_check_clean(&f);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_each_damage),
		cmocka_unit_test(test_account_record_lost),
		cmocka_unit_test(test_system_record),
		cmocka_unit_test(test_each_number),
		cmocka_unit_test(test_record_does_not_fit_bytes),
		cmocka_unit_test(test_bytes_missing),
		cmocka_unit_test(test_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
