/* SPDX-License-Identifier: MIT
 *
 * Mail on top of the store: what IMAP means by accounts, mailboxes and
 * messages.  A struct mail is the whole system, shared by all threads; it
 * knows which mailboxes are open, and tells their watchers of every change.
 *
 * Mailbox names here are UTF-8 in normal form C with '/' between levels;
 * "INBOX" is in upper case.
 */
#ifndef AVOCET_MAIL_MAIL_H
#define AVOCET_MAIL_MAIL_H

#include "base/arena.h"
#include "base/buf.h"

struct mail;
struct store;

struct mail_options {
	uint64_t retention_seconds; /* of expunged messages; at least 3600 */
	uint64_t message_bytes_max; /* 0: MESSAGE_BYTES_MAX */
	bool repair;		    /* for mail_check(): no care-taker */
	/* See mail/alias.h; copied. */
	const struct str *domains;
	size_t domain_count;
};

/* Take over ${s} (closed with mail_close).  Starts the care-taker thread that
 * removes what is past retention and collects garbage; not for a repair, before
 * which nobody knows what may go. */
enum rc mail_open(struct store *s, const struct mail_options *options,
    struct mail **ret_mail) MUST_CHECK;
void mail_close(struct mail *m);

/* Take other values of all options but repair.  What runs may still go by the
 * ones before.  At any time, by any thread; does not wait. */
void mail_set_options(struct mail *m, const struct mail_options *options);

struct store *mail_store(struct mail *m);
uint64_t mail_message_bytes_max(const struct mail *m);

/* Remove messages expunged before ${before} (seconds) now, in slices. */
enum rc mail_purge(struct mail *m, int64_t before) MUST_CHECK;

/* Prove every invariant of records and counters, on top of store_check(). */
typedef void mail_report_fn(void *arg, const char *line);
enum rc mail_check(
    struct mail *m, bool repair, mail_report_fn *report, void *arg) MUST_CHECK;

/* Was it opened for a repair? */
bool mail_is_for_repair(const struct mail *m);

#endif
