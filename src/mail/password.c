/* SPDX-License-Identifier: MIT
 *
 * Passwords of applications: records under SYSTEM_ACCOUNT, each by itself, so
 * that they go with the account's name in one change.
 */
#include "mail/password.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "mail/account.h"
#include "mail/mail_internal.h"

bool
password_name_valid(struct str name)
{
	struct cursor c = str_cursor(name);
	uint32_t character;

	if (name.n == 0 || name.n > PASSWORD_NAME_BYTES_MAX)
		return false;
	while (c.at < c.end)
		if (!utf8_next(&c, &character) || character < ' ' ||
		    (character >= 0x7f && character < 0xa0))
			return false;
	return true;
}

static void
put(struct store_txn *t, struct str key, const struct password_record *r)
{
	struct buf value;

	buf_init(&value, PASSWORD_RECORD_BYTES_MAX);
	password_record_pack(&value, r);
	store_txn_put(t, key, buf_str(&value));
	buf_fini(&value);
}

/* -- adding and removing -------------------------------------------------- */

struct add {
	struct str folded; /* account */
	const struct password_info *info;
	int64_t now;
};

static enum rc
add_change(struct store_txn *t, void *arg)
{
	const struct add *r = arg;
	struct login_record login;
	struct key_space space;
	struct str key, value;
	size_t count = 0;
	enum rc rc = store_txn_get(t, key_login(&space, r->folded), &value);

	if (rc != RC_OK)
		return rc;
	if (!login_record_unpack(value, &login))
		return RC_CORRUPT;
	key = key_password(&space, login.account, STR(""));
	rc = record_count(t, key, &count);
	if (rc != RC_OK)
		return rc;
	key = key_password(&space, login.account, r->info->name);
	rc = store_txn_get(t, key, &value);
	if (rc != RC_NOTFOUND)
		return rc == RC_OK ? RC_EXISTS : rc;
	if (count >= PASSWORDS_MAX)
		return RC_LIMIT;
	put(t, key,
	    &(struct password_record){ .secret = r->info->secret,
		.scope = r->info->scope,
		.created = r->now,
		.expires = r->info->expires });
	return RC_OK;
}

enum rc
password_add(
    struct mail *m, struct str account, const struct password_info *info)
{
	struct add r = { .info = info, .now = clock_wall() };
	struct buf folded;
	enum rc rc = RC_NOTFOUND;

	if (!password_name_valid(info->name) || info->secret.n == 0 ||
	    info->secret.n > PASSWORD_SECRET_BYTES_MAX || info->scope > 255)
		return RC_INVALID;
	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (account_name_fold(account, &folded)) {
		r.folded = buf_str(&folded);
		rc = store_update(m->store, SYSTEM_ACCOUNT, add_change, &r);
	}
	buf_fini(&folded);
	return rc;
}

struct one {
	uint64_t account;
	struct str name;
	int64_t now;
	char bytes[]; /* of the name, when it has to last */
};

static enum rc
remove_change(struct store_txn *t, void *arg)
{
	const struct one *r = arg;
	struct key_space space;
	struct str key = key_password(&space, r->account, r->name);
	struct str value;
	enum rc rc = store_txn_get(t, key, &value);

	if (rc == RC_OK)
		store_txn_delete(t, key);
	return rc;
}

enum rc
password_remove(struct mail *m, uint64_t account, struct str name)
{
	struct one r = { .account = account, .name = name };

	if (!password_name_valid(name))
		return RC_NOTFOUND;
	return store_update(m->store, SYSTEM_ACCOUNT, remove_change, &r);
}

