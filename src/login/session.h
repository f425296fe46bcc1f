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
#include "login/login.h"
#include "login/command.h"

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
	struct login_scan scan;
	uint64_t deadline_ms; /* for the state HANDSHAKE, or for all others */
	uint64_t hold_ms;     /* nothing goes out before; 0: at once */
	struct sasl_exchange *sasl; /* in AUTHENTICATING, else NULL */
	struct auth_check *check;   /* in CHECKING, else NULL */
	/* In both: of the command, ours; for the log. */
	char *tag;
	const char *mechanism;
	char *client; /* from ID: "name version"; ours, or NULL */
	char *user;   /* in ENTERING; ours, else NULL */
	uint64_t account;
	enum login_state state;
	unsigned bad_commands;
	bool greeted;
	bool id_logged;
};

/* Go to another state; asserts that the diagram has the way. */
void login_enter_state(struct login_session *s, enum login_state next);

/* Queue "tag status text"; ${text} may begin with a response code. */
void login_reply(struct login_session *s, struct str tag, const char *status,
    const char *text);

/* Queue BAD and count it.  ${tag} may be empty when there is none. */
void login_bad(struct login_session *s, struct str tag, const char *text);

/* Count something that no good client does often, and say goodbye to one who
 * does. */
void login_count_bad(struct login_session *s);

/* Queue "* BYE text" and close when it is gone. */
void login_bye(struct login_session *s, const char *text);

/* May a password go over this connection as it is? */
bool login_cleartext_allowed(const struct login_session *s);

/* Append the data of the CAPABILITY response, as things are now, or as they
 * are after login. */
void login_capabilities(
    const struct login_session *s, bool after_login, struct buf *to);

/* Run one complete command (commands.c). */
void login_run_command(struct login_session *s, const struct login_command *c);

/* The commands LOGIN and AUTHENTICATE, and a line of an exchange
 * (authenticate.c). */
void login_password(struct login_session *s, struct str tag, struct str user,
    struct str password);
void login_authenticate(struct login_session *s, struct str tag,
    struct str mechanism, const struct str *initial);
void login_exchange_line(struct login_session *s, struct str line);

/* Go on with the check of a password.  False: it has to wait until the session
 * is woken.  May wait as auth_check_run() does. */
bool login_check(struct login_session *s) MUST_CHECK;

#endif
