/* SPDX-License-Identifier: MIT
 *
 * Sets of message numbers and of UIDs (RFC 9051 section 9, RFC 5182).
 *
 * As parsed a set is what the client wrote: ranges in any order, either end of
 * which may be "*".  seq_set_resolve() makes of it ascending ranges that do
 * not touch.
 */
#ifndef AVOCET_PROTO_IMAP_SET_H
#define AVOCET_PROTO_IMAP_SET_H

#include "proto/imap/parser.h"

/* "*": no message has this number. */
#define SEQ_LAST 0

/* Laid out like mail/'s struct uid_range (two uint32_t, first and last), so
 * whoever knows both may assert that at compile time and cast. */
struct seq_range {
	uint32_t first;
	uint32_t last;
};

/* Ascending, disjoint, no two that could be one, first <= last, no "*". */
struct seq_ranges {
	struct seq_range *v;
	size_t n;
};

struct seq_set {
	struct seq_range *v; /* as written */
	size_t n;
	bool saved; /* "$", the result of the last search; then n is 0 */
};

/* sequence-set = (seq-number / seq-range) ["," sequence-set] / "$"
 *                                                 RFC 9051 section 9 */
bool parse_sequence_set(struct parser *p, struct seq_set *ret_set);

/* seq-number = nz-number / "*"                    RFC 9051 section 9
 * As a set of one. */
bool parse_one_number(struct parser *p, struct seq_set *ret_set);

/* uid-set = (uniqueid / uid-range) *("," uid-set) RFC 9051 section 9
 * As above without "*" and "$". */
bool parse_uid_set(struct parser *p, struct seq_set *ret_set);

/* Give ${set}, which is not "$", with ${last} for "*", normalised.  ${last} is
 * the number of messages, or the UID of the last message.  If it is 0 (there is
 * none) "*" means nothing: such ranges are left out.  "5:*" with ${last} 3 is
 * 3:5 (RFC 9051 section 9), which matters for UIDs.  False: the arena
 * refused. */
bool seq_set_resolve(const struct seq_set *set, uint32_t last, struct arena *a,
    struct seq_ranges *ret_ranges);

/* Does the set name a number that a mailbox with ${exists} messages does not
 * have ("*" in an empty one included)?  A command that uses message numbers
 * then answers BAD (RFC 9051 section 9, seq-number). */
bool seq_set_exceeds(const struct seq_set *set, uint32_t exists);

/* Sort and join ranges in place, which have no "*"; the new count. */
size_t seq_ranges_normalise(struct seq_range *v, size_t n);

/* Is ${number} in there?  How many are? */
bool seq_ranges_has(const struct seq_ranges *r, uint32_t number);
uint64_t seq_ranges_count(const struct seq_ranges *r);

/* Append "1,4:7,9:*"; nothing when ${n} is 0.  SEQ_LAST is written as "*". */
void write_sequence_set(struct buf *to, const struct seq_range *v, size_t n);

/* Append the set as it was written. */
void write_set(struct buf *to, const struct seq_set *set);

#endif
