/* SPDX-License-Identifier: MIT
 *
 * DELETE (RFC 9051 section 6.3.5).  Mailboxes below stay.  Sessions that have
 * the mailbox selected, this one too, are told with [CLOSED].
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"

struct answer
check_cmd_delete(struct imap_session *s, void *args)
{
	struct mailbox_info info;

	return lookup_mailbox(s, args, "NONEXISTENT", &info);
}

struct answer
cmd_delete(struct imap_session *s, void *args)
{
	const struct mailbox_name *name = args;
	enum rc rc = mailbox_delete(s->mail, s->account, name->utf8);

	if (rc == RC_REFUSED)
		return answer_no("CANNOT", "INBOX cannot be deleted");
	return rc == RC_OK ? answer_ok("Deleted") : answer_failed(rc);
}
