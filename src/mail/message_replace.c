/* SPDX-License-Identifier: MIT
 *
 * REPLACE (RFC 8508): a message comes in and another one is expunged, both or
 * none, so in one change.  Nothing is inherited.
 */
#include "mail/incoming.h"
#include "mail/message_internal.h"

#include "base/clock.h"

struct replace_change {
	uint32_t from;
	uint32_t uid;
	uint32_t to;
	const struct append *item;
	int64_t now;
	struct append_result result;
};

static enum rc
append_one(
    struct replace_change *r, struct change *c, struct mailbox_record *mailbox)
{
	struct chunk_append to;
	uint32_t uid;
	enum rc rc = chunk_append_begin(&to, c, mailbox);

	if (rc == RC_OK)
		rc = append_item(
		    &to, r->item, incoming_stage(r->item->message), &uid);
	if (rc != RC_OK)
		return rc;
	uid_list_add(&r->result.uids, uid);
	chunk_append_end(&to);
	return RC_OK;
}

/* Expunge the message if it is in the chunk. */
static bool
expunge_in(struct replace_change *r, struct change *c,
    struct mailbox_record *mailbox, struct chunk *chunk)
{
	for (unsigned i = 0; i < chunk->count; i++) {
		struct chunk_changing *at = &chunk->changing[i];

		if (chunk->fixed[i].uid != r->uid || at->expunged != 0)
			continue;
		change_expunged(c, mailbox, &chunk->fixed[i], at->flags);
		at->expunged = c->now;
		at->modseq = change_modseq(c);
		chunk_put_changing(c->txn, mailbox->id, chunk);
		return true;
	}
	return false;
}

static enum rc
expunge_one(
    struct replace_change *r, struct change *c, struct mailbox_record *mailbox)
{
	struct uid_range one = { r->uid, r->uid };
	const struct uid_list uids = { .v = &one, .n = 1, .cap = 1 };
	struct uid_walk w = uid_walk_begin(c->txn, mailbox->id, &uids, 1);
	struct chunk chunk;
	enum rc rc;

	while ((rc = uid_walk_next(&w, &chunk)) == RC_OK)
		if (expunge_in(r, c, mailbox, &chunk))
			return RC_OK;
	return rc == RC_NOTFOUND ? RC_CONFLICT : rc;
}

static enum rc
replace_change(struct store_txn *t, void *arg)
{
	struct replace_change *r = arg;
	struct mailbox_record from, other, *to = &other;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	r->result.uids.n = 0;
	if (rc == RC_OK)
		rc = change_mailbox(&c, r->from, &from);
	if (rc == RC_OK && r->from == r->to)
		to = &from;
	else if (rc == RC_OK)
		rc = change_mailbox(&c, r->to, &other);
	if (rc != RC_OK)
		return rc;
	r->result.uidvalidity = to->uidvalidity;
	rc = append_one(r, &c, to);
	if (rc == RC_OK)
		rc = expunge_one(r, &c, &from);
	if (rc != RC_OK)
		return rc;
	change_put_mailbox(&c, &from);
	if (to != &from)
		change_put_mailbox(&c, to);
	change_end(&c);
	return RC_OK;
}

enum rc
message_replace(struct mail *m, uint64_t account, uint32_t from, uint32_t uid,
    uint32_t to, const struct append *item, struct append_result *ret_result)
{
	struct replace_change r = { .from = from,
		.uid = uid,
		.to = to,
		.item = item,
		.now = clock_wall() };
	enum rc rc = store_update(m->store, account, replace_change, &r);

	if (rc == RC_OK)
		*ret_result = r.result;
	else
		uid_list_fini(&r.result.uids);
	return rc;
}
