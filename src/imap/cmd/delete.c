/* SPDX-License-Identifier: MIT
 *
 * DELETE (RFC 9051 section 6.3.5).  Mailboxes below stay.  Sessions that have
 * the mailbox selected, this one too, are told with [CLOSED].
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/respond_list.h"

struct answer
check_cmd_delete(struct imap_session *s, void *args)
{
	struct mailbox_info info;

	return lookup_mailbox(s, args, "NONEXISTENT", &info);
}

/* The name that it really had (RFC 9051 section 6.3.5). */
static void
tell_normal_form(struct imap_session *s, const struct mailbox_name *name)
{
	/* It may be left out, and the mailbox is gone. */
	if (session_rev2(s) && name->given.n > 0)
		(void)!respond_list_deleted(s, name->utf8, name->given);
}

struct answer
cmd_delete(struct imap_session *s, void *args)
{
	const struct mailbox_name *name = args;
	enum rc rc = mailbox_delete(s->mail, s->account, name->utf8);

	if (rc == RC_REFUSED)
		return answer_no("CANNOT", "INBOX cannot be deleted");
	if (rc != RC_OK)
		return answer_failed(rc);
	tell_normal_form(s, name);
	return answer_ok("Deleted");
}
