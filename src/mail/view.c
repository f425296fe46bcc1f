/* SPDX-License-Identifier: MIT
 *
 * Views: beginning, ending, and what is asked of them one by one.
 *
 * Why sessions never disagree.  A view is the set of messages with
 *
 *	uid < view.uidnext  and  (live  or  expunged after view.modseq).
 *
 *  1. A cursor is taken from the mailbox's moment, which is one commit's
 *     mailbox record: uidnext, highest modseq and number of messages belong
 *     together.  At that commit the set is what was live, so it has
 *     ${exists} messages.
 *  2. Later commits do not change the set: UIDs that are given later are not
 *     below uidnext, an expunge gives the message a modseq above the cursor's,
 *     and a pin keeps it from being purged.  So it may be computed from any
 *     state of the store that is as new as the moment, or from several of
 *     them, a chunk from each.
 *  3. Whatever is read after the cursor was taken is as new: the directory is
 *     never older than the moment, and a store read never older than either
 *     (open.c).
 *  4. view_sync() takes a new moment first and looks at chunks afterwards.
 *     They may hold changes after that moment; those have a greater modseq (or
 *     UID) and are left for the next time, so what is told is the difference
 *     of the sets at the two cursors.
 *
 * A walk that finds another number of messages in a chunk than the index has
 * proves the store damaged, and ends with RC_CORRUPT.
 */
#include "mail/view_internal.h"

#include <assert.h>

/* -- pins; the mailbox's lock is held ------------------------------------ */

static void
pin(struct mailbox *b, struct view_pin *p, uint64_t modseq)
{
	p->modseq = modseq;
	p->prev = NULL;
	p->next = b->pins;
	if (p->next != NULL)
		p->next->prev = p;
	b->pins = p;
}

static void
unpin(struct mailbox *b, struct view_pin *p)
{
	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		b->pins = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
}

/* -- the cursor ---------------------------------------------------------- */

bool
view_claim(struct view *v, uint32_t uidnext)
{
	struct mailbox *b = v->mailbox;

	if (b->recent_uid >= uidnext)
		return false;
	/* What another session has claimed meanwhile is \Recent to both:
	 * RFC 3501 section 2.3.2 leaves that open. */
	if (v->recent_first == 0)
		v->recent_first = b->recent_uid > 0 ? b->recent_uid : 1;
	v->recent_last = uidnext - 1;
	/* EXAMINE sees it, and leaves it to another (RFC 3501 section
	 * 6.3.2). */
	if (!v->claim_recent)
		return false;
	b->recent_uid = uidnext;
	return true;
}

/* The mailbox's lock is held. */
static enum rc
take_cursor(struct view *v, bool *ret_claimed)
{
	const struct moment *now = &v->mailbox->now;

	if (now->deleted)
		return RC_NOTFOUND;
	v->modseq = now->modseq;
	v->flags_modseq = now->modseq;
	v->uidnext = now->uidnext;
	v->exists = now->messages;
	v->keyword_count = v->mailbox->keyword_count;
	*ret_claimed = view_claim(v, now->uidnext);
	pin(v->mailbox, v->pin, v->modseq);
	return RC_OK;
}

enum rc
view_begin(struct mailbox *b, bool claim_recent, struct view *ret_view)
{
	struct view v = { .mailbox = b, .claim_recent = claim_recent };
	bool claimed = false;
	enum rc rc;

	v.pin = mem_alloc(sizeof(*v.pin));
	lock_take(&b->lock);
	rc = take_cursor(&v, &claimed);
	lock_release(&b->lock);
	if (rc != RC_OK) {
		mem_free(v.pin);
		return rc;
	}
	mailbox_ref(b);
	if (claimed)
		recent_post(b, v.uidnext);
	*ret_view = v;
	return RC_OK;
}

void
view_end(struct view *v)
{
	struct mailbox *b = v->mailbox;

	if (b == NULL)
		return;
	lock_take(&b->lock);
	unpin(b, v->pin);
	lock_release(&b->lock);
	mem_free(v->pin);
	mailbox_unref(&b);
	*v = (struct view){ 0 };
}

uint64_t
view_modseq_told(const struct view *v)
{
	return v->modseq < v->flags_modseq ? v->modseq : v->flags_modseq;
}

bool
view_is_stale(struct view *v)
{
	struct mailbox *b = v->mailbox;
	bool stale;

	lock_take(&b->lock);
	stale = b->now.deleted || b->now.modseq != v->flags_modseq ||
		b->now.modseq != v->modseq;
	lock_release(&b->lock);
	return stale;
}

/* -- single questions ---------------------------------------------------- */

/* The index at the cursor, proved to agree with it. */
enum rc
view_index_now(struct view *v, struct arena *a, struct view_index *ret_index)
{
	struct view_index index;
	enum rc rc = view_index_make(v, v->uidnext, a, &index);

	if (rc != RC_OK)
		return rc;
	if (index.total != v->exists)
		return mailbox_is_deleted(v->mailbox) ? RC_NOTFOUND
						      : RC_CORRUPT;
	*ret_index = index;
	return RC_OK;
}

