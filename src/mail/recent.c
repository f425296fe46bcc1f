/* SPDX-License-Identifier: MIT
 *
 * \Recent (RFC 3501 section 2.3.2): the store is told, without waiting, up to
 * where sessions have been told of messages.  When the hint is lost, another
 * session is told of them as recent once more, which is allowed.  As long as
 * the mailbox is open, the open mailbox knows better than the store.
 */
#include "mail/message_internal.h"
#include "mail/open_internal.h"

#include "base/clock.h"

struct recent_change {
	uint32_t mailbox;
	uint32_t uid;
	int64_t now;
};

static uint32_t
live_from(const struct chunk *c, uint32_t uid)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < c->count; i++)
		count += c->fixed[i].uid >= uid && c->changing[i].expunged == 0;
	return count;
}

/* How many live messages have a UID of at least ${uid}? */
static enum rc
count_from(
    struct change *c, uint32_t mailbox, uint32_t uid, uint32_t *ret_count)
{
	struct uid_range range = { uid, UINT32_MAX };
	struct uid_list from = { .v = &range, .n = 1, .cap = 1 };
	struct uid_walk w = uid_walk_begin(c->txn, mailbox, &from, uid);
	uint32_t count = 0;
	struct chunk at;
	enum rc rc;

	while ((rc = uid_walk_next(&w, &at)) == RC_OK)
		count += live_from(&at, uid);
	if (rc != RC_NOTFOUND)
		return rc;
	*ret_count = count;
	return RC_OK;
}

static enum rc
recent_change(struct store_txn *t, void *arg)
{
	const struct recent_change *r = arg;
	struct mailbox_record mailbox;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK)
		rc = change_mailbox(&c, r->mailbox, &mailbox);
	if (rc != RC_OK || mailbox.recent_uid >= r->uid)
		return rc;
	mailbox.recent_uid = r->uid;
	mailbox.recent = 0;
	if (mailbox.uidnext > r->uid)
		rc = count_from(&c, mailbox.id, r->uid, &mailbox.recent);
	if (rc == RC_OK)
		change_put_mailbox(&c, &mailbox);
	return rc;
}

void
recent_post(struct mailbox *b, uint32_t uid)
{
	struct recent_change *r = mem_alloc(sizeof(*r));

	r->mailbox = b->id;
	r->uid = uid;
	r->now = clock_wall();
	store_post(b->mail->store, b->account, recent_change, r);
}

/* The same as count_from() of what a read shows. */
static enum rc
read_count_from(
    struct store_read *r, uint32_t mailbox, uint32_t uid, uint32_t *ret_count)
{
	struct key_space prefix, first;
	struct store_iter *it = NULL;
	struct key_parts parts;
	struct str key, value;
	uint32_t count = 0;
	struct chunk at;
	enum rc rc = store_iter_begin(r,
	    key_chunk_prefix(&prefix, KEY_CHUNK_CHANGING, mailbox),
	    key_chunk_changing(&first, mailbox, chunk_least_first(uid)), &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (!key_parse(key, &parts))
			rc = RC_CORRUPT;
		else
			rc = chunk_read(r, mailbox, parts.first, &at);
		/* The end is RC_NOTFOUND; half a chunk is not it. */
		if (rc != RC_OK)
			rc = rc == RC_NOTFOUND ? RC_CORRUPT : rc;
		if (rc != RC_OK)
			break;
		count += live_from(&at, uid);
	}
	store_iter_end(it);
	if (rc != RC_NOTFOUND)
		return rc;
	*ret_count = count;
	return RC_OK;
}

enum rc
recent_count(struct mail *m, uint64_t account, struct store_read *r,
    const struct mailbox_record *mailbox, uint32_t *ret_count)
{
	uint32_t uid;

	if (mailbox->recent == 0) {
		*ret_count = 0;
		return RC_OK;
	}
	uid = opens_recent_uid(m->opens, account, mailbox->id);
	if (uid <= mailbox->recent_uid)
		*ret_count = mailbox->recent;
	else if (uid >= mailbox->uidnext)
		*ret_count = 0;
	else
		return read_count_from(r, mailbox->id, uid, ret_count);
	return RC_OK;
}
