/* SPDX-License-Identifier: MIT
 *
 * COPY and MOVE with their UID variants (RFC 9051 sections 6.4.7 and 6.4.8,
 * RFC 6851, RFC 4315).
 *
 * UIDs that no message has are passed over, and when nothing is left the
 * answer is OK without COPYUID.  Message numbers are of messages that the
 * client knows; if one of them is gone, COPY is refused, since it does all or
 * nothing.
 */
#include "imap/cmd/cmd.h"

#include "base/limits.h"
#include "imap/lookup.h"
#include "imap/selection.h"
#include "proto/imap/command.h"
#include "proto/imap/write.h"

struct copy_command {
	struct copy_args args;
	struct uid_list uids; /* not its own */
	uint32_t to;
};

bool
parse_cmd_copy(struct parser *p, struct arena *a, void **ret_args)
{
	struct copy_command *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_copy(p, &c->args))
		return false;
	*ret_args = c;
	return true;
}

struct answer
check_cmd_copy(struct imap_session *s, void *args)
{
	struct copy_command *c = args;
	struct mailbox_info to;
	struct answer answer =
	    lookup_meant(s, &c->args.mailbox, "TRYCREATE", &to);

	if (answer.status != ANSWER_PROCEED)
		return answer;
	c->to = to.id;
	return selection_of(s, &c->args.set, &c->uids);
}

/* Is any of the messages gone, unknown to the client? */
static enum rc
find_gone(struct imap_session *s, const struct uid_list *uids, bool *ret_gone)
{
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	size_t count = 0;
	bool gone = false;
	enum rc rc = view_walk_begin(
	    &s->view, uids->v, uids->n, true, s->running->arena, &walk);

	if (rc != RC_OK)
		return rc;
	do {
		rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			gone |= slice[i].expunged;
	} while (count > 0 && !gone);
	*ret_gone = gone;
	return RC_OK;
}

/* The response code, in the command's arena; empty when nothing was copied. */
static enum rc
copyuid(
    struct imap_session *s, const struct copy_result *r, struct str *ret_code)
{
	struct seq_ranges from = selection_ranges(&r->from);
	struct seq_ranges to = selection_ranges(&r->to);
	struct buf code;
	enum rc rc;

	*ret_code = STR("");
	if (from.n == 0 || !session_has(s, CAPABILITY_UIDPLUS))
		return RC_OK;
	buf_init(&code, UID_CODE_BYTES_MAX);
	write_code_copyuid(&code, r->uidvalidity, &from, &to);
	rc = buf_check(&code);
	if (rc == RC_OK)
		*ret_code = arena_str(s->running->arena, buf_str(&code));
	buf_fini(&code);
	return rc;
}

struct transfer {
	bool any; /* was anything copied? */
	struct str code;
};

/* Copy or move.  ANSWER_PROCEED when that was done. */
static struct answer
transfer(struct imap_session *s, const struct copy_command *c, bool move,
    struct transfer *ret_transfer)
{
	struct copy_result result = { 0 };
	enum rc rc = message_copy(s->mail, s->account,
	    mailbox_id(s->view.mailbox), &c->uids, c->to, move, &result);

	if (rc == RC_NOTFOUND && mailbox_is_deleted(s->view.mailbox))
		return answer_no("NONEXISTENT", "The mailbox is gone");
	if (rc == RC_NOTFOUND)
		return answer_no("TRYCREATE", "The destination is gone");
	if (rc != RC_OK)
		return answer_failed(rc);
	if (move)
		s->expunged += (uint32_t)uid_list_count(&result.from);
	ret_transfer->any = result.from.n > 0;
	/* It is done; a code that is too long for us is left out. */
	if (copyuid(s, &result, &ret_transfer->code) != RC_OK)
		ret_transfer->code = STR("");
	copy_result_fini(&result);
	return answer_proceed();
}

struct answer
cmd_copy(struct imap_session *s, void *args)
{
	struct copy_command *c = args;
	struct answer answer;
	struct transfer done = { 0 };
	bool gone = false;
	enum rc rc = RC_OK;

	if (!session_by_uid(s) && !c->args.set.saved)
		rc = find_gone(s, &c->uids, &gone);
	if (rc != RC_OK)
		return answer_failed(rc);
	if (gone)
		return answer_no(
		    "EXPUNGEISSUED", "Some of the messages exist no longer");
	answer = transfer(s, c, false, &done);
	if (answer.status != ANSWER_PROCEED)
		return answer;
	return answer_ok_code(
	    done.code, done.any ? "Copied" : "Nothing copied");
}

/* RFC 9051 section 6.4.8: COPYUID comes before the EXPUNGEs, which are told
 * in front of the answer like those of any other command. */
struct answer
cmd_move(struct imap_session *s, void *args)
{
	struct transfer done = { 0 };
	struct answer answer = transfer(s, args, true, &done);

	if (answer.status != ANSWER_PROCEED)
		return answer;
	if (done.code.n > 0)
		respond_state(s, "OK", done.code, "Moved");
	return answer_ok(done.any ? "Moved" : "Nothing moved");
}
