/* SPDX-License-Identifier: MIT
 *
 * A table of addresses.  One is in it while it has connections, and until it
 * may make as many as ever; there are never many more than connections and
 * PEERS_KEPT.
 */
#include "net/peers.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#define KEY_BYTES 8
#define MINUTE_MS 60000

struct entry {
	char key[KEY_BYTES];
	unsigned connections;
	/* Of new connections, in 1/MINUTE_MS: what was left when. */
	uint64_t left;
	uint64_t at_ms;
};

struct peers {
	struct peers_limits limits;
	struct lock lock;
	/* Under the lock: */
	struct map entries; /* by key */
	size_t sweep_at;    /* when there are so many, look for idle ones */
};

struct peers *
peers_new(struct peers_limits limits)
{
	struct peers *p = mem_alloc(sizeof(*p));

	p->limits = limits;
	lock_init(&p->lock);
	map_init(&p->entries);
	p->sweep_at = PEERS_KEPT;
	return p;
}

void
peers_free(struct peers *p)
{
	size_t at = 0;
	struct entry *e;

	if (p == NULL)
		return;
	while ((e = map_next(&p->entries, &at)) != NULL)
		mem_free(e);
	map_fini(&p->entries);
	lock_fini(&p->lock);
	mem_free(p);
}

/* False for this machine.  An IPv4 address has zeros behind it, as the network
 * of no IPv6 address that is in use. */
static bool
make_key(const char *peer, char ret_key[KEY_BYTES])
{
	struct in6_addr six;
	struct in_addr four;

	memset(ret_key, 0, KEY_BYTES);
	if (inet_pton(AF_INET, peer, &four) == 1) {
		memcpy(ret_key, &four, sizeof(four));
		return ret_key[0] != 127;
	}
	if (inet_pton(AF_INET6, peer, &six) != 1)
		return false;
	memcpy(ret_key, &six, KEY_BYTES);
	return !IN6_IS_ADDR_LOOPBACK(&six);
}

static struct str
key_of(const struct entry *e)
{
	return (struct str){ .p = e->key, .n = KEY_BYTES };
}

/* What an address may make at once, in the unit of what is left. */
static uint64_t
most(const struct peers *p)
{
	return (uint64_t)p->limits.per_minute * MINUTE_MS;
}

/* Bring what is left up to date. */
static void
refill(const struct peers *p, struct entry *e, uint64_t now_ms)
{
	e->left += (now_ms - e->at_ms) * p->limits.per_minute;
	e->at_ms = now_ms;
	if (e->left > most(p))
		e->left = most(p);
}

/* Forget the address if nothing is to be known of it. */
static void
drop_idle(struct peers *p, struct entry *e, uint64_t now_ms)
{
	refill(p, e, now_ms);
	if (e->connections > 0 || e->left < most(p))
		return;
	(void)map_remove(&p->entries, key_of(e));
	mem_free(e);
}

/* There are many: forget those that have no connections. */
static void
drop_some(struct peers *p)
{
	VEC(struct entry *) idle = { 0 };
	size_t at = 0;
	struct entry *e;

	while ((e = map_next(&p->entries, &at)) != NULL)
		if (e->connections == 0)
			vec_push(&idle, e);
	for (size_t i = 0; i < idle.n; i++) {
		(void)map_remove(&p->entries, key_of(idle.v[i]));
		mem_free(idle.v[i]);
	}
	vec_fini(&idle);
}

static struct entry *
get(struct peers *p, const char key[KEY_BYTES], uint64_t now_ms)
{
	struct entry *e =
	    map_get(&p->entries, (struct str){ .p = key, .n = KEY_BYTES });

	if (e != NULL)
		return e;
	if (p->entries.count >= p->sweep_at) {
		drop_some(p);
		p->sweep_at = 2 * p->entries.count + PEERS_KEPT;
	}
	e = mem_alloc(sizeof(*e));
	memcpy(e->key, key, KEY_BYTES);
	e->left = most(p);
	e->at_ms = now_ms;
	(void)map_put(&p->entries, key_of(e), e);
	return e;
}

bool
peers_enter(struct peers *p, const char *peer)
{
	uint64_t now_ms = clock_ms();
	char key[KEY_BYTES];
	struct entry *e;
	bool allowed;

	if (!make_key(peer, key))
		return true;
	lock_take(&p->lock);
	e = get(p, key, now_ms);
	refill(p, e, now_ms);
	allowed = (p->limits.connections == 0 ||
		      e->connections < p->limits.connections) &&
		  (p->limits.per_minute == 0 || e->left >= MINUTE_MS);
	if (allowed) {
		e->connections++;
		if (p->limits.per_minute > 0)
			e->left -= MINUTE_MS;
	}
	lock_release(&p->lock);
	return allowed;
}

void
peers_leave(struct peers *p, const char *peer)
{
	char key[KEY_BYTES];
	struct entry *e;

	if (!make_key(peer, key))
		return;
	lock_take(&p->lock);
	e = map_get(&p->entries, (struct str){ .p = key, .n = KEY_BYTES });
	assert(e != NULL && e->connections > 0);
	e->connections--;
	drop_idle(p, e, clock_ms());
	lock_release(&p->lock);
}
