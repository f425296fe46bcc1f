/* SPDX-License-Identifier: MIT
 *
 * Bringing back what was expunged, or was in a mailbox that was deleted.  A
 * message comes back under a new UID, since its old one has been told as gone;
 * its old entry is marked ("elsewhere"), so that it comes back once.  Slices
 * of a few chunks: what came back stays back, whatever happens to the rest.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/limits.h"
#include "mail/chunk.h"
#include "mail/mail_internal.h"
#include "mail/message.h"

/* One mailbox to look through, one slice of it. */
struct undelete {
	uint32_t from;
	uint32_t to; /* the same, unless ${from} is deleted */
	int64_t since;
	int64_t now;
	uint32_t at; /* chunks from this key on */

	/* Results. */
	uint32_t next_at;
	uint64_t count;
	bool done;
};

struct wanted {
	struct chunk_fixed fixed;
	unsigned flags;
	uint64_t keywords;
};

struct wanted_list {
	VEC(struct wanted) v;
};

/* Is this message one that can come back?  All in a deleted mailbox can. */
static bool
is_wanted(const struct undelete *u, const struct mailbox_record *m,
    const struct chunk_changing *state)
{
	if (state->elsewhere)
		return false;
	if (state->expunged == 0)
		return m->deleted != 0;
	return state->expunged >= u->since;
}

/* Mark the entry; a live one of a deleted mailbox is expunged by this. */
static void
mark(struct mailbox_record *m, struct chunk *k, unsigned i)
{
	struct chunk_changing *state = &k->changing[i];

	state->elsewhere = true;
	if (state->expunged != 0)
		return;
	mailbox_record_count(m, &k->fixed[i], state->flags, false);
	state->expunged = m->deleted;
	m->expunged++;
	if (m->expunged_from == 0 || m->deleted < m->expunged_from)
		m->expunged_from = m->deleted;
}

/* Mark what is wanted of the chunk, and list it.  \Deleted is why a message
 * was expunged, and would have it expunged again. */
static void
take_from_chunk(struct change *c, const struct undelete *u,
    struct mailbox_record *m, struct chunk *k, struct wanted_list *list)
{
	size_t before = list->v.n;

	for (unsigned i = 0; i < k->count; i++) {
		const struct chunk_changing *state = &k->changing[i];
		unsigned flags = state->flags;

		if (!is_wanted(u, m, state))
			continue;
		if (state->expunged != 0)
			flags &= ~(unsigned)FLAG_DELETED;
		vec_push(&list->v, (struct wanted){ .fixed = k->fixed[i],
				       .flags = flags,
				       .keywords = state->keywords });
		mark(m, k, i);
	}
	if (list->v.n > before)
		chunk_put_changing(c->txn, m->id, k);
}

static enum rc
take_slice(struct change *c, struct undelete *u, struct mailbox_record *m,
    struct wanted_list *list)
{
	struct chunk k;

	for (int i = 0; i < UNDELETE_SLICE_CHUNKS; i++) {
		enum rc rc = chunk_next(c->txn, m->id, u->next_at, &k);

		if (rc == RC_NOTFOUND) {
			u->done = true;
			return RC_OK;
		}
		if (rc != RC_OK)
			return rc;
		take_from_chunk(c, u, m, &k, list);
		u->next_at = k.first + 1;
	}
	return RC_OK;
}

/* The keywords in the other mailbox.  A message without one that found no
 * room is better than no message. */
static enum rc
translate(struct keyword_map *map, uint64_t bits, uint64_t *ret_bits)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		uint64_t bit = bits & (UINT64_C(1) << i);
		uint64_t one = 0;
		enum rc rc = RC_OK;

		if (bit != 0 && map->from == map->to)
			one = bit;
		else if (bit != 0)
			rc = keyword_map_bits(map, bit, &one);
		if (rc != RC_OK && rc != RC_LIMIT)
			return rc;
		if (rc == RC_OK)
			all |= one;
	}
	*ret_bits = all;
	return RC_OK;
}

static enum rc
bring_back(struct change *c, const struct undelete *u,
    struct mailbox_record *to, const struct wanted_list *list)
{
	struct chunk_append append;
	struct keyword_map map;
	enum rc rc;

	if (list->v.n == 0)
		return RC_OK;
	keyword_map_init(&map, c, u->from, u->to);
	rc = chunk_append_begin(&append, c, to);
	for (size_t i = 0; i < list->v.n && rc == RC_OK; i++) {
		struct chunk_fixed fixed = list->v.v[i].fixed;
		uint64_t keywords;

		rc = translate(&map, list->v.v[i].keywords, &keywords);
		if (rc == RC_OK)
			rc = change_email_ref(c, fixed.email);
		if (rc == RC_OK)
			rc = chunk_append_add(
			    &append, &fixed, list->v.v[i].flags, keywords);
	}
	if (rc == RC_OK)
		chunk_append_end(&append);
	return rc;
}

