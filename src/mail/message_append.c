/* SPDX-License-Identifier: MIT
 *
 * Messages coming in: what APPEND and delivery do to a mailbox.
 */
#include "mail/incoming.h"
#include "mail/message_internal.h"

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"

/* -- inside a change ----------------------------------------------------- */

/* Keep what is known of the message and its bytes as email ${id}. */
static enum rc
put_email(struct change *c, uint64_t id, const struct append *item,
    struct stage *stage)
{
	struct email email = incoming_email(item->message, item->prefix.n);
	enum rc rc;

	email.id = id;
	rc = email_put(c->txn, &email);
	if (rc == RC_OK)
		rc = store_txn_blob_put(c->txn, id, stage, item->prefix);
	return rc;
}

enum rc
append_item(struct chunk_append *to, const struct append *item,
    struct stage *stage, uint32_t *ret_uid)
{
	struct change *c = to->change;
	struct chunk_fixed fixed = {
		.size =
		    (uint32_t)(incoming_size(item->message) + item->prefix.n),
		.lacking = incoming_lacking(item->message),
		.email = change_email_id(c),
		.internal_date = item->internal_date == INT64_MIN
				     ? c->now
				     : item->internal_date,
		.save_date = c->now,
	};
	uint64_t keywords;
	enum rc rc;

	rc = keyword_bits(c, to->mailbox->id, &item->flags, true, &keywords);
	if (rc == RC_OK)
		rc = put_email(c, fixed.email, item, stage);
	if (rc == RC_OK)
		rc = chunk_append_add(
		    to, &fixed, item->flags.system & FLAG_ALL, keywords);
	if (rc == RC_OK)
		*ret_uid = fixed.uid;
	return rc;
}

/* -- APPEND -------------------------------------------------------------- */

struct append_change {
	uint32_t mailbox;
	int64_t now;
	const struct append *items;
	size_t count;
	struct append_result result;
};

static enum rc
append_all(
    struct append_change *a, struct change *c, struct mailbox_record *mailbox)
{
	struct chunk_append to;
	enum rc rc = chunk_append_begin(&to, c, mailbox);

	for (size_t i = 0; rc == RC_OK && i < a->count; i++) {
		const struct append *item = &a->items[i];
		uint32_t uid;

		rc =
		    append_item(&to, item, incoming_stage(item->message), &uid);
		if (rc == RC_OK)
			uid_list_add(&a->result.uids, uid);
	}
	if (rc == RC_OK)
		chunk_append_end(&to);
	return rc;
}

static enum rc
append_change(struct store_txn *t, void *arg)
{
	struct append_change *a = arg;
	struct mailbox_record mailbox;
	struct change c;
	enum rc rc;

	a->result.uids.n = 0;
	rc = change_begin(t, a->now, &c);
	if (rc == RC_OK)
		rc = change_mailbox(&c, a->mailbox, &mailbox);
	if (rc != RC_OK)
		return rc;
	a->result.uidvalidity = mailbox.uidvalidity;
	rc = append_all(a, &c, &mailbox);
	if (rc != RC_OK)
		return rc;
	change_put_mailbox(&c, &mailbox);
	change_end(&c);
	return RC_OK;
}

enum rc
message_append(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct append *items, size_t count, struct append_result *ret_result)
{
	struct append_change a = { .mailbox = mailbox,
		.now = clock_wall(),
		.items = items,
		.count = count };
	enum rc rc;

	rc = store_update(m->store, account, append_change, &a);
	if (rc != RC_OK) {
		uid_list_fini(&a.result.uids);
		return rc;
	}
	*ret_result = a.result;
	return RC_OK;
}
