/* SPDX-License-Identifier: MIT
 *
 * A POP3 session after login, as the files of pop3/ share it.
 *
 * It is run by one worker at a time, as long as it has something to do.
 * Between two runs it is this struct and its connection, nothing else.
 */
#ifndef AVOCET_POP3_SESSION_H
#define AVOCET_POP3_SESSION_H

#include "net/turn.h"
#include "pop3/maildrop.h"
#include "pop3/pop3.h"

/* A list that is being written. */
enum listing { LISTING_NONE, LISTING_SIZES, LISTING_UIDS };

struct pop3_session {
	struct pop3_service *service;
	struct turn turn;
	struct conn *conn;
	char *user;
	char *offered; /* SASL mechanisms, for CAPA */
	struct maildrop maildrop;
	uint64_t deadline_ms;	/* for the next command */
	const char *end_reason; /* why it ended, for the log */
	uint32_t listing_next;	/* the message to go on with */
	unsigned open_sources;	/* message_source.h counts here */

	/* For the log. */
	uint32_t commands;
	uint32_t retrieved;
	uint32_t removed;

	uint8_t listing;      /* enum listing */
	uint8_t bad_commands; /* since the last good one */
	bool cleartext;	      /* passwords may go as they are, for CAPA */
	bool utf8;	      /* it has asked for that */
	bool skipping;	      /* the rest of a line that is too long */
	bool quitting;	      /* send what is queued, then update */
	bool over;	      /* send what is queued, then end */
};

/* Queue one line of an answer, without its CRLF. */
void pop3_reply(struct pop3_session *s, const char *text);

/* Queue -ERR and count it: who sends nothing sensible is sent away. */
void pop3_refuse(struct pop3_session *s, const char *text);

/* Queue -ERR for what went wrong here. */
void pop3_fail(struct pop3_session *s, enum rc rc);

/* End it for ${reason} (static, for the log) when all that is queued is
 * sent. */
void pop3_end(struct pop3_session *s, const char *reason);

/* Run the command ${line} (command.c).  May read the disk. */
void pop3_run_line(struct pop3_session *s, struct str line);

/* The UPDATE state, and the answer to QUIT (command.c).  Waits for the disk. */
void pop3_update(struct pop3_session *s);

/* Answer LIST and UIDL of all messages: begin, then go on until there is much to
 * send or the list is complete (listing.c).  May read the disk. */
void pop3_list_all(struct pop3_session *s, enum listing what);
void pop3_list_more(struct pop3_session *s);

/* The line for one message, without what goes before it. */
void pop3_list_one(struct pop3_session *s, enum listing what,
    const struct message *m, struct buf *to);

/* Answer RETR, or TOP with ${lines} lines (retrieve.c).  May read the disk. */
void pop3_retrieve(struct pop3_session *s, const struct message *m);
void pop3_top(struct pop3_session *s, const struct message *m, uint32_t lines);

#endif
