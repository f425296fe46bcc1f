/* SPDX-License-Identifier: MIT
 *
 * For tests of messages and views: a system in a folder of its own with one
 * account, and short ways to bring messages in.
 */
#ifndef AVOCET_TEST_MAIL_MESSAGES_H
#define AVOCET_TEST_MAIL_MESSAGES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "mail/account.h"
#include "mail/email.h"
#include "mail/mail.h"
#include "mail/mailbox.h"
#include "mail/view.h"
#include "store/store.h"

struct messages {
	char folder[64];
	unsigned shards;
	struct mail *mail;
	uint64_t account;
	uint32_t inbox;
};

#define SMALL_MESSAGE                                      \
	STR("From: a@example.org\r\nTo: b@example.org\r\n" \
	    "Subject: small\r\n\r\nbody\r\n")

static inline int
messages_remove(
    const char *path, const struct stat *stat, int flag, struct FTW *at)
{
	(void)stat;
	(void)flag;
	(void)at;
	return remove(path);
}

static inline void
messages_start(struct messages *f)
{
	struct store_options options = { .folder = f->folder,
		.shards = f->shards };
	struct mail_options mail_options = { .retention_seconds = 3600,
		.message_bytes_max = 4 * 1024 * 1024 };
	struct store *store;
	const char *why;

	assert_int_equal(store_open(&options, &store, &why), RC_OK);
	assert_int_equal(mail_open(store, &mail_options, &f->mail), RC_OK);
}

static inline void
messages_stop(struct messages *f)
{
	mail_close(f->mail);
	f->mail = NULL;
}

static inline uint32_t
messages_mailbox(struct messages *f, uint64_t account, const char *name)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;

	assert_int_equal(
	    mailbox_find(f->mail, account, str_of(name), a, &info), RC_OK);
	arena_free(a);
	return info.id;
}

static inline uint64_t
messages_account(struct messages *f, const char *name)
{
	uint64_t account;

	assert_int_equal(
	    account_create(f->mail, str_of(name), STR("x"), &account), RC_OK);
	return account;
}

static inline void
messages_open(struct messages *f, unsigned shards)
{
	*f = (struct messages){ .folder = "/tmp/avocet-messages-XXXXXX",
		.shards = shards };
	assert_non_null(mkdtemp(f->folder));
	messages_start(f);
	f->account = messages_account(f, "user");
	f->inbox = messages_mailbox(f, f->account, "INBOX");
}

