/* SPDX-License-Identifier: MIT
 *
 * One change of an account: its record, its mailboxes' records, and how they
 * count messages.  See mail_internal.h.
 */
#include <assert.h>

#include "mail/mail_internal.h"
#include "mail/message.h"

/* The seconds to remember of something that happened now, so that the
 * earliest of all is kept; 0 is "nothing so far". */
static int64_t
earliest(int64_t so_far, int64_t now)
{
	return so_far == 0 || now < so_far ? now : so_far;
}

enum rc
change_begin(struct store_txn *t, int64_t now, struct change *ret_change)
{
	struct change c = { .txn = t, .now = now < 1 ? 1 : now };
	enum rc rc = change_account(t, &c.account);

	if (rc == RC_OK)
		*ret_change = c;
	return rc;
}

void
change_end(struct change *c)
{
	struct key_space space;
	struct buf value;

	mailbox_freed_end(c);
	if (!c->dirty)
		return;
	buf_init(&value, ACCOUNT_RECORD_BYTES_MAX);
	account_record_pack(&value, &c->account);
	assert(!value.overflowed);
	store_txn_put(c->txn, key_account(&space), buf_str(&value));
	buf_fini(&value);
	c->dirty = false;
}

uint64_t
change_modseq(struct change *c)
{
	if (c->modseq == 0) {
		c->modseq = ++c->account.highestmodseq;
		c->dirty = true;
	}
	return c->modseq;
}

enum rc
change_mailbox_id(struct change *c, uint32_t *ret_id)
{
	if (c->account.mailbox_next == UINT32_MAX)
		return RC_LIMIT;
	*ret_id = c->account.mailbox_next++;
	c->dirty = true;
	return RC_OK;
}

/* One counter for all mailboxes: whatever name a mailbox gets, no mailbox has
 * had a greater UIDVALIDITY before. */
enum rc
change_uidvalidity(struct change *c, uint32_t *ret_uidvalidity)
{
	if (c->account.uidvalidity_next == UINT32_MAX)
		return RC_LIMIT;
	*ret_uidvalidity = c->account.uidvalidity_next++;
	c->dirty = true;
	return RC_OK;
}

uint32_t
uidvalidity_of_time(int64_t now)
{
	if (now < 1)
		now = 1;
	return now > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)now;
}

uint64_t
change_email_id(struct change *c)
{
	c->dirty = true;
	return c->account.email_next++;
}

/* -- mailbox records ----------------------------------------------------- */

void
change_put_mailbox(struct change *c, const struct mailbox_record *m)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, MAILBOX_RECORD_BYTES_MAX);
	mailbox_record_pack(&value, m);
	assert(!value.overflowed);
	store_txn_put(c->txn, key_mailbox(&space, m->id), buf_str(&value));
	buf_fini(&value);
}

/* -- counters ------------------------------------------------------------ */

static void
count32(uint32_t *counter, bool counts, bool add)
{
	if (counts)
		*counter += add ? 1 : (uint32_t)-1;
}

void
mailbox_record_count(struct mailbox_record *m, const struct chunk_fixed *fixed,
    unsigned flags, bool add)
{
	bool marked = (flags & FLAG_DELETED) != 0;
	uint64_t size = add ? fixed->size : -(uint64_t)fixed->size;

	count32(&m->messages, true, add);
	count32(&m->unseen, (flags & FLAG_SEEN) == 0, add);
	count32(&m->marked, marked, add);
	count32(&m->recent, fixed->uid >= m->recent_uid, add);
	m->size += size;
	if (marked)
		m->marked_size += size;
}

void
change_added(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned flags)
{
	mailbox_record_count(m, fixed, flags, true);
	c->account.messages++;
	c->account.size += fixed->size;
	m->highestmodseq = change_modseq(c);
	c->dirty = true;
}

void
change_expunged(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned flags)
{
	mailbox_record_count(m, fixed, flags, false);
	m->expunged++;
	m->expunged_from = earliest(m->expunged_from, c->now);
	m->highestmodseq = change_modseq(c);
	c->account.messages--;
	c->account.size -= fixed->size;
	c->account.purge_from = earliest(c->account.purge_from, c->now);
	c->dirty = true;
}

void
change_reflagged(struct change *c, struct mailbox_record *m,
    const struct chunk_fixed *fixed, unsigned old, unsigned flags)
{
	mailbox_record_count(m, fixed, old, false);
	mailbox_record_count(m, fixed, flags, true);
	m->highestmodseq = change_modseq(c);
}

/* -- references ---------------------------------------------------------- */

static void
put_references(struct change *c, uint64_t email, uint32_t count)
{
	struct key_space space;
	struct str key = key_references(&space, email);
	struct buf value;

	if (count == 1) {
		store_txn_delete(c->txn, key);
		return;
	}
	buf_init(&value, REFERENCES_RECORD_BYTES);
	references_record_pack(&value, count);
	store_txn_put(c->txn, key, buf_str(&value));
	buf_fini(&value);
}

enum rc
change_email_ref(struct change *c, uint64_t email)
{
	uint32_t count;
	enum rc rc = change_references(c, email, &count);

	if (rc != RC_OK)
		return rc;
	if (count == UINT32_MAX)
		return RC_LIMIT;
	put_references(c, email, count + 1);
	return RC_OK;
}

enum rc
change_email_unref(struct change *c, uint64_t email)
{
	uint32_t count;
	enum rc rc = change_references(c, email, &count);

	if (rc != RC_OK)
		return rc;
	if (count > 1) {
		put_references(c, email, count - 1);
		return RC_OK;
	}
	email_delete(c->txn, email);
	store_txn_blob_delete(c->txn, email);
	return RC_OK;
}
