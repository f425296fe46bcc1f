/* SPDX-License-Identifier: MIT
 *
 * Moving a view's cursor to now, and finding what the client must be told.
 * The argument for why it is right is in view.c.
 */
#include "mail/view_internal.h"

#include <string.h>

#define SYNC_SLICE 32 /* chunks in one read */

struct gathering {
	struct view *view;
	struct view_sync *sync;
	struct arena *arena;
	const struct moment *now;
	struct view_index index; /* from the old modseq to the new uidnext */
	size_t expunged_room;
	size_t changed_room;
	bool kept;	 /* expunged messages stay, since they cannot be told */
	uint32_t untold; /* flags from this UID on are for the next time; 0 */
};

/* -- the lists ------------------------------------------------------------- */

/* ${old} with room for more; NULL when the arena refuses. */
static void *
grow(struct arena *a, const void *old, size_t count, size_t size, size_t *room)
{
	size_t wanted = *room > 0 ? *room * 2 : 16;
	void *fresh = arena_array(a, wanted, size);

	if (fresh == NULL)
		return NULL;
	if (count > 0)
		memcpy(fresh, old, count * size);
	*room = wanted;
	return fresh;
}

static enum rc
add_expunged(struct gathering *g, uint32_t seq, uint32_t uid)
{
	struct view_sync *s = g->sync;
	size_t n = s->expunged_count;

	if (n == g->expunged_room) {
		size_t room = n;
		uint32_t *seqs = grow(g->arena, s->expunged_seqs, n,
		    sizeof(*seqs), &g->expunged_room);
		uint32_t *uids =
		    grow(g->arena, s->expunged_uids, n, sizeof(*uids), &room);

		if (seqs == NULL || uids == NULL)
			return RC_LIMIT;
		s->expunged_seqs = seqs;
		s->expunged_uids = uids;
	}
	s->expunged_seqs[n] = seq;
	s->expunged_uids[n] = uid;
	s->expunged_count++;
	return RC_OK;
}

static enum rc
add_changed(struct gathering *g, const struct message *m)
{
	struct view_sync *s = g->sync;
	size_t n = s->changed_count;

	if (n == g->changed_room) {
		struct message *fresh = grow(
		    g->arena, s->changed, n, sizeof(*fresh), &g->changed_room);

		if (fresh == NULL)
			return RC_LIMIT;
		s->changed = fresh;
	}
	s->changed[n] = *m;
	s->changed_count++;
	return RC_OK;
}

/* The flag changes that the client knows of a message: up to this modseq. */
static uint64_t
flags_told(const struct view *v, uint32_t uid)
{
	return uid < v->flags_uid ? v->flags_ahead : v->flags_modseq;
}

/* -- looking at chunks ----------------------------------------------------- */

/* Message ${i} of the chunk is number ${seq} of the view as it was, and is
 * gone. */
static enum rc
gather_expunged(
    struct gathering *g, const struct chunk *c, unsigned i, uint32_t seq)
{
	uint32_t uid = c->fixed[i].uid;

	if (c->changing[i].modseq > g->now->modseq)
		return RC_OK; /* for the next time */
	if (!g->sync->may_expunge) {
		g->kept = true;
		return RC_OK;
	}
	/* What came and went unnoticed needs no telling. */
	return uid < g->view->uidnext ? add_expunged(g, seq, uid) : RC_OK;
}

/* The same for one that is there. */
static enum rc
gather_live(
    struct gathering *g, const struct chunk *c, unsigned i, uint32_t seq)
{
	uint64_t modseq = c->changing[i].modseq;
	uint32_t uid = c->fixed[i].uid;
	struct message message;

	if (uid >= g->view->uidnext || modseq <= flags_told(g->view, uid) ||
	    modseq_list_has(&g->sync->own, modseq) || g->untold != 0)
		return RC_OK;
	if (g->sync->changed_count == SYNC_CHANGED_MAX) {
		g->untold = uid;
		return RC_OK;
	}
	message = view_message(g->view, c, i, seq);
	return add_changed(g, &message);
}

static enum rc
gather_chunk(
    struct gathering *g, struct store_read *r, const struct view_chunk *at)
{
	struct view *v = g->view;
	uint32_t seq = at->before;
	struct chunk c;
	enum rc rc = chunk_read(r, v->mailbox->id, at->first, &c);

	for (unsigned i = 0; rc == RC_OK && i < c.count; i++) {
		uint32_t seq_told;

		if (!view_has(v, g->now->uidnext, &c, i))
			continue;
		seq_told = ++seq - (uint32_t)g->sync->expunged_count;
		if (c.changing[i].expunged != 0)
			rc = gather_expunged(g, &c, i, seq_told);
		else
			rc = gather_live(g, &c, i, seq_told);
	}
	if (rc == RC_OK && seq != at->before + at->count)
		rc = RC_CORRUPT;
	return rc;
}

