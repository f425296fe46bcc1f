/* SPDX-License-Identifier: MIT
 *
 * What the files of mail_check() share.
 *
 * A check looks at one account in one read, so that it sees one moment however
 * many changes go on; that is longer than a slice, which only keeps the index
 * from reusing pages meanwhile.  Contents are looked at afterwards, email by
 * email.
 */
#ifndef AVOCET_MAIL_CHECK_INTERNAL_H
#define AVOCET_MAIL_CHECK_INTERNAL_H

#include "base/vec.h"
#include "mail/chunk.h"
#include "mail/email.h"
#include "mail/mail_internal.h"
#include "mime/line_ends.h"

struct check {
	struct mail *mail;
	mail_report_fn *report;
	void *arg;
	uint64_t account; /* that is being looked at */
	uint64_t faults;  /* found in it */
	struct account_record record;
	VEC(uint64_t) emails; /* one entry for each message that has it */
};

/* Report a fault of the account; more than CHECK_REPORTS_MAX of them are only
 * counted. */
void check_fault(struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Report something of the account that is no fault. */
void check_say(struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* RC_CORRUPT is a fault to be told, with ${what}; anything else that is not
 * RC_OK ends the check. */
enum rc check_damage(struct check *c, enum rc rc, const char *what) MUST_CHECK;

/* The system's record against all accounts, whether they have a name or not,
 * and aliases and passwords of applications against those that have one.
 * With ${repair} it is made good, and goes ahead of what may have been lost.
 * *ret_whole: there is no fault (any more).  RC_CORRUPT: the accounts cannot be
 * listed; RC_IO. */
enum rc check_system(struct check *c, bool repair, bool *ret_whole) MUST_CHECK;

/* Mailboxes, names, subscriptions, the account's totals; adds to c->emails.
 * RC_IO. */
enum rc check_mailboxes(struct check *c, struct store_read *r) MUST_CHECK;

/* One mailbox: its chunks against its record.  RC_IO. */
enum rc check_mailbox(struct check *c, struct store_read *r,
    const struct mailbox_record *m) MUST_CHECK;

/* Emails against c->emails.  RC_IO. */
enum rc check_references(struct check *c, struct store_read *r) MUST_CHECK;

/* The bytes of every email: size, digest, and that parsing them gives what
 * the record says.  Waits for the disk.  RC_IO. */
enum rc check_contents(struct check *c) MUST_CHECK;

/* What parsing the bytes of an email gives, and the bytes' digest. */
struct content {
	struct mime_parser *parser;
	struct email email; /* views are the parser's and of ${digest} */
	struct mime_line_ends line_ends;
	char digest[EMAIL_DIGEST_BYTES];
};
/* Read all of ${blob}, of which the first ${prefix} bytes are not the
 * message's.  RC_CORRUPT, RC_IO.  Waits for the disk. */
enum rc content_read(
    struct blob *blob, uint32_t prefix, struct content *ret_content) MUST_CHECK;
void content_fini(struct content *content);
bool content_matches(const struct content *content, const struct email *email);

/* Append copies of the email's records to ${to}, which has room for two values
 * of the store, and give views of those.  Common fields that cannot be read
 * are given as none at all, which no message has.  RC_NOTFOUND, RC_CORRUPT,
 * RC_IO. */
enum rc email_copy(struct store_read *r, uint64_t id, struct buf *to,
    struct email *ret_email) MUST_CHECK;

/* -- repair*.c ------------------------------------------------------------ */

/* Make anew what can be derived, in the account that ${c} has looked at:
 * unreadable chunks and records go, counters and references are counted,
 * names follow mailboxes, emails that no message has any more come back in a
 * mailbox of their own.  Mailboxes that may have lost something get a new
 * UIDVALIDITY, which is reported; all of them when the account ${lost} records.
 * Waits for the disk. */
enum rc repair_account(struct check *c, bool lost) MUST_CHECK;
/* The same for the system's record.  ${most}: the greatest number that an
 * account has. */
enum rc repair_system(struct check *c, uint64_t most) MUST_CHECK;

#endif
