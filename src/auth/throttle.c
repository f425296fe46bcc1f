/* SPDX-License-Identifier: MIT
 *
 * A table for addresses and one for accounts, so that many names do not drive out
 * addresses: sets of a few entries each, chosen by a keyed hash of what they
 * stand for.  An entry is a count and when it was
 * brought up to date; decay is computed when an entry is looked at.
 */
#include "auth/throttle.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/rand.h"

#define SET_ENTRIES 8
#define SETS	    (THROTTLE_ENTRIES_MAX / SET_ENTRIES)

/* Counts are in 1/1024 of a failure, so that they can decay smoothly. */
#define ONE_FAILURE 1024u

/* The first failure costs this; each more doubles it. */
#define DELAY_MS_FIRST 250

/* What failures on the account add at most, for an address without failures
 * and for one that has some. */
#define STRANGERS_MS_MAX 1000
#define ACCOUNT_MS_MAX	 5000

struct entry {
	uint64_t key;
	uint64_t at_ms; /* when the count was true */
	uint32_t count; /* in 1/1024; 0: the entry is free */
};

/* What a key stands for: its lowest bit says that. */
enum kind { KIND_ADDRESS, KIND_ACCOUNT, KINDS };

struct throttle {
	uint64_t seed;
	struct lock lock;
	struct entry entries[KINDS][SETS][SET_ENTRIES]; /* under lock */
};

struct throttle *
throttle_new(void)
{
	struct throttle *t = mem_alloc(sizeof(*t));

	t->seed = rand_u64();
	lock_init(&t->lock);
	return t;
}

void
throttle_free(struct throttle *t)
{
	if (t == NULL)
		return;
	lock_fini(&t->lock);
	mem_free(t);
}

static uint64_t
key_of(const struct throttle *t, enum kind kind, struct str bytes)
{
	uint64_t seed = t->seed + (uint64_t)kind;
	uint64_t hash =
	    XXH3_64bits_withSeed(bytes.n > 0 ? bytes.p : "", bytes.n, seed);

	return (hash & ~UINT64_C(1)) | (uint64_t)kind;
}

static struct entry *
set_of(struct throttle *t, uint64_t key)
{
	return t->entries[key & 1][(key >> 1) % SETS];
}

/* An IPv6 address stands for its /64, the rest for themselves. */
static uint64_t
address_key(const struct throttle *t, const char *peer)
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, peer, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six))
		return key_of(t, KIND_ADDRESS,
		    (struct str){ .p = (const char *)&six, .n = 8 });
	return key_of(t, KIND_ADDRESS, str_of(peer));
}

/* ${count} after ${ms}: halved for each half-life, and along a straight line
 * between them. */
static uint32_t
decayed(uint32_t count, uint64_t ms)
{
	uint64_t halvings = ms / THROTTLE_HALF_LIFE_MS;
	uint64_t rest_ms = ms % THROTTLE_HALF_LIFE_MS;
	uint64_t left;

	if (halvings >= 32)
		return 0;
	left = count >> halvings;
	left -= left * rest_ms / (2ull * THROTTLE_HALF_LIFE_MS);
	return (uint32_t)left;
}

static uint32_t
count_now(const struct entry *e, uint64_t now_ms)
{
	return decayed(e->count, now_ms - e->at_ms);
}

static struct entry *
entry_find(struct throttle *t, uint64_t key)
{
	struct entry *set = set_of(t, key);

	for (size_t i = 0; i < SET_ENTRIES; i++)
		if (set[i].count > 0 && set[i].key == key)
			return &set[i];
	return NULL;
}

/* The entry of ${key}, or the one with the least count in its set. */
static struct entry *
entry_make(struct throttle *t, uint64_t key, uint64_t now_ms)
{
	struct entry *set = set_of(t, key);
	struct entry *e = entry_find(t, key);

	if (e != NULL)
		return e;
	e = &set[0];
	for (size_t i = 1; i < SET_ENTRIES; i++)
		if (count_now(&set[i], now_ms) < count_now(e, now_ms))
			e = &set[i];
	*e = (struct entry){ .key = key, .at_ms = now_ms };
	return e;
}

