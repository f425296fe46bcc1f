/* SPDX-License-Identifier: MIT
 *
 * Mailboxes of an account: names, attributes, counts, subscriptions.  What is
 * in a mailbox is in view.h and message.h.
 */
#ifndef AVOCET_MAIL_MAILBOX_H
#define AVOCET_MAIL_MAILBOX_H

#include "mail/mail.h"

/* RFC 6154 section 2; a mailbox has at most one, an account one of each. */
enum special_use {
	SPECIAL_NONE,
	SPECIAL_ALL,
	SPECIAL_ARCHIVE,
	SPECIAL_DRAFTS,
	SPECIAL_FLAGGED,
	SPECIAL_JUNK,
	SPECIAL_SENT,
	SPECIAL_TRASH,
	SPECIAL_COUNT,
};

/* "\\Archive" etc.; "" for SPECIAL_NONE. */
const char *special_use_name(enum special_use use);

struct mailbox_info {
	uint32_t id; /* within the account; never reused */
	struct str name;
	uint32_t uidvalidity;
	uint32_t uidnext;
	uint32_t messages; /* live ones */
	uint32_t unseen;
	uint32_t deleted; /* with \Deleted */
	uint32_t recent;  /* that no session has been told of (RFC 3501) */
	uint64_t size;	  /* octets of all live messages */
	uint64_t deleted_size;
	uint64_t highestmodseq;
	enum special_use use;
	bool subscribed;
};

/* Is ${name} fit to be made: NFC UTF-8 without control characters, no empty,
 * "." or ".." level, no '%' or '*', not "INBOX/INBOX", within limits.
 * *ret_why gets a reason fit for a client. */
bool mailbox_name_valid(struct str name, const char **ret_why);

/* The mailbox with this name.  RC_NOTFOUND.  The name is copied to ${a}. */
enum rc mailbox_find(struct mail *m, uint64_t account, struct str name,
    struct arena *a, struct mailbox_info *ret_info) MUST_CHECK;

/* All mailboxes, by name in byte order with INBOX first. */
enum rc mailbox_list(struct mail *m, uint64_t account, struct arena *a,
    struct mailbox_info **ret_infos, size_t *ret_count) MUST_CHECK;

/* All subscribed names (RFC 9051 section 6.3.7: a name stays subscribed when
 * its mailbox goes), in byte order. */
enum rc mailbox_subscriptions(struct mail *m, uint64_t account, struct arena *a,
    struct str **ret_names, size_t *ret_count) MUST_CHECK;

/* Make a mailbox and the superior ones that are missing.  RC_EXISTS,
 * RC_INVALID (name), RC_LIMIT (MAILBOXES_MAX), RC_CONFLICT (another mailbox
 * has that special use). */
enum rc mailbox_create(struct mail *m, uint64_t account, struct str name,
    enum special_use use, uint32_t *ret_id) MUST_CHECK;

/* Delete; inferior mailboxes stay.  RC_NOTFOUND, RC_REFUSED (INBOX).  Its
 * messages stay restorable until the retention time ends. */
enum rc
mailbox_delete(struct mail *m, uint64_t account, struct str name) MUST_CHECK;

/* Rename with all inferiors; superiors of ${to} are made.  INBOX: its messages
 * move to a new mailbox ${to}, INBOX stays (RFC 9051 section 6.3.6).
 * RC_NOTFOUND, RC_EXISTS, RC_INVALID (name, or ${to} lies below ${from}),
 * RC_LIMIT. */
enum rc mailbox_rename(struct mail *m, uint64_t account, struct str from,
    struct str to) MUST_CHECK;

/* RC_LIMIT (SUBSCRIPTIONS_MAX).  Both are fine when nothing changes. */
enum rc mailbox_subscribe(struct mail *m, uint64_t account, struct str name,
    bool subscribed) MUST_CHECK;

#endif
