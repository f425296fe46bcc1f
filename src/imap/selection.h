/* SPDX-License-Identifier: MIT
 *
 * The messages that a sequence set means in the selected mailbox: numbers,
 * UIDs, or "$" (RFC 9051 section 6.4.4.1), all made into UIDs.
 *
 * What comes out lies in the command's arena (or is the session's saved
 * result): it is not to be freed.  It holds no UID that the client has not been
 * told of, but may hold some that no message has, or has any more.
 */
#ifndef AVOCET_IMAP_SELECTION_H
#define AVOCET_IMAP_SELECTION_H

#include "imap/session.h"
#include "proto/imap/set.h"

/* The messages of FETCH, STORE, COPY, MOVE: ANSWER_PROCEED, or the refusal, BAD
 * when a number is beyond the last message.  May read the disk. */
struct answer selection_of(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_uids);

/* Ranges of numbers (of UIDs) as a search key has them, where numbers beyond
 * the last message are of no message.  RC_LIMIT, RC_IO, RC_CORRUPT. */
enum rc selection_numbers(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_numbers) MUST_CHECK;
enum rc selection_uids(struct imap_session *s, const struct seq_set *set,
    struct uid_list *ret_uids) MUST_CHECK;

/* The ranges as the grammar's writers take them. */
struct seq_ranges selection_ranges(const struct uid_list *l);

#endif
