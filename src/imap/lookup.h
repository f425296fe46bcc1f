/* SPDX-License-Identifier: MIT
 *
 * From the mailbox name of a command to a mailbox.
 */
#ifndef AVOCET_IMAP_LOOKUP_H
#define AVOCET_IMAP_LOOKUP_H

#include "imap/session.h"
#include "proto/imap/mailbox.h"

/* The mailbox of this name, its strings in the command's arena.
 * ANSWER_PROCEED, or the refusal; ${missing} is its response code when there is
 * no such mailbox: "NONEXISTENT", or "TRYCREATE" for APPEND, COPY and MOVE.
 * May read the disk. */
struct answer
lookup_mailbox(struct imap_session *s, const struct mailbox_name *name,
    const char *missing, struct mailbox_info *ret_info);

/* The same, and when there is none of this name the one with the use that the
 * name is a synonym for, if the service knows synonyms. */
struct answer
lookup_meant(struct imap_session *s, const struct mailbox_name *name,
    const char *missing, struct mailbox_info *ret_info);

/* May a mailbox be made under this name?  ANSWER_PROCEED, or NO [CANNOT]. */
struct answer lookup_check_new(const struct mailbox_name *name);

#endif
