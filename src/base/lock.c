/* SPDX-License-Identifier: MIT
 *
 * Counted locks and announced waits.  The thread-local variables are this
 * thread's count of what it holds, its depth of waits and its hooks.
 */
#include "base/lock.h"

#include <assert.h>
#include <stddef.h>
#include <time.h>

static _Thread_local int held;
static _Thread_local int waits;
static _Thread_local const struct wait_hooks *hooks;

void
lock_init(struct lock *l)
{
	int failed = pthread_mutex_init(&l->mutex, NULL);

	assert(failed == 0);
	(void)failed;
}

void
lock_fini(struct lock *l)
{
	int failed = pthread_mutex_destroy(&l->mutex);

	assert(failed == 0);
	(void)failed;
}

void
lock_take(struct lock *l)
{
	int failed = pthread_mutex_lock(&l->mutex);

	assert(failed == 0);
	(void)failed;
	held++;
}

void
lock_release(struct lock *l)
{
	int failed = pthread_mutex_unlock(&l->mutex);

	assert(failed == 0 && held > 0);
	(void)failed;
	held--;
}

void
lock_wait(struct lock *l, pthread_cond_t *c)
{
	assert(held == 1);
	(void)pthread_cond_wait(c, &l->mutex);
}

void
lock_wait_ms(struct lock *l, pthread_cond_t *c, unsigned long ms)
{
	struct timespec until;

	assert(held == 1);
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	until.tv_nsec += (long)(ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	(void)pthread_cond_timedwait(c, &l->mutex, &until);
}

void
lock_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attributes;

	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &attributes);
	(void)pthread_condattr_destroy(&attributes);
}

void
wait_begin(void)
{
	assert(held == 0);
	if (waits++ == 0 && hooks != NULL)
		hooks->begin(hooks->arg);
}

void
wait_end(void)
{
	assert(waits > 0);
	if (--waits == 0 && hooks != NULL)
		hooks->end(hooks->arg);
}

void
wait_hooks_set(const struct wait_hooks *new_hooks)
{
	hooks = new_hooks;
}

void
wait_guard_enter(void)
{
	held++;
}

void
wait_guard_leave(void)
{
	assert(held > 0);
	held--;
}
