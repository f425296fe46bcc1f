/* SPDX-License-Identifier: MIT
 *
 * Walking a view: whole chunks, a few in a slice, each slice a store read of
 * its own.
 */
#include "mail/view_internal.h"

#define SLICE_CHUNKS 16 /* read in one slice, however little they give */

struct message
view_message(
    const struct view *v, const struct chunk *c, unsigned i, uint32_t seq)
{
	const struct chunk_fixed *fixed = &c->fixed[i];
	const struct chunk_changing *changing = &c->changing[i];

	return (struct message){
		.seq = seq,
		.uid = fixed->uid,
		.flags = changing->flags,
		.expunged = changing->expunged != 0,
		.recent = v->recent_first != 0 &&
			  fixed->uid >= v->recent_first &&
			  fixed->uid <= v->recent_last,
		.keywords = changing->keywords,
		.modseq = changing->modseq,
		.email = fixed->email,
		.size = fixed->size,
		.lacking = fixed->lacking,
		.internal_date = fixed->internal_date,
		.save_date = fixed->save_date,
	};
}

enum rc
view_walk_begin(struct view *v, const struct uid_range *ranges, size_t count,
    bool by_uid, struct arena *a, struct view_walk *ret_walk)
{
	struct view_walk w = {
		.view = v, .ranges = ranges, .count = count, .by_uid = by_uid
	};
	enum rc rc;

	w.index = arena_alloc(a, sizeof(*w.index));
	if (w.index == NULL)
		return RC_LIMIT;
	rc = view_index_now(v, a, w.index);
	if (rc == RC_OK)
		*ret_walk = w;
	return rc;
}

void
view_walk_changed(struct view_walk *w, uint64_t since)
{
	w->since = since;
}

/* The least and the greatest number that the chunk may hold. */
static struct uid_range
extent(const struct view_walk *w, size_t chunk)
{
	const struct view_chunk *at = &w->index->v[chunk];

	if (!w->by_uid)
		return (
		    struct uid_range){ at->before + 1, at->before + at->count };
	if (chunk + 1 < w->index->n)
		return (struct uid_range){ at->first, at[1].first - 1 };
	return (struct uid_range){ at->first, UINT32_MAX };
}

/* Move to the next chunk that may hold what is asked for. */
static bool
find_chunk(struct view_walk *w)
{
	for (; w->chunk < w->index->n; w->chunk++) {
		struct uid_range e = extent(w, w->chunk);

		if (w->index->v[w->chunk].modseq <= w->since)
			continue;
		while (w->at < w->count && w->ranges[w->at].last < e.first)
			w->at++;
		if (w->at == w->count)
			return false;
		if (w->ranges[w->at].first <= e.last)
			return true;
	}
	return false;
}

static bool
is_asked_for(struct view_walk *w, uint32_t number)
{
	while (w->at < w->count && w->ranges[w->at].last < number)
		w->at++;
	return w->at < w->count && w->ranges[w->at].first <= number;
}

/* Add the chunk's messages to the slice. */
static enum rc
take_chunk(struct view_walk *w, struct store_read *r,
    struct message ret_messages[VIEW_SLICE], size_t *count)
{
	const struct view_chunk *at = &w->index->v[w->chunk];
	struct view *v = w->view;
	uint32_t seq = at->before;
	struct chunk c;
	enum rc rc = chunk_read(r, v->mailbox->id, at->first, &c);

	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < c.count; i++) {
		if (!view_has(v, v->uidnext, &c, i))
			continue;
		seq++;
		if (c.changing[i].modseq > w->since &&
		    is_asked_for(w, w->by_uid ? c.fixed[i].uid : seq))
			ret_messages[(*count)++] = view_message(v, &c, i, seq);
	}
	if (seq != at->before + at->count)
		return RC_CORRUPT;
	w->chunk++;
	return RC_OK;
}

/* One slice; may find nothing though more chunks follow. */
static enum rc
take_slice(
    struct view_walk *w, struct message ret_messages[VIEW_SLICE], size_t *count)
{
	struct mailbox *b = w->view->mailbox;
	struct store_read *r;
	enum rc rc = store_read_begin(b->mail->store, b->account, &r);

	if (rc != RC_OK)
		return rc;
	for (unsigned n = 0; n < SLICE_CHUNKS && find_chunk(w); n++) {
		if (w->index->v[w->chunk].count > VIEW_SLICE - *count)
			break;
		rc = take_chunk(w, r, ret_messages, count);
		if (rc != RC_OK)
			break;
	}
	store_read_end(r);
	return rc;
}

enum rc
view_walk_next(struct view_walk *w, struct message ret_messages[VIEW_SLICE],
    size_t *ret_count)
{
	size_t count = 0;
	enum rc rc = RC_OK;

	while (rc == RC_OK && count == 0 && find_chunk(w))
		rc = take_slice(w, ret_messages, &count);
	if (rc == RC_OK)
		*ret_count = count;
	return rc;
}
