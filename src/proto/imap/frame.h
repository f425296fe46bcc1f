/* SPDX-License-Identifier: MIT
 *
 * Cutting the stream of a client into commands (RFC 9051 sections 2.2.1, 4.3;
 * RFC 7888).  No I/O: bytes are handed in as they come, in any pieces, and
 * imap_frame_next() says what they amount to.
 *
 * A command is a line, or several with literals between them; it ends at the
 * first line end that announces no literal.  "{3}" within an open quoted
 * string announces nothing.  Empty lines in front of a command are passed
 * over.  The literals of APPEND and REPLACE behind the mailbox name are
 * messages: they are handed on as they come and never held.
 *
 * A command that breaks a rule below is refused as a whole: its further lines
 * and all literals that the client sends without waiting are dropped, so that
 * no part of it is ever taken for another command.  Rules: NUL and a CR that
 * is not followed by LF stand in no line (other control characters may, in
 * quoted strings; the grammar looks after that); NUL stands in no literal but
 * literal8; nothing is longer than its limit.
 *
 *   for (;;) {
 *           switch (imap_frame_next(f, &input)) {
 *           case IMAP_FRAME_MORE:      input is used up; get more
 *           case IMAP_FRAME_CONTINUE:  send "+ ", go on
 *           case IMAP_FRAME_COMMAND:   run imap_frame_text()
 *           case IMAP_FRAME_REFUSED:   answer NO or BAD
 *           case IMAP_FRAME_LOST:      send BYE, close
 *           case IMAP_FRAME_MESSAGE, _PIECE: see imap_frame_accept()
 *           }
 *   }
 */
#ifndef AVOCET_PROTO_IMAP_FRAME_H
#define AVOCET_PROTO_IMAP_FRAME_H

#include "base/buf.h"
#include "base/limits.h"

struct imap_frame_limits {
	size_t line_bytes;	/* of a line without its end */
	size_t command_bytes;	/* of all lines and buffered literals */
	uint64_t message_bytes; /* of one streamed message */
	uint64_t discard_bytes; /* dropped of one refused command; beyond it
				 * the stream is lost */
	uint64_t discard_line_bytes; /* of that, in lines */
	bool bare_lf;		     /* LF alone ends a line, too; but a literal
				 * announced in front of it is refused */
	bool trim; /* spaces at the end of a command are taken off */
};

/* LINE_BYTES_MAX, COMMAND_BYTES_MAX, MESSAGE_BYTES_MAX, DISCARD_BYTES_MAX,
 * DISCARD_LINE_BYTES_MAX, bare_lf true, and trim false. */
extern const struct imap_frame_limits imap_frame_limits;

enum imap_frame_event {
	IMAP_FRAME_MORE,     /* all input was taken, nothing is complete */
	IMAP_FRAME_CONTINUE, /* the client waits for "+" before a literal */
	IMAP_FRAME_COMMAND,  /* the end of a command, see imap_frame_text() */
	IMAP_FRAME_MESSAGE,  /* the command has come to a message: accept it
			      * or refuse the command */
	IMAP_FRAME_PIECE,    /* octets of an accepted message, piece */
	IMAP_FRAME_REFUSED,  /* a refused command is over: why */
	IMAP_FRAME_LOST,     /* it cannot be told where the next command
			      * begins: why; close */
};

enum imap_frame_why {
	IMAP_FRAME_WHY_NONE,
	IMAP_FRAME_WHY_NUL,	/* BAD */
	IMAP_FRAME_WHY_CR,	/* BAD: CR or LF out of place */
	IMAP_FRAME_WHY_LINE,	/* BAD [TOOBIG]: a line is too long */
	IMAP_FRAME_WHY_COMMAND, /* BAD [TOOBIG]: a literal, or all together */
	IMAP_FRAME_WHY_MESSAGE, /* NO [TOOBIG]: a message is too long */
	IMAP_FRAME_WHY_CALLER,	/* imap_frame_refuse() */
};

struct imap_frame {
	const struct imap_frame_limits *limits;
	struct str piece; /* with PIECE: points into the input */
	uint64_t octets;  /* with MESSAGE: how many the client will send */
	bool waits;	  /* with MESSAGE: it waits for "+" */
	enum imap_frame_why why;

	/* frame.c's */
	struct buf bytes;   /* lines and buffered literals of the command */
	size_t part;	    /* where imap_frame_text() begins */
	size_t total;	    /* octets of the command, without messages */
	uint64_t left;	    /* octets of the literal still to come */
	uint64_t number;    /* of the announcement being read */
	uint64_t discarded; /* octets of literals */
	uint64_t discarded_lines; /* and bytes of lines */
	size_t line_bytes;
	uint8_t state;
	uint8_t quote;
	uint8_t tail;
	bool cr;
	bool tilde;
	bool literal8;
	bool plus;
	bool bare;
};

/* ${limits} is kept.  Allocates nothing. */
void
imap_frame_init(struct imap_frame *f, const struct imap_frame_limits *limits);
void imap_frame_fini(struct imap_frame *f);

/* Between two commands, with nothing of the next one taken? */
bool imap_frame_is_empty(const struct imap_frame *f);

/* Give the memory back, if the frame is empty (a session at rest). */
void imap_frame_rest(struct imap_frame *f);

/* Take bytes from ${in} and say what comes next.  Nothing beyond the command
 * is taken.  The first call after COMMAND or REFUSED begins a new command;
 * after MESSAGE the caller must first have accepted or refused. */
enum imap_frame_event imap_frame_next(struct imap_frame *f, struct cursor *in);

/* With COMMAND and MESSAGE: the command's bytes, from its beginning or from
 * the end of the last message literal on, with line end.  With MESSAGE the
 * literal's announcement is the last thing in it.  Good until the next call of
 * imap_frame_next(). */
struct str imap_frame_text(const struct imap_frame *f);

/* The tag that an answer to the present command wants, with any event.  False
 * when it has none: the answer is untagged ("* BAD").  Good until the next
 * call of imap_frame_next(). */
bool imap_frame_tag(const struct imap_frame *f, struct str *ret_tag);

/* After MESSAGE: the octets are wanted.  Send "+ " if f->waits; PIECEs follow,
 * then MESSAGE for another message (RFC 3502), or COMMAND with the command's
 * end.  REFUSED may come instead of either: then forget what was received. */
void imap_frame_accept(struct imap_frame *f);

/* At any time within a command: drop what is left of it.  REFUSED comes when
 * that is over; a literal whose client waits for "+" is never sent.  A no-op
 * when the command has ended. */
void imap_frame_refuse(struct imap_frame *f);

/* A text for the answer; "TOOBIG" or "" as response code. */
const char *imap_frame_why_text(enum imap_frame_why why);
const char *imap_frame_why_code(enum imap_frame_why why);

#endif
