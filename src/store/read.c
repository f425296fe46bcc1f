/* SPDX-License-Identifier: MIT
 *
 * Reading: pin the pending state, then the index; look up in that order.
 */
#include "store/store_internal.h"

#include <assert.h>
#include <string.h>

unsigned
read_join(struct shard *h)
{
	atomic_fetch_add(&h->readers[h->epoch & 1], 1);
	return h->epoch;
}

void
read_leave(struct shard *h, unsigned epoch)
{
	atomic_fetch_sub(&h->readers[epoch & 1], 1);
}

/* Pin the roots; returns how often they have moved until now. */
static uint64_t
pin_roots(struct shard *h, struct store_read *r, bool join)
{
	char name[8];
	struct account_state *a;
	uint64_t moves;

	memcpy(name, &r->account, sizeof(name));
	lock_take(&h->lock);
	if (join)
		r->epoch = read_join(h);
	a = map_get(&h->accounts, (struct str){ name, sizeof(name) });
	r->active = a != NULL ? pending_ref(a->active) : NULL;
	r->frozen = a != NULL ? pending_ref(a->frozen) : NULL;
	moves = h->moves;
	lock_release(&h->lock);
	return moves;
}

static void
unpin_roots(struct store_read *r)
{
	pending_unref(r->active);
	pending_unref(r->frozen);
}

static bool
is_current(struct shard *h, uint64_t moves)
{
	bool current;

	lock_take(&h->lock);
	current = h->moves == moves;
	lock_release(&h->lock);
	return current;
}

enum rc
read_begin(struct shard *h, uint64_t account, struct store_read **ret_read)
{
	struct store_read *r = mem_alloc(sizeof(*r));
	uint64_t moves;
	enum rc rc;

	r->shard = h;
	r->account = account;
	moves = pin_roots(h, r, true);
	rc = index_read_begin(h->index, &r->index);
	/* If the pending states were frozen or dropped in between, the index
	 * may be newer than what was pinned: pin again. */
	while (rc == RC_OK && !is_current(h, moves)) {
		unpin_roots(r);
		moves = pin_roots(h, r, false);
		rc = index_read_renew(r->index);
	}
	if (rc != RC_OK) {
		index_read_end(r->index);
		unpin_roots(r);
		read_leave(h, r->epoch);
		mem_free(r);
		return rc;
	}
	wait_guard_enter();
	*ret_read = r;
	return RC_OK;
}

enum rc
store_read_begin(
    struct store *s, uint64_t account, struct store_read **ret_read)
{
	return read_begin(shard_of(s, account), account, ret_read);
}

void
store_read_end(struct store_read *r)
{
	if (r == NULL)
		return;
	wait_guard_leave();
	index_read_end(r->index);
	unpin_roots(r);
	read_leave(r->shard, r->epoch);
	mem_free(r);
}

enum rc
read_lookup(const struct pending *active, const struct pending *frozen,
    struct index_read *index, uint64_t account, struct str key,
    struct str *ret_value, uint64_t *ret_seq)
{
	const struct pending_entry *e = pending_get(active, key);

	if (e == NULL)
		e = pending_get(frozen, key);
	if (e == NULL)
		return index_get(index, account, key, ret_value, ret_seq);
	if (e->deleted)
		return RC_NOTFOUND;
	*ret_value = pending_value(e);
	*ret_seq = e->seq;
	return RC_OK;
}

enum rc
store_get(struct store_read *r, struct str key, struct str *ret_value)
{
	uint64_t seq;

	return read_lookup(
	    r->active, r->frozen, r->index, r->account, key, ret_value, &seq);
}

/* -- walking ------------------------------------------------------------ */

struct store_iter {
	const struct pending *active;
	const struct pending *frozen;
	struct index_cursor *cursor;
	uint64_t account;
	size_t prefix_bytes;
	size_t key_bytes;
	bool inclusive; /* the next key may equal ${key} */
	/* The index's next key, if it has one. */
	bool index_valid;
	struct str index_key;
	struct str index_value;
	uint64_t index_seq;
	enum rc index_rc;
	char prefix[STORE_KEY_BYTES_MAX];
	char key[512]; /* where the walk is; more than LMDB's longest key */
};

static void
move_to(struct store_iter *it, struct str key)
{
	if (key.n > 0)
		memcpy(it->key, key.p, key.n);
	it->key_bytes = key.n;
	it->inclusive = false;
}

/* Take note of what the cursor found. */
static enum rc
note_index(struct store_iter *it, enum rc rc, uint64_t account)
{
	it->index_rc = rc;
	it->index_valid =
	    (rc == RC_OK || rc == RC_CORRUPT) && account == it->account;
	return rc == RC_NOTFOUND || rc == RC_CORRUPT ? RC_OK : rc;
}

