/* SPDX-License-Identifier: MIT
 *
 * Looking at mailboxes: one, all, and what is subscribed.
 */
#include "base/vec.h"
#include "mail/mail_internal.h"

/* Is ${name} subscribed?  RC_CORRUPT, RC_IO. */
static enum rc
read_subscribed(struct store_read *r, struct str name, bool *ret_subscribed)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_subscription(&space, name), &value);

	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	*ret_subscribed = rc == RC_OK;
	return RC_OK;
}

/* A look at an account; what it finds is copied to the arena. */
struct look {
	struct mail *mail;
	uint64_t account;
	struct store_read *read;
	struct arena *arena;
};

/* All of a mailbox. */
static enum rc
read_info(const struct look *l, uint32_t id, struct mailbox_info *ret_info)
{
	struct mailbox_record m;
	struct mailbox_info info;
	uint32_t recent;
	enum rc rc = record_mailbox(l->read, id, &m);

	if (rc == RC_OK)
		rc = recent_count(l->mail, l->account, l->read, &m, &recent);
	if (rc != RC_OK)
		return rc;
	info = (struct mailbox_info){
		.id = id,
		.name = arena_str(l->arena, m.name),
		.uidvalidity = m.uidvalidity,
		.uidnext = m.uidnext,
		.messages = m.messages,
		.unseen = m.unseen,
		.deleted = m.marked,
		.recent = recent,
		.size = m.size,
		.deleted_size = m.marked_size,
		.highestmodseq = m.highestmodseq,
		.use = m.use,
	};
	if (info.name.p == NULL)
		return RC_LIMIT;
	rc = read_subscribed(l->read, m.name, &info.subscribed);
	if (rc == RC_OK)
		*ret_info = info;
	return rc;
}

/* Is the account there, and not on its way out? */
static enum rc
begin(struct mail *m, uint64_t account, struct store_read **ret_read)
{
	struct account_record record;
	struct store_read *r;
	enum rc rc = store_read_begin(m->store, account, &r);

	if (rc != RC_OK)
		return rc;
	rc = record_account(r, &record);
	if (rc != RC_OK) {
		store_read_end(r);
		return rc;
	}
	*ret_read = r;
	return RC_OK;
}

enum rc
mailbox_find(struct mail *m, uint64_t account, struct str name, struct arena *a,
    struct mailbox_info *ret_info)
{
	struct look l = { .mail = m, .account = account, .arena = a };
	struct buf normal;
	uint32_t id;
	enum rc rc = begin(m, account, &l.read);

	if (rc != RC_OK)
		return rc;
	buf_init(&normal, 8 * MAILBOX_NAME_BYTES_MAX);
	rc = mailbox_name_normal(name, &normal)
		 ? record_name(l.read, buf_str(&normal), &id)
		 : RC_NOTFOUND;
	if (rc == RC_OK)
		rc = read_info(&l, id, ret_info);
	buf_fini(&normal);
	store_read_end(l.read);
	return rc;
}

struct listing {
	VEC(struct mailbox_info) infos;
};

static enum rc
list_all(const struct look *l, struct listing *list)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_NAME);
	struct str key, value;
	enum rc rc = store_iter_begin(l->read, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		struct mailbox_info info;
		uint32_t id;

		if (!name_record_unpack(value, &id))
			rc = RC_CORRUPT;
		else
			rc = read_info(l, id, &info);
		/* The end is RC_NOTFOUND; a name without mailbox is not it. */
		if (rc != RC_OK)
			rc = rc == RC_NOTFOUND ? RC_CORRUPT : rc;
		if (rc != RC_OK)
			break;
		vec_push(&list->infos, info);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
inbox_first(struct mailbox_info *infos, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct mailbox_info inbox = infos[i];

		if (!str_eq(inbox.name, STR("INBOX")))
			continue;
		memmove(infos + 1, infos, i * sizeof(*infos));
		infos[0] = inbox;
		return;
	}
}

enum rc
mailbox_list(struct mail *m, uint64_t account, struct arena *a,
    struct mailbox_info **ret_infos, size_t *ret_count)
{
	struct listing list = { 0 };
	struct look l = { .mail = m, .account = account, .arena = a };
	struct mailbox_info *infos;
	enum rc rc = begin(m, account, &l.read);

	if (rc != RC_OK)
		return rc;
	rc = list_all(&l, &list);
	store_read_end(l.read);
	infos = arena_copy(a, list.infos.v, list.infos.n, sizeof(*infos));
	if (rc == RC_OK && infos == NULL)
		rc = RC_LIMIT;
	if (rc == RC_OK) {
		inbox_first(infos, list.infos.n);
		*ret_infos = infos;
		*ret_count = list.infos.n;
	}
	vec_fini(&list.infos);
	return rc;
}

struct names {
	VEC(struct str) v;
};

static enum rc
list_subscriptions(struct store_read *r, struct arena *a, struct names *names)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_SUBSCRIPTION);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		struct str name = arena_str(a, str_skip(key, 1));

		if (name.p == NULL) {
			rc = RC_LIMIT;
			break;
		}
		vec_push(&names->v, name);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

enum rc
mailbox_subscriptions(struct mail *m, uint64_t account, struct arena *a,
    struct str **ret_names, size_t *ret_count)
{
	struct names names = { 0 };
	struct store_read *r;
	struct str *copy;
	enum rc rc = begin(m, account, &r);

	if (rc != RC_OK)
		return rc;
	rc = list_subscriptions(r, a, &names);
	store_read_end(r);
	copy = arena_copy(a, names.v.v, names.v.n, sizeof(*copy));
	if (rc == RC_OK && copy == NULL)
		rc = RC_LIMIT;
	if (rc == RC_OK) {
		*ret_names = copy;
		*ret_count = names.v.n;
	}
	vec_fini(&names.v);
	return rc;
}
