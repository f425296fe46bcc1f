/* SPDX-License-Identifier: MIT
 *
 * What is switched off for an account: a key for each name, whose value says
 * nothing.
 */
#include "base/clock.h"
#include "mail/account.h"
#include "mail/mail_internal.h"

struct change_of_switch {
	char name[SWITCH_BYTES_MAX];
	size_t name_bytes;
	bool off;
	int64_t now;
};

static enum rc
switch_change(struct store_txn *t, void *arg)
{
	const struct change_of_switch *r = arg;
	struct key_space space, prefix;
	struct str key =
	    key_off(&space, (struct str){ r->name, r->name_bytes });
	struct change c;
	size_t count = 0;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK && r->off)
		rc = record_count(t, key_prefix(&prefix, KEY_OFF), &count);
	if (rc != RC_OK)
		return rc;
	if (!r->off)
		store_txn_delete(t, key);
	else if (count >= SWITCHES_MAX)
		return RC_LIMIT;
	else
		store_txn_put(t, key, OFF_RECORD);
	return RC_OK;
}

enum rc
account_switch(struct mail *m, uint64_t account, struct str name, bool off)
{
	struct change_of_switch r = { .off = off, .now = clock_wall() };

	if (name.n == 0 || name.n > sizeof(r.name))
		return RC_INVALID;
	for (size_t i = 0; i < name.n; i++)
		r.name[i] = str_upper(name.p[i]);
	r.name_bytes = name.n;
	return store_update(m->store, account, switch_change, &r);
}

enum rc
account_each_off(struct mail *m, uint64_t account,
    void (*fn)(void *arg, struct str name), void *arg)
{
	struct store_read *r;
	struct store_iter *it;
	struct key_space space;
	struct str prefix = key_prefix(&space, KEY_OFF);
	struct str key, value;
	enum rc rc = store_read_begin(m->store, account, &r);

	if (rc != RC_OK)
		return rc;
	rc = store_iter_begin(r, prefix, prefix, &it);
	if (rc == RC_OK) {
		while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK)
			fn(arg, str_skip(key, 1));
		store_iter_end(it);
	}
	store_read_end(r);
	return rc == RC_NOTFOUND ? RC_OK : rc;
}
