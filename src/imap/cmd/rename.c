/* SPDX-License-Identifier: MIT
 *
 * RENAME (RFC 9051 section 6.3.6).  Sessions that have the mailbox selected go
 * on with it under its new name.
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/respond_list.h"
#include "proto/imap/command.h"

bool
parse_cmd_rename(struct parser *p, struct arena *a, void **ret_args)
{
	struct rename_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_rename(p, args);
}

struct answer
check_cmd_rename(struct imap_session *s, void *args)
{
	const struct rename_args *rename = args;
	struct mailbox_info info;
	struct answer a;

	if (rename->params.n > 0)
		return answer_bad("Unknown rename parameter");
	a = lookup_mailbox(s, &rename->from, "NONEXISTENT", &info);
	if (a.status == ANSWER_PROCEED)
		a = lookup_check_new(&rename->to);
	return a;
}

/* The new name with the old one, for a client that knows OLDNAME (RFC 9051
 * section 6.3.9.7).  Renaming INBOX is told by no LIST. */
static void
tell_renamed(struct imap_session *s, const struct rename_args *args)
{
	struct str from = args->from.given;

	if (from.n == 0)
		from = args->from.utf8;
	if (!session_rev2(s) || str_eq(args->from.utf8, STR("INBOX")))
		return;
	/* It may be left out, and the renaming has succeeded. */
	(void)!respond_list_of(s, args->to.utf8, from);
}

struct answer
cmd_rename(struct imap_session *s, void *args)
{
	const struct rename_args *rename = args;
	enum rc rc = mailbox_rename(
	    s->mail, s->account, rename->from.utf8, rename->to.utf8);

	if (rc != RC_OK)
		return answer_failed(rc);
	tell_renamed(s, rename);
	return answer_ok("Renamed");
}
