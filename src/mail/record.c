/* SPDX-License-Identifier: MIT
 *
 * Reading records, outside a change and within one.
 */
#include "mail/mail_internal.h"

enum rc
record_count(struct store_txn *t, struct str prefix, size_t *ret_count)
{
	struct store_iter *it;
	struct str key, value;
	size_t count = 0;
	enum rc rc = store_txn_iter(t, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK)
		count++;
	store_iter_end(it);
	if (rc != RC_NOTFOUND)
		return rc;
	*ret_count = count;
	return RC_OK;
}

/* Where from: one of the two. */
struct source {
	struct store_read *read;
	struct store_txn *txn;
};

static struct source
reader(struct store_read *r)
{
	return (struct source){ .read = r };
}

static struct source
writer(struct store_txn *t)
{
	return (struct source){ .txn = t };
}

static enum rc
get(struct source from, struct str key, struct str *ret_value)
{
	return from.txn != NULL ? store_txn_get(from.txn, key, ret_value)
				: store_get(from.read, key, ret_value);
}

/* -- accounts ------------------------------------------------------------- */

static enum rc
get_account(struct source from, struct account_record *ret_account)
{
	struct account_record account;
	struct key_space space;
	struct str value;
	enum rc rc = get(from, key_account(&space), &value);

	if (rc != RC_OK)
		return rc;
	if (!account_record_unpack(value, &account))
		return RC_CORRUPT;
	if (account.deleted)
		return RC_NOTFOUND;
	*ret_account = account;
	return RC_OK;
}

enum rc
record_account(struct store_read *r, struct account_record *ret_account)
{
	return get_account(reader(r), ret_account);
}

enum rc
change_account(struct store_txn *t, struct account_record *ret_account)
{
	return get_account(writer(t), ret_account);
}

enum rc
record_login(
    struct store_read *r, struct str folded, struct login_record *ret_login)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_login(&space, folded), &value);

	if (rc == RC_OK && !login_record_unpack(value, ret_login))
		return RC_CORRUPT;
	return rc;
}

/* -- mailboxes ------------------------------------------------------------ */

static enum rc
get_mailbox(struct source from, uint32_t id, bool deleted,
    struct mailbox_record *ret_mailbox)
{
	struct mailbox_record mailbox = { .id = id };
	struct key_space space;
	struct str value;
	enum rc rc = get(from, key_mailbox(&space, id), &value);

	if (rc != RC_OK)
		return rc;
	if (!mailbox_record_unpack(value, &mailbox))
		return RC_CORRUPT;
	if (mailbox.deleted != 0 && !deleted)
		return RC_NOTFOUND;
	*ret_mailbox = mailbox;
	return RC_OK;
}

enum rc
record_mailbox(
    struct store_read *r, uint32_t id, struct mailbox_record *ret_mailbox)
{
	return get_mailbox(reader(r), id, false, ret_mailbox);
}

enum rc
record_any_mailbox(
    struct store_read *r, uint32_t id, struct mailbox_record *ret_mailbox)
{
	return get_mailbox(reader(r), id, true, ret_mailbox);
}

enum rc
change_mailbox(
    struct change *c, uint32_t id, struct mailbox_record *ret_mailbox)
{
	return get_mailbox(writer(c->txn), id, false, ret_mailbox);
}

enum rc
change_any_mailbox(
    struct change *c, uint32_t id, struct mailbox_record *ret_mailbox)
{
	return get_mailbox(writer(c->txn), id, true, ret_mailbox);
}

enum rc
record_mailbox_ids(struct store_read *r,
    bool (*wanted)(const struct mailbox_record *m, int64_t moment),
    int64_t moment, struct mailbox_ids *ids)
{
	struct mailbox_record m = { 0 };
	struct store_iter *it;
	struct key_parts parts;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_MAILBOX);
	struct str key, value;
	enum rc rc = store_iter_begin(r, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (!key_parse(key, &parts) ||
		    !mailbox_record_unpack(value, &m)) {
			rc = RC_CORRUPT;
			break;
		}
		if (wanted(&m, moment))
			vec_push(&ids->v, parts.mailbox);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
get_name(struct source from, struct str name, uint32_t *ret_id)
{
	struct key_space space;
	struct str value;
	enum rc rc;

	if (name.n == 0 || name.n > MAILBOX_NAME_BYTES_MAX)
		return RC_NOTFOUND;
	rc = get(from, key_name(&space, name), &value);
	if (rc != RC_OK)
		return rc;
	return name_record_unpack(value, ret_id) ? RC_OK : RC_CORRUPT;
}

enum rc
record_name(struct store_read *r, struct str name, uint32_t *ret_id)
{
	return get_name(reader(r), name, ret_id);
}

enum rc
change_name(struct change *c, struct str name, uint32_t *ret_id)
{
	return get_name(writer(c->txn), name, ret_id);
}

/* -- emails --------------------------------------------------------------- */

static enum rc
get_references(struct source from, uint64_t email, uint32_t *ret_references)
{
	struct key_space space;
	struct str value;
	enum rc rc = get(from, key_references(&space, email), &value);

	if (rc == RC_NOTFOUND) {
		*ret_references = 1;
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	return references_record_unpack(value, ret_references) ? RC_OK
							       : RC_CORRUPT;
}

enum rc
record_references(
    struct store_read *r, uint64_t email, uint32_t *ret_references)
{
	return get_references(reader(r), email, ret_references);
}

enum rc
change_references(struct change *c, uint64_t email, uint32_t *ret_references)
{
	return get_references(writer(c->txn), email, ret_references);
}
