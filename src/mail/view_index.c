/* SPDX-License-Identifier: MIT
 *
 * The index of a view: how many of its messages are in each chunk.
 *
 * While the cursor stands, the messages of the view in a chunk are the same
 * in every state of the store that is at least as new as the cursor: what is
 * expunged later stays in the view, what comes later has a greater UID.  So
 * the numbers of an index do not depend on when each chunk is looked at, the
 * chunks may be looked at one after another, and the index is good for as long
 * as the cursor stands.  Where the directory says that nothing changed since
 * the cursor's modseq, its number of live messages is the number; other chunks
 * are read.
 */
#include "mail/view_internal.h"

#define INDEX_SLICE 32 /* chunks in one read */

bool
view_has(
    const struct view *v, uint32_t uidnext, const struct chunk *c, unsigned i)
{
	const struct chunk_changing *m = &c->changing[i];

	return c->fixed[i].uid < uidnext &&
	       (m->expunged == 0 || m->modseq > v->modseq);
}

/* Up to here, at least, flags of the messages in the chunk have been told. */
static uint64_t
flags_told(const struct view *v, uint32_t first)
{
	bool ahead =
	    first < v->flags_uid && v->flags_uid - first >= CHUNK_MESSAGES_MAX;

	return ahead ? v->flags_ahead : v->flags_modseq;
}

static struct view_chunk
from_directory(const struct view *v, const struct directory_entry *e)
{
	bool stale = e->modseq > v->modseq;

	return (struct view_chunk){
		.first = e->first,
		.modseq = e->modseq,
		.count = e->live,
		.unseen = e->unseen,
		.stale = stale,
		.untold = stale || e->modseq > flags_told(v, e->first),
	};
}

/* How many chunks the directory has below ${uidnext}.  There may be fewer
 * later, when some are purged; not more, since all those UIDs are given. */
static size_t
count_chunks(struct mailbox *b, uint32_t uidnext)
{
	size_t count;

	lock_take(&b->lock);
	count = directory_find(&b->directory, uidnext);
	lock_release(&b->lock);
	return count;
}

static enum rc
take_directory(const struct view *v, uint32_t uidnext, struct arena *a,
    struct view_index *index)
{
	struct mailbox *b = v->mailbox;
	size_t room = count_chunks(b, uidnext), count;

	index->v = arena_array(a, room + 1, sizeof(*index->v));
	if (index->v == NULL)
		return RC_LIMIT;
	lock_take(&b->lock);
	count = directory_find(&b->directory, uidnext);
	index->n = count < room ? count : room;
	for (size_t i = 0; i < index->n; i++)
		index->v[i] = from_directory(v, &b->directory.entries.v[i]);
	lock_release(&b->lock);
	return RC_OK;
}

static enum rc
count_chunk(struct view *v, uint32_t uidnext, struct store_read *r,
    struct view_chunk *at)
{
	struct chunk c;
	enum rc rc = chunk_read(r, v->mailbox->id, at->first, &c);

	at->count = 0;
	at->unseen = 0;
	/* It held nothing of the view, and has been purged. */
	if (rc == RC_NOTFOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < c.count; i++) {
		if (!view_has(v, uidnext, &c, i))
			continue;
		at->count++;
		if ((c.changing[i].flags & FLAG_SEEN) == 0)
			at->unseen++;
	}
	return RC_OK;
}

/* Count the stale chunks from *at on, so many in one read. */
static enum rc
count_slice(
    struct view *v, uint32_t uidnext, struct view_index *index, size_t *at)
{
	struct store_read *r;
	unsigned done = 0;
	enum rc rc =
	    store_read_begin(v->mailbox->mail->store, v->mailbox->account, &r);

	if (rc != RC_OK)
		return rc;
	for (; rc == RC_OK && *at < index->n && done < INDEX_SLICE; (*at)++) {
		if (!index->v[*at].stale)
			continue;
		rc = count_chunk(v, uidnext, r, &index->v[*at]);
		done++;
	}
	store_read_end(r);
	return rc;
}

/* Drop chunks without messages of the view, and sum up. */
static void
sum_up(struct view_index *index)
{
	size_t kept = 0;

	index->total = 0;
	for (size_t i = 0; i < index->n; i++) {
		struct view_chunk *c = &index->v[i];

		if (c->count == 0)
			continue;
		c->before = index->total;
		index->total += c->count;
		index->v[kept++] = *c;
	}
	index->n = kept;
}

static bool
any_stale(const struct view_index *index, size_t *at)
{
	while (*at < index->n && !index->v[*at].stale)
		(*at)++;
	return *at < index->n;
}

enum rc
view_index_make(struct view *v, uint32_t uidnext, struct arena *a,
    struct view_index *ret_index)
{
	struct view_index index;
	size_t at = 0;
	enum rc rc = take_directory(v, uidnext, a, &index);

	while (rc == RC_OK && any_stale(&index, &at))
		rc = count_slice(v, uidnext, &index, &at);
	if (rc != RC_OK)
		return rc;
	sum_up(&index);
	*ret_index = index;
	return RC_OK;
}
