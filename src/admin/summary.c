/* SPDX-License-Identifier: MIT
 *
 * Walking a mailbox for its messages' digests.
 */
#include "admin/summary.h"

#include "mail/email.h"

static enum rc
add_slice(struct mail *m, uint64_t account, const struct message *messages,
    size_t count, struct tally *t)
{
	struct store_read *r;
	struct email e;
	enum rc rc = store_read_begin(mail_store(m), account, &r);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		rc = email_get(r, messages[i].email, &e);
		if (rc == RC_OK)
			tally_add(t, e.digest.p, e.size);
	}
	store_read_end(r);
	return rc;
}

static enum rc
add_all(struct mail *m, uint64_t account, struct view *v,
    const struct uid_list *uids, struct arena *a, struct tally *t)
{
	static const struct uid_range all = { 1, UINT32_MAX };
	struct message messages[VIEW_SLICE];
	struct view_walk walk;
	size_t count;
	enum rc rc = uids != NULL
			 ? view_walk_begin(v, uids->v, uids->n, true, a, &walk)
			 : view_walk_begin(v, &all, 1, true, a, &walk);

	if (rc != RC_OK)
		return rc;
	do {
		rc = view_walk_next(&walk, messages, &count);
		if (rc == RC_OK)
			rc = add_slice(m, account, messages, count, t);
	} while (rc == RC_OK && count > 0);
	return rc;
}

enum rc
summary_of(struct mail *m, uint64_t account, uint32_t mailbox,
    const struct uid_list *uids, struct arena *a, struct tally *ret_tally)
{
	struct tally t = { 0 };
	struct mailbox *b;
	struct view v;
	enum rc rc = mailbox_open(m, account, mailbox, &b);

	if (rc != RC_OK)
		return rc;
	rc = view_begin(b, false, &v);
	if (rc == RC_OK) {
		rc = add_all(m, account, &v, uids, a, &t);
		view_end(&v);
	}
	mailbox_unref(&b);
	if (rc == RC_OK)
		*ret_tally = t;
	return rc;
}
