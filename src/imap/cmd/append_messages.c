/* SPDX-License-Identifier: MIT
 *
 * The messages that APPEND and REPLACE bring: what may be refused of them, and
 * taking them in.
 */
#include "imap/cmd/append_messages.h"

#include "base/limits.h"
#include "imap/imap.h"
#include "imap/lookup.h"
#include "imap/selection.h"
#include "proto/imap/write.h"

/* -- checking ---------------------------------------------------------- */

/* May the message be sent that was announced? */
static struct answer
check_next(struct imap_session *s, struct append_messages *c)
{
	const struct append_message *m = &c->next;

	if (m->utf8 && !(s->enabled & ENABLED_UTF8))
		return answer_bad("UTF8=ACCEPT is not enabled");
	if (m->flags.unknown && !s->service->lenient)
		return answer_bad("There is no such system flag");
	if (m->literal8 && !m->utf8 && !session_has(s, CAPABILITY_BINARY))
		return answer_bad("BINARY is not offered");
	/* RFC 3502 section 6.3.11: this is how an APPEND is cancelled. */
	if (m->octets == 0)
		return answer_no(NULL, "A message is not empty");
	if (m->octets > mail_message_bytes_max(s->mail))
		return answer_no("TOOBIG", "The message is too big");
	if (c->items.n > 0 && c->single)
		return answer_bad("Takes one message only");
	if (c->items.n > 0 && !session_has(s, CAPABILITY_MULTIAPPEND))
		return answer_bad("MULTIAPPEND is not offered");
	if (c->items.n == MULTIAPPEND_MAX)
		return answer_no("LIMIT", "Too many messages at once");
	if (c->items.n > 0 && c->octets + m->octets > MULTIAPPEND_BYTES_MAX)
		return answer_no("TOOBIG", "Too much at once");
	return answer_proceed();
}

struct answer
append_messages_check(struct imap_session *s, struct append_messages *c)
{
	struct mailbox_info to;
	struct answer answer = check_next(s, c);

	if (answer.status == ANSWER_PROCEED)
		answer = lookup_meant(s, &c->mailbox, "TRYCREATE", &to);
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
add_item(struct append_messages *c, struct incoming *message)
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

/* May the client bring headers that are not ASCII?  RFC 9755 section 4 wants
 * them refused before ENABLE, but programs that move mail know nothing of it. */
static bool
may_bring_8bit_headers(const struct imap_session *s)
{
	return session_utf8(s) || s->service->lenient ||
	       !session_has(s, CAPABILITY_UTF8_ACCEPT);
}

/* Take the message that was announced. */
static struct answer
take_message(struct imap_session *s, struct append_messages *c)
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
	if (rc != RC_OK)
		return answer_not_taken(rc);
	if (incoming_has_8bit_header(message) && !may_bring_8bit_headers(s))
		return answer_no("CANNOT",
		    "A header that is not ASCII needs ENABLE UTF8=ACCEPT");
	return answer_proceed();
}

/* What comes behind a message: another one, or the end. */
static struct answer
take_text(struct imap_session *s, struct append_messages *c, bool *ret_more)
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

struct answer
append_messages_take(struct imap_session *s, struct append_messages *c)
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

struct str
append_messages_code(struct imap_session *s, const struct append_result *result)
{
	struct seq_ranges uids = selection_ranges(&result->uids);
	struct str text;
	struct buf code;

	if (!session_has(s, CAPABILITY_UIDPLUS))
		return STR("");
	buf_init(&code, UID_CODE_BYTES_MAX);
	write_code_appenduid(&code, result->uidvalidity, &uids);
	text = arena_str(s->running->arena, buf_str(&code));
	buf_fini(&code);
	return text;
}

void
append_messages_fini(struct append_messages *c)
{
	for (size_t i = 0; i < c->items.n; i++)
		incoming_free(c->items.v[i].message);
	vec_fini(&c->items);
}
