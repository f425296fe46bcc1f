/* SPDX-License-Identifier: MIT
 *
 * Making an account.  Its name and its mail may be in two shards, so this
 * takes three changes, any of which may be the last before a crash:
 *
 *   1. reserve an id, and note it as that of an account without a name;
 *   2. put the account's record and its first mailboxes under the id;
 *   3. give it the name and drop the note.
 *
 * Whoever finds a note without a name empties that account (account_delete.c),
 * after sealing the note; step 3 then fails, and all begins again.  What step 2
 * has put may have come too late for that: so step 3 seals the note again or
 * puts it back, and the account is emptied once more.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "mail/account.h"
#include "mail/mail_internal.h"
#include "mail/system.h"

struct create {
	struct str name;
	struct str folded;
	struct str credentials;
	int64_t now;
	uint64_t id;	/* results of the first step */
	uint32_t floor; /* of UIDVALIDITYs */
	bool emptied;	/* result of the third: somebody else has taken it */
};

/* Does the name belong to somebody, or to an alias?  RC_EXISTS. */
static enum rc
check_name(struct store_txn *t, struct str folded)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(t, key_login(&space, folded), &value);

	if (rc == RC_NOTFOUND)
		rc = store_txn_get(t, key_alias(&space, folded), &value);
	if (rc == RC_OK)
		return RC_EXISTS;
	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
reserve_change(struct store_txn *t, void *arg)
{
	struct create *r = arg;
	struct system_record system;
	enum rc rc = check_name(t, r->folded);

	if (rc == RC_OK)
		rc = system_get(t, &system);
	if (rc != RC_OK)
		return rc;
	r->id = system.account_next++;
	r->floor = system.uidvalidity_floor;
	system_put(t, &system);
	system_put_nameless(t, r->id, &(struct deleted_login_record){ 0 });
	return RC_OK;
}

static const struct {
	struct str name;
	enum special_use use;
} first_mailboxes[] = {
	{ { "INBOX", 5 }, SPECIAL_NONE },
	{ { "Drafts", 6 }, SPECIAL_DRAFTS },
	{ { "Sent", 4 }, SPECIAL_SENT },
	{ { "Junk", 4 }, SPECIAL_JUNK },
	{ { "Trash", 5 }, SPECIAL_TRASH },
	{ { "Archive", 7 }, SPECIAL_ARCHIVE },
};

static enum rc
make_mailboxes(struct change *c)
{
	size_t count = sizeof(first_mailboxes) / sizeof(*first_mailboxes);
	struct mailbox_record made;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct str name = first_mailboxes[i].name;

		rc = mailbox_make(c, name, first_mailboxes[i].use, &made);
		if (rc == RC_OK)
			rc = mailbox_set_subscribed(c, name, true);
	}
	return rc;
}

/* Above those of an account of the same name. */
static uint32_t
first_uidvalidity(const struct create *r)
{
	uint32_t first = uidvalidity_of_time(r->now);

	return first > r->floor ? first : r->floor;
}

static enum rc
fill_change(struct store_txn *t, void *arg)
{
	struct create *r = arg;
	struct change c = { .txn = t,
		.now = r->now,
		.account = { .mailbox_next = 1,
		    .uidvalidity_next = first_uidvalidity(r),
		    .email_next = 1 },
		.dirty = true };
	enum rc rc = make_mailboxes(&c);

	if (rc == RC_OK)
		change_end(&c);
	return rc;
}

static enum rc
name_change(struct store_txn *t, void *arg)
{
	struct create *r = arg;
	struct deleted_login_record nameless;
	struct key_space space;
	struct buf value;
	enum rc rc = system_get_nameless(t, r->id, &nameless);

	r->emptied = rc == RC_NOTFOUND || (rc == RC_OK && nameless.sealed);
	if (r->emptied) {
		system_put_nameless(
		    t, r->id, &(struct deleted_login_record){ .sealed = true });
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = check_name(t, r->folded);
	if (rc != RC_OK)
		return rc;
	buf_init(&value, LOGIN_RECORD_BYTES_MAX);
	login_record_pack(&value, &(struct login_record){ .account = r->id,
				      .created = r->now,
				      .name = r->name,
				      .credentials = r->credentials });
	assert(!value.overflowed);
	store_txn_put(t, key_login(&space, r->folded), buf_str(&value));
	buf_fini(&value);
	store_txn_delete(t, key_deleted_login(&space, r->id));
	return RC_OK;
}

/* Accounts that had this name must have given their last UIDVALIDITY. */
static enum rc
bury_namesakes(struct mail *m, struct str folded)
{
	struct account_ids ids = { 0 };
	enum rc rc = account_nameless_ids(m, &folded, &ids);

	for (size_t i = 0; i < ids.v.n && rc == RC_OK; i++) {
		rc = account_bury(m, ids.v.v[i]);
		if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	vec_fini(&ids.v);
	return rc;
}

/* What cannot be done now is left to the care-taker, by the note. */
static void
empty_again(struct mail *m, uint64_t account)
{
	enum rc rc = account_empty(m, account, NULL);

	if (rc != RC_OK)
		log_event(LOG_WARN, "account-create",
		    "account=%llu left-for-later=%s",
		    (unsigned long long)account, rc_name(rc));
}

/* RC_CONFLICT: the account was emptied meanwhile. */
static enum rc
create_once(struct mail *m, struct create *r)
{
	enum rc rc = bury_namesakes(m, r->folded);

	if (rc == RC_OK)
		rc = store_update(m->store, SYSTEM_ACCOUNT, reserve_change, r);
	if (rc == RC_OK)
		rc = store_update(m->store, r->id, fill_change, r);
	if (rc == RC_OK)
		rc = store_update(m->store, SYSTEM_ACCOUNT, name_change, r);
	if (rc == RC_OK && r->emptied) {
		empty_again(m, r->id);
		rc = RC_CONFLICT;
	}
	return rc;
}

enum rc
account_create(
    struct mail *m, struct str name, struct str credentials, uint64_t *ret_id)
{
	struct create r = {
		.name = name, .credentials = credentials, .now = clock_wall()
	};
	struct buf folded;
	enum rc rc = RC_INVALID;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	if (credentials.n <= ACCOUNT_CREDENTIALS_BYTES_MAX &&
	    account_name_fold(name, &folded)) {
		r.folded = buf_str(&folded);
		rc = RC_CONFLICT;
		for (int i = 0; i < ACCOUNT_CREATE_TRIES && rc == RC_CONFLICT;
		     i++)
			rc = create_once(m, &r);
	}
	buf_fini(&folded);
	if (rc == RC_OK)
		*ret_id = r.id;
	return rc;
}
