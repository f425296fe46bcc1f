/* SPDX-License-Identifier: MIT
 *
 * Deleting an account: the name goes at once, also from aliases, leaving a note that the account
 * has none; then the account is sealed and retired; then all that is under it
 * goes, slice by slice; last the note.  The care-taker goes on with whatever
 * notes it finds.
 */
#include <assert.h>

#include "base/limits.h"
#include "base/log.h"
#include "mail/account.h"
#include "mail/mail_internal.h"
#include "mail/system.h"

/* -- the name ------------------------------------------------------------ */

struct delete
{
	struct str folded;
	uint64_t id; /* result */
};

static enum rc
delete_change(struct store_txn *t, void *arg)
{
	struct delete *r = arg;
	struct login_record login;
	struct key_space space;
	struct str key = key_login(&space, r->folded);
	struct str value;
	enum rc rc = store_txn_get(t, key, &value);

	store_txn_relieve(t);
	if (rc != RC_OK)
		return rc;
	if (!login_record_unpack(value, &login))
		return RC_CORRUPT;
	r->id = login.account;
	store_txn_delete(t, key);
	system_put_nameless(
	    t, r->id, &(struct deleted_login_record){ .folded = r->folded });
	rc = password_forget_account(t, r->id);
	return rc == RC_OK ? alias_forget_account(t, r->folded) : rc;
}

/* -- sealing and retiring ------------------------------------------------ */

struct bury {
	uint64_t id;
	uint32_t floor; /* result of retiring */
};

static enum rc
seal_change(struct store_txn *t, void *arg)
{
	struct bury *r = arg;
	struct deleted_login_record nameless;
	enum rc rc = system_get_nameless(t, r->id, &nameless);

	store_txn_relieve(t);
	if (rc != RC_OK || nameless.sealed)
		return rc;
	nameless.sealed = true;
	system_put_nameless(t, r->id, &nameless);
	return RC_OK;
}

static enum rc
retire_change(struct store_txn *t, void *arg)
{
	struct bury *r = arg;
	struct account_record account;
	struct key_space space;
	struct str value;
	struct buf packed;
	enum rc rc = store_txn_get(t, key_account(&space), &value);

	store_txn_relieve(t);
	r->floor = 0;
	if (rc == RC_NOTFOUND) /* never filled, or emptied already */
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	if (!account_record_unpack(value, &account))
		return RC_CORRUPT;
	r->floor = account.uidvalidity_next;
	account.deleted = true;
	buf_init(&packed, ACCOUNT_RECORD_BYTES_MAX);
	account_record_pack(&packed, &account);
	store_txn_put(t, key_account(&space), buf_str(&packed));
	buf_fini(&packed);
	return RC_OK;
}

static enum rc
floor_change(struct store_txn *t, void *arg)
{
	struct bury *r = arg;
	struct system_record system;
	enum rc rc = system_get(t, &system);

	store_txn_relieve(t);
	if (rc != RC_OK || system.uidvalidity_floor >= r->floor)
		return rc;
	system.uidvalidity_floor = r->floor;
	system_put(t, &system);
	return RC_OK;
}

enum rc
account_bury(struct mail *m, uint64_t account)
{
	struct bury r = { .id = account };
	enum rc rc = store_update(m->store, SYSTEM_ACCOUNT, seal_change, &r);

	if (rc == RC_OK)
		rc = store_update(m->store, account, retire_change, &r);
	if (rc == RC_OK)
		rc = store_update(m->store, SYSTEM_ACCOUNT, floor_change, &r);
	return rc;
}

/* -- emptying ------------------------------------------------------------ */

/* The account's own record last: as long as it is there, it says "deleted". */
static const enum key_kind kinds[] = { KEY_MAILBOX, KEY_NAME, KEY_EMAIL,
	KEY_COMMON, KEY_REFERENCES, KEY_CHUNK_FIXED, KEY_CHUNK_CHANGING,
	KEY_KEYWORDS, KEY_SUBSCRIPTION, KEY_BROUGHT, KEY_FREED, KEY_OFF,
	KEY_ACCOUNT };

struct empty {
	enum key_kind kind;
	/* From here on: so a slice does not pass over all that went before. */
	struct key_space from;
	size_t from_bytes;

