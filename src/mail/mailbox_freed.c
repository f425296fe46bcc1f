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
load(struct change *c)
{
	struct key_space space;
	struct str value;
	enum rc rc = RC_OK;

	if (c->freed_loaded)
		return RC_OK;
	rc = store_txn_get(c->txn, key_freed(&space), &value);
	if (rc == RC_OK && !freed_record_unpack(value, c->freed))
		rc = RC_CORRUPT;
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	/* Without a record, the slots are 0 as the change began. */
	c->freed_loaded = true;
	return RC_OK;
}

enum rc
mailbox_freed_note(struct change *c, struct str name, uint32_t uidvalidity)
{
	enum rc rc = load(c);

	if (rc != RC_OK || c->freed[slot_of(name)] >= uidvalidity)
		return rc;
	c->freed[slot_of(name)] = uidvalidity;
	c->freed_dirty = true;
	return RC_OK;
}

enum rc
mailbox_freed_allows(
    struct change *c, struct str name, uint32_t uidvalidity, bool *ret_allows)
{
	enum rc rc = load(c);

	if (rc == RC_OK)
		*ret_allows = uidvalidity > c->freed[slot_of(name)];
	return rc;
}

void
mailbox_freed_forget(struct change *c)
{
	for (size_t i = 0; i < FREED_SLOTS; i++)
		c->freed[i] = c->account.uidvalidity_next - 1;
	c->freed_loaded = true;
	c->freed_dirty = true;
}

void
mailbox_freed_end(struct change *c)
{
	struct key_space space;
	struct buf value;

	if (!c->freed_dirty)
		return;
	buf_init(&value, FREED_RECORD_BYTES);
	freed_record_pack(&value, c->freed);
	assert(!value.overflowed);
	store_txn_put(c->txn, key_freed(&space), buf_str(&value));
	buf_fini(&value);
	c->freed_dirty = false;
}
