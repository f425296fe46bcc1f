/* SPDX-License-Identifier: MIT
 *
 * A hash map from bytes to pointers.  Keys are views: the map does not copy
 * them, so they must live as long as their entry (usually inside the value).
 * Not safe for several threads; the owner holds its lock.
 */
#ifndef AVOCET_BASE_MAP_H
#define AVOCET_BASE_MAP_H

#include "base/str.h"

struct map_entry {
	struct str key;
	void *value; /* never NULL in a used entry */
	uint64_t hash;
};

struct map {
	struct map_entry *entries;
	size_t size; /* power of two, or 0 */
	size_t count;
};

/* An empty map; allocates nothing. */
void map_init(struct map *m);

/* Free the table; the values are the caller's. */
void map_fini(struct map *m);

/* The value under ${key}, or NULL. */
void *map_get(const struct map *m, struct str key);

/* Put ${value} (not NULL) under ${key}; returns the value replaced or NULL.
 * When a value is replaced, the new key view takes the old one's place. */
void *map_put(struct map *m, struct str key, void *value);

/* Take ${key} out; returns its value or NULL. */
void *map_remove(struct map *m, struct str key);

/* Walk: *at starts at 0; returns the next value or NULL at the end.  The map
 * must not change meanwhile. */
void *map_next(const struct map *m, size_t *at);

#endif
