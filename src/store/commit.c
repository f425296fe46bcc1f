/* SPDX-License-Identifier: MIT
 *
 * The committer: takes what has queued up, runs it one change after another,
 * appends all their records with one write and one sync, publishes, and
 * releases the callers.  While it syncs, the next group gathers.
 */
#include "store/store_internal.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* When so many checkpoints' worth of log, or of memory, is pending, commits
 * wait.  The second is greater, so that under load checkpoints become larger
 * instead. */
#define PENDING_LOGS_MAX     4
#define PENDING_MEMORIES_MAX 16

/* -- the working states of a group -------------------------------------- */

static uint64_t
moves_now(struct shard *h)
{
	uint64_t moves;

	lock_take(&h->lock);
	moves = h->moves;
	lock_release(&h->lock);
	return moves;
}

enum rc
commit_look(struct shard *h)
{
	h->read_moves = moves_now(h);
	return index_read_begin(h->index, &h->read);
}

void
commit_look_away(struct shard *h)
{
	index_read_end(h->read);
	h->read = NULL;
}

struct account_state *
commit_touch(struct shard *h, uint64_t account)
{
	struct account_state *a;
	uint64_t moves;

	lock_take(&h->lock);
	a = shard_account(h, account);
	if (!a->touched) {
		a->touched = true;
		a->working = pending_ref(a->active);
		a->behind = pending_ref(a->frozen);
		a->next_touched = h->touched;
		h->touched = a;
	}
	moves = h->moves;
	lock_release(&h->lock);
	/* The index read must not be older than the states pinned here: what
	 * was frozen before may be in the index alone by now.  A newer one
	 * does no harm, since nobody else puts anything new there. */
	if (h->read_moves != moves) {
		h->read_moves = moves;
		if (index_read_renew(h->read) != RC_OK)
			h->broken = true;
	}
	return a;
}

/* End the group: keep the working states or drop them.  Lock held. */
static struct account_state *
untouch_all(struct shard *h, bool keep)
{
	struct account_state *all = h->touched;

	for (struct account_state *a = all; a != NULL; a = a->next_touched) {
		if (keep) {
			struct pending *old = a->active;

			a->active = a->working;
			a->working = old;
			h->pending_memory += pending_memory(a->active);
			h->pending_memory -= pending_memory(old);
		}
		a->touched = false;
	}
	h->touched = NULL;
	return all;
}

/* Let go, outside the lock, of what the group held.  The states themselves
 * may be dropped by the keeper once they are untouched, so what is to be let
 * go was moved to a list of its own. */
struct leftovers {
	VEC(struct pending *) roots;
};

static void
gather_leftovers(
    struct shard *h, struct account_state *all, struct leftovers *l)
{
	struct account_state *next;

	for (struct account_state *a = all; a != NULL; a = next) {
		next = a->next_touched;
		vec_push(&l->roots, a->working);
		vec_push(&l->roots, a->behind);
		a->working = NULL;
		a->behind = NULL;
		shard_forget_empty(h, a);
	}
}

static void
drop_leftovers(struct leftovers *l)
{
	for (size_t i = 0; i < l->roots.n; i++)
		pending_unref(l->roots.v[i]);
	vec_fini(&l->roots);
}

void
commit_publish(
    struct shard *h, const struct store_txn *txns, size_t count, uint64_t bytes)
{
	struct leftovers leftovers = { 0 };
	bool was_due;

	lock_take(&h->lock);
	was_due = keeper_is_due(h);
	gather_leftovers(h, untouch_all(h, true), &leftovers);
	h->published = h->next;
	h->pending_bytes += bytes;
	for (size_t i = 0; i < count; i++)
		txn_count(&txns[i]);
	segments_set_total(
	    h->segments, h->current->header.number, h->next.offset);
	if (keeper_is_due(h) && !was_due)
		(void)pthread_cond_signal(&h->keeper_wake);
	lock_release(&h->lock);
	drop_leftovers(&leftovers);
}

