/* SPDX-License-Identifier: MIT
 *
 * What has been committed to the log and not yet written to the index: a
 * sorted map from keys to values (or to "deleted") that never changes once it
 * is shared.  A change makes a new map that shares all it can with the old
 * one, so a reader that holds a map sees one moment for as long as it likes.
 *
 * A map is its root; NULL is the empty map.  Nodes and entries are counted by
 * reference and may be let go from any thread.
 */
#ifndef AVOCET_STORE_PENDING_H
#define AVOCET_STORE_PENDING_H

#include "base/str.h"

#include <stdatomic.h>

struct pending;

/* One put or delete. */
struct pending_entry {
	_Atomic uint32_t references;
	uint16_t key_bytes;
	bool deleted;
	uint32_t value_bytes;
	uint64_t seq; /* of the commit */
	char bytes[]; /* the key, then the value */
};

/* A new entry with one reference; copies its bytes. */
struct pending_entry *
pending_entry_new(struct str key, struct str value, bool deleted, uint64_t seq);
void pending_entry_unref(struct pending_entry *e);
struct str pending_key(const struct pending_entry *e);
struct str pending_value(const struct pending_entry *e);

/* One more (one fewer) user of the map.  NULL is fine. */
struct pending *pending_ref(struct pending *root);
void pending_unref(struct pending *root);

/* The map with ${e} in place of what was under its key.  Takes over the
 * caller's reference of ${root}; adds its own to ${e}. */
struct pending *pending_put(struct pending *root, struct pending_entry *e);

/* Bytes of memory that the map takes, as if it shared nothing. */
size_t pending_memory(const struct pending *root);

/* The entry under ${key}, or NULL.  Lives as long as the map is held. */
const struct pending_entry *
pending_get(const struct pending *root, struct str key);

/* The first entry with a key after ${key} (or equal, when ${inclusive}). */
const struct pending_entry *
pending_seek(const struct pending *root, struct str key, bool inclusive);

#endif