/* Nothing in the deleted mailbox is wanted any more: the next purge has it. */
static void
end_deleted(struct change *c, struct mailbox_record *m)
{
	m->deleted = 1;
	c->account.purge_from = 1;
	c->dirty = true;
}

static enum rc
undelete_slice(struct change *c, struct undelete *u, struct wanted_list *list)
{
	struct mailbox_record from, to;
	enum rc rc = change_any_mailbox(c, u->from, &from);

	if (rc == RC_OK)
		rc = take_slice(c, u, &from, list);
	if (rc != RC_OK)
		return rc;
	if (u->done && from.deleted != 0)
		end_deleted(c, &from);
	change_put_mailbox(c, &from);
	rc = change_mailbox(c, u->to, &to);
	if (rc == RC_OK)
		rc = bring_back(c, u, &to, list);
	if (rc == RC_OK)
		change_put_mailbox(c, &to);
	return rc;
}

static enum rc
slice_change(struct store_txn *t, void *arg)
{
	struct undelete *u = arg;
	struct wanted_list list = { 0 };
	struct change c;
	enum rc rc = change_begin(t, u->now, &c);

	u->next_at = u->at;
	u->count = 0;
	u->done = false;
	if (rc == RC_OK)
		rc = undelete_slice(&c, u, &list);
	if (rc == RC_OK) {
		u->count = list.v.n;
		change_end(&c);
	}
	vec_fini(&list.v);
	return rc;
}

/* -- the mailbox to bring them back to ------------------------------------ */

static enum rc
make_anew(struct change *c, const struct mailbox_record *deleted,
    struct mailbox_record *ret_mailbox)
{
	enum rc rc = mailbox_make_superiors(c, deleted->name);

	if (rc == RC_OK)
		rc = mailbox_make(c, deleted->name, deleted->use, ret_mailbox);
	if (rc == RC_CONFLICT) /* another one has its use by now */
		rc = mailbox_make(c, deleted->name, SPECIAL_NONE, ret_mailbox);
	return rc;
}

/* A deleted mailbox is made anew, unless its name is taken again. */
static enum rc
revive_change(struct store_txn *t, void *arg)
{
	struct undelete *u = arg;
	struct mailbox_record from, to = { 0 };
	struct change c;
	enum rc rc = change_begin(t, u->now, &c);

	u->to = u->from;
	if (rc == RC_OK)
		rc = change_any_mailbox(&c, u->from, &from);
	if (rc != RC_OK || from.deleted == 0)
		return rc;
	rc = change_name(&c, from.name, &to.id);
	if (rc == RC_NOTFOUND)
		rc = make_anew(&c, &from, &to);
	if (rc != RC_OK)
		return rc;
	u->to = to.id;
	change_end(&c);
	return RC_OK;
}

static enum rc
undelete_mailbox(
    struct mail *m, uint64_t account, struct undelete *u, uint64_t *count)
{
	enum rc rc = store_update(m->store, account, revive_change, u);

	while (rc == RC_OK && !u->done) {
		rc = store_update(m->store, account, slice_change, u);
		if (rc == RC_OK)
			*count += u->count;
		u->at = u->next_at;
	}
	return rc;
}

/* -- which mailboxes ------------------------------------------------------ */

static bool
has_expunged(const struct mailbox_record *m, int64_t since)
{
	return m->deleted != 0 ? m->deleted >= since : m->expunged > 0;
}

static enum rc
find_mailboxes(struct store_read *r, int64_t since, struct mailbox_ids *ids)
{
	struct account_record account;
	enum rc rc = record_account(r, &account);

	return rc == RC_OK ? record_mailbox_ids(r, has_expunged, since, ids)
			   : rc;
}

enum rc
message_undelete(
    struct mail *m, uint64_t account, int64_t since, uint64_t *ret_count)
{
	struct mailbox_ids ids = { 0 };
	struct store_read *r;
	int64_t now = clock_wall();
	uint64_t count = 0;
	enum rc rc = store_read_begin(m->store, account, &r);

	if (rc != RC_OK)
		return rc;
	/* A deleted mailbox that has come back is marked with moment 1. */
	rc = find_mailboxes(r, since < 2 ? 2 : since, &ids);
	store_read_end(r);
	for (size_t i = 0; i < ids.v.n && rc == RC_OK; i++) {
		struct undelete u = { .from = ids.v.v[i],
			.since = since < 2 ? 2 : since,
			.now = now };

		rc = undelete_mailbox(m, account, &u, &count);
		if (rc == RC_NOTFOUND) /* purged meanwhile */
			rc = RC_OK;
	}
	vec_fini(&ids.v);
	if (rc == RC_OK)
		*ret_count = count;
	return rc;
}
