/* SPDX-License-Identifier: MIT
 *
 * Removing what is past retention: expunged messages, deleted mailboxes, and
 * the emails that nothing else refers to.  In slices of a few chunks, so that
 * nobody waits long behind it.
 *
 * What a session still has in its view stays, however old: sequence numbers
 * must not change behind its back.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "mail/chunk.h"
#include "mail/import.h"
#include "mail/mail_internal.h"

/* One slice of one mailbox. */
struct purge {
	uint32_t mailbox;
	int64_t before;
	int64_t now;
	uint64_t least_modseq; /* what was expunged later is in some view */
	uint32_t from;	       /* chunks from this key on */
	int64_t oldest;	       /* of what stays, in the chunks before */

	/* Results. */
	bool done;
	uint32_t next_from;
	int64_t next_oldest;
};

static int64_t
older(int64_t a, int64_t b)
{
	if (a == 0 || b == 0)
		return a != 0 ? a : b;
	return a < b ? a : b;
}

/* Is this message to go?  All of a deleted mailbox are. */
static bool
is_past(const struct purge *p, const struct mailbox_record *m,
    const struct chunk_changing *state)
{
	if (m->deleted != 0)
		return true;
	return state->expunged != 0 && state->expunged < p->before &&
	       state->modseq <= p->least_modseq;
}

/* Take one message out of the counters, and let go of its email. */
static enum rc
drop(struct change *c, struct mailbox_record *m, const struct chunk *k,
    unsigned i)
{
	const struct chunk_changing *state = &k->changing[i];

	if (state->expunged == 0) {
		mailbox_record_count(m, &k->fixed[i], state->flags, false);
	} else {
		m->expunged--;
		if (state->modseq > m->purged_modseq)
			m->purged_modseq = state->modseq;
	}
	return change_email_unref(c, k->fixed[i].email);
}

/* Keep what stays in ${k}; *ret_dropped says if anything went. */
static enum rc
sift(struct change *c, struct purge *p, struct mailbox_record *m,
    struct chunk *k, bool *ret_dropped)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < k->count; i++) {
		if (is_past(p, m, &k->changing[i])) {
			enum rc rc = drop(c, m, k, i);

			if (rc != RC_OK)
				return rc;
			continue;
		}
		p->next_oldest = older(p->next_oldest, k->changing[i].expunged);
		k->fixed[kept] = k->fixed[i];
		k->changing[kept++] = k->changing[i];
	}
	*ret_dropped = kept < k->count;
	k->count = kept;
	return RC_OK;
}

static void
put_chunk(struct change *c, uint32_t mailbox, const struct chunk *k)
{
	struct key_space space;
	struct buf fixed;

	buf_init(&fixed, CHUNK_FIXED_BYTES_MAX);
	chunk_fixed_pack(&fixed, k->fixed, k->count);
	store_txn_put(c->txn, key_chunk_fixed(&space, mailbox, k->first),
	    buf_str(&fixed));
	buf_fini(&fixed);
	chunk_put_changing(c->txn, mailbox, k);
}

static void
delete_chunk(struct change *c, uint32_t mailbox, uint32_t first)
{
	struct key_space space;

	store_txn_delete(c->txn, key_chunk_fixed(&space, mailbox, first));
	store_txn_delete(c->txn, key_chunk_changing(&space, mailbox, first));
}

static enum rc
purge_chunk(struct change *c, struct purge *p, struct mailbox_record *m,
    struct chunk *k)
{
	bool dropped;
	enum rc rc = sift(c, p, m, k, &dropped);

	if (rc != RC_OK || !dropped)
		return rc;
	if (k->count > 0)
		put_chunk(c, m->id, k);
	else
		delete_chunk(c, m->id, k->first);
	return RC_OK;
}

static void
forget_mailbox(struct change *c, uint32_t id)
{
	struct key_space space;

	store_txn_delete(c->txn, key_keywords(&space, id));
	store_txn_delete(c->txn, key_mailbox(&space, id));
}

/* What was expunged while the slices went on was expunged after ${now}. */
static void
end_slice(struct change *c, const struct purge *p, struct mailbox_record *m)
{
	if (p->done && m->deleted != 0) {
		forget_mailbox(c, m->id);
		return;
	}
	if (p->done)
		m->expunged_from =
		    m->expunged == 0 ? 0 : older(p->next_oldest, p->now);
	change_put_mailbox(c, m);
}

/* Of a deleted mailbox that has no chunks any more: the marks of imports, a
 * slice of them; *ret_more: there are others. */
