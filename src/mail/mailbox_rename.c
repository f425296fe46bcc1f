/* SPDX-License-Identifier: MIT
 *
 * RENAME (RFC 9051 section 6.3.6): all mailboxes from a name down, in one
 * change.  First all old names go, then the new ones come, so that a new name
 * may be one that another of them just gave up.
 */
#include "base/clock.h"
#include "base/vec.h"
#include "mail/mail_internal.h"

struct rename {
	struct str from;
	struct str to;
	int64_t now;
};

/* The mailboxes to rename.  Ids, not views, since names are read anew. */
struct renamed {
	VEC(uint32_t) ids;
};

static bool
is_below(struct str name, struct str superior)
{
	return name.n > superior.n && str_begins(name, superior) &&
	       name.p[superior.n] == '/';
}

/* All mailboxes with names that begin with ${from}, and then those that are it
 * or lie below it. */
static enum rc
gather(struct change *c, struct str from, struct renamed *list)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_name(&space, from);
	struct str key, value;
	enum rc rc = store_txn_iter(c->txn, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		struct str name = str_skip(key, 1);
		uint32_t id;

		if (!str_eq(name, from) && !is_below(name, from))
			continue;
		if (!name_record_unpack(value, &id)) {
			rc = RC_CORRUPT;
			break;
		}
		vec_push(&list->ids, id);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
give_up_name(struct change *c, uint32_t id)
{
	struct mailbox_record m;
	struct key_space space;
	enum rc rc = change_mailbox(c, id, &m);

	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
	store_txn_delete(c->txn, key_name(&space, m.name));
	return mailbox_freed_note(c, m.name, m.uidvalidity);
}

/* Give ${m} the name ${name}, and a new UIDVALIDITY if that has had one as
 * great as the mailbox's. */
static enum rc
take_name(struct change *c, struct mailbox_record *m, struct str name)
{
	struct key_space space;
	struct buf value;
	uint32_t other;
	bool allowed;
	enum rc rc = change_name(c, name, &other);

	if (rc != RC_NOTFOUND)
		return rc == RC_OK ? RC_EXISTS : rc;
	rc = mailbox_freed_allows(c, name, m->uidvalidity, &allowed);
	if (rc == RC_OK && !allowed)
		rc = change_uidvalidity(c, &m->uidvalidity);
	if (rc != RC_OK)
		return rc;
	m->name = name;
	change_put_mailbox(c, m);
	buf_init(&value, NAME_RECORD_BYTES);
	name_record_pack(&value, m->id);
	store_txn_put(c->txn, key_name(&space, name), buf_str(&value));
	buf_fini(&value);
	return RC_OK;
}

static enum rc
rename_one(struct change *c, uint32_t id, const struct rename *r)
{
	struct mailbox_record m;
	struct buf name;
	const char *why;
	enum rc rc = change_mailbox(c, id, &m);

	if (rc != RC_OK)
		return rc;
	buf_init(&name, 2 * MAILBOX_NAME_BYTES_MAX);
	buf_add_str(&name, r->to);
	buf_add_str(&name, str_skip(m.name, r->from.n));
	if (name.n > MAILBOX_NAME_BYTES_MAX ||
	    !mailbox_name_valid(buf_str(&name), &why))
		rc = RC_LIMIT;
	else
		rc = take_name(c, &m, buf_str(&name));
	buf_fini(&name);
	return rc;
}

static enum rc
rename_all(struct change *c, const struct rename *r, const struct renamed *list)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < list->ids.n && rc == RC_OK; i++)
		rc = give_up_name(c, list->ids.v[i]);
	for (size_t i = 0; i < list->ids.n && rc == RC_OK; i++)
		rc = rename_one(c, list->ids.v[i], r);
	if (rc == RC_OK)
		rc = mailbox_make_superiors(c, r->to);
	return rc;
}

static enum rc
rename_tree(struct change *c, const struct rename *r)
{
	struct renamed list = { 0 };
	uint32_t id;
	enum rc rc = change_name(c, r->from, &id);

	if (rc != RC_OK)
		return rc;
	rc = change_name(c, r->to, &id);
	if (rc != RC_NOTFOUND)
		return rc == RC_OK ? RC_EXISTS : rc;
	rc = gather(c, r->from, &list);
	if (rc == RC_OK)
		rc = rename_all(c, r, &list);
	vec_fini(&list.ids);
	return rc;
}

/* INBOX stays, its messages go; inferiors of INBOX are not touched. */
static enum rc
rename_inbox(struct change *c, const struct rename *r)
{
	struct mailbox_record inbox, to;
	uint32_t id;
	enum rc rc = change_name(c, r->from, &id);

	if (rc == RC_OK)
		rc = mailbox_make_superiors(c, r->to);
	if (rc == RC_OK)
		rc = mailbox_make(c, r->to, SPECIAL_NONE, &to);
	if (rc == RC_OK)
		rc = change_mailbox(c, id, &inbox);
	if (rc == RC_OK)
		rc = message_move_all(c, &inbox, &to);
	if (rc != RC_OK)
		return rc;
	change_put_mailbox(c, &inbox);
	change_put_mailbox(c, &to);
	return RC_OK;
}

static enum rc
rename_change(struct store_txn *t, void *arg)
{
	struct rename *r = arg;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK)
		rc = str_eq(r->from, STR("INBOX")) ? rename_inbox(&c, r)
						   : rename_tree(&c, r);
	if (rc == RC_OK)
		change_end(&c);
	return rc;
}

static enum rc
rename_names(struct mail *m, uint64_t account, struct rename *r)
{
	if (is_below(r->to, r->from) && !str_eq(r->from, STR("INBOX")))
		return RC_INVALID;
	return store_update(m->store, account, rename_change, r);
}

enum rc
mailbox_rename(struct mail *m, uint64_t account, struct str from, struct str to)
{
	struct rename r = { .now = clock_wall() };
	struct buf from_normal, to_normal;
	const char *why;
	enum rc rc;

	buf_init(&from_normal, 8 * MAILBOX_NAME_BYTES_MAX);
	buf_init(&to_normal, 8 * MAILBOX_NAME_BYTES_MAX);
	if (!mailbox_name_normal(from, &from_normal)) {
		rc = RC_NOTFOUND;
	} else if (!mailbox_name_valid(to, &why) ||
		   !mailbox_name_normal(to, &to_normal)) {
		rc = RC_INVALID;
	} else {
		r.from = buf_str(&from_normal);
		r.to = buf_str(&to_normal);
		rc = rename_names(m, account, &r);
	}
	buf_fini(&from_normal);
	buf_fini(&to_normal);
	return rc;
}
