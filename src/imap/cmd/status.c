/* SPDX-License-Identifier: MIT
 *
 * STATUS (RFC 9051 section 6.3.11, RFC 8438, RFC 7889, RFC 7162, RFC
 * 8474), of any mailbox, the selected one included.
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/modseq.h"
#include "imap/respond_list.h"
#include "proto/imap/status.h"

struct args {
	struct status_args status;
	struct mailbox_info info;
};

bool
parse_cmd_status(struct parser *p, struct arena *a, void **ret_args)
{
	struct args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_status(p, &args->status);
}

bool
cmd_status_items_offered(const struct imap_session *s, unsigned items)
{
	/* SIZE and DELETED are part of IMAP4rev2. */
	if ((items & STATUS_SIZE) && !session_rev2(s) &&
	    !session_has(s, CAPABILITY_STATUS_SIZE))
		return false;
	if ((items & STATUS_HIGHESTMODSEQ) && !modseq_is_offered(s))
		return false;
	if ((items & STATUS_MAILBOXID) && !session_has(s, CAPABILITY_OBJECTID))
		return false;
	return !(items & STATUS_APPENDLIMIT) ||
	       session_has(s, CAPABILITY_APPENDLIMIT);
}

struct answer
check_cmd_status(struct imap_session *s, void *args)
{
	struct args *a = args;
	struct answer answer;

	if (!cmd_status_items_offered(s, a->status.items))
		return answer_bad("Unknown status item");
	answer = lookup_meant(s, &a->status.mailbox, "NONEXISTENT", &a->info);
	/* It is told under the name that the client knows. */
	if (answer.status == ANSWER_PROCEED)
		a->info.name = a->status.mailbox.utf8;
	return answer;
}

struct answer
cmd_status(struct imap_session *s, void *args)
{
	const struct args *a = args;

	respond_status(s, &a->info, a->status.items);
	return answer_ok("That is its status");
}
