/* SPDX-License-Identifier: MIT
 *
 * SELECT and EXAMINE (RFC 9051 sections 6.3.2 and 6.3.3, RFC 3501 sections
 * 6.3.1 and 6.3.2, RFC 7162 sections 3.1.8 and 3.2.5, RFC 8474 section
 * 4.2).
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/modseq.h"
#include "imap/objectid.h"
#include "imap/respond_list.h"
#include "imap/resync.h"
#include "imap/state.h"
#include "imap/update.h"
#include "proto/imap/command.h"

struct select_command {
	struct select_args args;
	bool has_condstore;
	bool has_qresync;
	struct qresync qresync; /* what the client knows */
	bool read_only;
};

bool
parse_cmd_select(struct parser *p, struct arena *a, void **ret_args)
{
	struct select_command *c = arena_alloc(a, sizeof(*c));

	*ret_args = c;
	return c != NULL && parse_select(p, &c->args);
}

/* select-params: CONDSTORE and QRESYNC, in any order (wire clients send both in
 * one list). */
struct answer
check_cmd_select(struct imap_session *s, void *args)
{
	static const char *const known[] = { "CONDSTORE", "QRESYNC" };
	struct select_command *c = args;
	const struct modifier_list *list = &c->args.params;
	const struct modifier *condstore = modifier_find(list, "CONDSTORE");
	const struct modifier *qresync = modifier_find(list, "QRESYNC");

	if (list->n == 0)
		return answer_proceed();
	if (!modseq_is_offered(s) ||
	    !modifiers_are_known(list, known, sizeof(known) / sizeof(*known)) ||
	    (condstore != NULL && condstore->value != NULL))
		return answer_bad("Unknown select parameter");
	if (qresync != NULL && !modseq_is_qresync(s))
		return answer_bad("QRESYNC is not enabled");
	if (qresync != NULL &&
	    !modifier_qresync(qresync, s->running->arena, &c->qresync))
		return answer_bad("Malformed QRESYNC parameter");
	c->has_condstore = condstore != NULL;
	c->has_qresync = qresync != NULL;
	return answer_proceed();
}

/* -- what is told ------------------------------------------------------ */

/* RFC 3501 section 7.1, UNSEEN; not in IMAP4rev2. */
static enum rc
tell_unseen(struct imap_session *s)
{
	uint32_t seq = 0;
	enum rc rc = RC_OK;

	if (!session_rev2(s))
		rc = view_first_unseen(&s->view, &seq);
	if (rc == RC_OK && seq != 0)
		respond_number_code(s, "UNSEEN", seq, "As of now");
	return rc;
}

/* RFC 9051 section 6.3.2 wants it, with the name as it was given if that is
 * not its normal form, or a synonym; older clients know nothing of it. */
static enum rc
tell_list(struct imap_session *s, const struct mailbox_name *name,
    const struct mailbox_info *info)
{
	struct str given = name->given;

	if (!session_rev2(s))
		return RC_OK;
	if (given.n == 0 && !str_eq(name->utf8, info->name))
		given = name->utf8;
	return respond_list_of(s, info->name, given);
}

static void
tell_mailboxid(struct imap_session *s, uint32_t mailbox)
{
	struct buf *line = respond_begin(s);

	buf_add_text(line, "MAILBOXID ");
	objectid_write_mailbox(s, mailbox, line);
	respond_state(s, "OK", buf_str(line), "As long as it lives");
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
	respond_number_code(s, "UIDVALIDITY", info->uidvalidity, "As of now");
	respond_number_code(s, "UIDNEXT", s->view.uidnext, "As of now");
	if (modseq_is_offered(s))
		modseq_tell(s);
	if (session_has(s, CAPABILITY_OBJECTID))
		tell_mailboxid(s, info->id);
	return tell_list(s, name, info);
}

/* -- selecting --------------------------------------------------------- */

static enum rc
open_and_select(struct imap_session *s, const struct select_command *c,
    const struct mailbox_info *info, bool *ret_broken)
{
	struct mailbox *b;
	enum rc rc = mailbox_open(s->mail, s->account, info->id, &b);

	if (rc != RC_OK)
		return rc;
	rc = state_select(s, b, c->read_only);
	mailbox_unref(&b);
	if (rc != RC_OK)
		return rc;
	if (c->has_condstore)
		s->enabled |= ENABLED_CONDSTORE;
	rc = tell_selected(s, &c->args.mailbox, info);
	if (rc == RC_OK && c->has_qresync)
		rc = resync(s, &c->qresync, info->uidvalidity, ret_broken);
	if (rc != RC_OK)
		state_unselect(s);
	return rc;
}

/* Whatever comes of it, the mailbox that was selected is no more. */
static struct answer
select_mailbox(struct imap_session *s, const struct select_command *c)
{
	struct mailbox_info info;
	struct answer a;
	bool broken = false;
	enum rc rc;

	if (s->state == IMAP_SELECTED) {
		state_unselect(s);
		respond_state(
		    s, "OK", STR("CLOSED"), "The mailbox before is closed");
	}
	a = lookup_meant(s, &c->args.mailbox, "NONEXISTENT", &info);
	if (a.status != ANSWER_PROCEED)
		return a;
	rc = open_and_select(s, c, &info, &broken);
	if (broken)
		return answer_gone(s, rc);
	if (rc != RC_OK)
		return answer_failed(rc);
	return answer_ok_code(
	    c->read_only ? STR("READ-ONLY") : STR("READ-WRITE"), "Selected");
}

struct answer
cmd_select(struct imap_session *s, void *args)
{
	return select_mailbox(s, args);
}

struct answer
cmd_examine(struct imap_session *s, void *args)
{
	struct select_command *c = args;

	c->read_only = true;
	return select_mailbox(s, c);
}
