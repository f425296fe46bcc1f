/* SPDX-License-Identifier: MIT
 *
 * Whole chunks.
 */
#include "mail/chunk.h"

#include <assert.h>

static enum rc
unpack(struct str fixed, struct str changing, uint32_t first,
    struct chunk *ret_chunk)
{
	unsigned fixed_count, changing_count;

	if (!chunk_fixed_unpack(fixed, ret_chunk->fixed, &fixed_count) ||
	    !chunk_changing_unpack(
		changing, ret_chunk->changing, &changing_count) ||
	    fixed_count != changing_count || ret_chunk->fixed[0].uid < first)
		return RC_CORRUPT;
	ret_chunk->first = first;
	ret_chunk->count = fixed_count;
	return RC_OK;
}

/* One part without the other is damage. */
static enum rc
of_other_part(enum rc rc)
{
	return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
}

uint32_t
chunk_least_first(uint32_t uid)
{
	return uid >= CHUNK_MESSAGES_MAX ? uid - CHUNK_MESSAGES_MAX + 1 : 1;
}

enum rc
chunk_read(struct store_read *r, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk)
{
	struct key_space space;
	struct str fixed, changing;
	enum rc rc;

	rc = store_get(r, key_chunk_fixed(&space, mailbox, first), &fixed);
	if (rc != RC_OK)
		return rc;
	rc =
	    store_get(r, key_chunk_changing(&space, mailbox, first), &changing);
	if (rc != RC_OK)
		return of_other_part(rc);
	return unpack(fixed, changing, first, ret_chunk);
}

/* Where a walk over chunks stands. */
struct found {
	uint32_t first;
	struct str changing;
};

static enum rc
begin_walk(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct store_iter **ret_iter)
{
	struct key_space prefix, from;

	return store_txn_iter(t,
	    key_chunk_prefix(&prefix, KEY_CHUNK_CHANGING, mailbox),
	    key_chunk_changing(&from, mailbox, first), ret_iter);
}

static enum rc
walk(struct store_iter *it, struct found *ret_found)
{
	struct key_parts parts;
	struct str key, changing;
	enum rc rc = store_iter_next(it, &key, &changing, NULL);

	if (rc != RC_OK)
		return rc;
	if (!key_parse(key, &parts))
		return RC_CORRUPT;
	*ret_found = (struct found){ parts.first, changing };
	return RC_OK;
}

static enum rc
read_found(struct store_txn *t, uint32_t mailbox, const struct found *found,
    struct chunk *ret_chunk)
{
	struct key_space space;
	struct str fixed;
	enum rc rc = store_txn_get(
	    t, key_chunk_fixed(&space, mailbox, found->first), &fixed);

	if (rc != RC_OK)
		return of_other_part(rc);
	return unpack(fixed, found->changing, found->first, ret_chunk);
}

enum rc
chunk_next(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk)
{
	struct store_iter *it;
	struct found found;
	enum rc rc = begin_walk(t, mailbox, first, &it);

	if (rc != RC_OK)
		return rc;
	rc = walk(it, &found);
	if (rc == RC_OK)
		rc = read_found(t, mailbox, &found, ret_chunk);
	store_iter_end(it);
	return rc;
}

enum rc
chunk_last(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk)
{
	struct found found = { 0 };
	struct store_iter *it;
	enum rc rc = begin_walk(t, mailbox, first, &it);

	if (rc != RC_OK)
		return rc;
	do {
		rc = walk(it, &found);
	} while (rc == RC_OK);
	/* No chunk has 0 for its key. */
	if (rc == RC_NOTFOUND && found.first > 0)
		rc = read_found(t, mailbox, &found, ret_chunk);
	store_iter_end(it);
	return rc;
}

void
chunk_put_changing(struct store_txn *t, uint32_t mailbox, const struct chunk *c)
{
	struct key_space space;
	char room[CHUNK_CHANGING_BYTES_MAX];
	struct buf value;

	buf_init_room(&value, sizeof(room), room, sizeof(room));
	chunk_changing_pack(&value, c->changing, c->count);
	assert(!value.overflowed);
	store_txn_put(
	    t, key_chunk_changing(&space, mailbox, c->first), buf_str(&value));
	buf_fini(&value);
}