static enum rc
drop_marks(struct change *c, uint32_t mailbox, bool *ret_more)
{
	char found[PURGE_SLICE_MARKS][1 + 4 + IMPORT_MARK_BYTES];
	struct key_space space;
	struct str prefix = key_chunk_prefix(&space, KEY_BROUGHT, mailbox);
	struct str key, value;
	struct store_iter *it;
	size_t count = 0;
	enum rc rc = store_txn_iter(c->txn, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while (count < PURGE_SLICE_MARKS &&
	       (rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (key.n != sizeof(found[0])) {
			rc = RC_CORRUPT;
			break;
		}
		memcpy(found[count++], key.p, key.n);
	}
	store_iter_end(it);
	for (size_t i = 0; i < count; i++)
		store_txn_delete(
		    c->txn, (struct str){ found[i], sizeof(found[i]) });
	*ret_more = rc == RC_OK;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* No chunks are left to look at. */
static enum rc
purge_rest(struct change *c, struct purge *p, const struct mailbox_record *m)
{
	bool more = false;
	enum rc rc = RC_OK;

	if (m->deleted != 0)
		rc = drop_marks(c, m->id, &more);
	p->done = !more;
	return rc;
}

static enum rc
purge_chunks(struct change *c, struct purge *p, struct mailbox_record *m)
{
	struct chunk k;
	enum rc rc = RC_OK;

	for (int i = 0; i < PURGE_SLICE_CHUNKS && rc == RC_OK; i++) {
		rc = chunk_next(c->txn, m->id, p->next_from, &k);
		if (rc == RC_NOTFOUND)
			return purge_rest(c, p, m);
		if (rc == RC_OK)
			rc = purge_chunk(c, p, m, &k);
		if (rc == RC_OK)
			p->next_from = k.first + 1;
	}
	return rc;
}

static enum rc
purge_change(struct store_txn *t, void *arg)
{
	struct purge *p = arg;
	struct mailbox_record m;
	struct change c;
	enum rc rc = change_begin(t, p->now, &c);

	store_txn_relieve(t);
	p->done = false;
	p->next_from = p->from;
	p->next_oldest = p->oldest;
	if (rc == RC_OK)
		rc = change_any_mailbox(&c, p->mailbox, &m);
	/* It may have been deleted only just now. */
	if (rc == RC_OK && m.deleted != 0 && m.deleted >= p->before)
		return RC_NOTFOUND;
	if (rc == RC_OK)
		rc = purge_chunks(&c, p, &m);
	if (rc != RC_OK)
		return rc;
	end_slice(&c, p, &m);
	change_end(&c);
	return RC_OK;
}

static enum rc
purge_mailbox(
    struct mail *m, uint64_t account, struct purge *p, struct care *care)
{
	uint64_t least = opens_least_modseq(m->opens, account, p->mailbox);
	enum rc rc;

	if (least < p->least_modseq)
		p->least_modseq = least;
	do {
		if (care_stopping(care))
			return RC_SHUTDOWN;
		rc = store_update(m->store, account, purge_change, p);
		p->from = p->next_from;
		p->oldest = p->next_oldest;
	} while (rc == RC_OK && !p->done);
	/* Gone, or come back, meanwhile: not ours any more. */
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* -- one account --------------------------------------------------------- */

struct candidates {
	struct mailbox_ids ids;
	uint64_t modseq; /* of the account when they were looked for */
};

static bool
has_past(const struct mailbox_record *m, int64_t before)
{
	if (m->deleted != 0)
		return m->deleted < before;
	return m->expunged > 0 && m->expunged_from < before;
}

static enum rc
find_candidates(struct store_read *r, int64_t before, struct candidates *list)
{
	struct account_record account;
	enum rc rc = record_account(r, &account);

	if (rc != RC_OK || account.purge_from == 0 ||
	    account.purge_from >= before)
		return rc;
	list->modseq = account.highestmodseq;
	return record_mailbox_ids(r, has_past, before, &list->ids);
}

/* Find anew the earliest moment that the next purges have to look for. */
static enum rc
settle_change(struct store_txn *t, void *arg)
{
	const int64_t *now = arg;
	struct mailbox_record m = { 0 };
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_MAILBOX);
	struct str key, value;
	struct change c;
	enum rc rc = change_begin(t, *now, &c);

	if (rc == RC_OK)
		rc = store_txn_iter(t, prefix, prefix, &it);
	if (rc != RC_OK)
		return rc;
	store_txn_relieve(t);
	c.account.purge_from = 0;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK &&
	       mailbox_record_unpack(value, &m))
		c.account.purge_from = older(c.account.purge_from,
		    m.deleted != 0 ? m.deleted : m.expunged_from);
	store_iter_end(it);
	if (rc != RC_NOTFOUND)
		return rc == RC_OK ? RC_CORRUPT : rc;
	c.dirty = true;
	change_end(&c);
	return RC_OK;
}

static enum rc
purge_account(
    struct mail *m, uint64_t account, int64_t before, struct care *care)
{
	struct candidates list = { 0 };
	struct store_read *r;
	int64_t now = clock_wall();
	enum rc rc = store_read_begin(m->store, account, &r);

	if (rc != RC_OK)
		return rc;
	rc = find_candidates(r, before, &list);
	store_read_end(r);
	for (size_t i = 0; i < list.ids.v.n && rc == RC_OK; i++) {
		/* A view that begins from now on has all that is expunged
		 * later, whatever the clock says. */
		struct purge p = { .mailbox = list.ids.v.v[i],
			.before = before,
			.now = now,
			.least_modseq = list.modseq };

		rc = purge_mailbox(m, account, &p, care);
	}
	if (rc == RC_OK && list.ids.v.n > 0)
		rc = store_update(m->store, account, settle_change, &now);
	vec_fini(&list.ids.v);
	/* An account that goes meanwhile needs no purge. */
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
purge_all(struct mail *m, int64_t before, struct care *care)
{
	struct account_ids ids = { 0 };
	enum rc rc = account_all_ids(m, &ids), result = RC_OK;

	for (size_t i = 0; i < ids.v.n && rc == RC_OK; i++) {
		enum rc one = care_stopping(care)
				  ? RC_SHUTDOWN
				  : purge_account(m, ids.v.v[i], before, care);

		/* Damage in one account does not keep others from it. */
		if (one == RC_CORRUPT)
			result = one;
		else
			rc = one;
	}
	vec_fini(&ids.v);
	return rc == RC_OK ? result : rc;
}
