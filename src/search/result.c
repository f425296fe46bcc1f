/* SPDX-License-Identifier: MIT
 *
 * What a search found.
 */
#include "search/result.h"

#include <assert.h>

/* Are all matches of interest, or only the first and the last? */
static bool
wants_every_match(const struct result *r)
{
	return (r->options & (RESULT_ALL | RESULT_COUNT)) != 0 ||
	       (r->options & (RESULT_MIN | RESULT_MAX)) == 0;
}

void
result_init(struct result *r, unsigned options, bool by_uid)
{
	*r = (struct result){ .options = options, .by_uid = by_uid };
}

void
result_fini(struct result *r)
{
	uid_list_fini(&r->all);
	uid_list_fini(&r->all_uids);
}

/* RFC 4731 section 3.2: the mod-sequence of the messages being returned; for
 * MIN alone, MAX alone and both, of just those. */
static void
note_modseq(struct result *r, const struct message *m)
{
	bool minimum = (r->options & RESULT_MIN) != 0 && r->count == 1;

	if (wants_every_match(r)) {
		if (m->modseq > r->modseq)
			r->modseq = m->modseq;
		return;
	}
	if (minimum)
		r->modseq = r->min_modseq = m->modseq;
	if ((r->options & RESULT_MAX) == 0)
		return;
	if ((r->options & RESULT_MIN) == 0)
		r->modseq = m->modseq;
	else
		r->modseq =
		    m->modseq > r->min_modseq ? m->modseq : r->min_modseq;
}

bool
result_add(struct result *r, const struct message *m)
{
	uint32_t number = r->by_uid ? m->uid : m->seq;

	assert(m->uid > r->max_uid);
	r->count++;
	if (r->count == 1) {
		r->min = number;
		r->min_uid = m->uid;
	}
	r->max = number;
	r->max_uid = m->uid;
	note_modseq(r, m);
	if ((r->options & RESULT_ALL) != 0)
		uid_list_add(&r->all, number);
	if ((r->options & RESULT_SAVE) != 0 && wants_every_match(r))
		uid_list_add(&r->all_uids, m->uid);
	return wants_every_match(r) || (r->options & RESULT_MAX) != 0;
}

void
result_take_saved(struct result *r, struct uid_list *ret_uids)
{
	assert((r->options & RESULT_SAVE) != 0);
	if (!wants_every_match(r) && r->count > 0) {
		if ((r->options & RESULT_MIN) != 0)
			uid_list_add(&r->all_uids, r->min_uid);
		if ((r->options & RESULT_MAX) != 0 &&
		    !uid_list_has(&r->all_uids, r->max_uid))
			uid_list_add(&r->all_uids, r->max_uid);
	}
	*ret_uids = r->all_uids;
	r->all_uids = (struct uid_list){ 0 };
}
