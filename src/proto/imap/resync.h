/* SPDX-License-Identifier: MIT
 *
 * What CONDSTORE and QRESYNC add to other commands (RFC 7162 section 7).
 */
#ifndef AVOCET_PROTO_IMAP_RESYNC_H
#define AVOCET_PROTO_IMAP_RESYNC_H

#include "proto/imap/modifier.h"
#include "proto/imap/set.h"

/* "CHANGEDSINCE" SP mod-sequence-value, "UNCHANGEDSINCE" SP
 * mod-sequence-valzer: the number of such a modifier.  0 is taken for both,
 * since clients send CHANGEDSINCE 0.  False when it has none, or something
 * else. */
bool modifier_modseq(const struct modifier *m, uint64_t *ret_modseq);

/* What a client knows of a mailbox. */
struct qresync {
	uint32_t uidvalidity;
	uint64_t modseq;
	bool has_known;
	struct seq_set known; /* UIDs; without has_known: all */
	/* Seq-match-data: message numbers and the UIDs of these messages, as
	 * many of each, ascending; n is 0 without. */
	struct seq_ranges numbers;
	struct seq_ranges uids;
};

/* "QRESYNC" SP "(" uidvalidity SP mod-sequence-value [SP known-uids]
 * [SP seq-match-data] ")"      RFC 7162 section 7
 * The value of such a select-param.  False when it is malformed, or ${a}
 * refuses. */
bool modifier_qresync(
    const struct modifier *m, struct arena *a, struct qresync *ret_qresync);

/* The ${n}th (from 0) number of ranges, which have more than that. */
uint32_t seq_ranges_at(const struct seq_ranges *r, uint64_t n);

#endif
