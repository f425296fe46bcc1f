/* SPDX-License-Identifier: MIT
 *
 * Walking the chunks that hold given UIDs, inside a change.  What a list says
 * of UIDs that are not there costs nothing: the walk goes from chunk to chunk.
 */
#include "mail/message_internal.h"

struct uid_walk
uid_walk_begin(struct store_txn *t, uint32_t mailbox,
    const struct uid_list *uids, uint32_t from)
{
	struct uid_walk w = { .txn = t, .mailbox = mailbox, .uids = uids };

	while (w.at < uids->n && uids->v[w.at].last < from)
		w.at++;
	w.from = chunk_least_first(from);
	return w;
}

static uint32_t
last_uid(const struct chunk *c)
{
	return c->fixed[c->count - 1].uid;
}

enum rc
uid_walk_next(struct uid_walk *w, struct chunk *ret_chunk)
{
	while (w->at < w->uids->n) {
		uint32_t least = chunk_least_first(w->uids->v[w->at].first);
		enum rc rc = chunk_next(w->txn, w->mailbox,
		    least > w->from ? least : w->from, ret_chunk);

		if (rc != RC_OK)
			return rc;
		w->from = ret_chunk->first + 1;
		while (w->at < w->uids->n &&
		       w->uids->v[w->at].last < ret_chunk->first)
			w->at++;
		if (w->at < w->uids->n &&
		    w->uids->v[w->at].first <= last_uid(ret_chunk))
			return RC_OK;
	}
	return RC_NOTFOUND;
}

bool
uid_walk_has(struct uid_walk *w, uint32_t uid)
{
	while (w->at < w->uids->n && w->uids->v[w->at].last < uid)
		w->at++;
	return w->at < w->uids->n && w->uids->v[w->at].first <= uid;
}

void
slice_begin(struct slice *s)
{
	s->next = s->from;
	s->looked = 0;
	s->changed = 0;
	s->ended = false;
}

bool
slice_is_full(struct slice *s, const struct chunk *c)
{
	s->looked++;
	s->next = last_uid(c) + 1;
	return s->looked == SLICE_CHUNKS_LOOKED ||
	       s->changed == SLICE_CHUNKS_CHANGED;
}
