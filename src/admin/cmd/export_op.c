/* SPDX-License-Identifier: MIT
 *
 * The operations that exports are made of.  Nothing is kept between two of
 * them, and an answer is bounded, however large a mailbox or a message is.
 */
#include <inttypes.h>

#include "admin/cmd/cmd.h"
#include "admin/item.h"
#include "mail/email.h"
#include "mail/mailbox.h"
#include "mail/view.h"

#define ANSWER_BYTES (1024 * 1024) /* of messages in one answer */
#define READ_BYTES   (32 * 1024)

/* USER.  A line "m ID UIDVALIDITY UIDNEXT MESSAGES NAME" for each mailbox, then
 * "s NAME" for each name that is subscribed to. */
enum rc
op_export_mailboxes(struct operation *o)
{
	struct mailbox_info *infos;
	struct str *names;
	uint64_t account;
	size_t count;
	enum rc rc = operation_account(o, 1, &account);

	if (rc == RC_OK)
		rc = mailbox_list(o->mail, account, o->arena, &infos, &count);
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		operation_say(o,
		    "m %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %.*s",
		    infos[i].id, infos[i].uidvalidity, infos[i].uidnext,
		    infos[i].messages, STR_ARG(infos[i].name));
	if (rc == RC_OK)
		rc = mailbox_subscriptions(
		    o->mail, account, o->arena, &names, &count);
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		operation_say(o, "s %.*s", STR_ARG(names[i]));
	return rc;
}

/* -- export-messages ----------------------------------------------------- */

struct answer {
	struct operation *o;
	uint64_t account;
	struct str *names; /* of keywords, by bit */
	unsigned name_count;
	uint32_t uid;	 /* the message that was begun before ... */
	uint64_t offset; /* ... and what was sent of it */
	size_t left;	 /* octets of the answer */
	char room[READ_BYTES];
};

/* Say what the message is, and open it. */
static enum rc
open_message(struct answer *a, const struct message *m, struct blob **ret_blob)
{
	struct str keywords[KEYWORDS_MAX];
	struct item item = { .uid = m->uid,
		.flags = m->flags,
		.date = m->internal_date,
		.keywords = keywords };
	struct store_read *r;
	struct email e;
	struct buf line;
	enum rc rc = store_read_begin(mail_store(a->o->mail), a->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = email_get(r, m->email, &e);
	if (rc == RC_OK) {
		item.size = e.size;
		item.prefix = e.prefix;
		memcpy(item.digest, e.digest.p, sizeof(item.digest));
		rc = email_open(r, m->email, ret_blob);
	}
	store_read_end(r);
	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < a->name_count; i++)
		if ((m->keywords >> i & 1) != 0)
			keywords[item.keyword_count++] = a->names[i];
	buf_init(&line, CONTROL_FRAME_BYTES_MAX);
	item_write(&line, &item);
	a->o->io->line(a->o->io->arg, buf_str(&line));
	buf_fini(&line);
	return RC_OK;
}

static enum rc
say_message(struct answer *a, const struct message *m)
{
	uint64_t at = m->uid == a->uid ? a->offset : 0;
	struct blob *blob;
	enum rc rc = open_message(a, m, &blob);

	if (rc != RC_OK)
		return rc;
	while (a->left > 0) {
		size_t want = a->left < READ_BYTES ? a->left : READ_BYTES;
		size_t count = 0;

		rc = blob_read(blob, at, a->room, want, &count);
		if (rc != RC_OK || count == 0)
			break;
		a->o->io->line(a->o->io->arg, (struct str){ a->room, count });
		at += count;
		a->left -= count;
	}
	blob_close(blob);
	return rc;
}

static enum rc
say_messages(struct answer *a, struct view *v)
{
	struct uid_range range = { a->uid, UINT32_MAX };
	struct message messages[VIEW_SLICE];
	struct view_walk walk;
	size_t count = 1;
	enum rc rc = view_walk_begin(v, &range, 1, true, a->o->arena, &walk);

	while (rc == RC_OK && count > 0 && a->left > 0) {
		rc = view_walk_next(&walk, messages, &count);
		for (size_t i = 0; rc == RC_OK && i < count && a->left > 0; i++)
			rc = say_message(a, &messages[i]);
	}
	return rc;
}

static enum rc
answer(struct answer *a, uint32_t mailbox)
{
	struct mailbox *b;
	struct view v;
	enum rc rc = mailbox_open(a->o->mail, a->account, mailbox, &b);

	if (rc != RC_OK)
		return rc;
	rc = view_begin(b, false, &v);
	if (rc == RC_OK) {
		rc =
		    mailbox_keywords(b, a->o->arena, &a->names, &a->name_count);
		if (rc == RC_OK)
			rc = say_messages(a, &v);
		view_end(&v);
	}
	mailbox_unref(&b);
	return rc;
}

/* USER MAILBOX-ID UID OFFSET.  Messages (item.h) from ${UID} on, that one
 * without its first octets, as many as fit; what is cut has less octets than it
 * says, and nothing at all is the end. */
enum rc
op_export_messages(struct operation *o)
{
	struct answer *a;
	uint64_t account, mailbox, uid, offset;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!str_number(o->words[2], UINT32_MAX, &mailbox) ||
	    !str_number(o->words[3], UINT32_MAX, &uid) || uid == 0 ||
	    !str_number(o->words[4], UINT64_MAX, &offset))
		return RC_INVALID;
	a = arena_alloc(o->arena, sizeof(*a));
	if (a == NULL)
		return RC_LIMIT;
	a->o = o;
	a->account = account;
	a->uid = (uint32_t)uid;
	a->offset = offset;
	a->left = ANSWER_BYTES;
	return answer(a, (uint32_t)mailbox);
}
