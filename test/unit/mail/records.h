/* SPDX-License-Identifier: MIT
 *
 * For tests of what is kept: reading records behind the interface's back,
 * counting keys, and a check that must find nothing.
 */
#ifndef AVOCET_TEST_MAIL_RECORDS_H
#define AVOCET_TEST_MAIL_RECORDS_H

#include "messages.h"

#include "base/clock.h"
#include "mail/mail_internal.h"

/* The wall clock of records_open(). */
#define T0 1700000000

static inline struct mailbox_record
records_mailbox(struct messages *f, uint32_t id)
{
	struct mailbox_record m;
	struct store_read *r;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), f->account, &r), RC_OK);
	assert_int_equal(record_any_mailbox(r, id, &m), RC_OK);
	store_read_end(r);
	m.name = (struct str){ 0 };
	return m;
}

static inline struct account_record
records_account(struct messages *f)
{
	struct account_record record;
	struct store_read *r;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), f->account, &r), RC_OK);
	assert_int_equal(record_account(r, &record), RC_OK);
	store_read_end(r);
	return record;
}

/* How many keys of a kind the account has. */
static inline size_t
records_count(struct messages *f, enum key_kind kind)
{
	struct store_read *r;
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind), key, value;
	size_t count = 0;
	enum rc rc;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), f->account, &r), RC_OK);
	assert_int_equal(store_iter_begin(r, prefix, prefix, &it), RC_OK);
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK)
		count++;
	assert_int_equal(rc, RC_NOTFOUND);
	store_iter_end(it);
	store_read_end(r);
	return count;
}

/* Can the bytes of the email be opened? */
static inline bool
records_has_bytes(struct messages *f, uint64_t email)
{
	struct store_read *r;
	struct blob *blob;
	enum rc rc;

	assert_int_equal(
	    store_read_begin(mail_store(f->mail), f->account, &r), RC_OK);
	rc = email_open(r, email, &blob);
	store_read_end(r);
	if (rc == RC_OK)
		blob_close(blob);
	else
		assert_int_equal(rc, RC_NOTFOUND);
	return rc == RC_OK;
}

struct records_report {
	size_t lines;
	bool quiet;
};

static inline void
records_line(void *arg, const char *line)
{
	struct records_report *r = arg;

	r->lines++;
	if (!r->quiet)
		print_message("  reported: %s\n", line);
}

static inline void
records_check_clean(struct messages *f)
{
	struct records_report r = { 0 };

	assert_int_equal(mail_check(f->mail, false, records_line, &r), RC_OK);
	assert_int_equal(r.lines, 0);
}

/* messages_open() with a clock that stands. */
static inline void
records_open(struct messages *f)
{
	clock_fake(1000, T0);
	messages_open(f, 1);
}

/* Whatever was done, the invariants hold. */
static inline void
records_close(struct messages *f)
{
	records_check_clean(f);
	messages_close(f);
	clock_fake(0, 0);
}

/* All messages of a mailbox, as a new session sees them. */
static inline size_t
records_messages(struct messages *f, uint32_t mailbox,
    struct message *ret_messages, size_t room)
{
	struct view v = messages_view(f, mailbox, false);
	size_t n;

	n = messages_walk(
	    &v, (struct uid_range){ 1, UID_MAX }, true, ret_messages, room);
	assert_int_equal(n, v.exists);
	view_end(&v);
	return n;
}

#endif