/* The last chunk for which ${before} or ${first} is at most the number; n when
 * there is none. */
static size_t
chunk_of_seq(const struct view_index *index, uint32_t seq)
{
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->v[middle].before < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : index->n;
}

static size_t
chunk_of_uid(const struct view_index *index, uint32_t uid)
{
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->v[middle].first <= uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low - 1 : index->n;
}

/* What is asked of one chunk: the first message in the view that fits. */
struct question {
	uint32_t seq; /* 0: any */
	uint32_t uid; /* 0: any */
	bool unseen;
	bool last;	  /* the last that fits instead */
	uint32_t ret_seq; /* 0: none fits */
	uint32_t ret_uid;
};

static void
answer(const struct view *v, const struct view_chunk *at, const struct chunk *c,
    struct question *q)
{
	uint32_t seq = at->before;

	q->ret_seq = 0;
	for (unsigned i = 0; i < c->count; i++) {
		if (!view_has(v, v->uidnext, c, i))
			continue;
		seq++;
		if ((q->seq != 0 && q->seq != seq) ||
		    (q->uid != 0 && q->uid != c->fixed[i].uid) ||
		    (q->unseen && (c->changing[i].flags & FLAG_SEEN) != 0))
			continue;
		q->ret_seq = seq;
		q->ret_uid = c->fixed[i].uid;
		if (!q->last)
			return;
	}
}

static enum rc
ask_chunk(struct view *v, const struct view_chunk *at, struct question *q)
{
	struct store_read *r;
	struct chunk c;
	enum rc rc =
	    store_read_begin(v->mailbox->mail->store, v->mailbox->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = chunk_read(r, v->mailbox->id, at->first, &c);
	store_read_end(r);
	if (rc == RC_OK)
		answer(v, at, &c, q);
	return rc;
}

/* Ask the chunk that ${q} must lie in. */
static enum rc
ask(struct view *v, struct question *q)
{
	struct arena *a = arena_new(VIEW_INDEX_BYTES_MAX);
	struct view_index index;
	size_t at;
	enum rc rc = view_index_now(v, a, &index);

	q->ret_seq = 0;
	if (rc == RC_OK) {
		if (q->seq != 0)
			at = chunk_of_seq(&index, q->seq);
		else if (q->uid != 0)
			at = chunk_of_uid(&index, q->uid);
		else
			at = index.n - 1;
		if (at < index.n)
			rc = ask_chunk(v, &index.v[at], q);
	}
	arena_free(a);
	return rc;
}

enum rc
view_uid_of(struct view *v, uint32_t seq, uint32_t *ret_uid)
{
	struct question q = { .seq = seq };
	enum rc rc;

	if (seq == 0 || seq > v->exists)
		return RC_NOTFOUND;
	rc = ask(v, &q);
	if (rc != RC_OK)
		return rc;
	if (q.ret_seq == 0)
		return RC_CORRUPT;
	*ret_uid = q.ret_uid;
	return RC_OK;
}

enum rc
view_seq_of(struct view *v, uint32_t uid, uint32_t *ret_seq)
{
	struct question q = { .uid = uid };
	enum rc rc = RC_OK;

	if (uid > 0 && uid < v->uidnext && v->exists > 0)
		rc = ask(v, &q);
	if (rc == RC_OK)
		*ret_seq = q.ret_seq;
	return rc;
}

enum rc
view_last_uid(struct view *v, uint32_t *ret_uid)
{
	struct question q = { .last = true };
	enum rc rc = v->exists > 0 ? ask(v, &q) : RC_OK;

	if (rc == RC_OK)
		*ret_uid = q.ret_uid;
	return rc;
}

static enum rc
find_unseen(struct view *v, struct arena *a, struct question *q)
{
	struct view_index index;
	enum rc rc = view_index_now(v, a, &index);

	for (size_t i = 0; rc == RC_OK && i < index.n; i++) {
		if (index.v[i].unseen == 0)
			continue;
		rc = ask_chunk(v, &index.v[i], q);
		if (q->ret_seq != 0)
			break;
	}
	return rc;
}

enum rc
view_first_unseen(struct view *v, uint32_t *ret_seq)
{
	struct question q = { .unseen = true };
	struct mailbox *b = v->mailbox;
	struct arena *a;
	bool any;
	enum rc rc = RC_OK;

	lock_take(&b->lock);
	any = b->now.unseen > 0;
	lock_release(&b->lock);
	if (any) {
		a = arena_new(VIEW_INDEX_BYTES_MAX);
		rc = find_unseen(v, a, &q);
		arena_free(a);
	}
	if (rc == RC_OK)
		*ret_seq = q.ret_seq;
	return rc;
}