	/* Results. */
	bool more; /* the slice was full */
	struct key_space last;
	size_t last_bytes;
};

struct keys {
	struct buf bytes; /* of all of them */
	VEC(size_t) ends;
};

/* The next keys of the kind, since nothing is removed while they are walked.
 * What cannot be read goes like the rest. */
static enum rc
gather(struct store_txn *t, struct empty *r, struct keys *keys)
{
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, r->kind);
	struct str from = { .p = r->from.bytes, .n = r->from_bytes };
	struct str key, value;
	enum rc rc = store_txn_iter(t, prefix, from, &it);

	if (rc != RC_OK)
		return rc;
	while (keys->ends.n < ACCOUNT_SLICE_KEYS) {
		rc = store_iter_next(it, &key, &value, NULL);
		if (rc != RC_OK && rc != RC_CORRUPT)
			break;
		rc = RC_OK;
		buf_add_str(&keys->bytes, key);
		vec_push(&keys->ends, keys->bytes.n);
		assert(key.n <= sizeof(r->last.bytes));
		memcpy(r->last.bytes, key.p, key.n);
		r->last_bytes = key.n;
	}
	store_iter_end(it);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static void
remove_keys(struct store_txn *t, enum key_kind kind, const struct keys *keys)
{
	size_t at = 0;

	for (size_t i = 0; i < keys->ends.n; i++) {
		struct str key = { .p = keys->bytes.p + at,
			.n = keys->ends.v[i] - at };
		struct key_parts parts;

		if (kind == KEY_EMAIL && key_parse(key, &parts))
			store_txn_blob_delete(t, parts.number);
		store_txn_delete(t, key);
		at = keys->ends.v[i];
	}
}

static enum rc
empty_change(struct store_txn *t, void *arg)
{
	struct empty *r = arg;
	struct keys keys = { 0 };
	enum rc rc;

	store_txn_relieve(t);
	buf_init(&keys.bytes, ACCOUNT_SLICE_KEYS * MAIL_KEY_BYTES_MAX);
	r->last_bytes = 0;
	rc = gather(t, r, &keys);
	if (rc == RC_OK)
		remove_keys(t, r->kind, &keys);
	r->more = keys.ends.n == ACCOUNT_SLICE_KEYS;
	buf_fini(&keys.bytes);
	vec_fini(&keys.ends);
	return rc;
}

static enum rc
empty_kind(
    struct mail *m, uint64_t account, enum key_kind kind, struct care *care)
{
	struct empty r = { .kind = kind };
	enum rc rc;

	do {
		if (care_stopping(care))
			return RC_SHUTDOWN;
		rc = store_update(m->store, account, empty_change, &r);
		r.from = r.last;
		r.from_bytes = r.last_bytes;
	} while (rc == RC_OK && r.more);
	return rc;
}

static enum rc
forget_change(struct store_txn *t, void *arg)
{
	const uint64_t *account = arg;
	struct key_space space;

	store_txn_relieve(t);
	store_txn_delete(t, key_deleted_login(&space, *account));
	return RC_OK;
}

enum rc
account_empty(struct mail *m, uint64_t account, struct care *care)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds) && rc == RC_OK;
	     i++)
		rc = empty_kind(m, account, kinds[i], care);
	if (rc == RC_OK)
		rc = store_update(
		    m->store, SYSTEM_ACCOUNT, forget_change, &account);
	return rc;
}

enum rc
account_delete(struct mail *m, struct str name)
{
	struct delete r = { 0 };
	struct buf folded;
	enum rc rc = RC_NOTFOUND, rest;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (account_name_fold(name, &folded)) {
		r.folded = buf_str(&folded);
		rc = store_update(m->store, SYSTEM_ACCOUNT, delete_change, &r);
	}
	buf_fini(&folded);
	if (rc != RC_OK)
		return rc;
	/* The account is gone for everybody; what is left to do is the
	 * care-taker's if it cannot be done now. */
	rest = account_bury(m, r.id);
	if (rest == RC_OK)
		rest = account_empty(m, r.id, NULL);
	if (rest != RC_OK && rest != RC_NOTFOUND)
		log_event(LOG_WARN, "account-delete",
		    "account=%llu left-for-later=%s", (unsigned long long)r.id,
		    rc_name(rest));
	return RC_OK;
}