static uint32_t
count_of(struct throttle *t, uint64_t key, uint64_t now_ms)
{
	const struct entry *e = entry_find(t, key);

	return e == NULL ? 0 : count_now(e, now_ms);
}

static void
count_add(struct throttle *t, uint64_t key, uint64_t now_ms)
{
	struct entry *e = entry_make(t, key, now_ms);
	uint32_t count = count_now(e, now_ms) + ONE_FAILURE;
	uint32_t most = (THROTTLE_FAILURES_MAX + 1) * ONE_FAILURE;

	e->count = count < most ? count : most;
	e->at_ms = now_ms;
}

/* The delay that so many failures are worth. */
static uint32_t
grade_ms(uint32_t count)
{
	uint32_t failures = (count + ONE_FAILURE / 2) / ONE_FAILURE;
	uint32_t ms;

	if (failures == 0)
		return 0;
	if (failures > 16)
		return THROTTLE_DELAY_MS_MAX;
	ms = (uint32_t)DELAY_MS_FIRST << (failures - 1);
	return ms < THROTTLE_DELAY_MS_MAX ? ms : THROTTLE_DELAY_MS_MAX;
}

/* The address's grade, or the account's within its bound if that is more. */
static uint32_t
delay_ms(uint32_t address_count, uint32_t account_count)
{
	uint32_t own = grade_ms(address_count);
	uint32_t most = own == 0 ? STRANGERS_MS_MAX : ACCOUNT_MS_MAX;
	uint32_t others = grade_ms(account_count);

	if (others > most)
		others = most;
	return own > others ? own : others;
}

/* The failures of an address, in 1/1024. */
static uint32_t
count_of_peer(struct throttle *t, const char *peer)
{
	uint64_t key = address_key(t, peer);
	uint32_t count;

	lock_take(&t->lock);
	count = count_of(t, key, clock_ms());
	lock_release(&t->lock);
	return count;
}

bool
throttle_allows(struct throttle *t, const char *peer)
{
	return count_of_peer(t, peer) < THROTTLE_FAILURES_MAX * ONE_FAILURE;
}

bool
throttle_suspects(struct throttle *t, const char *peer)
{
	return grade_ms(count_of_peer(t, peer)) > 0;
}

uint32_t
throttle_failed(struct throttle *t, const char *peer, struct str user)
{
	uint64_t address = address_key(t, peer);
	uint64_t account = key_of(t, KIND_ACCOUNT, user);
	uint64_t now_ms = clock_ms();
	uint32_t ms;

	if (user.n == 0)
		return throttle_offended(t, peer);
	lock_take(&t->lock);
	count_add(t, address, now_ms);
	count_add(t, account, now_ms);
	ms = delay_ms(
	    count_of(t, address, now_ms), count_of(t, account, now_ms));
	lock_release(&t->lock);
	return ms;
}

uint32_t
throttle_offended(struct throttle *t, const char *peer)
{
	uint64_t address = address_key(t, peer);
	uint64_t now_ms = clock_ms();
	uint32_t ms;

	lock_take(&t->lock);
	count_add(t, address, now_ms);
	ms = grade_ms(count_of(t, address, now_ms));
	lock_release(&t->lock);
	return ms;
}

uint32_t
throttle_succeeded(struct throttle *t, const char *peer, struct str user)
{
	uint64_t address = address_key(t, peer);
	uint64_t account = key_of(t, KIND_ACCOUNT, user);
	uint64_t now_ms = clock_ms();
	struct entry *e;
	uint32_t ms;

	lock_take(&t->lock);
	ms = delay_ms(
	    count_of(t, address, now_ms), count_of(t, account, now_ms));
	e = entry_find(t, account);
	if (e != NULL)
		e->count = 0;
	lock_release(&t->lock);
	return ms;
}
