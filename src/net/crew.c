/* SPDX-License-Identifier: MIT
 *
 * Growing and shrinking the set of worker threads.
 */
#include "net/crew.h"

#include "base/limits.h"
#include "base/log.h"

#include <assert.h>
#include <signal.h>

static void hook_begin(void *arg);

static void hook_end(void *arg);

void
crew_init(
    struct crew *c, unsigned base, unsigned max, crew_main_fn *fn, void *arg)
{
	assert(base > 0 && max > 0);
	*c = (struct crew){
		.fn = fn,
		.arg = arg,
		.hooks = { hook_begin, hook_end, c },
		.max = max,
		.base = base,
	};
	lock_init(&c->lock);
	lock_cond_init(&c->gone);
}

void
crew_fini(struct crew *c)
{
	assert(c->count == 0 && !c->leaver_known);
	(void)pthread_cond_destroy(&c->gone);
	lock_fini(&c->lock);
}

/* Join the worker that ended last, if nobody has.  It has nothing left to do
 * but to return. */
static void
join_leaver(struct crew *c)
{
	pthread_t leaver = { 0 };
	bool known;

	lock_take(&c->lock);
	known = c->leaver_known;
	if (known)
		leaver = c->leaver;
	c->leaver_known = false;
	lock_release(&c->lock);
	if (known)
		(void)pthread_join(leaver, NULL);
}

/* Leave this thread to be joined by the next that ends, or by crew_join().
 * Its own predecessor is joined first, so that one at most is left. */
static void
leave(struct crew *c)
{
	for (;;) {
		join_leaver(c);
		lock_take(&c->lock);
		if (!c->leaver_known)
			break;
		lock_release(&c->lock);
	}
	c->leaver_known = true;
	c->leaver = pthread_self();
	c->leaving--;
	(void)pthread_cond_signal(&c->gone);
	lock_release(&c->lock);
}

static void *
thread_main(void *arg)
{
	struct crew *c = arg;

	wait_hooks_set(&c->hooks);
	c->fn(c->arg);
	wait_hooks_set(NULL);
	leave(c);
	return NULL;
}

/* Should there be one more?  Counts it if so; spawn() has to follow, without
 * the lock. */
static bool
reserve(struct crew *c)
{
	if (c->stopping || c->resting > 0 || c->count >= c->max ||
	    c->count - c->blocked >= c->base)
		return false;
	c->count++;
	return true;
}

/* Signals are for the main thread; only those that a fault of this thread
 * raises are left. */
static void
block_signals(sigset_t *ret_old)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
		SIGSYS, SIGTRAP };
	sigset_t most;

	(void)sigfillset(&most);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)sigdelset(&most, faults[i]);
	(void)pthread_sigmask(SIG_SETMASK, &most, ret_old);
}

/* Start the thread that was counted. */
static enum rc
spawn(struct crew *c)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t old;
	int failed;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES);
	block_signals(&old);
	failed = pthread_create(&thread, &attributes, thread_main, c);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attributes);
	if (failed == 0)
		return RC_OK;
	lock_take(&c->lock);
	c->count--;
	(void)pthread_cond_signal(&c->gone);
	lock_release(&c->lock);
	return RC_IO;
}

/* One more, where the pool would like one but can do without. */
static void
spawn_helper(struct crew *c)
{
	if (spawn(c) != RC_OK)
		log_event(LOG_WARN, "worker-not-started", "workers=%u",
		    crew_count(c));
}

enum rc
crew_start(struct crew *c)
{
	lock_take(&c->lock);
	assert(c->count == 0 && !c->stopping);
	c->count++;
	lock_release(&c->lock);
	return spawn(c);
}

void
crew_stop(struct crew *c)
{
	lock_take(&c->lock);
	c->stopping = true;
	lock_release(&c->lock);
}

void
crew_join(struct crew *c)
{
	lock_take(&c->lock);
	assert(c->stopping);
	while (c->count + c->leaving > 0)
		lock_wait(&c->lock, &c->gone);
	lock_release(&c->lock);
	join_leaver(c);
}

int
crew_rest(struct crew *c)
{
	int limit_ms;

	lock_take(&c->lock);
	limit_ms = c->resting++ == 0 ? -1 : WORKER_REST_MS;
	lock_release(&c->lock);
	return limit_ms;
}

bool
crew_work(struct crew *c, bool found_work)
{
	bool stay, more;

	lock_take(&c->lock);
	c->resting--;
	stay = !c->stopping && (found_work || c->resting == 0);
	if (!stay) {
		c->count--;
		c->leaving++;
	}
	more = stay && found_work && reserve(c);
	lock_release(&c->lock);
	if (more)
		spawn_helper(c);
	return stay;
}

static void
hook_begin(void *arg)
{
	struct crew *c = arg;
	bool more;

	lock_take(&c->lock);
	c->blocked++;
	more = reserve(c);
	lock_release(&c->lock);
	if (more)
		spawn_helper(c);
}

static void
hook_end(void *arg)
{
	struct crew *c = arg;

	lock_take(&c->lock);
	c->blocked--;
	lock_release(&c->lock);
}

unsigned
crew_count(const struct crew *c)
{
	return atomic_load(&c->count);
}
