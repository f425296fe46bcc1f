/* SPDX-License-Identifier: MIT
 *
 * IMAP and POP3 before login: greeting, STARTTLS, passwords, SASL (RFC 9051
 * sections 6.1 and 6.2; RFC 1939, 2595 and 5034).  What a stranger can reach is
 * here, and includes nothing of the store.
 *
 * A session costs a small fixed amount of memory and has PRELOGIN_MS_MAX to
 * log in.  When it has, the connection is passed on through enter().  In IMAP
 * the tagged OK with the capabilities is queued then; in POP3 the answer
 * depends on the mailbox, and is for who takes over to give.
 */
#ifndef AVOCET_LOGIN_LOGIN_H
#define AVOCET_LOGIN_LOGIN_H

#include "auth/auth.h"
#include "net/group.h"
#include "net/listen.h"

struct login_dialect;
struct shares;
struct tls_context;

/* What is spoken. */
extern const struct login_dialect login_imap;
extern const struct login_dialect login_pop3;

enum login_tls {
	LOGIN_TLS_NONE,
	LOGIN_TLS_STARTTLS,
	LOGIN_TLS_IMPLICIT,
};

/* All that passes from login to the session after it.  The strings are good
 * during the call only. */
struct login_handover {
	struct conn *conn;     /* owned by enter() from here on; unread input (a
			      pipelining client's) and the unsent OK are in
			      it */
	bool cleartext;	       /* passwords may go over it as they are */
	bool utf8;	       /* POP3: the client has asked for UTF8 */
	struct str offered;    /* POP3: the SASL mechanisms that were offered, a
			       space before each name */
	uint64_t capabilities; /* IMAP: what write_capabilities() returned */
	uint64_t account;
	struct str user;   /* canonical name */
	struct str client; /* what the client said of itself with ID under the
			      present security, one printable line: "name
			      version"; may be empty */
};

/* What a listener offers.  Must not change or go while it is open. */
struct login_service {
	const struct login_dialect *dialect;
	const char *hostname; /* in the greeting */
	struct auth *auth;
	struct shares *accounts; /* where the connections of each account are
				    counted; NULL: nobody counts */
	struct tls_context *tls; /* not NULL unless tls_mode is NONE */
	enum login_tls tls_mode;
	bool plaintext_login; /* let loopback log in without TLS */
	bool utf8;	      /* POP3: offer UTF8 (RFC 6856) */

	/* IMAP: names for the CAPABILITY response, with a space between: those
	 * that hold before login but for STARTTLS, LOGINDISABLED and AUTH=,
	 * which login/ adds as things are; and a function that appends all
	 * that hold after it, for an account, and returns what stands for them
	 * in the hand-over; it may read the disk. */
	const char *capabilities;
	uint64_t (*write_capabilities)(
	    void *arg, uint64_t account, struct buf *to);

	/* Take over a connection that has logged in.  Called within the
	 * connection's run: it calls conn_become() and conn_deadline(), may
	 * serve at once, and returns what a poll_run_fn returns. */
	unsigned (*enter)(void *arg, const struct login_handover *h);
	void *arg;

	/* login_service_init()'s */
	struct group sessions;
	_Atomic unsigned entering; /* between this group and the next one */
};

/* After the other members are set. */
void login_service_init(struct login_service *s);

/* Is nobody here, nor on the way from here to where enter() puts him?  When
 * this says so after the listener has left the service, it stays so. */
bool login_service_is_idle(struct login_service *s);

/* Tell every session to end.  Does not wait; the listener must be closed. */
void login_service_stop(struct login_service *s);

/* Free what is left, after the pool has stopped. */
void login_service_fini(struct login_service *s);

/* A listen_accept_fn; ${service} is a struct login_service. */
void login_accept(void *service, struct conn *c);

#endif