enum rc
password_forget_account(struct store_txn *t, uint64_t account)
{
	struct store_iter *it;
	struct key_space space, found[PASSWORDS_MAX];
	size_t sizes[PASSWORDS_MAX], count = 0;
	struct str prefix = key_password(&space, account, STR(""));
	struct str key, value;
	enum rc rc = store_txn_iter(t, prefix, prefix, &it);

	if (rc != RC_OK)
		return rc;
	while (count < PASSWORDS_MAX &&
	       (rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		memcpy(found[count].bytes, key.p, key.n);
		sizes[count++] = key.n;
	}
	store_iter_end(it);
	for (size_t i = 0; i < count; i++)
		store_txn_delete(
		    t, (struct str){ .p = found[i].bytes, .n = sizes[i] });
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

/* -- use ------------------------------------------------------------------ */

static enum rc
used_change(struct store_txn *t, void *arg)
{
	const struct one *r = arg;
	struct password_record record;
	struct key_space space;
	struct str key = key_password(&space, r->account, r->name);
	struct str value;
	enum rc rc = store_txn_get(t, key, &value);

	if (rc != RC_OK)
		return rc;
	if (!password_record_unpack(value, &record))
		return RC_CORRUPT;
	record.used = r->now;
	put(t, key, &record);
	return RC_OK;
}

/* Is what is known of its last use too old? */
static bool
use_unknown(struct mail *m, uint64_t account, struct str name, int64_t now)
{
	struct password_record record;
	struct key_space space;
	struct store_read *r;
	struct str value;
	bool unknown = false;

	if (store_read_begin(m->store, SYSTEM_ACCOUNT, &r) != RC_OK)
		return false;
	if (store_get(r, key_password(&space, account, name), &value) ==
		RC_OK &&
	    password_record_unpack(value, &record))
		unknown = now - record.used >= PASSWORD_USED_SECONDS;
	store_read_end(r);
	return unknown;
}

void
password_used(struct mail *m, uint64_t account, struct str name)
{
	int64_t now = clock_wall();
	struct one *r;

	if (!use_unknown(m, account, name, now))
		return;
	r = mem_alloc(sizeof(*r) + name.n);
	memcpy(r->bytes, name.p, name.n);
	r->account = account;
	r->name = (struct str){ .p = r->bytes, .n = name.n };
	r->now = now;
	store_post(m->store, SYSTEM_ACCOUNT, used_change, r);
}

/* -- listing -------------------------------------------------------------- */

static enum rc
copy_info(struct str key, struct str value, struct arena *a,
    struct password_info *ret_info)
{
	struct password_record r;
	struct key_parts parts;

	if (!key_parse(key, &parts) || !password_record_unpack(value, &r))
		return RC_CORRUPT;
	*ret_info = (struct password_info){
		.name = arena_str(a, parts.name),
		.secret = arena_str(a, r.secret),
		.scope = r.scope,
		.created = r.created,
		.expires = r.expires,
		.used = r.used,
	};
	return ret_info->name.p == NULL || ret_info->secret.p == NULL ? RC_LIMIT
								      : RC_OK;
}

enum rc
password_list(struct mail *m, uint64_t account, struct arena *a,
    struct password_info **ret_infos, size_t *ret_count)
{
	struct password_info infos[PASSWORDS_MAX], *copy;
	struct store_read *r;
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_password(&space, account, STR(""));
	struct str key, value;
	size_t count = 0;
	enum rc rc = store_read_begin(m->store, SYSTEM_ACCOUNT, &r);

	if (rc != RC_OK)
		return rc;
	rc = store_iter_begin(r, prefix, prefix, &it);
	if (rc == RC_OK) {
		while (
		    count < PASSWORDS_MAX &&
		    (rc = store_iter_next(it, &key, &value, NULL)) == RC_OK &&
		    (rc = copy_info(key, value, a, &infos[count])) == RC_OK)
			count++;
		store_iter_end(it);
	}
	store_read_end(r);
	copy = arena_copy(a, infos, count, sizeof(*copy));
	if (copy == NULL)
		return RC_LIMIT;
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	*ret_infos = copy;
	*ret_count = count;
	return RC_OK;
}
