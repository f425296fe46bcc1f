/* SPDX-License-Identifier: MIT
 *
 * Object identifiers (RFC 8474), made of numbers that the store never gives out
 * twice: the account's, and in it the mailbox's or the email's.
 *
 * A mailbox keeps its number whatever it is called, and an email is shared by
 * all copies of a message.  Threads have none: relations between messages are
 * not kept, so that THREADID is NIL and nothing is found by it (section 5.2).
 */
#ifndef AVOCET_IMAP_OBJECTID_H
#define AVOCET_IMAP_OBJECTID_H

#include "imap/session.h"

/* Append "(F...)", with the parentheses that the id has in every response. */
void objectid_write_mailbox(
    const struct imap_session *s, uint32_t mailbox, struct buf *to);

/* Append "(M...)". */
void objectid_write_email(
    const struct imap_session *s, uint64_t email, struct buf *to);

/* The email of this id; false when it is none of this account. */
bool objectid_read_email(
    const struct imap_session *s, struct str id, uint64_t *ret_email);

#endif
