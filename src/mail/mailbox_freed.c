/* SPDX-License-Identifier: MIT
 *
 * Names that mailboxes gave up, with the UIDVALIDITY they had.  A mailbox that
 * is made gets a UIDVALIDITY above all others, whatever its name; one that is
 * renamed keeps its own unless the new name has had as great a one.
 */
#include <assert.h>

#include "mail/mail_internal.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static size_t
slot_of(struct str name)
{
	return XXH3_64bits(name.p, name.n) % FREED_SLOTS;
}

static enum rc
load(struct change *c, uint32_t slots[FREED_SLOTS])
{
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(c->txn, key_freed(&space), &value);

	if (rc == RC_NOTFOUND) {
		memset(slots, 0, FREED_SLOTS * sizeof(*slots));
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	return freed_record_unpack(value, slots) ? RC_OK : RC_CORRUPT;
}

enum rc
mailbox_freed_note(struct change *c, struct str name, uint32_t uidvalidity)
{
	uint32_t slots[FREED_SLOTS];
	struct key_space space;
	struct buf value;
	enum rc rc = load(c, slots);

	if (rc != RC_OK || slots[slot_of(name)] >= uidvalidity)
		return rc;
	slots[slot_of(name)] = uidvalidity;
	buf_init(&value, FREED_RECORD_BYTES);
	freed_record_pack(&value, slots);
	assert(!value.overflowed);
	store_txn_put(c->txn, key_freed(&space), buf_str(&value));
	buf_fini(&value);
	return RC_OK;
}

enum rc
mailbox_freed_allows(
    struct change *c, struct str name, uint32_t uidvalidity, bool *ret_allows)
{
	uint32_t slots[FREED_SLOTS];
	enum rc rc = load(c, slots);

	if (rc == RC_OK)
		*ret_allows = uidvalidity > slots[slot_of(name)];
	return rc;
}