static enum rc
index_seek(struct store_iter *it)
{
	uint64_t account = 0;
	enum rc rc;

	rc = index_cursor_seek(it->cursor, it->account,
	    (struct str){ it->key, it->key_bytes }, &account, &it->index_key,
	    &it->index_value, &it->index_seq);
	return note_index(it, rc, account);
}

static enum rc
index_step(struct store_iter *it)
{
	uint64_t account = 0;
	enum rc rc;

	rc = index_cursor_next(it->cursor, &account, &it->index_key,
	    &it->index_value, &it->index_seq);
	return note_index(it, rc, account);
}

enum rc
iter_begin(const struct pending *active, const struct pending *frozen,
    struct index_read *index, uint64_t account, struct str prefix,
    struct str from, struct store_iter **ret_iter)
{
	struct store_iter *it;
	enum rc rc;

	assert(
	    prefix.n <= STORE_KEY_BYTES_MAX && from.n <= STORE_KEY_BYTES_MAX);
	it = mem_resize(NULL, sizeof(*it)); /* large: not cleared */
	it->active = active;
	it->frozen = frozen;
	it->account = account;
	it->prefix_bytes = prefix.n;
	if (prefix.n > 0)
		memcpy(it->prefix, prefix.p, prefix.n);
	if (str_cmp(from, prefix) < 0)
		from = prefix;
	move_to(it, from);
	it->inclusive = true;
	it->cursor = NULL;
	rc = index_cursor_begin(index, &it->cursor);
	if (rc == RC_OK)
		rc = index_seek(it);
	if (rc != RC_OK) {
		store_iter_end(it);
		return rc;
	}
	*ret_iter = it;
	return RC_OK;
}

enum rc
store_iter_begin(struct store_read *r, struct str prefix, struct str from,
    struct store_iter **ret_iter)
{
	return iter_begin(
	    r->active, r->frozen, r->index, r->account, prefix, from, ret_iter);
}

void
store_iter_end(struct store_iter *it)
{
	if (it == NULL)
		return;
	index_cursor_end(it->cursor);
	mem_free(it);
}

/* The first of the pending entries after the place of the walk; the newer
 * one when both generations have the key. */
static const struct pending_entry *
next_pending(const struct store_iter *it)
{
	struct str key = { it->key, it->key_bytes };
	const struct pending_entry *new, *old;

	new = pending_seek(it->active, key, it->inclusive);
	old = pending_seek(it->frozen, key, it->inclusive);
	if (new == NULL || old == NULL)
		return new != NULL ? new : old;
	return str_cmp(pending_key(old), pending_key(new)) < 0 ? old : new;
}

static bool
in_prefix(const struct store_iter *it, struct str key)
{
	return str_begins(key, (struct str){ it->prefix, it->prefix_bytes });
}

/* What one step found. */
struct step {
	enum rc rc;
	bool deleted;
	struct str value;
	uint64_t seq;
};

static void
step_pending(
    struct store_iter *it, const struct pending_entry *e, struct step *step)
{
	move_to(it, pending_key(e));
	*step = (struct step){
		.deleted = e->deleted, .value = pending_value(e), .seq = e->seq
	};
}

static void
step_index(struct store_iter *it, struct step *step)
{
	move_to(it, it->index_key);
	*step = (struct step){ .rc = it->index_rc,
		.value = it->index_value,
		.seq = it->index_seq };
}

/* Move to the next key of either source; pending hides the index. */
static enum rc
step_next(struct store_iter *it, struct step *step)
{
	const struct pending_entry *e = next_pending(it);
	int order = -1; /* pending against index */

	if (e == NULL && !it->index_valid)
		return RC_NOTFOUND;
	if (e == NULL)
		order = 1;
	else if (it->index_valid)
		order = str_cmp(pending_key(e), it->index_key);
	if (order > 0)
		step_index(it, step);
	else
		step_pending(it, e, step);
	return order >= 0 ? index_step(it) : RC_OK;
}

enum rc
store_iter_next(struct store_iter *it, struct str *ret_key,
    struct str *ret_value, uint64_t *ret_seq)
{
	struct step step;
	enum rc rc;

	do {
		rc = step_next(it, &step);
		if (rc == RC_OK &&
		    !in_prefix(it, (struct str){ it->key, it->key_bytes }))
			rc = RC_NOTFOUND;
	} while (rc == RC_OK && step.deleted);
	if (rc != RC_OK)
		return rc;
	*ret_key = (struct str){ it->key, it->key_bytes };
	if (step.rc != RC_OK)
		return step.rc;
	*ret_value = step.value;
	if (ret_seq != NULL)
		*ret_seq = step.seq;
	return RC_OK;
}
