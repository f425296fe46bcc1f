/* SPDX-License-Identifier: MIT
 *
 * REPLACE and UID REPLACE (RFC 8508): APPEND of one message and removal of
 * another, both or none.
 */
#include "imap/cmd/append_messages.h"
#include "imap/cmd/cmd.h"
#include "imap/selection.h"

struct replace_command {
	struct append_messages with;
	struct seq_set replaced;
	uint32_t uid; /* of that, once checked */
};

bool
parse_cmd_replace(struct parser *p, struct arena *a, void **ret_args)
{
	struct replace_command *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_replace(p, &c->replaced, &c->with.mailbox) ||
	    !parse_append_message(p, NULL, &c->with.next))
		return false;
	c->with.single = true;
	*ret_args = c;
	return true;
}

static struct answer
answer_gone_message(void)
{
	return answer_no(NULL, "There is no such message to replace");
}

/* The message that is to go is there. */
static struct answer
check_replaced(struct imap_session *s, struct replace_command *c)
{
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	struct uid_list uids;
	size_t count = 0;
	enum rc rc;
	struct answer answer = selection_of(s, &c->replaced, &uids);

	if (answer.status != ANSWER_PROCEED)
		return answer;
	rc = view_walk_begin(
	    &s->view, uids.v, uids.n, true, s->running->arena, &walk);
	if (rc == RC_OK)
		rc = view_walk_next(&walk, slice, &count);
	if (rc != RC_OK)
		return answer_failed(rc);
	if (count == 0 || slice[0].expunged)
		return answer_gone_message();
	c->uid = slice[0].uid;
	return answer_proceed();
}

struct answer
check_cmd_replace(struct imap_session *s, void *args)
{
	struct replace_command *c = args;
	struct answer answer = append_messages_check(s, &c->with);

	if (answer.status == ANSWER_PROCEED)
		answer = check_replaced(s, c);
	return answer;
}

/* RFC 8508 section 4.3: APPENDUID comes before EXPUNGE, which is told in front
 * of the answer like those of any other command. */
static struct answer
replace(struct imap_session *s, struct replace_command *c)
{
	struct append_result result = { 0 };
	struct str code;
	enum rc rc =
	    message_replace(s->mail, s->account, mailbox_id(s->view.mailbox),
		c->uid, c->with.to, c->with.items.v, &result);

	if (rc == RC_CONFLICT)
		return answer_gone_message();
	if (rc == RC_NOTFOUND && mailbox_is_deleted(s->view.mailbox))
		return answer_no("NONEXISTENT", "The mailbox is gone");
	if (rc == RC_NOTFOUND)
		return answer_no("TRYCREATE", "The destination is gone");
	if (rc != RC_OK)
		return answer_failed(rc);
	s->appended++;
	s->expunged++;
	code = append_messages_code(s, &result);
	uid_list_fini(&result.uids);
	if (code.n > 0)
		respond_state(s, "OK", code, "Replaced");
	return answer_ok("Replaced");
}

struct answer
cmd_replace(struct imap_session *s, void *args)
{
	struct replace_command *c = args;
	struct answer answer = append_messages_take(s, &c->with);

	if (answer.status == ANSWER_PROCEED)
		answer = replace(s, c);
	append_messages_fini(&c->with);
	return answer;
}
