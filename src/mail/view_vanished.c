/* SPDX-License-Identifier: MIT
 *
 * What was expunged from a view since some modseq, for a client that comes
 * back (RFC 7162 section 3.2.6).
 *
 * Expunged messages stay in their chunks until they are purged, and the
 * directory says which chunks changed since then, so only those are read.  The
 * mailbox's record has the highest modseq of what was purged: when it is above
 * the client's, some expunges may be forgotten, and whatever the view does not
 * have is told.  That may begin between two slices: what is before has been
 * told by then.
 */
#include "mail/message_internal.h"
#include "mail/view_internal.h"

#define SLICE_CHUNKS 32 /* read at once */
#define SLICE_WALKS  32 /* steps through the view at once */

void
view_vanished_begin(struct view *v, uint64_t since,
    const struct uid_range *known, size_t count, struct view_vanished *ret_walk)
{
	*ret_walk = (struct view_vanished){
		.view = v,
		.since = since,
		.known = known,
		.count = count,
		.from = 1,
	};
}

static enum rc
remembers(struct store_read *r, const struct view *v, uint64_t since,
    bool *ret_remembered)
{
	struct mailbox_record m;
	enum rc rc = record_mailbox(r, v->mailbox->id, &m);

	if (rc == RC_OK)
		*ret_remembered = since >= m.purged_modseq;
	return rc;
}

enum rc
view_remembers(struct view *v, uint64_t since, bool *ret_remembers)
{
	struct mailbox *b = v->mailbox;
	struct store_read *r;
	enum rc rc = store_read_begin(b->mail->store, b->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = remembers(r, v, since, ret_remembers);
	store_read_end(r);
	return rc;
}

/* Nothing is left. */
static void
end(struct view_vanished *w)
{
	w->from = w->view->uidnext;
}

/* Add those of first..last that are known; first is never below what was asked
 * before. */
static void
add_known(struct view_vanished *w, uint64_t first, uint64_t last,
    struct uid_list *uids)
{
	if (first > last)
		return;
	while (w->at < w->count && w->known[w->at].last < first)
		w->at++;
	for (size_t i = w->at; i < w->count && w->known[i].first <= last; i++) {
		struct uid_range r = w->known[i];

		if (r.first < first)
			r.first = (uint32_t)first;
		if (r.last > last)
			r.last = (uint32_t)last;
		uid_list_join(uids, &(struct uid_list){ &r, 1, 1 });
	}
}

/* -- what is remembered -------------------------------------------------- */

/* The keys of the next chunks that have changed since then. */
static size_t
find_changed(const struct view_vanished *w, uint32_t firsts[SLICE_CHUNKS])
{
	struct mailbox *b = w->view->mailbox;
	size_t count = 0;

	lock_take(&b->lock);
	for (size_t i = directory_find(&b->directory, (uint32_t)w->from);
	     i < b->directory.entries.n && count < SLICE_CHUNKS; i++) {
		const struct directory_entry *e = &b->directory.entries.v[i];

		if (e->first < w->view->uidnext && e->modseq > w->since)
			firsts[count++] = e->first;
	}
	lock_release(&b->lock);
	return count;
}

static void
take_chunk(
    struct view_vanished *w, const struct chunk *c, struct uid_list *uids)
{
	const struct view *v = w->view;

	for (unsigned i = 0; i < c->count; i++) {
		const struct chunk_changing *m = &c->changing[i];
		uint32_t uid = c->fixed[i].uid;

		if (m->expunged != 0 && m->modseq > w->since &&
		    !view_has(v, v->uidnext, c, i) && uid < v->uidnext)
			add_known(w, uid, uid, uids);
	}
}

static enum rc
take_remembered(struct view_vanished *w, struct store_read *r,
    const uint32_t *firsts, size_t count, struct uid_list *uids)
{
	struct chunk c;

	for (size_t i = 0; i < count; i++) {
		enum rc rc = chunk_read(r, w->view->mailbox->id, firsts[i], &c);

		/* Purged between the two looks. */
		if (rc == RC_NOTFOUND)
			continue;
		if (rc != RC_OK)
			return rc;
		take_chunk(w, &c, uids);
		w->from = (uint64_t)c.fixed[c.count - 1].uid + 1;
	}
	if (count < SLICE_CHUNKS)
		end(w);
	return RC_OK;
}

/* -- what is not --------------------------------------------------------- */

/* Those of the known UIDs between the messages of the view. */
static enum rc
take_gaps(struct view_vanished *w, struct arena *a, struct uid_list *uids)
{
	const struct uid_range rest = { (uint32_t)w->from, UINT32_MAX };
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	size_t count = 1;
	enum rc rc = view_walk_begin(w->view, &rest, 1, true, a, &walk);

	for (unsigned n = 0; rc == RC_OK && count > 0 && n < SLICE_WALKS; n++) {
		rc = view_walk_next(&walk, slice, &count);
		for (size_t i = 0; rc == RC_OK && i < count; i++) {
			add_known(w, w->from, (uint64_t)slice[i].uid - 1, uids);
			w->from = (uint64_t)slice[i].uid + 1;
		}
	}
	if (rc == RC_OK && count == 0) {
		add_known(w, w->from, (uint64_t)w->view->uidnext - 1, uids);
		end(w);
	}
	return rc;
}

/* -- both ---------------------------------------------------------------- */

/* The directory is asked first: what is purged after that shows in the record,
 * which is read later. */
static enum rc
take_slice(struct view_vanished *w, struct uid_list *uids)
{
	struct mailbox *b = w->view->mailbox;
	uint32_t firsts[SLICE_CHUNKS];
	size_t count = find_changed(w, firsts);
	bool remembered;
	struct store_read *r;
	struct arena *a;
	enum rc rc = store_read_begin(b->mail->store, b->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = remembers(r, w->view, w->since, &remembered);
	if (rc == RC_OK && remembered)
		rc = take_remembered(w, r, firsts, count, uids);
	store_read_end(r);
	if (rc != RC_OK || remembered)
		return rc;
	a = arena_new(VIEW_INDEX_BYTES_MAX);
	rc = take_gaps(w, a, uids);
	arena_free(a);
	return rc;
}

enum rc
view_vanished_next(struct view_vanished *w, struct uid_list *uids)
{
	enum rc rc = RC_OK;

	uids->n = 0;
	while (rc == RC_OK && uids->n == 0 && w->from < w->view->uidnext)
		rc = take_slice(w, uids);
	return rc;
}
