/* SPDX-License-Identifier: MIT
 *
 * Users whose password PAM knows.
 *
 * PAM's modules want to be root, run programs and take their time; the server
 * is not root, may not run programs, and has no time.  So a helper process is
 * forked while the server still is what it was started as, and does nothing but
 * ask PAM: pam_authenticate(), then pam_acct_mgmt(), in a process of its own for
 * each check, which is ended when it takes too long.  Helper and server share
 * sockets, over which messages of one size go, and nothing else.
 *
 * The helper ends when the server does.  A server that has given up its powers
 * could not start it again: that does a keeper between the two, after a pause
 * (event "pam-ended").  Should both be gone, that is logged as an error (event
 * "pam-gone"), and PAM's users are told that they cannot be checked.
 */
#ifndef AVOCET_AUTH_PAM_USERS_H
#define AVOCET_AUTH_PAM_USERS_H

#include "base/rc.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct pam_users;

struct pam_users_options {
	const char *service;   /* name of PAM's file for us */
	const char *directory; /* where it is; "": where the system has them */
	uint64_t patience_ms;  /* with one check; 0: PAM_CHECK_MS_MAX */
};

/* Was this program built with PAM? */
bool pam_users_built(void);

/* Does PAM have a file for ${service} in ${directory} (may be "")?  Else it
 * would let in nobody. */
bool pam_users_service_exists(const char *service, const char *directory);

/* Fork keeper and helper, in a process of one thread.  ${o}'s strings stay.  RC_IO:
 * the system does not give a process; that was logged. */
enum rc pam_users_open(
    const struct pam_users_options *o, struct pam_users **ret_users) MUST_CHECK;

/* End these and what they run, and wait for that.  NULL is fine. */
void pam_users_close(struct pam_users *p);

/* Is ${password} (any bytes) that of ${user}, who comes from the address
 * ${peer} and may log in now?  RC_REFUSED: no, or it cannot be a name or
 * password (empty, NUL, longer than USER_NAME_BYTES_MAX or
 * PAM_PASSWORD_BYTES_MAX), which PAM is not asked of.  RC_IO: cannot say; that
 * was logged.  RC_LIMIT: PAM_CHECKS_AT_ONCE are on their way.  Called from many
 * threads; waits for the helper, no longer than the patience and a bit, and
 * brackets that. */
enum rc pam_users_check(struct pam_users *p, struct str user,
    struct str password, const char *peer) MUST_CHECK;

#endif
