/* SPDX-License-Identifier: MIT
 *
 * SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3, RFC 3501 sections
 * 6.3.1 and 6.3.2).
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/respond_list.h"
#include "imap/state.h"
#include "imap/update.h"
#include "proto/imap/command.h"

bool
parse_cmd_select(struct parser *p, struct arena *a, void **ret_args)
{
	struct select_args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_select(p, args);
}

struct answer
check_cmd_select(struct imap_session *s, void *args)
{
	const struct select_args *select = args;

	(void)s;
	if (select->params.n > 0)
		return answer_bad("Unknown select parameter");
	return answer_proceed();
}

/* -- what is told ------------------------------------------------------ */

static void
tell_number(struct imap_session *s, const char *format, uint32_t number)
{
	struct buf *line = respond_begin(s);

	buf_add_text(line, "* OK [");
	buf_add_text(line, format);
	buf_add_format(line, " %u] ", number);
	buf_add_text(line, "As of now");
	respond_line(s);
}

/* RFC 3501 section 7.1, UNSEEN; not in IMAP4rev2. */
static enum rc
tell_unseen(struct imap_session *s)
{
	uint32_t seq = 0;
	enum rc rc = RC_OK;

	if (!session_rev2(s))
		rc = view_first_unseen(&s->view, &seq);
	if (rc == RC_OK && seq != 0)
		tell_number(s, "UNSEEN", seq);
	return rc;
}

/* RFC 9051 section 6.3.2 wants it, with the name as it was given if that is
 * not its normal form; older clients know nothing of it. */
static enum rc
tell_list(struct imap_session *s, const struct mailbox_name *name)
{
	if (!session_rev2(s))
		return RC_OK;
	return respond_list_of(s, name->utf8, name->given);
}

static enum rc
tell_selected(struct imap_session *s, const struct mailbox_name *name,
    const struct mailbox_info *info)
{
	enum rc rc = update_flags(s);

	if (rc != RC_OK)
		return rc;
	respond_begin_number(s, s->view.exists, "EXISTS");
	respond_line(s);
	rc = update_recent(s);
	if (rc == RC_OK)
		rc = tell_unseen(s);
	if (rc != RC_OK)
		return rc;
	tell_number(s, "UIDVALIDITY", info->uidvalidity);
	tell_number(s, "UIDNEXT", s->view.uidnext);
	return tell_list(s, name);
}

/* -- selecting --------------------------------------------------------- */

static enum rc
open_and_select(struct imap_session *s, const struct mailbox_name *name,
    const struct mailbox_info *info, bool read_only)
{
	struct mailbox *b;
	enum rc rc = mailbox_open(s->mail, s->account, info->id, &b);

	if (rc != RC_OK)
		return rc;
	rc = state_select(s, b, read_only);
	mailbox_unref(&b);
	if (rc != RC_OK)
		return rc;
	rc = tell_selected(s, name, info);
	if (rc != RC_OK)
		state_unselect(s);
	return rc;
}

/* Whatever comes of it, the mailbox that was selected is no more. */
static struct answer
select_mailbox(
    struct imap_session *s, const struct select_args *args, bool read_only)
{
	struct mailbox_info info;
	struct answer a;
	enum rc rc;

	if (s->state == IMAP_SELECTED) {
		state_unselect(s);
		respond_untagged(s, "OK [CLOSED] The mailbox before is closed");
	}
	a = lookup_mailbox(s, &args->mailbox, "NONEXISTENT", &info);
	if (a.status != ANSWER_PROCEED)
		return a;
	rc = open_and_select(s, &args->mailbox, &info, read_only);
	if (rc != RC_OK)
		return answer_failed(rc);
	return answer_ok_code(
	    read_only ? STR("READ-ONLY") : STR("READ-WRITE"), "Selected");
}

struct answer
cmd_select(struct imap_session *s, void *args)
{
	return select_mailbox(s, args, false);
}

struct answer
cmd_examine(struct imap_session *s, void *args)
{
	return select_mailbox(s, args, true);
}
