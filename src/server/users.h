/* SPDX-License-Identifier: MIT
 *
 * The sources of users: accounts of the store, a file, and PAM.  The store's
 * come first; an account that has no password there has that of the file, and
 * PAM is asked about who has none in either.  A user of the file gets an account
 * when he logs in, or mail comes for him, for the first time; one of PAM's when
 * he logs in, since PAM does not tell whom it knows.
 */
#ifndef AVOCET_SERVER_USERS_H
#define AVOCET_SERVER_USERS_H

#include "auth/user.h"
#include "config/config.h"

struct mail;
struct pam_users;
struct users;

/* The sources that ${c} names, beside the accounts of ${m} and ${pam} (NULL: PAM
 * is not asked), which are the caller's and outlive this.  RC_IO: one cannot
 * be read; the reason was logged. */
enum rc users_open(const struct config *c, struct mail *m,
    struct pam_users *pam, struct users **ret_users) MUST_CHECK;

/* NULL is fine. */
void users_close(struct users *u);

/* How auth/ sees them. */
struct auth_users users_for_auth(struct users *u);

/* Mail comes for ${local} at ${domain} (which may be empty): make the account
 * of a user who has none yet.  RC_OK also when there is nothing to do.  Waits
 * for the disk. */
enum rc
users_expect(void *users, struct str local, struct str domain) MUST_CHECK;

#endif
