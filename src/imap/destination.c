/* SPDX-License-Identifier: MIT
 *
 * The mailbox that APPEND, COPY and MOVE put messages into.
 */
#include "imap/destination.h"

struct answer
destination_find(
    struct imap_session *s, const struct mailbox_name *name, uint32_t *ret_id)
{
	struct mailbox_info info;
	const char *why;
	enum rc rc;

	if (!name->valid || !mailbox_name_valid(name->utf8, &why))
		return answer_no("CANNOT", "No mailbox can have such a name");
	rc = mailbox_find(
	    s->mail, s->account, name->utf8, s->running->arena, &info);
	if (rc == RC_NOTFOUND)
		return answer_no("TRYCREATE", "No such mailbox");
	if (rc != RC_OK)
		return answer_failed(rc);
	*ret_id = info.id;
	return answer_proceed();
}
