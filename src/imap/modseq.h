/* SPDX-License-Identifier: MIT
 *
 * Mod-sequences of the selected mailbox as the client learns them (RFC 7162).
 *
 * A client that knows of mod-sequences keeps the highest it has been told, and
 * asks later for what has changed since.  So it must never keep a number
 * higher than what it knows all about: when a command has told a MODSEQ above
 * that, since an expunge may not be told yet or a change came only just now,
 * the number to keep is told with HIGHESTMODSEQ (RFC 7162 sections 3.2 and 6).
 */
#ifndef AVOCET_IMAP_MODSEQ_H
#define AVOCET_IMAP_MODSEQ_H

#include "imap/session.h"

/* Does the server offer it; does the client take part (RFC 7162 section 3.1);
 * does it get VANISHED for EXPUNGE (section 3.2.3)? */
bool modseq_is_offered(const struct imap_session *s);
bool modseq_is_enabled(const struct imap_session *s);
bool modseq_is_qresync(const struct imap_session *s);

/* The client takes part from now on.  If it did not before and a mailbox is
 * selected, HIGHESTMODSEQ is queued. */
void modseq_enable(struct imap_session *s);

/* Queue "* OK [HIGHESTMODSEQ n]": all that has changed up to there has been
 * told. */
void modseq_tell(struct imap_session *s);

/* Append "(n)", the value of MODSEQ in a FETCH response, and remember that it
 * was told. */
void modseq_write(struct imap_session *s, uint64_t modseq, struct buf *to);

/* A VANISHED was told: its mod-sequence the client can have from HIGHESTMODSEQ
 * only. */
void modseq_vanished(struct imap_session *s);

/* Before the tagged answer, and after what was told in IDLE: if the client has
 * to be told HIGHESTMODSEQ, put it into the answer, or queue it when there is
 * no answer (NULL) or the answer has a code of its own. */
void modseq_settle(struct imap_session *s, struct answer *answer);

#endif
