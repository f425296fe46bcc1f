/* SPDX-License-Identifier: MIT
 *
 * What a session says: untagged lines and tagged answers (RFC 9051 section
 * 7.1, RFC 5530).
 */
#include "imap/respond.h"

#include <assert.h>

#include "base/limits.h"
#include "imap/session.h"
#include "proto/imap/write.h"

#define STATE_BYTES	      256 /* most lines are shorter */
#define STATE_MORE_BYTES      32  /* beside tag, code and text */
#define NUMBER_CODE_BYTES_MAX 64

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

/* Queue resp-cond-state behind ${tag} and CRLF. */
static void
put_state(struct imap_session *s, struct str tag, const char *state,
    struct str code, const char *text)
{
	char room[STATE_BYTES];
	struct buf line;

	buf_init_room(&line, tag.n + code.n + strlen(text) + STATE_MORE_BYTES,
	    room, sizeof(room));
	write_state(&line, tag, state, code, str_of(text));
	buf_add_text(&line, "\r\n");
	assert(buf_check(&line) == RC_OK);
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
}

void
respond_answer(struct imap_session *s, struct str tag, const struct answer *a)
{
	static const char *const words[] = {
		[ANSWER_OK] = "OK",
		[ANSWER_NO] = "NO",
		[ANSWER_BAD] = "BAD",
	};

	assert(a->status == ANSWER_OK || a->status == ANSWER_NO ||
	       a->status == ANSWER_BAD);
	put_state(s, tag, words[a->status], a->code, a->text);
}

/* -- untagged lines ---------------------------------------------------- */

void
respond_word(struct respond_words *w, struct str word)
{
	if (w->begun)
		buf_add_byte(w->to, ' ');
	w->begun = true;
	buf_add_str(w->to, word);
}

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
	struct buf *line = &s->running->line;

	assert(line->n == 0 || line->p[line->n - 1] != ' ');
	buf_add(line, "\r\n", 2);
	respond_part(s);
}

void
respond_state(struct imap_session *s, const char *state, struct str code,
    const char *text)
{
	put_state(s, STR("*"), state, code, text);
}

void
respond_number_code(
    struct imap_session *s, const char *name, uint64_t number, const char *text)
{
	char room[NUMBER_CODE_BYTES_MAX];
	struct buf code;

	buf_init_room(&code, sizeof(room), room, sizeof(room));
	buf_add_text(&code, name);
	buf_add_byte(&code, ' ');
	buf_add_number(&code, number);
	assert(buf_check(&code) == RC_OK);
	respond_state(s, "OK", buf_str(&code), text);
	buf_fini(&code);
}

void
respond_continue(struct imap_session *s, const char *text)
{
	char room[STATE_BYTES];
	struct buf line;

	buf_init_room(&line, sizeof(room), room, sizeof(room));
	write_continue(&line, str_of(text));
	buf_add_text(&line, "\r\n");
	assert(buf_check(&line) == RC_OK);
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
}

/* -- back-pressure ----------------------------------------------------- */

enum rc
respond_room(struct imap_session *s)
{
	if (conn_out_memory(s->conn) <= OUT_MEMORY_BYTES_MAX)
		return RC_OK;
	return conn_flush_wait(s->conn, OUT_MEMORY_BYTES_MAX / 2);
}
