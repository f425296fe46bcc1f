/* SPDX-License-Identifier: MIT
 *
 * The keeper: writes the pending state to the index, every so many bytes of
 * log or of memory, in one synced transaction that also stores the log position; then
 * collects garbage.
 */
#include "store/store_internal.h"

#include <assert.h>
#include <string.h>

#include "base/endian.h"
#include "base/log.h"

/* What is being written: the frozen roots by account, and the counts as they
 * were at that moment. */
struct frozen_account {
	uint64_t id;
	struct pending *root; /* a reference of its own */
};

struct freeze {
	VEC(struct frozen_account) accounts;
	struct position position;
	struct segment_use *uses;
	size_t use_count;
};

static int
by_id(const void *a, const void *b)
{
	uint64_t left = ((const struct frozen_account *)a)->id;
	uint64_t right = ((const struct frozen_account *)b)->id;

	return (left > right) - (left < right);
}

/* Move every active state behind; from here on changes gather anew. */
static void
freeze(struct shard *h, struct freeze *f)
{
	struct account_state *a;
	size_t at = 0;

	lock_take(&h->lock);
	while ((a = map_next(&h->accounts, &at)) != NULL) {
		if (a->active == NULL)
			continue;
		assert(a->frozen == NULL);
		a->frozen = a->active;
		a->active = NULL;
		vec_push(&f->accounts,
		    (struct frozen_account){ a->id, pending_ref(a->frozen) });
	}
	f->position = h->published;
	f->uses = segments_take_changes(h->segments, &f->use_count);
	h->pending_bytes = 0;
	h->pending_memory = 0;
	h->frozen_full = true;
	h->moves++;
	lock_release(&h->lock);
	if (f->accounts.n > 0)
		qsort(f->accounts.v, f->accounts.n, sizeof(*f->accounts.v),
		    by_id);
}

static enum rc
write_account(struct index_write *w, const struct frozen_account *account)
{
	const struct pending_entry *e;
	enum rc rc = RC_OK;

	e = pending_seek(account->root, (struct str){ 0 }, true);
	while (e != NULL && rc == RC_OK) {
		struct str key = pending_key(e);

		if (e->deleted)
			rc = index_delete(w, account->id, key);
		else
			rc = index_put(
			    w, account->id, key, pending_value(e), e->seq);
		e = pending_seek(account->root, key, false);
	}
	return rc;
}

static enum rc
write_position(struct index_write *w, const struct position *p)
{
	char value[POSITION_BYTES];

	endian_put_le64(value, p->segment);
	endian_put_le64(value + 8, p->offset);
	endian_put_le64(value + 16, p->seq);
	return index_put(w, META_ACCOUNT, META_POSITION,
	    (struct str){ value, sizeof(value) }, p->seq);
}

static enum rc
write_use(struct index_write *w, const struct segment_use *use, uint64_t seq)
{
	char key[USE_KEY_BYTES], value[USE_VALUE_BYTES];

	key[0] = META_USE_PREFIX.p[0];
	endian_put_be64(key + 1, use->number);
	if (use->removed)
		return index_delete(
		    w, META_ACCOUNT, (struct str){ key, sizeof(key) });
	endian_put_le64(value, use->total);
	endian_put_le64(value + 8, (uint64_t)use->live);
	endian_put_le64(value + 16, (uint64_t)use->tombs);
	endian_put_le64(value + 24, (uint64_t)use->gross);
	return index_put(w, META_ACCOUNT, (struct str){ key, sizeof(key) },
	    (struct str){ value, sizeof(value) }, seq);
}

static enum rc
write_freeze(struct shard *h, const struct freeze *f)
{
	struct index_write *w;
	enum rc rc;

	rc = index_write_begin(h->index, &w);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < f->accounts.n && rc == RC_OK; i++)
		rc = write_account(w, &f->accounts.v[i]);
	if (rc == RC_OK)
		rc = write_position(w, &f->position);
	for (size_t i = 0; i < f->use_count && rc == RC_OK; i++)
		rc = write_use(w, &f->uses[i], f->position.seq);
	if (rc == RC_OK)
		return index_write_commit(w);
	index_write_abort(w);
	return rc;
}

