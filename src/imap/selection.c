/* SPDX-License-Identifier: MIT
 *
 * The messages that a sequence set means in the selected mailbox.
 */
#include "imap/selection.h"

/* The grammar and mail/ do not know each other, but write ranges alike. */
_Static_assert(
    sizeof(struct seq_range) == sizeof(struct uid_range) &&
	offsetof(struct seq_range, first) ==
	    offsetof(struct uid_range, first) &&
	offsetof(struct seq_range, last) == offsetof(struct uid_range, last),
    "ranges are laid out alike");

static struct uid_list
list_of(struct seq_ranges r)
{
	return (struct uid_list){ (struct uid_range *)r.v, r.n, r.n };
}

struct seq_ranges
selection_ranges(const struct uid_list *l)
{
	return (struct seq_ranges){ (struct seq_range *)l->v, l->n };
}

/* Take off what is above ${most}. */
static void
clip(struct seq_ranges *r, uint32_t most)
{
	while (r->n > 0 && r->v[r->n - 1].first > most)
		r->n--;
	if (r->n > 0 && r->v[r->n - 1].last > most)
		r->v[r->n - 1].last = most;
}

enum rc
selection_numbers(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_numbers)
{
	struct seq_ranges r;

	if (!seq_set_resolve(set, s->view.exists, s->running->arena, &r))
		return RC_LIMIT;
	clip(&r, s->view.exists);
	*ret_numbers = list_of(r);
	return RC_OK;
}

enum rc
selection_uids(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_uids)
{
	struct seq_ranges r;
	uint32_t last;
	enum rc rc;

	if (set->saved) {
		*ret_uids = s->saved;
		return RC_OK;
	}
	rc = view_last_uid(&s->view, &last);
	if (rc != RC_OK)
		return rc;
	if (!seq_set_resolve(set, last, s->running->arena, &r))
		return RC_LIMIT;
	clip(&r, s->view.uidnext - 1);
	*ret_uids = list_of(r);
	return RC_OK;
}

/* Up to so many ranges are mapped by looking at their ends. */
#define LOOKUPS_MAX 16

/* Make ranges of numbers into ranges of UIDs, in place.  What lies between two
 * UIDs of the view is in the view, or no message of this mailbox. */
static enum rc
map_ends(struct imap_session *s, struct uid_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct uid_range r;
		enum rc rc = view_uid_of(&s->view, l->v[i].first, &r.first);

		r.last = r.first;
		if (rc == RC_OK && l->v[i].last != l->v[i].first)
			rc = view_uid_of(&s->view, l->v[i].last, &r.last);
		if (rc != RC_OK)
			return rc;
		l->v[i] = r;
	}
	return RC_OK;
}

static void
free_list(void *arg)
{
	uid_list_fini(arg);
}

/* The same for many ranges: go through the messages. */
static enum rc
map_by_walk(struct imap_session *s, struct uid_list *l)
{
	struct arena *a = s->running->arena;
	struct uid_list *uids = arena_alloc(a, sizeof(*uids));
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	size_t count = 0;
	enum rc rc;

	if (uids == NULL)
		return RC_LIMIT;
	arena_cleanup(a, free_list, uids);
	rc = view_walk_begin(&s->view, l->v, l->n, false, a, &walk);
	if (rc != RC_OK)
		return rc;
	do {
		rc = view_walk_next(&walk, slice, &count);
		for (size_t i = 0; rc == RC_OK && i < count; i++)
			uid_list_add(uids, slice[i].uid);
	} while (rc == RC_OK && count > 0);
	if (rc == RC_OK)
		*l = *uids;
	return rc;
}

struct answer
selection_of(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_uids)
{
	enum rc rc;

	if (set->saved || session_by_uid(s)) {
		rc = selection_uids(s, set, ret_uids);
	} else if (seq_set_exceeds(set, s->view.exists)) {
		return answer_bad("There is no message with such a number");
	} else {
		rc = selection_numbers(s, set, ret_uids);
		if (rc == RC_OK)
			rc = ret_uids->n > LOOKUPS_MAX
				 ? map_by_walk(s, ret_uids)
				 : map_ends(s, ret_uids);
	}
	return rc == RC_OK ? answer_proceed() : answer_failed(rc);
}
