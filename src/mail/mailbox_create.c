/* SPDX-License-Identifier: MIT
 *
 * CREATE (RFC 9051 section 6.3.4, special uses by RFC 6154 section 3).
 */
#include "base/clock.h"
#include "mail/import.h"
#include "mail/mail_internal.h"

/* May a mailbox be given ${use}: has no other one it?  RC_CONFLICT. */
static enum rc
check_use(struct change *c, enum special_use use)
{
	struct mailbox_record other = { 0 };
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_MAILBOX);
	struct str key, value;
	enum rc rc;

	if (use == SPECIAL_NONE)
		return RC_OK;
	rc = store_txn_iter(c->txn, prefix, prefix, &it);
	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (!mailbox_record_unpack(value, &other))
			rc = RC_CORRUPT;
		else if (other.deleted == 0 && other.use == use)
			rc = RC_CONFLICT;
		if (rc != RC_OK)
			break;
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
put_name(struct change *c, struct str name, uint32_t id)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, NAME_RECORD_BYTES);
	name_record_pack(&value, id);
	store_txn_put(c->txn, key_name(&space, name), buf_str(&value));
	buf_fini(&value);
}

enum rc
mailbox_make(struct change *c, struct str name, enum special_use use,
    struct mailbox_record *ret_mailbox)
{
	struct mailbox_record m = { .name = name,
		.uidnext = 1,
		.use = use,
		.recent_uid = 1,
		.created = c->now };
	enum rc rc = change_name(c, name, &m.id);

	if (rc != RC_NOTFOUND)
		return rc == RC_OK ? RC_EXISTS : rc;
	if (c->account.mailboxes >= MAILBOXES_MAX)
		return RC_LIMIT;
	rc = check_use(c, use);
	if (rc == RC_OK)
		rc = change_mailbox_id(c, &m.id);
	if (rc == RC_OK)
		rc = change_uidvalidity(c, &m.uidvalidity);
	if (rc != RC_OK)
		return rc;
	m.highestmodseq = change_modseq(c);
	c->account.mailboxes++;
	change_put_mailbox(c, &m);
	put_name(c, name, m.id);
	*ret_mailbox = m;
	return RC_OK;
}

enum rc
mailbox_make_superiors(struct change *c, struct str name)
{
	struct mailbox_record made;
	size_t at = 0;

	for (;;) {
		enum rc rc;

		at += str_find(str_skip(name, at), '/');
		if (at >= name.n)
			return RC_OK;
		rc = mailbox_make(c, str_head(name, at), SPECIAL_NONE, &made);
		if (rc != RC_OK && rc != RC_EXISTS)
			return rc;
		at++;
	}
}

struct create {
	struct str name;
	enum special_use use;
	uint32_t uidvalidity; /* that it had elsewhere; 0: the next */
	int64_t now;
	uint32_t id; /* result */
};

/* Take away a mailbox that never had a message, and give its special use. */
static enum rc
give_way(struct change *c, struct str name, enum special_use *use)
{
	struct mailbox_record old;
	struct key_space space;
	uint32_t id;
	enum rc rc = change_name(c, name, &id);

	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_OK : rc;
	rc = change_mailbox(c, id, &old);
	if (rc != RC_OK)
		return rc;
	if (old.uidnext > 1)
		return RC_EXISTS;
	if (*use == SPECIAL_NONE)
		*use = old.use;
	store_txn_delete(c->txn, key_name(&space, name));
	store_txn_delete(c->txn, key_keywords(&space, id));
	store_txn_delete(c->txn, key_mailbox(&space, id));
	c->account.mailboxes--;
	c->dirty = true;
	return RC_OK;
}

/* Give the mailbox, just made, a UIDVALIDITY from elsewhere. */
static enum rc
set_uidvalidity(
    struct change *c, struct mailbox_record *made, uint32_t uidvalidity)
{
	bool allowed;
	enum rc rc = mailbox_freed_allows(c, made->name, uidvalidity, &allowed);

	if (rc != RC_OK)
		return rc;
	if (!allowed || uidvalidity >= c->account.uidvalidity_next)
		return RC_CONFLICT;
	made->uidvalidity = uidvalidity;
	change_put_mailbox(c, made);
	return RC_OK;
}

static enum rc
create_change(struct store_txn *t, void *arg)
{
	struct create *r = arg;
	enum special_use use = r->use;
	struct mailbox_record made;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK && r->uidvalidity != 0)
		rc = give_way(&c, r->name, &use);
	if (rc == RC_OK)
		rc = mailbox_make_superiors(&c, r->name);
	if (rc == RC_OK)
		rc = mailbox_make(&c, r->name, use, &made);
	if (rc == RC_OK && r->uidvalidity != 0)
		rc = set_uidvalidity(&c, &made, r->uidvalidity);
	if (rc != RC_OK)
		return rc;
	r->id = made.id;
	change_end(&c);
	return RC_OK;
}

static enum rc
create(struct mail *m, uint64_t account, struct str name, enum special_use use,
    uint32_t uidvalidity, uint32_t *ret_id)
{
	struct create r = {
		.use = use, .uidvalidity = uidvalidity, .now = clock_wall()
	};
	struct buf normal;
	const char *why;
	enum rc rc = RC_INVALID;

	buf_init(&normal, 8 * MAILBOX_NAME_BYTES_MAX);
	if (use < SPECIAL_COUNT && mailbox_name_valid(name, &why) &&
	    mailbox_name_normal(name, &normal)) {
		r.name = buf_str(&normal);
		rc = store_update(m->store, account, create_change, &r);
	}
	buf_fini(&normal);
	if (rc == RC_OK)
		*ret_id = r.id;
	return rc;
}

enum rc
mailbox_create(struct mail *m, uint64_t account, struct str name,
    enum special_use use, uint32_t *ret_id)
{
	return create(m, account, name, use, 0, ret_id);
}

enum rc
mailbox_create_as(struct mail *m, uint64_t account, struct str name,
    enum special_use use, uint32_t uidvalidity, uint32_t *ret_id)
{
	if (uidvalidity == 0)
		return RC_CONFLICT;
	return create(m, account, name, use, uidvalidity, ret_id);
}