/* Look at the untold chunks from *at on, so many in one read. */
static enum rc
gather_slice(struct gathering *g, size_t *at)
{
	struct mailbox *b = g->view->mailbox;
	struct store_read *r;
	unsigned done = 0;
	enum rc rc = store_read_begin(b->mail->store, b->account, &r);

	if (rc != RC_OK)
		return rc;
	for (; rc == RC_OK && *at < g->index.n && done < SYNC_SLICE; (*at)++) {
		if (!g->index.v[*at].untold)
			continue;
		rc = gather_chunk(g, r, &g->index.v[*at]);
		done++;
	}
	store_read_end(r);
	return rc;
}

/* Is there nothing more to find: no expunges, and no room for flags? */
static bool
is_full(const struct gathering *g)
{
	return g->untold != 0 && g->view->modseq == g->now->modseq;
}

static enum rc
gather(struct gathering *g)
{
	size_t at = 0;
	enum rc rc;

	rc = view_index_make(g->view, g->now->uidnext, g->arena, &g->index);
	while (rc == RC_OK && at < g->index.n && !is_full(g)) {
		if (g->index.v[at].untold)
			rc = gather_slice(g, &at);
		else
			at++;
	}
	return rc;
}

/* -- moving ---------------------------------------------------------------- */

/* Put the cursor to the moment; true when the store should be told of what is
 * recent. */
static bool
move(struct gathering *g)
{
	struct view *v = g->view;
	struct view_sync *s = g->sync;
	uint32_t expected = v->exists - (uint32_t)s->expunged_count;
	bool claimed;

	/* With nothing kept back both are the same. */
	v->exists = g->kept ? g->index.total : g->now->messages;
	s->exists_changed = v->exists != expected;
	if (!g->kept)
		v->modseq = g->now->modseq;
	/* Those below ${untold} know what is new; the others what they did, or
	 * a little less: being told twice does no harm. */
	v->flags_uid = g->untold;
	v->flags_ahead = g->now->modseq;
	if (g->untold == 0)
		v->flags_modseq = g->now->modseq;
	s->more = g->untold != 0;
	v->uidnext = g->now->uidnext;
	lock_take(&v->mailbox->lock);
	v->pin->modseq = v->modseq;
	claimed = view_claim(v, v->uidnext);
	lock_release(&v->mailbox->lock);
	return claimed;
}

/* Has nobody changed anything but this session its flags?  One change of an
 * account has one modseq, so its own are all of them when as many lie between
 * the cursor and the moment.  Then no chunk need be looked at. */
static bool
is_all_own(const struct gathering *g)
{
	const struct modseq_list *own = &g->sync->own;
	const struct view *v = g->view;
	size_t at = own->n;

	if (v->flags_modseq != v->modseq || v->flags_uid != 0 ||
	    v->uidnext != g->now->uidnext)
		return false;
	while (at > 0 && own->v[at - 1] > g->now->modseq)
		at--;
	return at > 0 && own->v[at - 1] == g->now->modseq &&
	       g->now->modseq - v->modseq <= at &&
	       own->v[at - (g->now->modseq - v->modseq)] == v->modseq + 1;
}

static void
clear_results(struct view_sync *s)
{
	*s = (struct view_sync){ .may_expunge = s->may_expunge, .own = s->own };
}

/* The moment, and how many keywords there were then. */
static struct moment
look(struct mailbox *b, unsigned *ret_keyword_count)
{
	struct moment now;

	lock_take(&b->lock);
	now = b->now;
	*ret_keyword_count = b->keyword_count;
	lock_release(&b->lock);
	return now;
}

enum rc
view_sync(struct view *v, struct arena *a, struct view_sync *sync)
{
	unsigned keyword_count;
	struct moment now = look(v->mailbox, &keyword_count);
	struct gathering g = {
		.view = v, .sync = sync, .arena = a, .now = &now
	};
	enum rc rc;

	clear_results(sync);
	if (now.deleted) {
		sync->deleted = true;
		return RC_OK;
	}
	if (now.modseq != v->modseq || now.modseq != v->flags_modseq) {
		rc = is_all_own(&g) ? RC_OK : gather(&g);
		if (rc != RC_OK) {
			clear_results(sync);
			return rc;
		}
		if (move(&g))
			recent_post(v->mailbox, v->uidnext);
	}
	sync->keywords_changed = keyword_count > v->keyword_count;
	v->keyword_count = keyword_count;
	return RC_OK;
}
