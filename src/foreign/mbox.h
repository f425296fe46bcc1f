/* SPDX-License-Identifier: MIT
 *
 * Files of many messages, in the variant that can be read back
 * exactly: a line that begins with "From ", or with that behind any number of ">",
 * has one ">" more ("mboxrd").
 *
 * A From_ line begins a message where it is the first line or follows an empty
 * one, and has a date.  The empty line before it, or before the end of the file,
 * is not the message's.
 *
 * Flags are header fields: Status, X-Status, X-Keywords.  What is taken as such
 * is not part of the message.  When Status is the first field, these three
 * are taken as long as they follow one another: so we write them, and what else
 * a header has is the message's own.  Otherwise the first of each is taken
 * wherever it stands, and the other fields that servers keep notes in (X-UID,
 * X-IMAP, X-IMAPbase, Content-Length) are dropped with them.
 */
#ifndef AVOCET_FOREIGN_MBOX_H
#define AVOCET_FOREIGN_MBOX_H

#include "base/buf.h"
#include "base/limits.h"

/* What there is to do with a message; pieces and keywords are good until the
 * function returns.  Anything but RC_OK ends the reading with it. */
struct mbox_message {
	int64_t seconds;
	unsigned flags; /* FOREIGN_ bits */
	struct str keywords[FLAGS_MAX];
	size_t keyword_count;
};
struct mbox_events {
	enum rc (*begin)(void *arg);
	enum rc (*piece)(void *arg, struct str piece);
	enum rc (*end)(void *arg, const struct mbox_message *message);
	void *arg;
};

struct mbox;

/* ${events} stays as long as the reader. */
struct mbox *mbox_new(const struct mbox_events *events);
void mbox_free(struct mbox *m);

/* The next bytes of the file.  RC_SYNTAX: it does not begin with a From_ line
 * (or is not empty). */
enum rc mbox_read(struct mbox *m, struct str bytes) MUST_CHECK;
/* There are no more. */
enum rc mbox_read_end(struct mbox *m) MUST_CHECK;

/* -- writing ------------------------------------------------------------- */

/* Append a From_ line and the fields for flags; ${crlf}: the message keeps its
 * line ends, so the fields have the same. */
void
mbox_add_begin(struct buf *to, const struct mbox_message *message, bool crlf);

/* Quotes From_ lines in what is written, a piece at a time; all 0 at the
 * beginning of a message. */
struct mbox_quote {
	unsigned matched; /* of "From ", in this line */
	size_t held;	  /* ">" before it, not written yet */
	bool passed;	  /* the line's beginning */
	bool ended;	  /* the last byte was a LF */
	bool begun;
};
void mbox_quote(struct mbox_quote *q, struct str piece, struct buf *to);
/* Append what ends the message.  True: it got a line end that it did not
 * have. */
bool mbox_add_end(struct mbox_quote *q, struct buf *to);

#endif
