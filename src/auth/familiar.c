/* SPDX-License-Identifier: MIT
 *
 * Sets of a few entries, chosen by the account alone.  An entry is a keyed hash
 * of account and network, and when that was last used.
 */
#include "auth/familiar.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <xxhash.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/mem.h"
#include "base/rand.h"

#define SETS		  4096
#define NETWORK_BYTES_MAX 64
#define IPV4_BYTES	  3
#define IPV6_BYTES	  6

struct entry {
	uint64_t key; /* 0: free */
	uint64_t at_ms;
};

struct familiar {
	uint64_t seed;
	struct lock lock;
	struct entry entries[SETS][FAMILIAR_NETWORKS_MAX]; /* under lock */
};

struct familiar *
familiar_new(void)
{
	struct familiar *f = mem_alloc(sizeof(*f));

	f->seed = rand_u64();
	lock_init(&f->lock);
	return f;
}

void
familiar_free(struct familiar *f)
{
	if (f == NULL)
		return;
	lock_fini(&f->lock);
	mem_free(f);
}

/* The bytes of ${peer}'s network; returns how many. */
static size_t
network_of(const char *peer, unsigned char ret_network[NETWORK_BYTES_MAX])
{
	size_t bytes = strnlen(peer, NETWORK_BYTES_MAX);

	_Static_assert(NETWORK_BYTES_MAX >= sizeof(struct in6_addr), "room");
	if (inet_pton(AF_INET, peer, ret_network) == 1)
		return IPV4_BYTES;
	if (inet_pton(AF_INET6, peer, ret_network) == 1)
		return IPV6_BYTES;
	memcpy(ret_network, peer, bytes);
	return bytes;
}

static uint64_t
key_of(const struct familiar *f, uint64_t account, const char *peer)
{
	unsigned char network[NETWORK_BYTES_MAX];
	size_t bytes = network_of(peer, network);
	uint64_t key = XXH3_64bits_withSeed(network, bytes, f->seed + account);

	return key != 0 ? key : 1;
}

static struct entry *
set_of(struct familiar *f, uint64_t account)
{
	uint64_t hash =
	    XXH3_64bits_withSeed(&account, sizeof(account), f->seed);

	return f->entries[hash % SETS];
}

void
familiar_add(struct familiar *f, uint64_t account, const char *peer)
{
	uint64_t key = key_of(f, account, peer);
	struct entry *set = set_of(f, account);
	struct entry *e = &set[0];

	lock_take(&f->lock);
	for (size_t i = 1; i < FAMILIAR_NETWORKS_MAX && e->key != key; i++)
		if (set[i].key == key || set[i].at_ms < e->at_ms)
			e = &set[i];
	*e = (struct entry){ .key = key, .at_ms = clock_ms() };
	lock_release(&f->lock);
}

bool
familiar_has(struct familiar *f, uint64_t account, const char *peer)
{
	uint64_t key = key_of(f, account, peer);
	const struct entry *set = set_of(f, account);
	uint64_t now_ms = clock_ms();
	bool has = false;

	lock_take(&f->lock);
	for (size_t i = 0; i < FAMILIAR_NETWORKS_MAX && !has; i++)
		has = set[i].key == key &&
		      now_ms - set[i].at_ms < FAMILIAR_MS_MAX;
	lock_release(&f->lock);
	return has;
}
