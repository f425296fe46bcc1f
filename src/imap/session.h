/* SPDX-License-Identifier: MIT
 *
 * An IMAP session after login, as the files of cmd/ see it.
 *
 * A session is run by one worker at a time, as long as it has something to do.
 * Between two runs it is this struct and its connection, nothing else: what a
 * command needs is in struct running, which exists from the first byte of a
 * command to its tagged answer.
 */
#ifndef AVOCET_IMAP_SESSION_H
#define AVOCET_IMAP_SESSION_H

#include "base/arena.h"
#include "imap/capability_table.h"
#include "imap/command_table.h"
#include "imap/respond.h"
#include "mail/mailbox.h"
#include "mail/view.h"
#include "net/turn.h"
#include "proto/imap/frame.h"
#include "proto/imap/parser.h"

struct imap_service;

/* RFC 9051 section 3; what comes before is login/.  See state.c. */
enum imap_state {
	IMAP_AUTHENTICATED,
	IMAP_SELECTED,
	IMAP_LOGOUT,
};

/* RFC 4978.  NEXT: once what is queued, and the answer to COMPRESS at its end,
 * is sent. */
enum compression {
	COMPRESSION_OFF,
	COMPRESSION_NEXT,
	COMPRESSION_ON,
};

/* What the client has switched on with ENABLE; bits. */
enum {
	ENABLED_REV2 = 1,      /* IMAP4rev2 (RFC 9051) */
	ENABLED_UTF8 = 2,      /* UTF8=ACCEPT (RFC 9755) */
	ENABLED_CONDSTORE = 4, /* RFC 7162; set by other commands, too */
	ENABLED_QRESYNC = 8,   /* never without CONDSTORE */
};

/* A command on its way. */
struct running {
	struct arena *arena; /* its lifetime is the command's */
	const struct command
	    *row; /* of the command table; NULL: not known yet */
	struct str tag;
	struct buf line; /* respond_begin()'s */
	/* Of changes of flags that the client needs not be told of, since it
	 * has made them: view_sync()'s. */
	struct modseq_list own_modseqs;
	/* modseq.c's */
	uint64_t modseq_written; /* the highest that was told */
	bool vanished;		 /* VANISHED was told */
};

struct imap_session {
	struct imap_service *service;
	struct turn turn;
	struct mail *mail;
	struct conn *conn;
	uint64_t account;
	capability_set capabilities; /* that are offered to it */
	char *user;
	char *client;	       /* its ID, for the log; may be NULL */
	uint64_t deadline_ms;  /* for the next command; 0: none */
	uint64_t keepalive_ms; /* in IDLE: when it is due; 0: never */
	uint64_t literal_left; /* octets of the literal that is streamed */
	size_t taken;	       /* of the input, by a piece; consumed later */

	/* In SELECTED only. */
	struct view view;
	struct mailbox_watch watch;
	struct uid_list saved; /* "$", RFC 5182: UIDs; the search command's */

	struct running *running; /* NULL between commands */
	struct imap_frame frame; /* bytes of the command that comes in */
	char *idle_tag;		 /* of the IDLE under way, else NULL */
	const char *end_reason;	 /* why it ended, for the log */

	/* For the log. */
	uint32_t commands;
	uint32_t fetched; /* messages whose body octets were sent */
	uint32_t appended;
	uint32_t expunged;
	unsigned open_sources; /* blob_source.h counts here */

	uint8_t state;	      /* enum imap_state */
	uint8_t enabled;      /* ENABLED_ bits */
	uint8_t compression;  /* enum compression */
	uint8_t bad_commands; /* since the last good one */
	bool read_only;	      /* EXAMINE */
	bool watched;	      /* watch is in place: during IDLE */
	bool gone;	      /* the connection failed: nothing can be said */
};

/* Has the client enabled IMAP4rev2; may it be sent UTF-8 (either of the two)? */
bool session_rev2(const struct imap_session *s);
bool session_utf8(const struct imap_session *s);

/* Is the capability offered here?  What is not unlocks nothing. */
bool session_has(const struct imap_session *s, enum capability c);

/* The client knows of the changes that were ${made}: not to be told again. */
void
session_own_changes(struct imap_session *s, const struct modseq_list *made);

/* Is the command that runs a UID variant ("UID FETCH")? */
bool session_by_uid(const struct imap_session *s);

/* -- literals that are streamed (APPEND, REPLACE) -----------------------
 *
 * A command whose row has COMMAND_STREAMS is dispatched when its first message
 * literal begins: its proceed function then calls in turn
 *
 *   session_literal_accept()   for each literal that it wants: sends "+ " if
 *                              the client waits for that
 *   session_literal_next()     until it has given all octets
 *   session_command_next()     the text up to the next message literal, or up
 *                              to the end of the command
 *
 * Whatever it has not taken when it returns is dropped by the session, so that
 * no octet of a literal is ever run as a command; a literal that was not
 * accepted and whose client waits for "+" is never sent.
 *
 * All may wait.  RC_SYNTAX: the rest breaks a rule of the frame or a limit, and
 * the command is refused: forget what was received and return
 * session_refused().  RC_TIMEOUT, RC_EOF, RC_IO, RC_CLOSED, RC_SHUTDOWN: return
 * answer_gone() of it. */

enum rc session_literal_accept(struct imap_session *s) MUST_CHECK;

/* The next octets of the accepted literal, good until the next call; an empty
 * view when all have been given.  Waits at most LITERAL_STALL_MS_MAX for
 * each. */
enum rc
session_literal_next(struct imap_session *s, struct str *ret_octets) MUST_CHECK;

/* What follows the literal; *ret_more says that it ends in front of another
 * message literal, else it is the end of the command.  Good until the next
 * call.  Waits as above. */
enum rc session_command_next(
    struct imap_session *s, struct str *ret_text, bool *ret_more) MUST_CHECK;

/* The answer after RC_SYNTAX of one of these. */
struct answer session_refused(struct imap_session *s);

/* For the parser of such a text. */
struct parse_options session_parse_options(const struct imap_session *s);

#endif
