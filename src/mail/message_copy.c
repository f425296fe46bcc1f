/* SPDX-License-Identifier: MIT
 *
 * COPY and MOVE (RFC 9051 sections 6.4.7 and 6.4.8): all or none, so in one
 * change.  First everything is copied, then, for MOVE, what was copied is
 * expunged; so a mailbox may be copied or moved to itself.  Copies share the
 * email of what they are copied from.
 */
#include "mail/message_internal.h"

#include "base/clock.h"

struct copy_change {
	uint32_t from;
	uint32_t to;
	const struct uid_list *uids;
	bool move;
	int64_t now;
	struct copy_result result;
	/* While it runs. */
	struct change *change;
	struct mailbox_record *source; /* these two may be one */
	struct mailbox_record *target;
	uint32_t limit; /* messages from here on are copies */
	struct keyword_map keywords;
	struct chunk_append append;
};

static bool
is_copied(const struct copy_change *m, struct uid_walk *w,
    const struct chunk *c, unsigned i)
{
	return c->changing[i].expunged == 0 && c->fixed[i].uid < m->limit &&
	       uid_walk_has(w, c->fixed[i].uid);
}

/* -- copying --------------------------------------------------------------- */

static enum rc
copy_message(struct copy_change *m, const struct chunk_fixed *fixed,
    const struct chunk_changing *changing)
{
	struct chunk_fixed copy = *fixed;
	uint64_t keywords;
	enum rc rc;

	copy.save_date = m->change->now;
	rc = keyword_map_bits(&m->keywords, changing->keywords, &keywords);
	if (rc == RC_OK)
		rc = change_email_ref(m->change, fixed->email);
	if (rc == RC_OK)
		rc = chunk_append_add(
		    &m->append, &copy, changing->flags, keywords);
	if (rc != RC_OK)
		return rc;
	uid_list_add(&m->result.from, fixed->uid);
	uid_list_add(&m->result.to, copy.uid);
	return RC_OK;
}

static enum rc
copy_all(struct copy_change *m)
{
	struct uid_walk w = uid_walk_begin(m->change->txn, m->from, m->uids, 1);
	struct chunk c;
	enum rc rc = chunk_append_begin(&m->append, m->change, m->target);

	while (rc == RC_OK && (rc = uid_walk_next(&w, &c)) == RC_OK) {
		for (unsigned i = 0; rc == RC_OK && i < c.count; i++) {
			if (is_copied(m, &w, &c, i))
				rc = copy_message(
				    m, &c.fixed[i], &c.changing[i]);
		}
	}
	if (rc != RC_NOTFOUND)
		return rc;
	if (m->result.from.n > 0)
		chunk_append_end(&m->append);
	return RC_OK;
}

/* -- taking away ----------------------------------------------------------- */

static void
expunge_copied(struct copy_change *m, struct uid_walk *w, struct chunk *c)
{
	bool changed = false;

	for (unsigned i = 0; i < c->count; i++) {
		struct chunk_changing *at = &c->changing[i];

		if (!is_copied(m, w, c, i))
			continue;
		change_expunged(m->change, m->source, &c->fixed[i], at->flags);
		at->expunged = m->change->now;
		at->elsewhere = true;
		at->modseq = change_modseq(m->change);
		changed = true;
	}
	if (changed)
		chunk_put_changing(m->change->txn, m->from, c);
}

static enum rc
expunge_all(struct copy_change *m)
{
	struct uid_walk w = uid_walk_begin(m->change->txn, m->from, m->uids, 1);
	struct chunk c;
	enum rc rc;

	while ((rc = uid_walk_next(&w, &c)) == RC_OK)
		expunge_copied(m, &w, &c);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* -- the change ------------------------------------------------------------ */

static void
begin(struct copy_change *m, struct change *c, struct mailbox_record *source,
    struct mailbox_record *target)
{
	m->change = c;
	m->source = source;
	m->target = target;
	m->limit = source->uidnext;
	m->result.uidvalidity = target->uidvalidity;
	keyword_map_init(&m->keywords, c, source->id, target->id);
}

/* Without putting the records. */
static enum rc
copy_and_expunge(struct copy_change *m)
{
	enum rc rc = copy_all(m);

	if (rc == RC_OK && m->move)
		rc = expunge_all(m);
	return rc;
}

static enum rc
copy_change(struct store_txn *t, void *arg)
{
	struct copy_change *m = arg;
	struct mailbox_record from, to;
	struct change c;
	enum rc rc = change_begin(t, m->now, &c);

	m->result.from.n = 0;
	m->result.to.n = 0;
	m->result.modseq = 0;
	/* As many programs delete: to a mailbox that is emptied later. */
	if (m->move)
		store_txn_relieve(t);
	if (rc == RC_OK)
		rc = change_mailbox(&c, m->from, &from);
	if (rc == RC_OK && m->from != m->to)
		rc = change_mailbox(&c, m->to, &to);
	if (rc != RC_OK)
		return rc;
	begin(m, &c, &from, m->from == m->to ? &from : &to);
	rc = copy_and_expunge(m);
	if (rc != RC_OK || m->result.from.n == 0)
		return rc;
	m->result.modseq = c.modseq;
	change_put_mailbox(&c, m->target);
	if (m->move && m->source != m->target)
		change_put_mailbox(&c, m->source);
	change_end(&c);
	return RC_OK;
}

enum rc
message_copy(struct mail *m, uint64_t account, uint32_t from,
    const struct uid_list *uids, uint32_t to, bool move,
    struct copy_result *ret_result)
{
	struct copy_change c = { .from = from,
		.to = to,
		.uids = uids,
		.move = move,
		.now = clock_wall() };
	enum rc rc = store_update(m->store, account, copy_change, &c);

	if (rc == RC_OK)
		*ret_result = c.result;
	else
		copy_result_fini(&c.result);
	return rc;
}

void
copy_result_fini(struct copy_result *r)
{
	uid_list_fini(&r->from);
	uid_list_fini(&r->to);
}

enum rc
message_move_all(
    struct change *c, struct mailbox_record *from, struct mailbox_record *to)
{
	struct uid_range whole = { 1, UINT32_MAX };
	const struct uid_list all = { .v = &whole, .n = 1, .cap = 1 };
	struct copy_change m = {
		.from = from->id, .to = to->id, .uids = &all, .move = true
	};
	enum rc rc;

	begin(&m, c, from, to);
	rc = copy_and_expunge(&m);
	copy_result_fini(&m.result);
	return rc;
}
