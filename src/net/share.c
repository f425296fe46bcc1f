/* SPDX-License-Identifier: MIT
 *
 * A table by key.  A share is in it while it has connections, and until it may
 * make as many as ever; there are never many more than connections and
 * SHARES_KEPT.
 */
#include "net/share.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#define MINUTE_MS 60000

struct share {
	struct shares *shares;
	uint64_t key;
	/* Under the table's lock: */
	unsigned connections;
	/* Of new connections, in 1/MINUTE_MS: what was left when. */
	uint64_t left;
	uint64_t at_ms;
	/* Not under it: until when what was sent is paid for, in microseconds
	 * on clock_ms(). */
	_Atomic uint64_t paid_us;
};

struct shares {
	_Atomic uint64_t bytes_per_second;
	struct lock lock;
	/* Under the lock: */
	struct shares_limits limits;
	struct map all;	 /* by key */
	size_t sweep_at; /* when there are so many, look for idle ones */
};

struct shares *
shares_new(struct shares_limits limits)
{
	struct shares *s = mem_alloc(sizeof(*s));

	s->limits = limits;
	atomic_init(&s->bytes_per_second, limits.bytes_per_second);
	lock_init(&s->lock);
	map_init(&s->all);
	s->sweep_at = SHARES_KEPT;
	return s;
}

/* What one may make at once, in the unit of what is left. */
static uint64_t
most(const struct shares *s)
{
	return (uint64_t)s->limits.per_minute * MINUTE_MS;
}

void
shares_set_limits(struct shares *s, struct shares_limits limits)
{
	size_t at = 0;
	struct share *share;

	atomic_store(&s->bytes_per_second, limits.bytes_per_second);
	lock_take(&s->lock);
	s->limits = limits;
	while ((share = map_next(&s->all, &at)) != NULL)
		share->left = most(s);
	lock_release(&s->lock);
}

void
shares_free(struct shares *s)
{
	size_t at = 0;
	struct share *share;

	if (s == NULL)
		return;
	while ((share = map_next(&s->all, &at)) != NULL)
		mem_free(share);
	map_fini(&s->all);
	lock_fini(&s->lock);
	mem_free(s);
}

static struct str
key_of(const uint64_t *key)
{
	return (struct str){ .p = (const char *)key, .n = sizeof(*key) };
}

/* Bring what is left up to date. */
static void
refill(struct share *share, uint64_t now_ms)
{
	const struct shares *s = share->shares;

	share->left += (now_ms - share->at_ms) * s->limits.per_minute;
	share->at_ms = now_ms;
	if (share->left > most(s))
		share->left = most(s);
}

/* Nobody has saved more than what he could since then. */
static uint64_t
saved_since_us(uint64_t now_ms)
{
	return now_ms > SHARE_BURST_MS ? (now_ms - SHARE_BURST_MS) * 1000 : 0;
}

/* Forget it if nothing is to be known of it. */
static void
drop_idle(struct share *share, uint64_t now_ms)
{
	refill(share, now_ms);
	if (share->connections > 0 || share->left < most(share->shares) ||
	    atomic_load(&share->paid_us) > saved_since_us(now_ms))
		return;
	(void)map_remove(&share->shares->all, key_of(&share->key));
	mem_free(share);
}

/* There are many: forget those that have no connections. */
static void
drop_some(struct shares *s)
{
	VEC(struct share *) idle = { 0 };
	size_t at = 0;
	struct share *share;

	while ((share = map_next(&s->all, &at)) != NULL)
		if (share->connections == 0)
			vec_push(&idle, share);
	for (size_t i = 0; i < idle.n; i++) {
		(void)map_remove(&s->all, key_of(&idle.v[i]->key));
		mem_free(idle.v[i]);
	}
	vec_fini(&idle);
}

static struct share *
get(struct shares *s, uint64_t key, uint64_t now_ms)
{
	struct share *share = map_get(&s->all, key_of(&key));

	if (share != NULL)
		return share;
	if (s->all.count >= s->sweep_at) {
		drop_some(s);
		s->sweep_at = 2 * s->all.count + SHARES_KEPT;
	}
	share = mem_alloc(sizeof(*share));
	share->shares = s;
	share->key = key;
	share->left = most(s);
	share->at_ms = now_ms;
	(void)map_put(&s->all, key_of(&share->key), share);
	return share;
}

/* Count it if it may come. */
static enum share_answer
count(struct shares *s, struct share *share)
{
	if (s->limits.connections > 0 &&
	    share->connections >= s->limits.connections)
		return SHARE_FULL;
	if (s->limits.per_minute > 0 && share->left < MINUTE_MS)
		return SHARE_FAST;
	share->connections++;
	if (s->limits.per_minute > 0)
		share->left -= MINUTE_MS;
	return SHARE_OK;
}

enum share_answer
share_enter(struct shares *s, uint64_t key, struct share **ret_share)
{
	uint64_t now_ms = clock_ms();
	enum share_answer answer;
	struct share *share;

	lock_take(&s->lock);
	share = get(s, key, now_ms);
	refill(share, now_ms);
	answer = count(s, share);
	if (answer == SHARE_OK)
		*ret_share = share;
	lock_release(&s->lock);
	return answer;
}

void
share_leave(struct share *share)
{
	struct shares *s;

	if (share == NULL)
		return;
	s = share->shares;
	lock_take(&s->lock);
	assert(share->connections > 0);
	share->connections--;
	drop_idle(share, clock_ms());
	lock_release(&s->lock);
}

/* -- what is sent -------------------------------------------------------- */

static uint64_t
rate_of(const struct share *share)
{
	uint64_t rate = 0;

	if (share != NULL)
		rate = atomic_load(&share->shares->bytes_per_second);
	return rate > 0 && rate < SHARE_RATE_MIN ? SHARE_RATE_MIN : rate;
}

void
share_spend(struct share *share, uint64_t bytes)
{
	uint64_t rate = rate_of(share), since_us, cost_us, was, from;

	if (rate == 0 || bytes == 0)
		return;
	since_us = saved_since_us(clock_ms());
	cost_us = bytes * 1000000 / rate;
	was = atomic_load(&share->paid_us);
	do
		from = was > since_us ? was : since_us;
	while (!atomic_compare_exchange_weak(
	    &share->paid_us, &was, from + cost_us));
}

uint64_t
share_pause_ms(const struct share *share)
{
	uint64_t now_us, paid_us, ms;

	if (rate_of(share) == 0)
		return 0;
	now_us = clock_ms() * 1000;
	paid_us = atomic_load(&share->paid_us);
	ms = paid_us > now_us ? (paid_us - now_us + 999) / 1000 : 0;
	return ms < SHARE_PAUSE_MS_MAX ? ms : SHARE_PAUSE_MS_MAX;
}

size_t
share_turn_bytes(const struct share *share, size_t most)
{
	uint64_t rate = rate_of(share);

	/* A quarter of a second, so that others of the account have theirs. */
	return rate == 0 || rate / 4 > most ? most : (size_t)(rate / 4);
}