static void
drop_group(struct shard *h)
{
	struct leftovers leftovers = { 0 };

	lock_take(&h->lock);
	gather_leftovers(h, untouch_all(h, false), &leftovers);
	lock_release(&h->lock);
	drop_leftovers(&leftovers);
}

/* -- the log ------------------------------------------------------------ */

enum rc
commit_roll(struct shard *h)
{
	struct segment *fresh;
	enum rc rc;

	rc = segments_create(h->segments, SEGMENT_LOG, h->next.seq, &fresh);
	if (rc != RC_OK)
		return rc;
	segments_done(h->segments, h->current);
	h->current = fresh;
	h->next.segment = fresh->header.number;
	h->next.offset = SEGMENT_HEADER_BYTES;
	return RC_OK;
}

/* What a failed write left behind must not be taken for records.  Cutting
 * the file needs no space. */
static void
cut_torn(struct shard *h)
{
	if (ftruncate(h->current->fd, (off_t)h->next.offset) == 0 &&
	    fdatasync(h->current->fd) == 0)
		return;
	log_errno(LOG_ERROR, "log-cut-failed", h->folder);
	h->broken = true;
}

static enum rc
append_group(struct shard *h)
{
	enum rc rc;

	rc = segment_write(
	    h->current->fd, h->next.offset, h->group.p, h->group.n);
	if (rc != RC_OK) {
		cut_torn(h);
		return rc;
	}
	rc = segment_sync(h->current->fd);
	if (rc == RC_OK)
		return RC_OK;
	/* What is on the disk is unknown now, and the kernel forgets the
	 * error: accept nothing more until a restart recovers.  It may still
	 * show the bytes from its memory, as if they were on the disk: a
	 * restart must not find them there and go on behind them. */
	log_event(LOG_ERROR, "log-sync-failed", "folder=%s", h->folder);
	h->broken = true;
	if (ftruncate(h->current->fd, (off_t)h->next.offset) != 0)
		log_errno(LOG_ERROR, "log-cut-failed", h->folder);
	return rc;
}

/* -- a group ------------------------------------------------------------ */

struct group {
	VEC(struct waiting *) members;
	VEC(struct store_txn) txns; /* of the members that changed something */
};

/* How a group was before a change. */
struct mark {
	struct pending *account;
	struct pending *meta;
	size_t bytes;
	size_t placed;
};

static void
mark_set(struct mark *m, const struct shard *h, const struct store_txn *t)
{
	m->account = pending_ref(t->account->working);
	m->meta = pending_ref(t->meta->working);
	m->bytes = h->group.n;
	m->placed = h->placed.n;
}

static void
mark_return(const struct mark *m, struct shard *h, const struct store_txn *t)
{
	h->group.overflowed = false;
	buf_truncate(&h->group, m->bytes);
	h->placed.n = m->placed;
	pending_unref(t->account->working);
	t->account->working = pending_ref(m->account);
	pending_unref(t->meta->working);
	t->meta->working = pending_ref(m->meta);
}

/* Run one change on top of the group; on refusal the group is as before. */
static enum rc
run_change(struct shard *h, struct store_change *change, uint32_t place,
    struct store_txn *t)
{
	struct mark mark;
	enum rc rc;

	txn_begin(t, h, change->account, h->next.seq + place);
	mark_set(&mark, h, t);
	/* The index could not be read again: nothing may stand on it. */
	rc = h->broken ? RC_IO : change->fn(t, change->arg);
	if (rc == RC_OK)
		rc = t->failed;
	if (rc == RC_OK && t->ops.n > 0 && h->tight && !t->relieves)
		rc = RC_NOSPACE;
	if (rc == RC_OK && t->ops.n > 0) {
		txn_serialise(t, &h->group, h->next.offset + h->group.n, place);
		rc = t->failed != RC_OK ? t->failed : buf_check(&h->group);
	}
	if (rc != RC_OK)
		mark_return(&mark, h, t);
	pending_unref(mark.account);
	pending_unref(mark.meta);
	return rc;
}

