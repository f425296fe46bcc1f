/* SPDX-License-Identifier: MIT
 *
 * Repairing one mailbox, in one change: chunks that cannot be read go (their
 * emails come back by repair_email.c), then all counters are counted anew.
 */
#include <assert.h>

#include "mail/message.h"
#include "mail/repair_internal.h"

/* -- which chunks there are ---------------------------------------------- */

static void
note_first(void *arg, const struct key_parts *key)
{
	struct chunk_firsts *firsts = arg;
	uint32_t first = key->first;
	size_t at = firsts->v.n;

	while (at > 0 && firsts->v.v[at - 1] > first)
		at--;
	if (at > 0 && firsts->v.v[at - 1] == first)
		return;
	vec_push(&firsts->v, first);
	memmove(firsts->v.v + at + 1, firsts->v.v + at,
	    (firsts->v.n - 1 - at) * sizeof(*firsts->v.v));
	firsts->v.v[at] = first;
}

static enum rc
note_parts(struct store_txn *t, uint32_t mailbox, enum key_kind kind,
    struct chunk_firsts *firsts)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_chunk_prefix(&space, kind, mailbox);
	enum rc rc = store_txn_iter(t, prefix, prefix, &it);

	return rc == RC_OK ? repair_each_key(it, note_first, firsts) : rc;
}

/* -- one chunk ----------------------------------------------------------- */

static bool
get_fixed(struct store_txn *t, uint32_t mailbox, struct chunk *k)
{
	struct key_space space;
	struct str value;

	return store_txn_get(t, key_chunk_fixed(&space, mailbox, k->first),
		   &value) == RC_OK &&
	       chunk_fixed_unpack(value, k->fixed, &k->count);
}

static bool
get_changing(struct store_txn *t, uint32_t mailbox, struct chunk *k)
{
	struct key_space space;
	struct str value;
	unsigned count;

	return store_txn_get(t, key_chunk_changing(&space, mailbox, k->first),
		   &value) == RC_OK &&
	       chunk_changing_unpack(value, k->changing, &count) &&
	       count == k->count;
}

/* Flags that are lost: messages are live again, and as if just arrived. */
static void
make_changing(struct change *c, struct chunk *k)
{
	for (unsigned i = 0; i < k->count; i++)
		k->changing[i] =
		    (struct chunk_changing){ .modseq = change_modseq(c) };
}

static bool
fits(const struct chunk *k, uint32_t last_uid)
{
	uint32_t last = k->fixed[k->count - 1].uid;

	return k->first > last_uid && k->fixed[0].uid >= k->first &&
	       last - k->first < CHUNK_MESSAGES_MAX && last < UID_MAX;
}

static void
drop_chunk(struct change *c, uint32_t mailbox, uint32_t first)
{
	struct key_space space;

	store_txn_delete(c->txn, key_chunk_fixed(&space, mailbox, first));
	store_txn_delete(c->txn, key_chunk_changing(&space, mailbox, first));
}

static void
count_message(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, const struct chunk_changing *state)
{
	if (state->modseq > m->highestmodseq)
		m->highestmodseq = state->modseq;
	if (fixed->email >= c->account.email_next)
		c->account.email_next = fixed->email + 1;
	if (state->expunged == 0) {
		mailbox_record_count(m, fixed, state->flags, true);
		return;
	}
	m->expunged++;
	if (m->expunged_from == 0 || state->expunged < m->expunged_from)
		m->expunged_from = state->expunged;
}

/* True when nothing of it is lost. */
static bool
repair_chunk(struct change *c, struct mailbox_record *m, uint64_t keywords,
    struct chunk *k, uint32_t *last_uid)
{
	bool changed = false;

	if (!get_fixed(c->txn, m->id, k) || !fits(k, *last_uid)) {
		drop_chunk(c, m->id, k->first);
		return false;
	}
	if (!get_changing(c->txn, m->id, k)) {
		make_changing(c, k);
		changed = true;
	}
	for (unsigned i = 0; i < k->count; i++) {
		if ((k->changing[i].keywords & ~keywords) != 0) {
			k->changing[i].keywords &= keywords;
			changed = true;
		}
		count_message(c, m, &k->fixed[i], &k->changing[i]);
	}
	*last_uid = k->fixed[k->count - 1].uid;
	if (changed)
		chunk_put_changing(c->txn, m->id, k);
	return !changed;
}

/* The bits that have a name; a list that cannot be read is no list. */
static uint64_t
known_keywords(struct change *c, uint32_t mailbox)
{
	struct str names[KEYWORDS_MAX];
	struct key_space space;
	struct str key = key_keywords(&space, mailbox);
	struct str value;
	unsigned count = 0;
	enum rc rc = store_txn_get(c->txn, key, &value);

	if (rc == RC_CORRUPT ||
	    (rc == RC_OK && !keywords_record_unpack(value, names, &count))) {
		store_txn_delete(c->txn, key);
		count = 0;
	}
	return count == KEYWORDS_MAX ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static void
reset_counters(struct mailbox_record *m)
{
	m->messages = 0;
	m->unseen = 0;
	m->marked = 0;
	m->recent = 0;
	m->size = 0;
	m->marked_size = 0;
	m->expunged = 0;
	m->expunged_from = 0;
}

/* Repair all chunks.  A record that is behind them is an old one. */
static void
repair_chunks(struct change *c, struct mailbox_record *m,
    const struct chunk_firsts *firsts, bool *lost)
{
	uint64_t keywords = known_keywords(c, m->id);
	uint64_t highestmodseq = m->highestmodseq;
	uint32_t last_uid = 0;

	reset_counters(m);
	for (size_t i = 0; i < firsts->v.n; i++) {
		struct chunk k = { .first = firsts->v.v[i] };

		if (!repair_chunk(c, m, keywords, &k, &last_uid))
			*lost = true;
	}
	if (m->uidnext <= last_uid || m->highestmodseq != highestmodseq)
		*lost = true;
	if (m->uidnext <= last_uid)
		m->uidnext = last_uid + 1;
	if (m->highestmodseq > c->account.highestmodseq)
		c->account.highestmodseq = m->highestmodseq;
}

enum rc
repair_mailbox(struct change *c, struct mailbox_record *m, bool *lost)
{
	struct chunk_firsts firsts = { 0 };
	enum rc rc = note_parts(c->txn, m->id, KEY_CHUNK_FIXED, &firsts);

	if (rc == RC_OK)
		rc = note_parts(c->txn, m->id, KEY_CHUNK_CHANGING, &firsts);
	if (rc == RC_OK)
		repair_chunks(c, m, &firsts, lost);
	vec_fini(&firsts.v);
	return rc;
}
