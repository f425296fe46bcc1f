/* SPDX-License-Identifier: MIT
 *
 * STORE and UID STORE (RFC 9051 section 6.4.6).
 *
 * A system flag that does not exist ("\Forwarded" of some clients) is left out
 * of the list; the command does the rest.
 */
#include "imap/cmd/cmd.h"
#include "imap/selection.h"
#include "imap/update.h"
#include "proto/imap/store.h"

struct store_command {
	struct store_args args;
	struct uid_list uids; /* not its own */
};

_Static_assert((int)IMAP_FLAG_SEEN == FLAG_SEEN &&
		   (int)IMAP_FLAG_ANSWERED == FLAG_ANSWERED &&
		   (int)IMAP_FLAG_FLAGGED == FLAG_FLAGGED &&
		   (int)IMAP_FLAG_DELETED == FLAG_DELETED &&
		   (int)IMAP_FLAG_DRAFT == FLAG_DRAFT,
    "flags are the same bits");

bool
parse_cmd_store(struct parser *p, struct arena *a, void **ret_args)
{
	struct store_command *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_store(p, &c->args))
		return false;
	*ret_args = c;
	return true;
}

struct answer
check_cmd_store(struct imap_session *s, void *args)
{
	struct store_command *c = args;

	if (c->args.modifiers.n > 0)
		return answer_bad("Unknown STORE modifier");
	if (c->args.flags.system & IMAP_FLAG_RECENT)
		return answer_no("CANNOT", "\\Recent cannot be changed");
	return selection_of(s, &c->args.set, &c->uids);
}

static enum rc
change_flags(struct imap_session *s, const struct store_command *c,
    struct store_result *ret_result)
{
	static const enum store_mode modes[] = {
		[STORE_FLAGS] = STORE_REPLACE,
		[STORE_PLUS_FLAGS] = STORE_ADD,
		[STORE_MINUS_FLAGS] = STORE_REMOVE,
	};
	struct store_request request = {
		.uids = &c->uids,
		.mode = modes[c->args.sign],
		.flags = { c->args.flags.system & FLAG_ALL,
		    c->args.flags.keywords, c->args.flags.keyword_count },
		.unchangedsince = UINT64_MAX,
		.told = s->view.flags_modseq,
	};

	return message_store(s->mail, s->account, mailbox_id(s->view.mailbox),
	    &request, ret_result);
}

/* New keywords are told before a message has them. */
static enum rc
tell_keywords(struct imap_session *s)
{
	unsigned count = mailbox_keyword_count(s->view.mailbox);
	enum rc rc;

	if (count == s->view.keyword_count)
		return RC_OK;
	rc = update_flags(s);
	if (rc == RC_OK)
		s->view.keyword_count = count;
	return rc;
}

/* Tell the flags of ${uids}.  *ret_broken: the connection is. */
static enum rc
tell_messages(
    struct imap_session *s, const struct uid_list *uids, bool *ret_broken)
{
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	struct str *keywords;
	unsigned keyword_count;
	size_t count;
	enum rc rc = mailbox_keywords(
	    s->view.mailbox, s->running->arena, &keywords, &keyword_count);

	if (rc == RC_OK)
		rc = view_walk_begin(
		    &s->view, uids->v, uids->n, true, s->running->arena, &walk);
	do {
		if (rc == RC_OK)
			rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			update_tell_flags(
			    s, &slice[i], keywords, keyword_count);
		rc = respond_room(s);
		*ret_broken = rc != RC_OK;
	} while (rc == RC_OK && count > 0);
	return rc;
}

/* Were messages named by number that are gone?  The client has yet to be told
 * of them (RFC 2180 section 4.2).  For UIDs this is no fault. */
static bool
has_gone(const struct imap_session *s, const struct store_command *c,
    const struct store_result *result)
{
	return !session_by_uid(s) && !c->args.silent && !c->args.set.saved &&
	       result->stored.n == 0 && c->uids.n > 0;
}

struct answer
cmd_store(struct imap_session *s, void *args)
{
	struct store_command *c = args;
	struct store_result result = { 0 };
	const struct uid_list *told;
	bool broken = false;
	struct answer answer = answer_ok("Stored");
	enum rc rc = change_flags(s, c, &result);

	if (rc == RC_OK)
		rc = tell_keywords(s);
	/* A silent one is told what others changed meanwhile. */
	told = c->args.silent ? &result.external : &result.stored;
	if (rc == RC_OK && told->n > 0)
		rc = tell_messages(s, told, &broken);
	if (broken)
		answer = answer_gone(s, rc);
	else if (rc != RC_OK)
		answer = answer_failed(rc);
	else if (has_gone(s, c, &result))
		answer =
		    answer_no("EXPUNGEISSUED", "These messages exist no more");
	else
		session_own_changes(s, &result.modseqs);
	store_result_fini(&result);
	return answer;
}
