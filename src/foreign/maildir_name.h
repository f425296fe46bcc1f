/* SPDX-License-Identifier: MIT
 *
 * Names of files in a Maildir: "SECONDS.UNIQUE.HOST,S=1:2,FLAGS", where letters
 * a to z are keywords by the folder's list (dovecot-keywords).  And names of
 * folders: "." before each level in Maildir++, with "\2e" for a dot within.
 */
#ifndef AVOCET_FOREIGN_MAILDIR_NAME_H
#define AVOCET_FOREIGN_MAILDIR_NAME_H

#include "base/buf.h"

#define MAILDIR_KEYWORDS_MAX 26

struct maildir_name {
	struct str base;   /* up to the colon: what stays when flags change */
	unsigned flags;	   /* FOREIGN_ bits */
	uint32_t keywords; /* bits: a is the lowest */
	int64_t seconds;   /* INT64_MIN: the name does not say */
};

/* Any name of a file is one of a message; letters that mean nothing are passed
 * over. */
void maildir_name_parse(struct str name, struct maildir_name *ret_name);

/* Append ":2," and the letters, in order. */
void maildir_name_add_flags(struct buf *to, unsigned flags, uint32_t keywords);

/* Append the mailbox that a folder's name (without the first dot) means: levels
 * that ${separator} parts are modified UTF-7, or else plain UTF-8.  What
 * cannot stand in a name here becomes "_".  False, with nothing appended: it
 * is neither. */
bool maildir_name_to_mailbox(struct str name, char separator, struct buf *to);

/* Append the folder's name in Maildir++, with the dot before each level. */
void maildir_name_of_mailbox(struct str mailbox, struct buf *to);

#endif