static inline void
messages_close(struct messages *f)
{
	messages_stop(f);
	assert_int_equal(
	    nftw(f->folder, messages_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The same as a fixture of cmocka's: *state is the struct messages. */
static inline int
messages_set_up(void **state)
{
	struct messages *f = mem_alloc(sizeof(*f));

	messages_open(f, 1);
	*state = f;
	return 0;
}

static inline int
messages_tear_down(void **state)
{
	messages_close(*state);
	mem_free(*state);
	return 0;
}

/* Make a mailbox of no special use; returns its id. */
static inline uint32_t
messages_create(struct messages *f, const char *name)
{
	uint32_t id;

	assert_int_equal(mailbox_create(f->mail, f->account, str_of(name),
			     SPECIAL_NONE, &id),
	    RC_OK);
	return id;
}

static inline struct incoming *
messages_incoming(struct messages *f, uint64_t account, struct str text)
{
	struct incoming *in = incoming_new(f->mail, account);

	assert_int_equal(incoming_write(in, text), RC_OK);
	assert_int_equal(incoming_finish(in), RC_OK);
	return in;
}

/* Append ${count} small messages in one change; returns the first UID. */
static inline uint32_t
messages_append(struct messages *f, uint32_t mailbox, size_t count,
    const struct flags *flags)
{
	struct incoming *in = messages_incoming(f, f->account, SMALL_MESSAGE);
	struct append *items = mem_array(count, sizeof(*items));
	struct append_result result;
	uint32_t first;

	for (size_t i = 0; i < count; i++) {
		items[i].message = in;
		items[i].internal_date = INT64_MIN;
		if (flags != NULL)
			items[i].flags = *flags;
	}
	assert_int_equal(
	    message_append(f->mail, f->account, mailbox, items, count, &result),
	    RC_OK);
	assert_int_equal(uid_list_count(&result.uids), count);
	first = result.uids.v[0].first;
	uid_list_fini(&result.uids);
	mem_free(items);
	incoming_free(in);
	return first;
}

/* Append one message to the INBOX; ${internal_date} in seconds, INT64_MIN for
 * now. */
static inline void
messages_append_text(struct messages *f, struct str text, int64_t internal_date)
{
	struct incoming *in = messages_incoming(f, f->account, text);
	struct append item = { .message = in, .internal_date = internal_date };
	struct append_result result;

	assert_int_equal(
	    message_append(f->mail, f->account, f->inbox, &item, 1, &result),
	    RC_OK);
	uid_list_fini(&result.uids);
	incoming_free(in);
}

/* Change system flags of a range of UIDs; returns the modseq. */
static inline uint64_t
messages_flag(struct messages *f, uint32_t mailbox, struct uid_range range,
    enum store_mode mode, unsigned flags)
{
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 };
	struct store_request request = { .uids = &uids,
		.mode = mode,
		.flags.system = flags,
		.unchangedsince = UINT64_MAX,
		.told = UINT64_MAX };
	struct store_result result;
	uint64_t modseq;

	assert_int_equal(
	    message_store(f->mail, f->account, mailbox, &request, &result),
	    RC_OK);
	modseq = result.modseq;
	store_result_fini(&result);
	return modseq;
}

/* Expunge a range of UIDs, whatever their flags; returns how many went. */
static inline uint64_t
messages_expunge(struct messages *f, uint32_t mailbox, struct uid_range range)
{
	struct uid_list uids = { .v = &range, .n = 1, .cap = 1 }, gone;
	uint64_t modseq, count;

	(void)messages_flag(f, mailbox, range, STORE_ADD, FLAG_DELETED);
	assert_int_equal(message_expunge(f->mail, f->account, mailbox, &uids,
			     &gone, &modseq),
	    RC_OK);
	count = uid_list_count(&gone);
	uid_list_fini(&gone);
	return count;
}

static inline struct mailbox *
messages_open_mailbox(struct messages *f, uint32_t id)
{
	struct mailbox *b;

	assert_int_equal(mailbox_open(f->mail, f->account, id, &b), RC_OK);
	return b;
}

/* The mailbox as a new session sees it, which alone keeps it open. */
static inline struct view
messages_view(struct messages *f, uint32_t id, bool claim_recent)
{
	struct mailbox *b = messages_open_mailbox(f, id);
	struct view v;

	assert_int_equal(view_begin(b, claim_recent, &v), RC_OK);
	mailbox_unref(&b);
	return v;
}

/* All messages of the view with numbers (or UIDs) in the range; returns how
 * many. */
static inline size_t
messages_walk(struct view *v, struct uid_range range, bool by_uid,
    struct message *ret_messages, size_t room)
{
	struct arena *a = arena_new(1 << 24);
	struct view_walk walk;
	size_t n = 0, count;

	assert_int_equal(
	    view_walk_begin(v, &range, 1, by_uid, a, &walk), RC_OK);
	do {
		struct message slice[VIEW_SLICE];

		assert_int_equal(view_walk_next(&walk, slice, &count), RC_OK);
		assert_true(n + count <= room);
		memcpy(ret_messages + n, slice, count * sizeof(*slice));
		n += count;
	} while (count > 0);
	arena_free(a);
	return n;
}

/* The message with this UID, which is there. */
static inline struct message
messages_message(struct messages *f, uint32_t mailbox, uint32_t uid)
{
	struct view v = messages_view(f, mailbox, false);
	struct message m;

	assert_int_equal(
	    messages_walk(&v, (struct uid_range){ uid, uid }, true, &m, 1), 1);
	view_end(&v);
	return m;
}

#endif
