/* SPDX-License-Identifier: MIT
 *
 * DELETE (RFC 9051 section 6.3.5).  The name goes at once; the record and the
 * messages stay, marked, until the retention time ends.
 */
#include "base/clock.h"
#include "mail/mail_internal.h"

struct delete
{
	struct str name;
	int64_t now;
};

/* Nothing that could be wanted back is in it, nor what takes time to remove. */
static void
forget(struct change *c, const struct mailbox_record *m)
{
	struct key_space space;

	store_txn_delete(c->txn, key_keywords(&space, m->id));
	store_txn_delete(c->txn, key_mailbox(&space, m->id));
}

static void
mark_deleted(struct change *c, struct mailbox_record *m)
{
	m->deleted = c->now;
	if (c->account.purge_from == 0 || c->now < c->account.purge_from)
		c->account.purge_from = c->now;
	change_put_mailbox(c, m);
}

/* Did an import bring something into it? */
static enum rc
find_marks(struct change *c, uint32_t mailbox, bool *ret_found)
{
	struct key_space space;
	struct str prefix = key_chunk_prefix(&space, KEY_BROUGHT, mailbox);
	struct str key, value;
	struct store_iter *it;
	enum rc rc = store_txn_iter(c->txn, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	rc = store_iter_next(it, &key, &value, NULL);
	store_iter_end(it);
	*ret_found = rc == RC_OK;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
delete_mailbox(struct change *c, struct str name)
{
	struct mailbox_record m;
	struct key_space space;
	bool has_marks;
	uint32_t id;
	enum rc rc = change_name(c, name, &id);

	if (rc == RC_OK)
		rc = change_mailbox(c, id, &m);
	if (rc == RC_OK)
		rc = mailbox_freed_note(c, name, m.uidvalidity);
	if (rc == RC_OK)
		rc = find_marks(c, id, &has_marks);
	if (rc != RC_OK)
		return rc;
	store_txn_delete(c->txn, key_name(&space, name));
	c->account.mailboxes--;
	c->account.messages -= m.messages;
	c->account.size -= m.size;
	c->dirty = true;
	if (m.messages == 0 && m.expunged == 0 && !has_marks)
		forget(c, &m);
	else
		mark_deleted(c, &m);
	return RC_OK;
}

static enum rc
delete_change(struct store_txn *t, void *arg)
{
	struct delete *r = arg;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	store_txn_relieve(t);
	if (rc == RC_OK)
		rc = delete_mailbox(&c, r->name);
	if (rc == RC_OK)
		change_end(&c);
	return rc;
}

enum rc
mailbox_delete(struct mail *m, uint64_t account, struct str name)
{
	struct delete r = { .now = clock_wall() };
	struct buf normal;
	enum rc rc = RC_NOTFOUND;

	buf_init(&normal, 8 * MAILBOX_NAME_BYTES_MAX);
	if (mailbox_name_normal(name, &normal)) {
		r.name = buf_str(&normal);
		rc = str_eq(r.name, STR("INBOX"))
			 ? RC_REFUSED
			 : store_update(m->store, account, delete_change, &r);
	}
	buf_fini(&normal);
	return rc;
}
