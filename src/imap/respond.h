/* SPDX-License-Identifier: MIT
 *
 * What a session says: untagged lines, and the tagged answer that ends a
 * command.
 *
 * A command returns its answer as a value; dispatch() writes it, after what
 * has changed in the mailbox was told (untagged responses that belong to a
 * command come before its tagged one).  Everything goes into the output queue
 * of the connection and is sent when the input is dry or the queue is long.
 */
#ifndef AVOCET_IMAP_RESPOND_H
#define AVOCET_IMAP_RESPOND_H

#include "base/buf.h"

struct imap_session;

/* -- the tagged answer ------------------------------------------------- */

enum answer_status {
	ANSWER_PROCEED, /* from check: nothing stands against it */
	ANSWER_OK,
	ANSWER_NO,
	ANSWER_BAD,
	ANSWER_LATER, /* the command goes on when the session runs again */
	ANSWER_GONE,  /* the connection is of no use any more */
};

/* ${code} is what stands in the brackets ("TRYCREATE", "COPYUID 7 1:3 4:6"),
 * empty for none; it and ${text} are static or live in the command's arena. */
struct answer {
	enum answer_status status;
	struct str code;
	const char *text;
};

struct answer answer_proceed(void);
struct answer answer_ok(const char *text);
struct answer answer_ok_code(struct str code, const char *text);
/* ${code} may be NULL. */
struct answer answer_no(const char *code, const char *text);
struct answer answer_bad(const char *text);

/* The answer when mail/ or the command's arena failed with ${rc}, which is not
 * RC_OK: NO with the response code of RFC 5530 that fits. */
struct answer answer_failed(enum rc rc);

/* The answer when the connection failed with ${rc} (respond_room(), the
 * literals of session.h): there is nobody left to answer.  The session ends. */
struct answer answer_gone(struct imap_session *s, enum rc rc);

/* -- untagged lines ---------------------------------------------------- */

/* The line buffer of the running command, emptied: write a response into it
 * (from "* " on, without CRLF), then respond_line().  It is one buffer: a line
 * is finished before the next is begun.  Holds RESPONSE_LINE_BYTES_MAX. */
struct buf *respond_begin(struct imap_session *s);

/* Words with a space between, as they are in a list in parentheses: the user
 * sets where they go, and writes the parentheses. */
struct respond_words {
	struct buf *to;
	bool begun;
};
void respond_word(struct respond_words *w, struct str word);

/* The same, with "* ${number} ${word}" in it. */
struct buf *
respond_begin_number(struct imap_session *s, uint32_t number, const char *word);

/* Queue the line and CRLF.  A line that overflowed, or ends with a space, is a
 * programmer's mistake: what a client can make long goes out in parts with
 * respond_part(). */
void respond_line(struct imap_session *s);

/* Queue what the buffer holds, without CRLF, and empty it: the line goes on,
 * in the buffer or with a source put into the connection's queue. */
void respond_part(struct imap_session *s);

/* Queue "* STATE [code] text" and CRLF: OK, NO or BYE; ${code} may be empty.
 * What cannot be in a code or a text is replaced (proto/imap/write.h). */
void respond_state(struct imap_session *s, const char *state, struct str code,
    const char *text);

/* Queue "* OK [NAME number] text" and CRLF. */
void respond_number_code(struct imap_session *s, const char *name,
    uint64_t number, const char *text);

/* Queue "+ text" and CRLF. */
void respond_continue(struct imap_session *s, const char *text);

/* If more is queued than a session may hold in memory, wait until the client
 * has taken most of it.  Between two lines of a command that can answer much;
 * hold nothing across it: no lock, no store read, no pointer into what is not
 * yours.  RC_OK at once when there is room; else RC_TIMEOUT, RC_SHUTDOWN,
 * RC_CLOSED, RC_IO: return answer_gone() of it. */
enum rc respond_room(struct imap_session *s) MUST_CHECK;

/* Queue "tag OK [code] text" and CRLF. */
void
respond_answer(struct imap_session *s, struct str tag, const struct answer *a);

#endif
