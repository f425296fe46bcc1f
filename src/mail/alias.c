/* SPDX-License-Identifier: MIT
 *
 * Aliases as records under SYSTEM_ACCOUNT: making, removing, listing.
 */
#include "mail/alias.h"

#include "mail/mail_internal.h"

bool
alias_fold(struct str address, struct buf *to)
{
	struct str domain = str_skip(address, 1);
	size_t before = to->n;

	if (!str_begins(address, STR("@")))
		return account_name_fold(address, to);
	buf_add_byte(to, '@');
	if (account_name_fold(domain, to) &&
	    str_find(str_skip(buf_str(to), before + 1), '@') ==
		to->n - before - 1)
		return true;
	buf_truncate(to, before);
	return false;
}

bool
alias_address_valid(struct str address)
{
	struct buf folded;
	bool valid;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	valid = alias_fold(address, &folded);
	buf_fini(&folded);
	return valid;
}

/* -- changing ------------------------------------------------------------- */

struct edit {
	struct str address; /* as given */
	struct str folded;
	struct str account; /* folded; empty: all */
};

static void
put(struct store_txn *t, struct str key, const struct alias_record *r)
{
	struct buf value;

	buf_init(&value, ALIAS_RECORD_BYTES_MAX);
	alias_record_pack(&value, r);
	store_txn_put(t, key, buf_str(&value));
	buf_fini(&value);
}

/* Where ${account} is among those of the alias; their count when nowhere. */
static size_t
place_of(const struct alias_record *r, struct str account)
{
	size_t i = 0;

	while (i < r->count && !str_eq(r->accounts[i], account))
		i++;
	return i;
}

/* Put the alias without the account at ${place}, or delete it. */
static void
put_without(
    struct store_txn *t, struct str key, struct alias_record *r, size_t place)
{
	r->count--;
	memmove(&r->accounts[place], &r->accounts[place + 1],
	    (r->count - place) * sizeof(r->accounts[0]));
	if (r->count == 0)
		store_txn_delete(t, key);
	else
		put(t, key, r);
}

/* RC_CONFLICT, RC_NOTFOUND: the accounts are not as alias_add() needs them. */
static enum rc
check_accounts(struct store_txn *t, const struct edit *e)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(t, key_login(&space, e->folded), &value);

	if (rc == RC_OK)
		return RC_CONFLICT;
	if (rc != RC_NOTFOUND)
		return rc;
	return store_txn_get(t, key_login(&space, e->account), &value);
}

static enum rc
add_change(struct store_txn *t, void *arg)
{
	const struct edit *e = arg;
	struct alias_record r = { .address = e->address };
	struct key_space space;
	struct str value;
	enum rc rc = check_accounts(t, e);

	if (rc != RC_OK)
		return rc;
	rc = store_txn_get(t, key_alias(&space, e->folded), &value);
	if (rc == RC_OK && !alias_record_unpack(value, &r))
		return RC_CORRUPT;
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	if (place_of(&r, e->account) < r.count)
		return RC_EXISTS;
	if (r.count == ALIAS_ACCOUNTS_MAX)
		return RC_LIMIT;
	r.accounts[r.count++] = e->account;
	put(t, key_alias(&space, e->folded), &r);
	return RC_OK;
}

static enum rc
remove_change(struct store_txn *t, void *arg)
{
	const struct edit *e = arg;
	struct alias_record r;
	struct key_space space;
	struct str key = key_alias(&space, e->folded);
	struct str value;
	enum rc rc = store_txn_get(t, key, &value);

	if (rc != RC_OK)
		return rc;
	if (e->account.n == 0) {
		store_txn_delete(t, key);
		return RC_OK;
	}
	if (!alias_record_unpack(value, &r))
		return RC_CORRUPT;
	if (place_of(&r, e->account) == r.count)
		return RC_NOTFOUND;
	put_without(t, key, &r, place_of(&r, e->account));
	return RC_OK;
}

