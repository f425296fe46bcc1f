/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear probing and backward-shift deletion: no
 * tombstones, so a map that empties again is as fast as a new one.
 */
#include "base/map.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/mem.h"

#define MAP_FIRST_SIZE 16

void
map_init(struct map *m)
{
	*m = (struct map){ 0 };
}

void
map_fini(struct map *m)
{
	mem_free(m->entries);
	map_init(m);
}

static uint64_t
hash_key(struct str key)
{
	return XXH3_64bits(key.n > 0 ? key.p : "", key.n);
}

/* The slot that holds ${key}, or the empty one where it would go. */
static size_t
find_slot(const struct map *m, struct str key, uint64_t hash)
{
	size_t at = (size_t)hash & (m->size - 1);

	while (m->entries[at].value != NULL) {
		if (m->entries[at].hash == hash &&
		    str_eq(m->entries[at].key, key))
			break;
		at = (at + 1) & (m->size - 1);
	}
	return at;
}

void *
map_get(const struct map *m, struct str key)
{
	if (m->count == 0)
		return NULL;
	return m->entries[find_slot(m, key, hash_key(key))].value;
}

static void
grow(struct map *m)
{
	struct map bigger = { 0 };

	bigger.size = m->size > 0 ? m->size * 2 : MAP_FIRST_SIZE;
	bigger.entries = mem_array(bigger.size, sizeof(*bigger.entries));
	bigger.count = m->count;
	for (size_t i = 0; i < m->size; i++) {
		struct map_entry *e = &m->entries[i];

		if (e->value != NULL)
			bigger.entries[find_slot(&bigger, e->key, e->hash)] =
			    *e;
	}
	mem_free(m->entries);
	*m = bigger;
}

void *
map_put(struct map *m, struct str key, void *value)
{
	uint64_t hash = hash_key(key);
	void *old;
	size_t at;

	assert(value != NULL);
	if (m->count >= m->size / 4 * 3)
		grow(m);
	at = find_slot(m, key, hash);
	old = m->entries[at].value;
	m->entries[at] = (struct map_entry){ key, value, hash };
	if (old == NULL)
		m->count++;
	return old;
}

/* Close the gap at ${at}: move back each following entry that may stand
 * there. */
static void
close_gap(struct map *m, size_t at)
{
	size_t mask = m->size - 1;
	size_t next = at;

	for (;;) {
		size_t home;

		next = (next + 1) & mask;
		if (m->entries[next].value == NULL)
			break;
		home = (size_t)m->entries[next].hash & mask;
		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		m->entries[at] = m->entries[next];
		at = next;
	}
	m->entries[at] = (struct map_entry){ 0 };
}

void *
map_remove(struct map *m, struct str key)
{
	size_t at;
	void *old;

	if (m->count == 0)
		return NULL;
	at = find_slot(m, key, hash_key(key));
	old = m->entries[at].value;
	if (old == NULL)
		return NULL;
	close_gap(m, at);
	m->count--;
	return old;
}

void *
map_next(const struct map *m, size_t *at)
{
	while (*at < m->size) {
		void *value = m->entries[(*at)++].value;

		if (value != NULL)
			return value;
	}
	return NULL;
}