/* The freeze is in the index: readers need it no longer. */
static void
end_freeze(struct shard *h, const struct freeze *f)
{
	lock_take(&h->lock);
	for (size_t i = 0; i < f->accounts.n; i++) {
		struct account_state *a = shard_account(h, f->accounts.v[i].id);

		pending_unref(a->frozen);
		a->frozen = NULL;
		shard_forget_empty(h, a);
	}
	h->moves++;
	h->frozen_full = false;
	lock_release(&h->lock);
}

static void
freeze_free(struct freeze *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->accounts.n; i++)
		pending_unref(f->accounts.v[i].root);
	vec_fini(&f->accounts);
	mem_free(f->uses);
	mem_free(f);
}

/* Write ${f}; when that fails it stays frozen and is tried again, since the
 * log position may only move past what the index has. */
static enum rc
write_out(struct shard *h, struct freeze *f)
{
	enum rc rc = write_freeze(h, f);

	if (rc == RC_OK) {
		h->stored = f->position;
		end_freeze(h, f);
		freeze_free(f);
	} else {
		h->unwritten = f;
		log_event(LOG_ERROR, "checkpoint-failed",
		    "shard=%u error=\"%s\"", h->number, rc_text(rc));
	}
	lock_take(&h->lock);
	h->keeper_rc = rc;
	(void)pthread_cond_broadcast(&h->keeper_done);
	lock_release(&h->lock);
	return rc;
}

/* What could not be written the last time, if anything. */
static enum rc
write_unwritten(struct shard *h)
{
	struct freeze *f = h->unwritten;

	h->unwritten = NULL;
	return f == NULL ? RC_OK : write_out(h, f);
}

enum rc
keeper_checkpoint(struct shard *h)
{
	enum rc rc = write_unwritten(h);

	if (rc == RC_OK) {
		struct freeze *f = mem_alloc(sizeof(*f));

		freeze(h, f);
		rc = write_out(h, f);
	}
	if (rc == RC_NOSPACE && !h->tight) {
		reserve_release(h);
		rc = write_unwritten(h);
	}
	return rc;
}

void
keeper_fini(struct shard *h)
{
	freeze_free(h->unwritten);
	h->unwritten = NULL;
	vec_fini(&h->condemned);
	vec_fini(&h->dying);
	vec_fini(&h->stuck);
}

/* -- letting segments go ------------------------------------------------ */

bool
keeper_is_condemned(const struct shard *h, uint64_t segment)
{
	for (size_t i = 0; i < h->condemned.n; i++) {
		if (h->condemned.v[i] == segment)
			return true;
	}
	for (size_t i = 0; i < h->dying.n; i++) {
		if (h->dying.v[i] == segment)
			return true;
	}
	return false;
}

void
keeper_condemn(struct shard *h, uint64_t segment)
{
	if (!keeper_is_condemned(h, segment))
		vec_push(&h->condemned, segment);
}

/* Files of one message that no blob refers to.  One that somebody has open
 * waits for the next time: it may be on its way in.  When a sync of the log
 * has failed, the disk may have records that were refused; what they refer to
 * must be there, should the next start find them.  That is looked at after the
 * list was made: a refused change lets go of its file later than that. */
static void
condemn_unused(struct shard *h)
{
	size_t count;
	struct segment_use *uses = segments_list(h->segments, &count);

	if (h->broken)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		if (uses[i].kind == SEGMENT_BLOB && uses[i].live <= 0 &&
		    !uses[i].used)
			keeper_condemn(h, uses[i].number);
	}
	mem_free(uses);
}

/* Have those gone who began to read before the epoch changed? */
static bool
earlier_readers_gone(struct shard *h)
{
	return atomic_load(&h->readers[(h->epoch + 1) & 1]) == 0;
}

static void
remove_dying(struct shard *h)
{
	for (size_t i = 0; i < h->dying.n; i++)
		segments_remove(h->segments, h->dying.v[i]);
	if (h->dying.n > 0)
		segments_settle(h->segments);
	h->dying.n = 0;
}

/* As long as a checkpoint waits to be written, the index counts what was moved
 * as if it still were in its old segment of the log: then that must be there,
 * so that a replay counts right. */
static void
doom(struct shard *h)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->condemned.n; i++) {
		uint64_t number = h->condemned.v[i];

		if (h->unwritten != NULL &&
		    segments_is_log(h->segments, number))
			h->condemned.v[kept++] = number;
		else
			vec_push(&h->dying, number);
	}
	h->condemned.n = kept;
}

