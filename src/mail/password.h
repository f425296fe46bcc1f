/* SPDX-License-Identifier: MIT
 *
 * Passwords of an account's applications, beside its own (which is with the
 * account, see mail/account.h).  What a password is, is auth/'s business.
 */
#ifndef AVOCET_MAIL_PASSWORD_H
#define AVOCET_MAIL_PASSWORD_H

#include "base/limits.h"
#include "mail/mail.h"

struct password_info {
	struct str name;
	struct str secret; /* opaque; at most PASSWORD_SECRET_BYTES_MAX */
	unsigned scope;	   /* bits, opaque; at most 255 */
	int64_t created;   /* seconds */
	int64_t expires;   /* 0: never */
	int64_t used;	   /* within PASSWORD_USED_SECONDS; 0: not yet */
};

/* 1 to PASSWORD_NAME_BYTES_MAX bytes of UTF-8 without control characters; case
 * counts. */
bool password_name_valid(struct str name);

/* Add one; ${info}->created and used are set here.  RC_INVALID, RC_EXISTS,
 * RC_LIMIT (PASSWORDS_MAX), RC_NOTFOUND (no such account).  Waits for the disk,
 * like all that change. */
enum rc password_add(struct mail *m, struct str account,
    const struct password_info *info) MUST_CHECK;

/* RC_NOTFOUND: there is none of that name. */
enum rc
password_remove(struct mail *m, uint64_t account, struct str name) MUST_CHECK;

/* All of an account's, by name; strings are copied to ${a}.  RC_LIMIT. */
enum rc password_list(struct mail *m, uint64_t account, struct arena *a,
    struct password_info **ret_infos, size_t *ret_count) MUST_CHECK;

/* It was used just now.  Does not wait; what is lost in a crash is lost. */
void password_used(struct mail *m, uint64_t account, struct str name);

#endif
