/* SPDX-License-Identifier: MIT
 *
 * The callers' side of a change: it is queued for the shard's committer, and
 * the caller waits until it is done.
 */
#include <assert.h>
#include <errno.h>
#include <time.h>

#include "base/clock.h"
#include "store/store_internal.h"

/* Queue a chain. */
static bool
enqueue(struct shard *h, struct waiting *first, struct waiting *last)
{
	bool accepted;

	lock_take(&h->queue_lock);
	accepted = !h->stopping && h->committer_started;
	if (accepted) {
		if (h->last != NULL)
			h->last->next = first;
		else
			h->first = first;
		h->last = last;
		(void)pthread_cond_signal(&h->queue_ready);
	}
	lock_release(&h->queue_lock);
	return accepted;
}

/* Queue those of the changes that are this shard's, all at once: so they come
 * into one group, where they can share bytes. */
static void
enqueue_all(struct shard *h, struct waiting *all, size_t count)
{
	struct waiting *first = NULL, *last = NULL;
	size_t mine = 0;

	for (size_t i = 0; i < count; i++) {
		if (shard_of(h->store, all[i].change->account) != h)
			continue;
		if (last != NULL)
			last->next = &all[i];
		else
			first = &all[i];
		last = &all[i];
		mine++;
	}
	if (mine == 0 || enqueue(h, first, last))
		return;
	for (struct waiting *w = first; w != NULL; w = w->next)
		w->change->result = RC_SHUTDOWN;
	update_done(first->caller, mine);
}

void
update_done(struct caller *c, size_t count)
{
	/* The caller may be gone as soon as it finds the last one done. */
	if (atomic_fetch_sub(&c->left, count) == count)
		(void)sem_post(&c->done);
}

static _Thread_local struct store_patience *patience;

void
store_patience_set(struct store_patience *p)
{
	patience = p;
}

/* The moment in so many milliseconds, on CLOCK_MONOTONIC. */
static struct timespec
moment_in(uint64_t ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* False: ${due_ms} was first. */
static bool
wait_until(struct caller *c, uint64_t due_ms)
{
	uint64_t now = clock_ms();
	struct timespec due = moment_in(due_ms > now ? due_ms - now : 0);

	while (sem_clockwait(&c->done, CLOCK_MONOTONIC, &due) != 0) {
		if (errno == ETIMEDOUT)
			return false;
		assert(errno == EINTR);
	}
	return true;
}

static void
caller_wait(struct caller *c)
{
	/* Many short waits are a long one, too. */
	if (patience != NULL && clock_ms() >= patience->due_ms)
		patience->fn(patience);
	while (patience != NULL && !wait_until(c, patience->due_ms))
		patience->fn(patience);
	while (patience == NULL && sem_wait(&c->done) != 0)
		assert(errno == EINTR);
	/* The thread sanitizer does not know sem_clockwait(), but sees by this
	 * that all is done. */
	assert(atomic_load(&c->left) == 0);
}

void
store_update_all(struct store *s, struct store_change *changes, size_t count)
{
	struct waiting *all = mem_array(count, sizeof(*all));
	struct caller caller;

	atomic_init(&caller.left, count);
	(void)sem_init(&caller.done, 0, count == 0);
	wait_begin();
	for (size_t i = 0; i < count; i++) {
		assert(changes[i].account != META_ACCOUNT);
		all[i].change = &changes[i];
		all[i].caller = &caller;
	}
	for (unsigned i = 0; i < s->shard_count; i++)
		enqueue_all(&s->shards[i], all, count);
	caller_wait(&caller);
	wait_end();
	(void)sem_destroy(&caller.done);
	mem_free(all);
}

enum rc
store_update(struct store *s, uint64_t account, store_update_fn *fn, void *arg)
{
	struct store_change change = { account, fn, arg, RC_OK };

	store_update_all(s, &change, 1);
	return change.result;
}

void
store_post(struct store *s, uint64_t account, store_update_fn *fn, void *arg)
{
	struct store_change *change = mem_alloc(sizeof(*change));
	struct waiting *w = mem_alloc(sizeof(*w));

	*change = (struct store_change){ account, fn, arg, RC_OK };
	*w = (struct waiting){ .change = change };
	if (!enqueue(shard_of(s, account), w, w)) {
		mem_free(arg);
		mem_free(change);
		mem_free(w);
	}
}