static void
run_member(struct shard *h, struct group *g, struct waiting *w)
{
	struct store_txn t;

	w->change->result = run_change(h, w->change, (uint32_t)g->txns.n, &t);
	if (w->change->result == RC_OK && t.ops.n > 0)
		vec_push(&g->txns, t);
	else
		txn_fini(&t);
	if (w->change->result == RC_NOSPACE)
		reserve_missed(h);
}

/* Does a change of the group make room (or: is one of it another)? */
static bool
has_member(const struct group *g, bool relieves)
{
	for (size_t i = 0; i < g->txns.n; i++) {
		if (g->txns.v[i].relieves == relieves)
			return true;
	}
	return false;
}

static void
fail_group(struct shard *h, struct group *g, enum rc rc)
{
	if (rc == RC_NOSPACE)
		reserve_missed(h);
	for (size_t i = 0; i < g->members.n; i++) {
		if (g->members.v[i]->change->result == RC_OK)
			g->members.v[i]->change->result = rc;
	}
}

static void
drop_txns(struct group *g)
{
	for (size_t i = 0; i < g->txns.n; i++)
		txn_fini(&g->txns.v[i]);
	g->txns.n = 0;
}

static void
notify_txn(const struct store *s, const struct store_txn *t)
{
	for (size_t i = 0; i < t->ops.n; i++) {
		const struct pending_entry *e = t->ops.v[i].entry;
		struct str value = { NULL, 0 };
		enum record_op op = t->ops.v[i].op;

		if ((op != RECORD_PUT && op != RECORD_DELETE) ||
		    (unsigned char)e->bytes[0] <= KEY_INTERNAL_LAST)
			continue;
		if (!e->deleted)
			value = pending_value(e);
		s->watch(s->watch_arg, t->id, pending_key(e), value, t->seq);
	}
	s->watch(
	    s->watch_arg, t->id, (struct str){ 0 }, (struct str){ 0 }, t->seq);
}

/* Make the group durable and visible, or refuse all of it. */
static void
finish_group(struct shard *h, struct group *g, enum rc rc)
{
	uint64_t bytes = h->group.n;

	if (rc != RC_OK) {
		fail_group(h, g, rc);
		drop_group(h);
		return;
	}
	if (has_member(g, false))
		h->starved = false;
	h->next.offset += bytes;
	h->next.seq += g->txns.n;
	commit_publish(h, g->txns.v, g->txns.n, bytes);
	if (h->store->watch == NULL)
		return;
	for (size_t i = 0; i < g->txns.n; i++) {
		if (!g->txns.v[i].quiet)
			notify_txn(h->store, &g->txns.v[i]);
	}
}

/* -- the queue ---------------------------------------------------------- */

static struct waiting *
dequeue(struct shard *h)
{
	struct waiting *w;

	lock_take(&h->queue_lock);
	w = h->first;
	if (w != NULL) {
		h->first = w->next;
		if (h->first == NULL)
			h->last = NULL;
	}
	lock_release(&h->queue_lock);
	return w;
}

static void
release_member(struct waiting *w)
{
	if (w->caller != NULL) {
		update_done(w->caller, 1);
		return;
	}
	mem_free(w->change->arg);
	mem_free(w->change);
	mem_free(w);
}

/* The lists keep their memory for the next group, unless it is much. */
static void
release_group(struct group *g)
{
	for (size_t i = 0; i < g->members.n; i++)
		release_member(g->members.v[i]);
	drop_txns(g);
	g->members.n = 0;
	if (g->members.cap > GROUP_CHANGES_KEPT) {
		vec_fini(&g->members);
		vec_fini(&g->txns);
	}
}

