/* SPDX-License-Identifier: MIT
 *
 * STORE and UID STORE (RFC 9051 section 6.4.6, RFC 7162 section 3.1.3).
 *
 * A system flag that does not exist ("\Forwarded" of some clients) is left out
 * of the list; the command does the rest.
 */
#include "imap/cmd/cmd.h"
#include "imap/imap.h"

#include "base/limits.h"
#include "imap/modseq.h"
#include "imap/selection.h"
#include "imap/update.h"
#include "proto/imap/resync.h"
#include "proto/imap/store.h"

struct store_command {
	struct store_args args;
	struct uid_list uids; /* not its own */
	bool is_conditional;  /* UNCHANGEDSINCE */
	uint64_t unchanged_since;
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

/* store-modifiers: UNCHANGEDSINCE. */
static struct answer
check_modifiers(struct imap_session *s, struct store_command *c)
{
	static const char *const known[] = { "UNCHANGEDSINCE" };
	const struct modifier_list *list = &c->args.modifiers;

	c->unchanged_since = UINT64_MAX;
	if (list->n == 0)
		return answer_proceed();
	if (!modseq_is_offered(s) || !modifiers_are_known(list, known, 1))
		return answer_bad("Unknown STORE modifier");
	if (!modifier_modseq(&list->v[0], &c->unchanged_since))
		return answer_bad("Expected a number behind UNCHANGEDSINCE");
	c->is_conditional = true;
	return answer_proceed();
}

struct answer
check_cmd_store(struct imap_session *s, void *args)
{
	struct store_command *c = args;
	struct answer answer = check_modifiers(s, c);

	if (answer.status != ANSWER_PROCEED)
		return answer;
	if (c->args.flags.unknown && !s->service->lenient)
		return answer_bad("There is no such system flag");
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
		.unchangedsince = c->unchanged_since,
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

/* Tell what was changed; of a silent one what others changed meanwhile, and
 * for a client that keeps them the mod-sequences of all.  *ret_broken: the
 * connection is. */
static enum rc
tell_messages(struct imap_session *s, const struct store_command *c,
    const struct store_result *result, bool *ret_broken)
{
	bool all = !c->args.silent || modseq_is_enabled(s);
	const struct uid_list *uids = all ? &result->stored : &result->external;
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	struct str *keywords;
	unsigned keyword_count;
	size_t count;
	enum rc rc;

	if (uids->n == 0)
		return RC_OK;
	rc = mailbox_keywords(
	    s->view.mailbox, s->running->arena, &keywords, &keyword_count);
	if (rc == RC_OK)
		rc = view_walk_begin(
		    &s->view, uids->v, uids->n, true, s->running->arena, &walk);
	do {
		if (rc == RC_OK)
			rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < count; i++) {
			if (c->args.silent &&
			    !uid_list_has(&result->external, slice[i].uid))
				update_tell_modseq(s, &slice[i]);
			else
				update_tell_flags(
				    s, &slice[i], keywords, keyword_count);
		}
		rc = respond_room(s);
		*ret_broken = rc != RC_OK;
	} while (rc == RC_OK && count > 0);
	return rc;
}

/* The messages that were not stored, as the command names messages. */
static enum rc
refused_numbers(struct imap_session *s, const struct uid_list *uids,
    struct uid_list *ret_numbers)
{
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	size_t count;
	enum rc rc = view_walk_begin(
	    &s->view, uids->v, uids->n, true, s->running->arena, &walk);

	do {
		if (rc == RC_OK)
			rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			uid_list_add(ret_numbers,
			    session_by_uid(s) ? slice[i].uid : slice[i].seq);
	} while (count > 0);
	return RC_OK;
}

/* "MODIFIED" SP sequence-set                      RFC 7162 section 7
 * in the command's arena. */
static enum rc
write_modified(
    struct imap_session *s, const struct uid_list *uids, struct str *ret_code)
{
	struct uid_list numbers = { 0 };
	struct seq_ranges r;
	struct buf code;
	enum rc rc = refused_numbers(s, uids, &numbers);

	r = selection_ranges(&numbers);
	buf_init(&code, UID_CODE_BYTES_MAX);
	buf_add_text(&code, "MODIFIED ");
	write_sequence_set(&code, r.v, r.n);
	if (rc == RC_OK)
		rc = buf_check(&code);
	if (rc == RC_OK) {
		*ret_code = arena_str(s->running->arena, buf_str(&code));
		rc = ret_code->p != NULL ? RC_OK : RC_LIMIT;
	}
	buf_fini(&code);
	uid_list_fini(&numbers);
	return rc;
}

/* Were messages named by number that are gone?  The client has yet to be told
 * of them (RFC 2180 section 4.2).  For UIDs this is no fault. */
static bool
has_gone(const struct imap_session *s, const struct store_command *c,
    const struct store_result *result)
{
	return !session_by_uid(s) && !c->args.silent && !c->args.set.saved &&
	       result->stored.n == 0 && result->modified.n == 0 &&
	       c->uids.n > 0;
}

/* It is done; what was not is told. */
static struct answer
answer_of(struct imap_session *s, const struct store_command *c,
    const struct store_result *result)
{
	struct str code;

	if (has_gone(s, c, result))
		return answer_no(
		    "EXPUNGEISSUED", "These messages exist no more");
	session_own_changes(s, &result->modseqs);
	if (result->modified.n == 0)
		return answer_ok("Stored");
	if (write_modified(s, &result->modified, &code) != RC_OK)
		return answer_no("LIMIT", "Some were changed by others, "
					  "too many to say which");
	return answer_ok_code(code, "Some were changed by others");
}

struct answer
cmd_store(struct imap_session *s, void *args)
{
	struct store_command *c = args;
	struct store_result result = { 0 };
	bool broken = false;
	struct answer answer;
	enum rc rc;

	if (c->is_conditional)
		modseq_enable(s);
	rc = change_flags(s, c, &result);
	if (rc == RC_OK)
		rc = tell_keywords(s);
	if (rc == RC_OK)
		rc = tell_messages(s, c, &result, &broken);
	if (broken)
		answer = answer_gone(s, rc);
	else if (rc != RC_OK)
		answer = answer_failed(rc);
	else
		answer = answer_of(s, c, &result);
	store_result_fini(&result);
	return answer;
}
