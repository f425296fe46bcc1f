/* SPDX-License-Identifier: MIT
 *
 * The maildrop of a POP3 session (RFC 1939): INBOX as it was when the session
 * began, with numbers that never change, and the marks that the session made.
 *
 * Nothing is locked.  The maildrop is a view (mail/view.h) that is never
 * synchronised: what comes later is not in it, and what another session removes
 * stays readable in it until it is closed.  So any number of POP3 and IMAP
 * sessions can use one INBOX at once, and none surprises another.
 *
 * Marks are kept in memory, a bit a message, and only for those who make any.
 */
#ifndef AVOCET_POP3_MAILDROP_H
#define AVOCET_POP3_MAILDROP_H

#include "base/buf.h"
#include "mail/view.h"

/* A bit for each number; NULL when none is set. */
struct marks {
	unsigned char *bits;
	uint32_t count; /* that are set */
};

struct maildrop {
	struct mail *mail;
	uint64_t account;
	uint32_t uidvalidity;
	struct view view;
	struct marks deleted;
	struct marks seen; /* retrieved without a fault */
	uint64_t size;	   /* octets of what is not marked as deleted; */
	bool counted;	   /* has to be counted anew when this is not set */
};

/* INBOX as it is now.  May read the disk. */
enum rc maildrop_open(
    struct mail *m, uint64_t account, struct maildrop *ret_maildrop) MUST_CHECK;

/* Forget it, with the marks.  One that was never opened is fine. */
void maildrop_close(struct maildrop *d);

/* How many messages there are, marked or not. */
uint32_t maildrop_last(const struct maildrop *d);

/* How many are not marked as deleted, and their octets.  May read the disk. */
enum rc maildrop_stat(
    struct maildrop *d, uint32_t *ret_count, uint64_t *ret_size) MUST_CHECK;

/* Message ${number}.  RC_NOTFOUND: there is none, or it is marked as deleted.
 * May read the disk. */
enum rc maildrop_find(struct maildrop *d, uint32_t number,
    struct message *ret_message) MUST_CHECK;

/* Call ${fn} for the messages from ${number} on that are not marked as deleted,
 * until it returns false.  *ret_next is the number to go on with, which is
 * above maildrop_last() at the end.  May read the disk. */
typedef bool maildrop_fn(void *arg, const struct message *m);
enum rc maildrop_walk(struct maildrop *d, uint32_t number, maildrop_fn *fn,
    void *arg, uint32_t *ret_next) MUST_CHECK;

/* Octets of a message as RETR sends it, but for dots that are put in. */
uint64_t maildrop_size_of(const struct message *m);

/* Append the unique-id of a message (RFC 1939 section 7): UIDVALIDITY and UID
 * of INBOX, which stay for as long as the message is there, and are never
 * another's. */
void maildrop_write_uid(
    const struct maildrop *d, const struct message *m, struct buf *to);

/* Mark a message as deleted.  RC_NOTFOUND as maildrop_find(); does not wait. */
enum rc maildrop_delete(struct maildrop *d, uint32_t number) MUST_CHECK;

/* Mark a message as seen; take the marks of deletion off all. */
void maildrop_see(struct maildrop *d, const struct message *m);
void maildrop_reset(struct maildrop *d);

/* UPDATE (RFC 1939 section 6): remove for good what is marked as deleted, and
 * give \Seen to the others that were seen.  Durable when it returns RC_OK; else
 * some may be removed, but none that was not marked.  *ret_removed gets how
 * many were, which others may have removed before.  Waits for the disk. */
enum rc maildrop_update(struct maildrop *d, uint32_t *ret_removed) MUST_CHECK;

#endif
