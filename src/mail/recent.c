/* SPDX-License-Identifier: MIT
 *
 * \Recent (RFC 3501 section 2.3.2): the store is told, without waiting, up to
 * where sessions have been told of messages.  When the hint is lost, another
 * session is told of them as recent once more, which is allowed.
 */
#include "mail/message_internal.h"
#include "mail/open_internal.h"

#include "base/clock.h"

struct recent_change {
	uint32_t mailbox;
	uint32_t uid;
	int64_t now;
};

/* How many live messages have a UID of at least ${uid}? */
static enum rc
count_from(
    struct change *c, uint32_t mailbox, uint32_t uid, uint32_t *ret_count)
{
	struct uid_range range = { uid, UINT32_MAX };
	struct uid_list from = { .v = &range, .n = 1, .cap = 1 };
	struct uid_walk w = uid_walk_begin(c->txn, mailbox, &from, uid);
	uint32_t count = 0;
	struct chunk at;
	enum rc rc;

	while ((rc = uid_walk_next(&w, &at)) == RC_OK) {
		for (unsigned i = 0; i < at.count; i++)
			count += at.fixed[i].uid >= uid &&
				 at.changing[i].expunged == 0;
	}
	if (rc != RC_NOTFOUND)
		return rc;
	*ret_count = count;
	return RC_OK;
}

static enum rc
recent_change(struct store_txn *t, void *arg)
{
	const struct recent_change *r = arg;
	struct mailbox_record mailbox;
	struct change c;
	enum rc rc = change_begin(t, r->now, &c);

	if (rc == RC_OK)
		rc = change_mailbox(&c, r->mailbox, &mailbox);
	if (rc != RC_OK || mailbox.recent_uid >= r->uid)
		return rc;
	mailbox.recent_uid = r->uid;
	mailbox.recent = 0;
	if (mailbox.uidnext > r->uid)
		rc = count_from(&c, mailbox.id, r->uid, &mailbox.recent);
	if (rc == RC_OK)
		change_put_mailbox(&c, &mailbox);
	return rc;
}

void
recent_post(struct mailbox *b, uint32_t uid)
{
	struct recent_change *r = mem_alloc(sizeof(*r));

	r->mailbox = b->id;
	r->uid = uid;
	r->now = clock_wall();
	store_post(b->mail->store, b->account, recent_change, r);
}
