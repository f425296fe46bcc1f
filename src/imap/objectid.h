/* SPDX-License-Identifier: MIT
 *
 * Object identifiers (RFC 8474), made of numbers that the store never gives out
 * twice: the account's, and in it the mailbox's or the email's.
 *
 * A mailbox keeps its number whatever it is called, and an email is shared by
 * all copies of a message.  A thread's number is made of the message-id that it
 * began with (mail/email.h).
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

/* Append "(T...)". */
void objectid_write_thread(
    const struct imap_session *s, uint64_t thread, struct buf *to);

/* The email, or the thread, of this id; false when it is none of this
 * account. */
bool objectid_read_email(
    const struct imap_session *s, struct str id, uint64_t *ret_email);
bool objectid_read_thread(
    const struct imap_session *s, struct str id, uint64_t *ret_thread);

#endif
