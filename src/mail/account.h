/* SPDX-License-Identifier: MIT
 *
 * Accounts: a name, credentials, and a number under which everything of theirs
 * is kept.  A new account has INBOX, Drafts, Sent, Junk, Trash and Archive,
 * with their special uses (RFC 6154), subscribed.
 */
#ifndef AVOCET_MAIL_ACCOUNT_H
#define AVOCET_MAIL_ACCOUNT_H

#include "mail/mail.h"

#define ACCOUNT_CREDENTIALS_BYTES_MAX 4096

struct account_info {
	uint64_t id;
	struct str name;	/* as made */
	struct str credentials; /* packed by auth/; opaque here */
	int64_t created;
};

/* Names are compared in normal form C without case.  Valid: 1 to
 * USER_NAME_BYTES_MAX bytes of UTF-8 without control characters, space, '/',
 * '*', '%', '"', '\\' and '+'; not "." or ".."; '@' once, with something on
 * both sides of it. */
bool account_name_valid(struct str name);

/* RC_EXISTS (also for an alias of that name), RC_INVALID.  Waits for the disk, like all that change. */
enum rc account_create(struct mail *m, struct str name, struct str credentials,
    uint64_t *ret_id) MUST_CHECK;

/* RC_NOTFOUND.  Strings are copied to ${a}. */
enum rc account_find(struct mail *m, struct str name, struct arena *a,
    struct account_info *ret_info) MUST_CHECK;

enum rc account_set_credentials(
    struct mail *m, struct str name, struct str credentials) MUST_CHECK;

/* Take the name away at once, then the mail, slice by slice. */
enum rc account_delete(struct mail *m, struct str name) MUST_CHECK;

/* All accounts, by name. */
enum rc account_list(struct mail *m, struct arena *a,
    struct account_info **ret_infos, size_t *ret_count) MUST_CHECK;

/* Switch something off for an account, or on again: a ${name} of 1 to
 * SWITCH_BYTES_MAX bytes, opaque here but for the case of its letters.
 * RC_LIMIT (SWITCHES_MAX are off), RC_INVALID.  Fine when nothing changes. */
enum rc account_switch(
    struct mail *m, uint64_t account, struct str name, bool off) MUST_CHECK;

/* Call ${fn} with each name that is switched off, in upper case, good during
 * the call, which must not wait. */
enum rc account_each_off(struct mail *m, uint64_t account,
    void (*fn)(void *arg, struct str name), void *arg) MUST_CHECK;

#endif
