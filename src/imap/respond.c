/* SPDX-License-Identifier: MIT
 *
 * What a session says: untagged lines and tagged answers (RFC 9051 section
 * 7.1, RFC 5530).
 */
#include "imap/respond.h"

#include <assert.h>

#include "base/limits.h"
#include "imap/session.h"

/* -- the tagged answer ------------------------------------------------- */

struct answer
answer_proceed(void)
{
	return (struct answer){ .status = ANSWER_PROCEED };
}

struct answer
answer_ok(const char *text)
{
	return (struct answer){ .status = ANSWER_OK, .text = text };
}

struct answer
answer_ok_code(struct str code, const char *text)
{
	return (struct answer){ ANSWER_OK, code, text };
}

struct answer
answer_no(const char *code, const char *text)
{
	return (struct answer){ ANSWER_NO, str_of(code), text };
}

struct answer
answer_bad(const char *text)
{
	return (struct answer){ .status = ANSWER_BAD, .text = text };
}

struct answer
answer_failed(enum rc rc)
{
	switch (rc) {
	case RC_NOTFOUND:
		return answer_no("NONEXISTENT", "No such mailbox");
	case RC_EXISTS:
		return answer_no("ALREADYEXISTS", "Mailbox exists already");
	case RC_INVALID:
	case RC_REFUSED:
	case RC_UNSUPPORTED:
		return answer_no("CANNOT", "That is not possible here");
	case RC_LIMIT:
		return answer_no("LIMIT", "That is more than is allowed");
	case RC_INUSE:
	case RC_CONFLICT:
		return answer_no("INUSE", "In use, try again later");
	case RC_CORRUPT:
		return answer_no("SERVERBUG", "Stored data is damaged");
	case RC_NOSPACE:
		return answer_no("UNAVAILABLE", "The server's disk is full");
	default:
		return answer_no("UNAVAILABLE", "Not possible at the moment");
	}
}

struct answer
answer_gone(struct imap_session *s, enum rc rc)
{
	if (s->end_reason == NULL)
		s->end_reason = rc_text(rc);
	s->gone = true;
	return (struct answer){ .status = ANSWER_GONE };
}

/* resp-text = ["[" resp-text-code "]" SP] text    RFC 9051 section 9 */
static void
add_text(struct imap_session *s, struct str code, const char *text)
{
	if (code.n > 0) {
		conn_out(s->conn, STR("["));
		conn_out(s->conn, code);
		conn_out(s->conn, STR("] "));
	}
	conn_out(s->conn, str_of(text));
	conn_out(s->conn, STR("\r\n"));
}

void
respond_answer(struct imap_session *s, struct str tag, const struct answer *a)
{
	static const char *const words[] = {
		[ANSWER_OK] = " OK ",
		[ANSWER_NO] = " NO ",
		[ANSWER_BAD] = " BAD ",
	};

	assert(a->status == ANSWER_OK || a->status == ANSWER_NO ||
	       a->status == ANSWER_BAD);
	conn_out(s->conn, tag);
	conn_out(s->conn, str_of(words[a->status]));
	add_text(s, a->code, a->text);
}

/* -- untagged lines ---------------------------------------------------- */

struct buf *
respond_begin(struct imap_session *s)
{
	buf_clear(&s->running->line);
	return &s->running->line;
}

struct buf *
respond_begin_number(struct imap_session *s, uint32_t number, const char *word)
{
	struct buf *line = respond_begin(s);

	buf_add_text(line, "* ");
	buf_add_number(line, number);
	buf_add_byte(line, ' ');
	buf_add_text(line, word);
	return line;
}

void
respond_part(struct imap_session *s)
{
	struct buf *line = &s->running->line;

	assert(buf_check(line) == RC_OK);
	conn_out(s->conn, buf_str(line));
	buf_clear(line);
}

void
respond_line(struct imap_session *s)
{
	buf_add(&s->running->line, "\r\n", 2);
	respond_part(s);
}

void
respond_untagged(struct imap_session *s, const char *text)
{
	conn_out(s->conn, STR("* "));
	add_text(s, STR(""), text);
}

void
respond_bye(struct imap_session *s, const char *text)
{
	conn_out(s->conn, STR("* BYE "));
	add_text(s, STR(""), text);
}

/* -- back-pressure ----------------------------------------------------- */

enum rc
respond_room(struct imap_session *s)
{
	if (conn_out_memory(s->conn) <= OUT_MEMORY_BYTES_MAX)
		return RC_OK;
	return conn_flush_wait(s->conn, OUT_MEMORY_BYTES_MAX / 2);
}
