/* SPDX-License-Identifier: MIT
 *
 * Accounts by name: finding, listing, credentials.  Names are kept under
 * SYSTEM_ACCOUNT, which may be in another shard than the account itself.
 */
#include "mail/account.h"

#include "base/limits.h"
#include "mail/mail_internal.h"

/* Copy a login's strings to ${a}. */
static enum rc
copy_info(const struct login_record *login, struct arena *a,
    struct account_info *ret_info)
{
	struct account_info info = {
		.id = login->account,
		.name = arena_str(a, login->name),
		.credentials = arena_str(a, login->credentials),
		.created = login->created,
	};

	if (info.name.p == NULL || info.credentials.p == NULL)
		return RC_LIMIT;
	*ret_info = info;
	return RC_OK;
}

enum rc
account_find_folded(struct store_read *r, struct str folded, struct arena *a,
    struct account_info *ret_info)
{
	struct login_record login;
	enum rc rc = record_login(r, folded, &login);

	return rc == RC_OK ? copy_info(&login, a, ret_info) : rc;
}

enum rc
account_find(struct mail *m, struct str name, struct arena *a,
    struct account_info *ret_info)
{
	struct store_read *r;
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (account_name_fold(name, &folded))
		rc = store_read_begin(m->store, SYSTEM_ACCOUNT, &r);
	if (rc == RC_OK) {
		rc = account_find_folded(r, buf_str(&folded), a, ret_info);
		store_read_end(r);
	}
	buf_fini(&folded);
	return rc;
}

enum rc
account_walk(struct mail *m, enum key_kind kind,
    enum rc (*fn)(void *arg, struct str key, struct str value), void *arg)
{
	struct store_read *r;
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, kind);
	struct str key, value;
	enum rc rc = store_read_begin(m->store, SYSTEM_ACCOUNT, &r);
	enum rc result = RC_OK;

	if (rc != RC_OK)
		return rc;
	rc = store_iter_begin(r, prefix, prefix, &it);
	if (rc == RC_OK) {
		while (result == RC_OK && rc == RC_OK) {
			rc = store_iter_next(it, &key, &value, NULL);
			if (rc == RC_OK)
				result = fn(arg, key, value);
		}
		store_iter_end(it);
	}
	store_read_end(r);
	if (result != RC_OK)
		return result;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

struct listing {
	struct arena *arena;
	VEC(struct account_info) infos;
};

static enum rc
list_one(void *arg, struct str key, struct str value)
{
	struct listing *list = arg;
	struct login_record login;
	struct account_info info;
	enum rc rc;

	(void)key;
	if (!login_record_unpack(value, &login))
		return RC_CORRUPT;
	rc = copy_info(&login, list->arena, &info);
	if (rc == RC_OK)
		vec_push(&list->infos, info);
	return rc;
}

enum rc
account_list(struct mail *m, struct arena *a, struct account_info **ret_infos,
    size_t *ret_count)
{
	struct listing list = { .arena = a };
	struct account_info *infos;
	enum rc rc = account_walk(m, KEY_LOGIN, list_one, &list);

	infos = arena_copy(a, list.infos.v, list.infos.n, sizeof(*infos));
	if (rc == RC_OK && infos == NULL)
		rc = RC_LIMIT;
	if (rc == RC_OK) {
		*ret_infos = infos;
		*ret_count = list.infos.n;
	}
	vec_fini(&list.infos);
	return rc;
}

static enum rc
add_named_id(void *arg, struct str key, struct str value)
{
	struct account_ids *ids = arg;
	struct login_record login;

	(void)key;
	if (!login_record_unpack(value, &login))
		return RC_CORRUPT;
	vec_push(&ids->v, login.account);
	return RC_OK;
}

enum rc
account_all_ids(struct mail *m, struct account_ids *ids)
{
	return account_walk(m, KEY_LOGIN, add_named_id, ids);
}

struct nameless {
	const struct str *folded; /* NULL: any */
	struct account_ids *ids;
};

static enum rc
add_nameless_id(void *arg, struct str key, struct str value)
{
	struct nameless *n = arg;
	struct deleted_login_record record;
	struct key_parts parts;

	if (!key_parse(key, &parts) ||
	    !deleted_login_record_unpack(value, &record))
		return RC_CORRUPT;
	if (n->folded == NULL || str_eq(*n->folded, record.folded))
		vec_push(&n->ids->v, parts.number);
	return RC_OK;
}

enum rc
account_nameless_ids(
    struct mail *m, const struct str *folded, struct account_ids *ids)
{
	struct nameless n = { .folded = folded, .ids = ids };

	return account_walk(m, KEY_DELETED_LOGIN, add_nameless_id, &n);
}

/* -- credentials --------------------------------------------------------- */

struct set {
	struct str folded;
	struct str credentials;
};

static enum rc
set_change(struct store_txn *t, void *arg)
{
	struct set *r = arg;
	struct login_record login;
	struct key_space space;
	struct str key = key_login(&space, r->folded);
	struct str value;
	struct buf packed;
	enum rc rc = store_txn_get(t, key, &value);

	if (rc != RC_OK)
		return rc;
	if (!login_record_unpack(value, &login))
		return RC_CORRUPT;
	login.credentials = r->credentials;
	buf_init(&packed, LOGIN_RECORD_BYTES_MAX);
	login_record_pack(&packed, &login);
	store_txn_put(t, key, buf_str(&packed));
	buf_fini(&packed);
	return RC_OK;
}

enum rc
account_set_credentials(struct mail *m, struct str name, struct str credentials)
{
	struct set r = { .credentials = credentials };
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	if (credentials.n > ACCOUNT_CREDENTIALS_BYTES_MAX)
		return RC_INVALID;
	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (account_name_fold(name, &folded)) {
		r.folded = buf_str(&folded);
		rc = store_update(m->store, SYSTEM_ACCOUNT, set_change, &r);
	}
	buf_fini(&folded);
	return rc;
}
