/* SPDX-License-Identifier: MIT
 *
 * EXPUNGE (RFC 9051 section 6.4.3, UID EXPUNGE in section 6.4.9): messages
 * with \Deleted are marked as expunged.  They go for good when the retention
 * time has passed and no session has them in its view.  Removing, as POP3 does
 * it, is the same without the flag.
 */
#include "mail/message_internal.h"

#include "base/clock.h"

struct expunge_change {
	uint32_t mailbox;
	const struct uid_list *uids;
	bool unmarked; /* those without \Deleted, too */
	int64_t now;
	struct slice slice;
	struct uid_list slice_uids;
	/* While it runs. */
	struct change change;
	struct mailbox_record record;
};

static bool
is_wanted(const struct expunge_change *e, const struct chunk_changing *m)
{
	return m->expunged == 0 &&
	       (e->unmarked || (m->flags & FLAG_DELETED) != 0);
}

static void
expunge_chunk(struct expunge_change *e, struct uid_walk *w, struct chunk *c)
{
	bool changed = false;

	for (unsigned i = 0; i < c->count; i++) {
		struct chunk_changing *m = &c->changing[i];
		uint32_t uid = c->fixed[i].uid;

		if (uid < e->slice.from || !is_wanted(e, m) ||
		    !uid_walk_has(w, uid))
			continue;
		change_expunged(&e->change, &e->record, &c->fixed[i], m->flags);
		m->expunged = e->change.now;
		m->modseq = change_modseq(&e->change);
		uid_list_add(&e->slice_uids, uid);
		changed = true;
	}
	if (changed) {
		chunk_put_changing(e->change.txn, e->mailbox, c);
		e->slice.changed++;
	}
}

static enum rc
expunge_slice(struct expunge_change *e)
{
	struct uid_walk w =
	    uid_walk_begin(e->change.txn, e->mailbox, e->uids, e->slice.from);
	struct chunk c;
	enum rc rc = RC_NOTFOUND;

	while ((e->unmarked ? e->record.messages : e->record.marked) > 0 &&
	       (rc = uid_walk_next(&w, &c)) == RC_OK) {
		expunge_chunk(e, &w, &c);
		if (slice_is_full(&e->slice, &c))
			return RC_OK;
		rc = RC_NOTFOUND;
	}
	e->slice.ended = true;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
expunge_change(struct store_txn *t, void *arg)
{
	struct expunge_change *e = arg;
	enum rc rc = change_begin(t, e->now, &e->change);

	store_txn_relieve(t);
	slice_begin(&e->slice);
	e->slice_uids.n = 0;
	if (rc == RC_OK)
		rc = change_mailbox(&e->change, e->mailbox, &e->record);
	if (rc == RC_OK)
		rc = expunge_slice(e);
	if (rc != RC_OK || e->change.modseq == 0)
		return rc;
	change_put_mailbox(&e->change, &e->record);
	change_end(&e->change);
	return RC_OK;
}

/* Slice by slice. */
static enum rc
expunge(struct mail *m, uint64_t account, struct expunge_change *e,
    struct uid_list *ret_uids, uint64_t *ret_modseq)
{
	enum rc rc = RC_OK;

	*ret_uids = (struct uid_list){ 0 };
	*ret_modseq = 0;
	while (rc == RC_OK && !e->slice.ended) {
		rc = store_update(m->store, account, expunge_change, e);
		if (rc != RC_OK)
			break;
		uid_list_join(ret_uids, &e->slice_uids);
		if (e->change.modseq != 0)
			*ret_modseq = e->change.modseq;
		e->slice.from = e->slice.next;
	}
	uid_list_fini(&e->slice_uids);
	return rc;
}

enum rc
message_expunge(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct uid_list *ret_uids,
    uint64_t *ret_modseq)
{
	struct uid_range whole = { 1, UINT32_MAX };
	const struct uid_list all = { .v = &whole, .n = 1, .cap = 1 };
	struct expunge_change e = { .mailbox = mailbox,
		.uids = uids != NULL ? uids : &all,
		.now = clock_wall() };

	return expunge(m, account, &e, ret_uids, ret_modseq);
}

enum rc
message_remove(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct uid_list *ret_uids,
    uint64_t *ret_modseq)
{
	struct expunge_change e = { .mailbox = mailbox,
		.uids = uids,
		.unmarked = true,
		.now = clock_wall() };

	return expunge(m, account, &e, ret_uids, ret_modseq);
}
