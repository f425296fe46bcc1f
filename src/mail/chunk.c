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

enum rc
chunk_next(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk)
{
	struct key_space prefix, from, space;
	struct str key, changing, fixed;
	struct store_iter *it;
	struct key_parts parts;
	enum rc rc;

	rc = store_txn_iter(t,
	    key_chunk_prefix(&prefix, KEY_CHUNK_CHANGING, mailbox),
	    key_chunk_changing(&from, mailbox, first), &it);
	if (rc != RC_OK)
		return rc;
	rc = store_iter_next(it, &key, &changing, NULL);
	if (rc != RC_OK)
		goto end_iter;
	rc = RC_CORRUPT;
	if (!key_parse(key, &parts))
		goto end_iter;
	rc = of_other_part(store_txn_get(
	    t, key_chunk_fixed(&space, mailbox, parts.first), &fixed));
	if (rc == RC_OK)
		rc = unpack(fixed, changing, parts.first, ret_chunk);
end_iter:
	store_iter_end(it);
	return rc;
}

void
chunk_put_changing(struct store_txn *t, uint32_t mailbox, const struct chunk *c)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, CHUNK_CHANGING_BYTES_MAX);
	chunk_changing_pack(&value, c->changing, c->count);
	assert(!value.overflowed);
	store_txn_put(
	    t, key_chunk_changing(&space, mailbox, c->first), buf_str(&value));
	buf_fini(&value);
}
