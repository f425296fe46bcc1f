/* SPDX-License-Identifier: MIT
 *
 * APPEND (RFC 9051 section 6.3.12) with MULTIAPPEND (RFC 3502).
 */
#include "imap/cmd/append_messages.h"
#include "imap/cmd/cmd.h"
#include "imap/respond_list.h"

bool
parse_cmd_append(struct parser *p, struct arena *a, void **ret_args)
{
	struct append_messages *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_append(p, &c->mailbox) ||
	    !parse_append_message(p, NULL, &c->next))
		return false;
	*ret_args = c;
	return true;
}

struct answer
check_cmd_append(struct imap_session *s, void *args)
{
	return append_messages_check(s, args);
}

/* The name that the mailbox really has (RFC 9051 section 6.3.12). */
static void
tell_normal_form(struct imap_session *s, const struct mailbox_name *name)
{
	/* It may be left out, and the messages are there. */
	if (session_rev2(s) && name->given.n > 0)
		(void)!respond_list_of(s, name->utf8, name->given);
}

/* RFC 4315 section 3: APPENDUID with as many UIDs as there were messages. */
static struct answer
append_all(struct imap_session *s, struct append_messages *c)
{
	struct append_result result = { 0 };
	struct str code;
	enum rc rc = message_append(
	    s->mail, s->account, c->to, c->items.v, c->items.n, &result);

	if (rc == RC_NOTFOUND)
		return answer_no("TRYCREATE", "The mailbox is gone");
	if (rc != RC_OK)
		return answer_failed(rc);
	s->appended += (uint32_t)c->items.n;
	tell_normal_form(s, &c->mailbox);
	code = append_messages_code(s, &result);
	uid_list_fini(&result.uids);
	return answer_ok_code(code, "Appended");
}

struct answer
cmd_append(struct imap_session *s, void *args)
{
	struct append_messages *c = args;
	struct answer answer = append_messages_take(s, c);

	if (answer.status == ANSWER_PROCEED)
		answer = append_all(s, c);
	append_messages_fini(c);
	return answer;
}
