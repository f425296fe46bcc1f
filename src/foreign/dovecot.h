/* SPDX-License-Identifier: MIT
 *
 * Lines of the files that Dovecot keeps in a Maildir: UIDs (dovecot-uidlist,
 * versions 1 and 3), names of keywords (dovecot-keywords), subscriptions
 * (version 2, and before it a name a line).
 */
#ifndef AVOCET_FOREIGN_DOVECOT_H
#define AVOCET_FOREIGN_DOVECOT_H

#include "base/buf.h"

/* The first line: "3 V1275660208 N25022 G3085..." or "1 1275660208 25022". */
struct dovecot_uidlist {
	uint32_t uidvalidity;
	uint32_t uidnext; /* 0: not said */
};
bool
dovecot_uidlist_parse(struct str line, struct dovecot_uidlist *ret_uidlist);
void dovecot_uidlist_add(struct buf *to, const struct dovecot_uidlist *uidlist);

/* Any other: "25006 W1394 :NAME" or "25006 NAME".  The base of the name is a
 * view of the line. */
bool
dovecot_uid_parse(struct str line, uint32_t *ret_uid, struct str *ret_base);

/* "0 NAME".  Only places below MAILDIR_KEYWORDS_MAX. */
bool dovecot_keyword_parse(
    struct str line, unsigned *ret_place, struct str *ret_name);

/* A line of subscriptions; all 0 at the first.  Append the mailbox that it is
 * about; false for a line that names none. */
struct dovecot_subscriptions {
	bool begun;
	bool version_2;
	char separator; /* of the folders, in files before version 2 */
};
bool dovecot_subscription_parse(
    struct dovecot_subscriptions *s, struct str line, struct buf *to);
/* Append the lines before the first, and one. */
void dovecot_subscriptions_begin(struct buf *to);
void dovecot_subscription_add(struct buf *to, struct str mailbox);

#endif