static enum rc
edit(
    struct mail *m, struct str address, struct str account, store_update_fn *fn)
{
	struct edit e = { .address = address };
	struct buf folded, account_folded;
	enum rc rc = RC_INVALID;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	buf_init(&account_folded, MAILBOX_NAME_BYTES_MAX);
	if (alias_fold(address, &folded))
		rc = account.n == 0 ||
			     account_name_fold(account, &account_folded)
			 ? RC_OK
			 : RC_NOTFOUND;
	if (rc == RC_OK) {
		e.folded = buf_str(&folded);
		e.account = buf_str(&account_folded);
		rc = store_update(m->store, SYSTEM_ACCOUNT, fn, &e);
	}
	buf_fini(&account_folded);
	buf_fini(&folded);
	return rc;
}

enum rc
alias_add(struct mail *m, struct str address, struct str account)
{
	return account.n == 0 ? RC_NOTFOUND
			      : edit(m, address, account, add_change);
}

enum rc
alias_remove(struct mail *m, struct str address, struct str account)
{
	enum rc rc = edit(m, address, account, remove_change);

	return rc == RC_INVALID ? RC_NOTFOUND : rc;
}

/* -- an account that goes ------------------------------------------------- */

struct keys {
	struct buf bytes; /* of all of them */
	VEC(size_t) ends;
};

/* The keys of aliases that lead to ${account}: nothing is changed while they
 * are walked. */
static enum rc
gather(struct store_txn *t, struct str account, struct keys *keys)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_ALIAS);
	struct str key, value;
	struct alias_record r;
	enum rc rc = store_txn_iter(t, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (!alias_record_unpack(value, &r)) {
			rc = RC_CORRUPT;
			break;
		}
		if (place_of(&r, account) == r.count)
			continue;
		buf_add_str(&keys->bytes, key);
		vec_push(&keys->ends, keys->bytes.n);
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
take_out(struct store_txn *t, struct str key, struct str account)
{
	struct alias_record r;
	struct str value;
	enum rc rc = store_txn_get(t, key, &value);

	if (rc != RC_OK)
		return rc;
	if (!alias_record_unpack(value, &r))
		return RC_CORRUPT;
	put_without(t, key, &r, place_of(&r, account));
	return RC_OK;
}

enum rc
alias_forget_account(struct store_txn *t, struct str folded)
{
	struct keys keys = { 0 };
	size_t at = 0;
	enum rc rc;

	buf_init(&keys.bytes, SIZE_MAX);
	rc = gather(t, folded, &keys);
	for (size_t i = 0; i < keys.ends.n && rc == RC_OK; i++) {
		struct str key = { .p = keys.bytes.p + at,
			.n = keys.ends.v[i] - at };

		rc = take_out(t, key, folded);
		at = keys.ends.v[i];
	}
	buf_fini(&keys.bytes);
	vec_fini(&keys.ends);
	return rc;
}

/* -- listing -------------------------------------------------------------- */

struct listing {
	struct arena *arena;
	VEC(struct alias_info) infos;
};

/* One alias with its accounts' names as they fold. */
static enum rc
list_one(void *arg, struct str key, struct str value)
{
	struct listing *list = arg;
	struct alias_record r;
	struct alias_info info;

	(void)key;
	if (!alias_record_unpack(value, &r))
		return RC_CORRUPT;
	info.address = arena_str(list->arena, r.address);
	info.accounts =
	    arena_array(list->arena, r.count, sizeof(*info.accounts));
	info.count = r.count;
	if (info.address.p == NULL || info.accounts == NULL)
		return RC_LIMIT;
	for (size_t i = 0; i < r.count; i++) {
		info.accounts[i] = arena_str(list->arena, r.accounts[i]);
		if (info.accounts[i].p == NULL)
			return RC_LIMIT;
	}
	vec_push(&list->infos, info);
	return RC_OK;
}

/* Names as made for names as they fold. */
static enum rc
name_accounts(struct mail *m, struct arena *a, const struct alias_info *alias)
{
	struct account_info info;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < alias->count && rc == RC_OK; i++) {
		rc = account_find(m, alias->accounts[i], a, &info);
		if (rc == RC_OK)
			alias->accounts[i] = info.name;
		else if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	return rc;
}

enum rc
alias_list(struct mail *m, struct arena *a, struct alias_info **ret_infos,
    size_t *ret_count)
{
	struct listing list = { .arena = a };
	struct alias_info *infos;
	enum rc rc = account_walk(m, KEY_ALIAS, list_one, &list);

	for (size_t i = 0; i < list.infos.n && rc == RC_OK; i++)
		rc = name_accounts(m, a, &list.infos.v[i]);
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
