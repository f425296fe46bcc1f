/* SPDX-License-Identifier: MIT
 *
 * From the mailbox name of a command to a mailbox.
 */
#include "imap/lookup.h"

#include "imap/imap.h"
#include "imap/synonym.h"

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

/* The mailbox with the use that the name is a synonym for.  RC_NOTFOUND. */
static enum rc
find_by_use(
    struct imap_session *s, struct str name, struct mailbox_info *ret_info)
{
	enum special_use use = synonym_use(name);
	struct mailbox_info *all;
	size_t count;
	enum rc rc;

	if (!s->service->synonyms || use == SPECIAL_NONE)
		return RC_NOTFOUND;
	rc = mailbox_list(s->mail, s->account, s->running->arena, &all, &count);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		if (all[i].use != use)
			continue;
		*ret_info = all[i];
		return RC_OK;
	}
	return RC_NOTFOUND;
}

struct answer
lookup_meant(struct imap_session *s, const struct mailbox_name *name,
    const char *missing, struct mailbox_info *ret_info)
{
	struct answer a = lookup_mailbox(s, name, missing, ret_info);
	enum rc rc;

	if (a.status == ANSWER_PROCEED || !name->valid)
		return a;
	rc = find_by_use(s, name->utf8, ret_info);
	if (rc == RC_NOTFOUND)
		return a;
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
