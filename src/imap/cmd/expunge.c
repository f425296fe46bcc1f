/* SPDX-License-Identifier: MIT
 *
 * EXPUNGE (RFC 9051 section 6.4.3) and UID EXPUNGE (section 6.4.9, RFC 4315).
 * What was removed is told by dispatch(), like everything that has changed.
 */
#include "imap/cmd/cmd.h"
#include "imap/selection.h"
#include "proto/imap/command.h"

/* Those with \Deleted, only ${uids} unless NULL. */
static struct answer
expunge(struct imap_session *s, const struct uid_list *uids)
{
	struct uid_list expunged = { 0 };
	uint64_t modseq;
	enum rc rc = message_expunge(s->mail, s->account,
	    mailbox_id(s->view.mailbox), uids, &expunged, &modseq);

	if (rc != RC_OK)
		return answer_failed(rc);
	s->expunged += (uint32_t)uid_list_count(&expunged);
	uid_list_fini(&expunged);
	return answer_ok("Expunged");
}

struct answer
cmd_expunge(struct imap_session *s, void *args)
{
	(void)args; /* there are none */
	return expunge(s, NULL);
}

bool
parse_cmd_uid_expunge(struct parser *p, struct arena *a, void **ret_args)
{
	struct seq_set *set = arena_alloc(a, sizeof(*set));

	*ret_args = set;
	return set != NULL && parse_uid_expunge(p, set);
}

struct answer
cmd_uid_expunge(struct imap_session *s, void *args)
{
	struct uid_list uids;
	struct answer a = selection_of(s, args, &uids);

	return a.status == ANSWER_PROCEED ? expunge(s, &uids) : a;
}
