/* SPDX-License-Identifier: MIT
 *
 * Telling a client that comes back what has changed since (RFC 7162 sections
 * 3.2.5 and 3.2.6).
 */
#ifndef AVOCET_IMAP_RESYNC_H
#define AVOCET_IMAP_RESYNC_H

#include "imap/session.h"
#include "proto/imap/resync.h"

/* Queue VANISHED (EARLIER) of the messages among ${known} (ascending ranges)
 * that were expunged after ${since}; of all that are not there any more when
 * the server does not remember that far back.  Nothing when there are none.
 * May read the disk and wait for room: RC_TIMEOUT, RC_SHUTDOWN, RC_CLOSED and
 * RC_IO of the connection set *ret_broken. */
enum rc resync_vanished(struct imap_session *s, uint64_t since,
    const struct uid_list *known, bool *ret_broken) MUST_CHECK;

/* All that has changed for a client that knows ${q} of the mailbox just
 * selected, whose UIDVALIDITY is ${uidvalidity}: nothing when that is another.
 * Fails as above. */
enum rc resync(struct imap_session *s, const struct qresync *q,
    uint32_t uidvalidity, bool *ret_broken) MUST_CHECK;

#endif
