/* SPDX-License-Identifier: MIT
 *
 * APPEND (RFC 9051 section 6.3.12) with MULTIAPPEND (RFC 3502), literal8 (RFC
 * 3516), UTF8 (RFC 9755), APPENDUID (RFC 4315) and the limit of RFC 7889.
 *
 * Octets go to the store's staging area as they come.  What can be refused is
 * refused before the client is invited to send it, and the session drops what
 * a refused command still sends.
 */
#include "imap/cmd/cmd.h"

#include "base/limits.h"
#include "base/vec.h"
#include "imap/lookup.h"
#include "imap/selection.h"
#include "proto/imap/append.h"
#include "proto/imap/write.h"

struct append_command {
	struct mailbox_name mailbox;
	struct append_message next; /* announced last */
	uint32_t to;
	uint64_t octets; /* of all messages */
	VEC(struct append) items;
};

bool
parse_cmd_append(struct parser *p, struct arena *a, void **ret_args)
{
	struct append_command *c = arena_alloc(a, sizeof(*c));

	if (c == NULL || !parse_append(p, &c->mailbox) ||
	    !parse_append_message(p, NULL, &c->next))
		return false;
	*ret_args = c;
	return true;
}

/* -- checking ---------------------------------------------------------- */

/* May the message be sent that was announced? */
static struct answer
check_next(struct imap_session *s, struct append_command *c)
{
	const struct append_message *m = &c->next;

	if (m->utf8 && !(s->enabled & ENABLED_UTF8))
		return answer_bad("UTF8=ACCEPT is not enabled");
	if (m->literal8 && !m->utf8 && !session_has(s, CAPABILITY_BINARY))
		return answer_bad("BINARY is not offered");
	/* RFC 3502 section 6.3.11: this is how an APPEND is cancelled. */
	if (m->octets == 0)
		return answer_no(NULL, "A message is not empty");
	if (m->octets > mail_message_bytes_max(s->mail))
		return answer_no("TOOBIG", "The message is too big");
	if (c->items.n > 0 && !session_has(s, CAPABILITY_MULTIAPPEND))
		return answer_bad("MULTIAPPEND is not offered");
	if (c->items.n == MULTIAPPEND_MAX)
		return answer_no("LIMIT", "Too many messages at once");
	if (c->items.n > 0 && c->octets + m->octets > MULTIAPPEND_BYTES_MAX)
		return answer_no("TOOBIG", "Too much at once");
	return answer_proceed();
}

struct answer
check_cmd_append(struct imap_session *s, void *args)
{
	struct append_command *c = args;
	struct mailbox_info to;
	struct answer answer = check_next(s, c);

	if (answer.status == ANSWER_PROCEED)
		answer = lookup_mailbox(s, &c->mailbox, "TRYCREATE", &to);
	if (answer.status == ANSWER_PROCEED)
		c->to = to.id;
	return answer;
}

/* -- taking the octets ------------------------------------------------- */

static struct answer
answer_lost(struct imap_session *s, enum rc rc)
{
	return rc == RC_SYNTAX ? session_refused(s) : answer_gone(s, rc);
}

static void
add_item(struct append_command *c, struct incoming *message)
{
	const struct append_message *m = &c->next;

	vec_push(
	    &c->items, (struct append){
			   .message = message,
			   .flags = { m->flags.system & FLAG_ALL,
			       m->flags.keywords, m->flags.keyword_count },
			   .internal_date = m->has_date ? m->date : INT64_MIN,
		       });
	c->octets += m->octets;
}

static struct answer
answer_not_taken(enum rc rc)
{
	if (rc == RC_LIMIT)
		return answer_no("TOOBIG", "The message is too big");
	return answer_failed(rc);
}

/* Take the message that was announced. */
static struct answer
take_message(struct imap_session *s, struct append_command *c)
{
	struct incoming *message = incoming_new(s->mail, s->account);
	struct str octets;
	enum rc rc = session_literal_accept(s);

	add_item(c, message);
	if (rc != RC_OK)
		return answer_lost(s, rc);
	for (;;) {
		rc = session_literal_next(s, &octets);
		if (rc != RC_OK)
			return answer_lost(s, rc);
		if (octets.n == 0)
			break;
		rc = incoming_write(message, octets);
		if (rc != RC_OK)
			return answer_not_taken(rc);
	}
	rc = incoming_finish(message);
	return rc == RC_OK ? answer_proceed() : answer_not_taken(rc);
}

/* What comes behind a message: another one, or the end. */
static struct answer
take_text(struct imap_session *s, struct append_command *c, bool *ret_more)
{
	struct append_message last = c->next;
	struct parser p;
	struct str text;
	bool more, parsed;
	enum rc rc = session_command_next(s, &text, &more);

	if (rc != RC_OK)
		return answer_lost(s, rc);
	parser_init(&p, text, s->running->arena, session_parse_options(s));
	parsed = more ? parse_append_message(&p, &last, &c->next)
		      : parse_append_end(&p, &last);
	if (!parsed && parser_fault(&p) != PARSER_SYNTAX)
		return answer_failed(RC_LIMIT);
	if (!parsed)
		return answer_bad("Malformed behind a message");
	*ret_more = more;
	return more ? check_next(s, c) : answer_proceed();
}

static struct answer
take_messages(struct imap_session *s, struct append_command *c)
{
	bool more = true;

	while (more) {
		struct answer answer = take_message(s, c);

		if (answer.status == ANSWER_PROCEED)
			answer = take_text(s, c, &more);
		if (answer.status != ANSWER_PROCEED)
			return answer;
	}
	return answer_proceed();
}

/* -- doing it ---------------------------------------------------------- */

/* RFC 4315 section 3: APPENDUID with as many UIDs as there were messages. */
static struct answer
answer_appended(struct imap_session *s, const struct append_result *result)
{
	struct seq_ranges uids = selection_ranges(&result->uids);
	struct str text = STR("");
	struct buf code;

	buf_init(&code, UID_CODE_BYTES_MAX);
	if (session_has(s, CAPABILITY_UIDPLUS)) {
		write_code_appenduid(&code, result->uidvalidity, &uids);
		text = arena_str(s->running->arena, buf_str(&code));
	}
	buf_fini(&code);
	return answer_ok_code(text, "Appended");
}

static struct answer
append_all(struct imap_session *s, struct append_command *c)
{
	struct append_result result = { 0 };
	struct answer answer;
	enum rc rc = message_append(
	    s->mail, s->account, c->to, c->items.v, c->items.n, &result);

	if (rc == RC_NOTFOUND)
		return answer_no("TRYCREATE", "The mailbox is gone");
	if (rc != RC_OK)
		return answer_failed(rc);
	s->appended += (uint32_t)c->items.n;
	answer = answer_appended(s, &result);
	uid_list_fini(&result.uids);
	return answer;
}

struct answer
cmd_append(struct imap_session *s, void *args)
{
	struct append_command *c = args;
	struct answer answer = take_messages(s, c);

	if (answer.status == ANSWER_PROCEED)
		answer = append_all(s, c);
	for (size_t i = 0; i < c->items.n; i++)
		incoming_free(c->items.v[i].message);
	vec_fini(&c->items);
	return answer;
}
