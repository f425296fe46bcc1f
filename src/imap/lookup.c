/* SPDX-License-Identifier: MIT
 *
 * From the mailbox name of a command to a mailbox.
 */
#include "imap/lookup.h"

struct answer
lookup_mailbox(struct imap_session *s, const struct mailbox_name *name,
    const char *missing, struct mailbox_info *ret_info)
{
	enum rc rc;

	if (!name->valid)
		return answer_no("CANNOT", "Malformed mailbox name");
	rc = mailbox_find(
	    s->mail, s->account, name->utf8, s->running->arena, ret_info);
	if (rc == RC_NOTFOUND)
		return answer_no(missing, "No such mailbox");
	return rc == RC_OK ? answer_proceed() : answer_failed(rc);
}

struct answer
lookup_check_new(const struct mailbox_name *name)
{
	const char *why = "";

	if (!name->valid)
		return answer_no("CANNOT", "Malformed mailbox name");
	if (!mailbox_name_valid(name->utf8, &why))
		return answer_no("CANNOT", why);
	return answer_proceed();
}