static bool
is_far_ahead(const struct shard *h)
{
	const struct store *s = h->store;

	return h->pending_bytes > s->checkpoint_bytes * PENDING_LOGS_MAX ||
	       h->pending_memory > s->checkpoint_memory * PENDING_MEMORIES_MAX;
}

/* Wait for the keeper when the index is far behind; RC_OK, or why it cannot
 * come nearer. */
static enum rc
wait_for_keeper(struct shard *h)
{
	enum rc rc;

	lock_take(&h->lock);
	while (is_far_ahead(h) && h->frozen_full && h->keeper_rc == RC_OK &&
	       !h->keeper_stop)
		lock_wait(&h->lock, &h->keeper_done);
	rc = is_far_ahead(h) ? h->keeper_rc : RC_OK;
	lock_release(&h->lock);
	return rc;
}

static enum rc
roll_if_due(struct shard *h)
{
	enum rc rc;

	if (h->next.offset < h->store->segment_bytes && !h->roll_wanted)
		return RC_OK;
	rc = commit_roll(h);
	if (rc == RC_NOSPACE && !h->tight) {
		reserve_release(h);
		rc = commit_roll(h);
	}
	if (rc == RC_OK)
		h->roll_wanted = false;
	return rc;
}

static enum rc
begin_group(struct shard *h)
{
	enum rc rc;

	buf_clear(&h->group);
	h->placed.n = 0;
	if (h->broken)
		return RC_IO;
	rc = wait_for_keeper(h);
	if (rc == RC_OK)
		rc = roll_if_due(h);
	return rc == RC_OK ? commit_look(h) : rc;
}

/* The next member, unless the group is full. */
static struct waiting *
next_member(struct shard *h, const struct group *g)
{
	if (h->group.n >= GROUP_BYTES || g->members.n >= GROUP_CHANGES)
		return NULL;
	return dequeue(h);
}

/* The disk is full, and the group could make room: use what is kept back for
 * that.  All is run anew, since others in it are refused now. */
static enum rc
run_again(struct shard *h, struct group *g)
{
	enum rc rc;

	reserve_release(h);
	drop_group(h);
	drop_txns(g);
	rc = begin_group(h);
	for (size_t i = 0; i < g->members.n; i++) {
		if (rc == RC_OK)
			run_member(h, g, g->members.v[i]);
		else
			g->members.v[i]->change->result = rc;
	}
	commit_look_away(h);
	if (rc == RC_OK && g->txns.n > 0)
		rc = append_group(h);
	return rc;
}

static void
run_group(struct shard *h, struct group *g, struct waiting *first)
{
	enum rc rc = begin_group(h);

	for (struct waiting *w = first; w != NULL; w = next_member(h, g)) {
		vec_push(&g->members, w);
		if (rc == RC_OK)
			run_member(h, g, w);
		else
			w->change->result = rc;
	}
	/* Do not hold an old page of the index while the disk works. */
	commit_look_away(h);
	if (rc == RC_OK && g->txns.n > 0)
		rc = append_group(h);
	if (rc == RC_NOSPACE && !h->tight && has_member(g, true))
		rc = run_again(h, g);
	finish_group(h, g, rc);
	release_group(g);
	if (h->group.cap > GROUP_BYTES_KEPT)
		buf_fini(&h->group);
}

/* The next change, or NULL when the shard stops and nothing is left. */
static struct waiting *
wait_for_work(struct shard *h)
{
	lock_take(&h->queue_lock);
	while (h->first == NULL && !h->stopping)
		lock_wait(&h->queue_lock, &h->queue_ready);
	lock_release(&h->queue_lock);
	return dequeue(h);
}

void *
committer_main(void *shard)
{
	struct shard *h = shard;
	struct group group = { 0 };
	struct waiting *first;

	while ((first = wait_for_work(h)) != NULL)
		run_group(h, &group, first);
	vec_fini(&group.members);
	vec_fini(&group.txns);
	return NULL;
}