void
keeper_let_go(struct shard *h)
{
	condemn_unused(h);
	/* Two steps: what was dying, then what becomes dying now and is let
	 * go at once when nobody reads. */
	for (int step = 0; step < 2 && earlier_readers_gone(h); step++) {
		remove_dying(h);
		doom(h);
		lock_take(&h->lock);
		h->epoch++;
		lock_release(&h->lock);
	}
	if (earlier_readers_gone(h))
		remove_dying(h);
}

/* -- the thread --------------------------------------------------------- */

/* A disk that is full or failing is not asked again at once. */
#define RETRY_MS 5000

bool
keeper_is_due(const struct shard *h)
{
	return h->pending_bytes >= h->store->checkpoint_bytes ||
	       h->pending_memory >= h->store->checkpoint_memory;
}

/* What there is to do; false when the thread is to end. */
static bool
wait_for_task(struct shard *h, uint64_t *ret_wanted, bool *ret_collect)
{
	bool stop;

	lock_take(&h->lock);
	while (!h->keeper_stop && h->wanted == h->served &&
	       !h->collect_wanted && !keeper_is_due(h)) {
		if (!h->tight) {
			lock_wait(&h->lock, &h->keeper_wake);
			continue;
		}
		lock_wait_ms(&h->lock, &h->keeper_wake, RETRY_MS);
		break;
	}
	stop = h->keeper_stop;
	*ret_wanted = h->wanted;
	*ret_collect = h->collect_wanted;
	lock_release(&h->lock);
	return !stop;
}

static void
report_served(struct shard *h, uint64_t wanted, bool collected, enum rc rc)
{
	lock_take(&h->lock);
	h->served = wanted;
	h->served_rc = rc;
	if (collected)
		h->collect_wanted = false;
	(void)pthread_cond_broadcast(&h->keeper_done);
	lock_release(&h->lock);
}

/* Unless somebody has asked meanwhile. */
static void
rest_after_failure(struct shard *h)
{
	lock_take(&h->lock);
	if (!h->keeper_stop && h->wanted == h->served)
		lock_wait_ms(&h->lock, &h->keeper_wake, RETRY_MS);
	lock_release(&h->lock);
}

/* Is it worth while?  A small store stays small. */
static bool
wants_zeros(const struct shard *h)
{
	return h->store->zero_ahead && !reserve_is_short(h) &&
	       (h->stored.segment > 1 ||
		   h->stored.offset > h->store->segment_bytes / 2);
}

void *
keeper_main(void *shard)
{
	struct shard *h = shard;
	uint64_t wanted;
	bool collect;

	while (wait_for_task(h, &wanted, &collect)) {
		enum rc rc = keeper_checkpoint(h);

		keeper_let_go(h);
		reserve_refill(h);
		if (rc == RC_OK)
			rc = collect_shard(h, collect);
		/* Zeros ahead are a help; without them it goes on as well. */
		if (rc == RC_OK && wants_zeros(h) &&
		    segments_prepare(h->segments, h->store->segment_bytes) !=
			RC_OK)
			log_event(LOG_WARN, "zero-ahead-failed", "folder=%s",
			    h->folder);
		report_served(h, wanted, collect, rc);
		if (rc != RC_OK)
			rest_after_failure(h);
	}
	return NULL;
}

/* Ask every keeper for a checkpoint and wait for all. */
enum rc
store_checkpoint(struct store *s)
{
	enum rc rc = RC_OK;

	wait_begin();
	for (unsigned i = 0; i < s->shard_count; i++) {
		struct shard *h = &s->shards[i];

		lock_take(&h->lock);
		h->wanted++;
		(void)pthread_cond_signal(&h->keeper_wake);
		lock_release(&h->lock);
	}
	for (unsigned i = 0; i < s->shard_count; i++) {
		struct shard *h = &s->shards[i];

		lock_take(&h->lock);
		while (h->served < h->wanted && !h->keeper_stop)
			lock_wait(&h->lock, &h->keeper_done);
		if (rc == RC_OK)
			rc = h->served_rc;
		lock_release(&h->lock);
	}
	wait_end();
	return rc;
}

enum rc
store_collect(struct store *s)
{
	enum rc rc;

	for (unsigned i = 0; i < s->shard_count; i++) {
		lock_take(&s->shards[i].lock);
		s->shards[i].collect_wanted = true;
		lock_release(&s->shards[i].lock);
	}
	/* Once to collect, once more so that emptied segments are let go. */
	rc = store_checkpoint(s);
	return rc == RC_OK ? store_checkpoint(s) : rc;
}
