/* SPDX-License-Identifier: MIT
 *
 * Authentication: who is it?  One struct auth a configuration; all functions
 * may be called from any thread.  Knows nothing of IMAP or POP3.
 *
 * A password costs a slow hash, and few are computed at once.  Whoever has to
 * wait for his turn does so without a thread:
 *
 *   c = auth_password(a, &client, user, password);
 *   while (!auth_check_run(c, &verdict))
 *       return to the pool until client.wake was called
 *   auth_check_free(c);           (or at any time, to give up)
 *
 * A check gives a verdict: an outcome and a delay, which the caller lets pass
 * (without holding a worker) before it tells the client the outcome.  An
 * unknown user costs the same time as a wrong password and looks the same; a
 * right password costs less when it was found right a short time ago.  When
 * some passwords are checked elsewhere (auth/user.h), which takes a time of its
 * own, no client is told of a failure before PAM_DENIED_MS_MIN have passed.
 * Each failure is logged here, once (event "login-failed"), never with the
 * password.
 */
#ifndef AVOCET_AUTH_AUTH_H
#define AVOCET_AUTH_AUTH_H

#include "auth/credentials.h"
#include "auth/jwt.h"
#include "auth/user.h"
#include "base/limits.h"

struct auth;

#define AUTH_BINDING_BYTES_MAX 64

/* What stands for a TLS connection. */
enum auth_binding {
	AUTH_BINDING_EXPORTER,	       /* "tls-exporter", RFC 9266 */
	AUTH_BINDING_SERVER_END_POINT, /* "tls-server-end-point", RFC 5929 */
};

struct auth_options {
	/* Whose memory of failures and of right passwords this one shares, and
	 * whose line for hashes; NULL: nobody's. */
	const struct auth *before;
	struct auth_users users;
	struct credentials_cost cost; /* of the user who is not there */
	unsigned checks_at_once;      /* 0: PASSWORD_CHECKS_AT_ONCE; of those
					 elsewhere: PAM_CHECKS_AT_ONCE; or as
					 before */
	/* How long a right password is remembered, see auth/verified.h; for the
	 * one before, too. */
	uint64_t remember_ms; /* 0: not at all */
	/* Mechanisms that are not offered, by name. */
	const struct str *mechanisms_off;
	size_t mechanisms_off_count;
	/* Whose tokens are taken; keys NULL or "": nobody's. */
	struct jwt_options tokens;
};

enum auth_outcome {
	AUTH_OK,
	AUTH_DENIED, /* unknown user, wrong password, not allowed */
	AUTH_BUSY,   /* not checked: too many failures of this address */
	AUTH_BROKEN, /* not checked: users cannot be read now */
};

struct auth_verdict {
	enum auth_outcome outcome;
	uint32_t delay_ms;
	/* With AUTH_OK: */
	uint64_t account;
	char user[USER_NAME_BYTES_MAX + 1]; /* canonical, terminated */
};

/* Who is asking, and how; strings live as long as what is given them. */
struct auth_client {
	const char *protocol; /* "imap", "pop3": for the log */
	const char *peer;     /* address without port, see conn_peer() */
	/* The turn of a check that waited has come.  Called on any thread;
	 * must not wait, and calls nothing of auth/. */
	void (*wake)(void *arg);
	void *wake_arg;
	/* Of the connection; NULL for none of them: */
	bool cleartext; /* secrets may come as they are */
	/* How many bytes of that there are; 0: it has no such binding. */
	size_t (*binding)(const void *arg, enum auth_binding binding,
	    unsigned char ret[AUTH_BINDING_BYTES_MAX]);
	const void *binding_arg;
	const char *certificate_user; /* whom its certificate names, proven */
};

/* RC_IO: a library does not work here (no yescrypt, no SCRAM), or the keys for
 * tokens cannot be read; that was logged.  Takes as long as one check of a
 * password. */
enum rc
auth_new(const struct auth_options *o, struct auth **ret_auth) MUST_CHECK;

/* When nobody uses it any more.  NULL is fine. */
void auth_free(struct auth *a);

/* Forget for good what was remembered long enough: to be called now and then.
 * Does not wait. */
void auth_tidy(struct auth *a);

/* ${client} is sent away because it sends garbage: count that against its
 * address, and log it (event "bad-commands").  Returns for how many
 * milliseconds it is to wait for its last words.  Does not wait. */
uint32_t auth_offended(struct auth *a, const struct auth_client *client);

/* -- name and password ------------------------------------------------- */

struct auth_check;

/* Begin the check of a name and a password as the client sent them: any
 * bytes.  They are copied, as is ${client}.  Does not wait. */
struct auth_check *auth_password(struct auth *a,
    const struct auth_client *client, struct str user, struct str password);

/* Go on with it.  True: decided, not to be run again.  False: it stands in
 * line and will be woken; a call before that does nothing.  The lines have no
 * limit of their own: the caller bounds how many checks there are, and for how
 * long each may wait.  Waits for the users' lookup and, at its turn, for the
 * hash; brackets the wait. */
bool auth_check_run(
    struct auth_check *c, struct auth_verdict *ret_verdict) MUST_CHECK;

/* End it, decided or not: it leaves the line, is not woken after this, and is
 * not counted as a failure unless it was decided so.  Wipes the password.
 * NULL is fine. */
void auth_check_free(struct auth_check *c);

#endif
