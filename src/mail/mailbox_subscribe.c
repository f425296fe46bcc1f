/* SPDX-License-Identifier: MIT
 *
 * SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7 and 6.3.8): names, of
 * mailboxes that are there or not.
 */
#include "base/clock.h"
#include "mail/mail_internal.h"

struct subscribe {
	struct str name;
	bool subscribed;
	int64_t now;
};

enum rc
mailbox_set_subscribed(struct change *c, struct str name, bool subscribed)
{
	struct key_space space;
	struct str key = key_subscription(&space, name);
	struct str value;
	enum rc rc = store_txn_get(c->txn, key, &value);

	if (rc != RC_OK && rc != RC_NOTFOUND)
		return rc;
	if ((rc == RC_OK) == subscribed)
		return RC_OK;
	if (subscribed && c->account.subscriptions >= SUBSCRIPTIONS_MAX)
		return RC_LIMIT;
	if (subscribed) {
		store_txn_put(c->txn, key, SUBSCRIPTION_RECORD);
		c->account.subscriptions++;
	} else {
		store_txn_delete(c->txn, key);
		c->account.subscriptions--;
	}
	c->dirty = true;
	return RC_OK;
}

static enum rc
subscribe_change(struct store_txn *t, void *arg)
{
	struct subscribe *r = arg;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK)
		rc = mailbox_set_subscribed(&c, r->name, r->subscribed);
	if (rc == RC_OK)
		change_end(&c);
	return rc;
}

enum rc
mailbox_subscribe(
    struct mail *m, uint64_t account, struct str name, bool subscribed)
{
	struct subscribe r = { .subscribed = subscribed, .now = clock_wall() };
	struct buf normal;
	const char *why;
	enum rc rc = RC_INVALID;

	buf_init(&normal, 8 * MAILBOX_NAME_BYTES_MAX);
	if (mailbox_name_valid(name, &why) &&
	    mailbox_name_normal(name, &normal)) {
		r.name = buf_str(&normal);
		rc = store_update(m->store, account, subscribe_change, &r);
	}
	buf_fini(&normal);
	/* What cannot be subscribed to is not. */
	return rc == RC_INVALID && !subscribed ? RC_OK : rc;
}
