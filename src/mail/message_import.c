/* SPDX-License-Identifier: MIT
 *
 * Messages from elsewhere, with the UIDs that they had there.
 */
#include "mail/import.h"

#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mail/incoming.h"
#include "mail/message_internal.h"

struct import_change {
	uint32_t mailbox;
	int64_t now;
	const struct import_item *items;
	size_t count;
	uint32_t uidnext;
	struct import_result result;
};

/* Has the mailbox the mark?  If not, it has it now. */
static enum rc
take_mark(struct change *c, uint32_t mailbox, struct str mark, bool *ret_had)
{
	struct key_space space;
	struct str key, value;
	enum rc rc;

	*ret_had = false;
	if (mark.n == 0)
		return RC_OK;
	key = key_brought(&space, mailbox, mark);
	rc = store_txn_get(c->txn, key, &value);
	*ret_had = rc == RC_OK;
	if (rc != RC_NOTFOUND)
		return rc;
	store_txn_put(c->txn, key, BROUGHT_RECORD);
	return RC_OK;
}

static enum rc
import_item(struct import_change *a, struct chunk_append *to, size_t at)
{
	const struct import_item *item = &a->items[at];
	uint32_t uid;
	bool had;
	enum rc rc = take_mark(to->change, to->mailbox->id, item->mark, &had);

	if (rc != RC_OK)
		return rc;
	a->result.passed_at[at] = had;
	if (had) {
		a->result.passed++;
		return RC_OK;
	}
	if (item->uid != 0)
		rc = chunk_append_skip(to, item->uid);
	if (rc == RC_OK)
		rc = append_item(to, &item->append,
		    incoming_stage(item->append.message), &uid);
	if (rc == RC_OK)
		uid_list_add(&a->result.uids, uid);
	return rc;
}

static enum rc
import_all(
    struct import_change *a, struct change *c, struct mailbox_record *mailbox)
{
	struct chunk_append to;
	enum rc rc = chunk_append_begin(&to, c, mailbox);

	for (size_t i = 0; rc == RC_OK && i < a->count; i++)
		rc = import_item(a, &to, i);
	if (rc == RC_OK)
		chunk_append_end(&to);
	if (rc == RC_OK && a->uidnext > mailbox->uidnext)
		mailbox->uidnext = a->uidnext;
	return rc;
}

static enum rc
import_change(struct store_txn *t, void *arg)
{
	struct import_change *a = arg;
	struct mailbox_record mailbox;
	struct change c;
	enum rc rc;

	a->result.uids.n = 0;
	a->result.passed = 0;
	rc = change_begin(t, a->now, &c);
	if (rc == RC_OK)
		rc = change_mailbox(&c, a->mailbox, &mailbox);
	if (rc == RC_OK)
		rc = import_all(a, &c, &mailbox);
	if (rc != RC_OK)
		return rc;
	change_put_mailbox(&c, &mailbox);
	change_end(&c);
	return RC_OK;
}

void
import_result_fini(struct import_result *r)
{
	uid_list_fini(&r->uids);
	mem_free(r->passed_at);
	r->passed_at = NULL;
}

enum rc
message_import(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct import_item *items, size_t count, uint32_t uidnext,
    struct import_result *ret_result)
{
	struct import_change a = { .mailbox = mailbox,
		.now = clock_wall(),
		.items = items,
		.count = count,
		.uidnext = uidnext };
	enum rc rc = RC_LIMIT;

	a.result.passed_at = mem_array(count, sizeof(bool));
	if (uidnext <= UID_MAX + 1)
		rc = store_update(m->store, account, import_change, &a);
	if (rc != RC_OK) {
		import_result_fini(&a.result);
		return rc;
	}
	*ret_result = a.result;
	return RC_OK;
}

enum rc
message_import_known(struct mail *m, uint64_t account, uint32_t mailbox,
    const char *marks, size_t count, bool *ret_known)
{
	struct store_read *r;
	enum rc rc = store_read_begin(m->store, account, &r);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		struct str mark = { .p = marks + i * IMPORT_MARK_BYTES,
			.n = IMPORT_MARK_BYTES };
		struct key_space space;
		struct str value;

		rc = store_get(r, key_brought(&space, mailbox, mark), &value);
		ret_known[i] = rc == RC_OK;
		if (rc == RC_NOTFOUND)
			rc = RC_OK;
	}
	store_read_end(r);
	return rc;
}
