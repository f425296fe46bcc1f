/* SPDX-License-Identifier: MIT
 *
 * CLOSE (RFC 9051 section 6.4.1) and UNSELECT (section 6.4.2, RFC 3691).
 */
#include "imap/cmd/cmd.h"
#include "imap/session.h"
#include "imap/state.h"

/* Expunge without a word, unless the mailbox was opened with EXAMINE. */
struct answer
cmd_close(struct imap_session *s, void *args)
{
	struct uid_list expunged = { 0 };
	uint64_t modseq;
	enum rc rc = RC_OK;

	(void)args; /* there are none */
	if (!s->read_only)
		rc = message_expunge(s->mail, s->account,
		    mailbox_id(s->view.mailbox), NULL, &expunged, &modseq);
	s->expunged += (uint32_t)uid_list_count(&expunged);
	uid_list_fini(&expunged);
	/* A mailbox that was deleted meanwhile is closed all the same. */
	if (rc != RC_OK && rc != RC_NOTFOUND)
		return answer_failed(rc);
	state_unselect(s);
	return answer_ok("Closed");
}

struct answer
cmd_unselect(struct imap_session *s, void *args)
{
	(void)args; /* there are none */
	state_unselect(s);
	return answer_ok("Unselected");
}
