/* SPDX-License-Identifier: MIT
 *
 * One connection before login, as the files of login/ share it.
 *
 *   HANDSHAKE ──► READING ◄──► AUTHENTICATING
 *       ▲          │ │ ▲            │
 *       └ STARTTLS ┘ │ └► CHECKING ◄┘
 *                    ├─► CLOSING
 *                    └─► ENTERING ──► the session after login
 *
 * In every state output may be queued, and may be held back until hold_ms has
 * come: that is how failed logins are slowed down without a worker.  Nor does
 * a session that is CHECKING hold one until its turn has come; it takes what
 * the client sends meanwhile, to see when it goes away.
 */
#ifndef AVOCET_LOGIN_SESSION_H
#define AVOCET_LOGIN_SESSION_H

#include "auth/sasl.h"
#include "login/imap_command.h"
#include "login/login.h"

enum login_state {
	LOGIN_HANDSHAKE,      /* TLS is being set up */
	LOGIN_READING,	      /* commands */
	LOGIN_AUTHENTICATING, /* lines of a SASL exchange */
	LOGIN_CHECKING,	      /* the password; maybe waits for its turn */
	LOGIN_STARTTLS,	      /* the OK has to be gone, then HANDSHAKE */
	LOGIN_ENTERING,	      /* user is set */
	LOGIN_CLOSING,	      /* what is queued has to be gone, then close */
};

struct login_session {
	struct conn *conn;
	struct login_service *service;
	struct group_member member;
	uint64_t deadline_ms; /* for the state HANDSHAKE, or for all others */
	uint64_t hold_ms;     /* nothing goes out before; 0: at once */
	struct sasl_exchange *sasl; /* in AUTHENTICATING, else NULL */
	struct auth_check *check;   /* in CHECKING, else NULL */
	const char *mechanism;	    /* in both, for the log */
	char *user;		    /* in ENTERING; ours, else NULL */
	uint64_t account;
	enum login_state state;
	unsigned bad_commands;
	bool greeted;

	/* The dialect's; strings are ours or NULL. */
	char *word; /* IMAP: the tag of a command that logs in, until it is
		       answered; POP3: what USER has named, until PASS;
		       then the mechanisms that were offered */
	struct login_scan scan; /* IMAP */
	uint64_t capabilities;	/* IMAP: those after login, in ENTERING */
	char *client;		/* IMAP: from ID, "name version" */
	bool id_logged;		/* IMAP */
	bool utf8;		/* POP3: UTF8 was sent */
};

/* -- dialects ----------------------------------------------------------- */

/* What every protocol has to say before login, each in its own words. */
enum login_answer {
	/* To the command that logs in, the last of them to be counted as a bad
	 * one. */
	LOGIN_DENIED,
	LOGIN_BUSY,
	LOGIN_BROKEN,
	LOGIN_FULL, /* the account has too many connections */
	LOGIN_FAST, /* it has logged in too often */
	LOGIN_NO_MECHANISM,
	LOGIN_NEEDS_TLS,
	LOGIN_BAD_INITIAL,
	LOGIN_BAD_RESPONSE,
	LOGIN_CANCELLED,

	/* Last words. */
	LOGIN_TOO_BAD,
	LOGIN_TOO_LONG,
	LOGIN_TOO_SLOW,
	LOGIN_TOO_MANY,
	LOGIN_STOPPING,
	LOGIN_ANSWERS,
};

struct login_dialect {
	const char *protocol; /* for the log */

	/* Queue the greeting. */
	void (*greet)(struct login_session *s);

	/* In READING: do what the input says, as far as it is complete.
	 * False: nothing is. */
	bool (*take_command)(struct login_session *s);

	/* Queue an answer; it does not change the state. */
	void (*say)(struct login_session *s, enum login_answer a);

	/* Queue what there is to say to who has logged in. */
	void (*welcome)(struct login_session *s);
};

/* Have it said, and do what goes with it: count what is bad, close after the
 * last words. */
void login_answer(struct login_session *s, enum login_answer a);

/* Go to another state; asserts that the diagram has the way. */
void login_enter_state(struct login_session *s, enum login_state next);

/* Count something that no good client does often, and say goodbye to one who
 * does, the later the oftener it came so far. */
void login_count_bad(struct login_session *s);

/* Keep what is queued, and all that follows, back for a while. */
void login_hold(struct login_session *s, uint32_t delay_ms);

/* Keep a copy of ${word}, which holds no NUL, instead of the one before; none
 * when it is empty. */
void login_set_word(struct login_session *s, struct str word);

/* May a password go over this connection as it is?  May TLS begin on it? */
bool login_cleartext_allowed(const struct login_session *s);

/* The client as auth/ sees it, as things are now. */
struct auth_client login_client(const struct login_session *s);
bool login_tls_offered(const struct login_session *s);

/* Copy the first ${count} bytes of the input, and leave no trace of them
 * there: they may hold a password.  Then end the copy in the same way. */
char *login_take_bytes(struct login_session *s, size_t count);
void login_drop_bytes(char *bytes, size_t count);

/* Take a line of the input, without its end, and run it; who sends one that is
 * too long is told goodbye.  False: none is complete. */
typedef void login_line_fn(struct login_session *s, struct str line);
bool login_take_line(struct login_session *s, login_line_fn *run);

/* -- logging in (authenticate.c) ---------------------------------------- */

/* A name and a password as the client sent them; ${command} is for the log. */
void login_password(struct login_session *s, const char *command,
    struct str user, struct str password);

/* Say that this goes under TLS only. */
void login_refuse_cleartext(struct login_session *s, const char *command);

/* Begin a SASL exchange; ${initial} is NULL or an initial response in base64,
 * and a line of one. */
void login_authenticate(
    struct login_session *s, struct str mechanism, const struct str *initial);
void login_exchange_line(struct login_session *s, struct str line);

/* Go on with the check of a password.  False: it has to wait until the session
 * is woken.  May wait as auth_check_run() does. */
bool login_check(struct login_session *s) MUST_CHECK;

#endif
