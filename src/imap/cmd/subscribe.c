/* SPDX-License-Identifier: MIT
 *
 * SUBSCRIBE and UNSUBSCRIBE (RFC 9051 sections 6.3.7 and 6.3.8).  The mailbox
 * need not exist, and unsubscribing twice is fine.
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "proto/imap/command.h"

bool
parse_cmd_mailbox(struct parser *p, struct arena *a, void **ret_args)
{
	struct mailbox_name *name = arena_alloc(a, sizeof(*name));

	*ret_args = name;
	return name != NULL && parse_mailbox_only(p, name);
}

static enum rc
set(struct imap_session *s, const struct mailbox_name *name, bool subscribed)
{
	return mailbox_subscribe(s->mail, s->account, name->utf8, subscribed);
}

struct answer
cmd_subscribe(struct imap_session *s, void *args)
{
	struct answer a = lookup_check_new(args);
	enum rc rc;

	if (a.status != ANSWER_PROCEED)
		return a;
	rc = set(s, args, true);
	return rc == RC_OK ? answer_ok("Subscribed") : answer_failed(rc);
}

struct answer
cmd_unsubscribe(struct imap_session *s, void *args)
{
	const struct mailbox_name *name = args;
	enum rc rc = RC_OK;

	/* No other name can be subscribed. */
	if (name->valid)
		rc = set(s, name, false);
	return rc == RC_OK ? answer_ok("Unsubscribed") : answer_failed(rc);
}
