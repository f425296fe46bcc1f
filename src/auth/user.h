/* SPDX-License-Identifier: MIT
 *
 * How auth/ sees users: one function that the server fills in.  Whatever
 * reads accounts from a store lives above; nothing here knows of it.
 */
#ifndef AVOCET_AUTH_USER_H
#define AVOCET_AUTH_USER_H

#include "base/arena.h"
#include "base/rc.h"

#include <stdbool.h>

/* Protocols, as bits: where a password of an application is good. */
enum {
	AUTH_SCOPE_IMAP = 1,
	AUTH_SCOPE_POP3 = 2,
	AUTH_SCOPE_ALL = AUTH_SCOPE_IMAP | AUTH_SCOPE_POP3,
};

/* A password of an application, beside the user's own. */
struct auth_extra {
	struct str name;
	struct str secret; /* see auth/app_password.h */
	unsigned scope;	   /* AUTH_SCOPE_ bits */
	int64_t expires;   /* seconds; 0: never */
};

struct auth_user {
	uint64_t account;	/* the number of the account; 0: it has none
				   yet, see make() */
	struct str name;	/* canonical, for the log and the session */
	struct str credentials; /* packed, see auth/credentials.h; may be empty
				   for a user who has no password */
	bool elsewhere;		/* somebody else knows the password, see
				   check(); whether there is such a user, too,
				   unless he has an account */
	const struct auth_extra *extras; /* passwords of applications */
	size_t extra_count;
};

struct auth_users {
	/* Find the user called ${name}: 1 to USER_NAME_BYTES_MAX bytes of
	 * UTF-8 without NUL, otherwise as the client sent it.  Strings of
	 * *ret_user live in ${a}.  RC_NOTFOUND: no such user; anything else
	 * but RC_OK: cannot say now.  Called from many threads at once; may
	 * wait for the disk, and brackets that itself. */
	enum rc (*lookup)(void *arg, struct str name, struct arena *a,
	    struct auth_user *ret_user);
	/* Is ${password} (any bytes) that of the user ${name} (canonical), who
	 * was found to be known elsewhere, and comes from the address ${peer}?
	 * RC_REFUSED: no; anything else but RC_OK: cannot say now, which was
	 * logged.  Called from as many threads at once as in auth_options;
	 * may wait for long, and brackets that itself.  May be NULL if nobody
	 * is. */
	enum rc (*check)(
	    void *arg, struct str name, struct str password, const char *peer);
	/* Make the account of the user called ${name} (canonical), who has
	 * logged in for the first time.  Waits for the disk, and brackets
	 * that itself.  May be NULL if lookup() always gives one. */
	enum rc (*make)(void *arg, struct str name, uint64_t *ret_account);
	/* The account's password called ${extra} was used.  Does not wait.
	 * May be NULL. */
	void (*used)(void *arg, uint64_t account, struct str extra);
	void *arg;
};

#endif
