/* SPDX-License-Identifier: MIT
 *
 * Telling a client that comes back what has changed since.
 */
#include "imap/resync.h"

#include "imap/selection.h"
#include "imap/update.h"

/* -- what is gone ------------------------------------------------------ */

enum rc
resync_vanished(struct imap_session *s, uint64_t since,
    const struct uid_list *known, bool *ret_broken)
{
	struct uid_list gone = { 0 };
	struct view_vanished w;
	enum rc rc = RC_OK;

	view_vanished_begin(&s->view, since, known->v, known->n, &w);
	do {
		rc = view_vanished_next(&w, &gone);
		if (rc != RC_OK || gone.n == 0)
			break;
		rc = update_tell_vanished(s, "VANISHED (EARLIER) ", &gone);
		*ret_broken = rc != RC_OK;
	} while (rc == RC_OK);
	uid_list_fini(&gone);
	return rc;
}

/* -- what has changed -------------------------------------------------- */

static enum rc
tell_changed(struct imap_session *s, uint64_t since,
    const struct uid_list *known, bool *ret_broken)
{
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	struct str *keywords;
	unsigned keyword_count;
	size_t count;
	enum rc rc = mailbox_keywords(
	    s->view.mailbox, s->running->arena, &keywords, &keyword_count);

	if (rc == RC_OK)
		rc = view_walk_begin(&s->view, known->v, known->n, true,
		    s->running->arena, &walk);
	if (rc != RC_OK)
		return rc;
	view_walk_changed(&walk, since);
	do {
		rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			update_tell_flags(
			    s, &slice[i], keywords, keyword_count);
		rc = respond_room(s);
		*ret_broken = rc != RC_OK;
	} while (rc == RC_OK && count > 0);
	return rc;
}

/* -- what the client knows --------------------------------------------- */

/* Is the ${n}th pair of number and UID still right? */
static enum rc
pair_holds(struct imap_session *s, const struct qresync *q, uint64_t n,
    bool *ret_holds)
{
	uint32_t number = seq_ranges_at(&q->numbers, n);
	uint32_t uid = 0;
	enum rc rc = RC_OK;

	if (number <= s->view.exists)
		rc = view_uid_of(&s->view, number, &uid);
	*ret_holds = uid == seq_ranges_at(&q->uids, n);
	return rc;
}

/* Up to which UID does the client know of all expunges?  To that of the last
 * pair that holds: those before it hold, too (RFC 7162 section 3.2.5.2).  When
 * the expunges are remembered there is no need to ask. */
static enum rc
find_matched(struct imap_session *s, const struct qresync *q, uint32_t *ret_uid)
{
	uint64_t low = 0, high = seq_ranges_count(&q->numbers);
	bool remembered;
	enum rc rc = view_remembers(&s->view, q->modseq, &remembered);

	if (rc == RC_OK && remembered)
		high = 0;
	while (rc == RC_OK && low < high) {
		uint64_t middle = low + (high - low) / 2;
		bool holds;

		rc = pair_holds(s, q, middle, &holds);
		if (rc == RC_OK && holds)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_uid = low > 0 ? seq_ranges_at(&q->uids, low - 1) : 0;
	return rc;
}

/* The UIDs that the client says it knows, all without a word of it. */
static enum rc
known_uids(
    struct imap_session *s, const struct qresync *q, struct uid_list *ret_known)
{
	struct uid_range *all;

	if (q->has_known)
		return selection_uids(s, &q->known, ret_known);
	all = arena_alloc(s->running->arena, sizeof(*all));
	if (all == NULL)
		return RC_LIMIT;
	*all = (struct uid_range){ 1, UINT32_MAX };
	*ret_known = (struct uid_list){ all, 1, 1 };
	return RC_OK;
}

/* Those above ${uid}, in the command's arena. */
static enum rc
above(struct imap_session *s, const struct uid_list *l, uint32_t uid,
    struct uid_list *ret_above)
{
	struct uid_list above = {
		.v = arena_array(s->running->arena, l->n, sizeof(*above.v)),
		.cap = l->n,
	};

	if (above.v == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < l->n; i++) {
		struct uid_range r = l->v[i];

		if (r.last <= uid)
			continue;
		if (r.first <= uid)
			r.first = uid + 1;
		above.v[above.n++] = r;
	}
	*ret_above = above;
	return RC_OK;
}

enum rc
resync(struct imap_session *s, const struct qresync *q, uint32_t uidvalidity,
    bool *ret_broken)
{
	struct uid_list known, unmatched;
	uint32_t matched;
	enum rc rc;

	if (q->uidvalidity != uidvalidity)
		return RC_OK;
	rc = known_uids(s, q, &known);
	if (rc == RC_OK)
		rc = find_matched(s, q, &matched);
	if (rc == RC_OK)
		rc = above(s, &known, matched, &unmatched);
	if (rc == RC_OK)
		rc = resync_vanished(s, q->modseq, &unmatched, ret_broken);
	if (rc == RC_OK)
		rc = tell_changed(s, q->modseq, &known, ret_broken);
	return rc;
}
