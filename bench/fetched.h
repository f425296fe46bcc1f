/* SPDX-License-Identifier: MIT
 *
 * FETCH responses, parsed and compared with the message they speak of.
 */
#ifndef AVOCET_BENCH_FETCHED_H
#define AVOCET_BENCH_FETCHED_H

#include "answer.h"

enum {
	GOT_UID = 1,
	GOT_FLAGS = 2,
	GOT_SIZE = 4,
	GOT_ENVELOPE = 8,
	GOT_BODYSTRUCTURE = 16,
	GOT_HEADER = 32,
	GOT_BODY = 64,
};

struct fetched {
	uint32_t sequence;
	unsigned got; /* which of the following */
	uint32_t uid;
	unsigned flags; /* IMAP_FLAG_ bits */
	uint32_t size;
	struct {
		struct str date, subject, from_name, from_mailbox, to_mailbox,
		    message_id;
	} envelope;
	struct {
		bool is_alternative;
		uint32_t octets; /* of the text part or parts */
		uint32_t lines;
	} structure;
	struct str header; /* HEADER.FIELDS */
	struct str body;   /* BODY[] */
};

/* The FETCH items whose answers can be compared. */
#define HEADER_FIELDS	   "BODY.PEEK[HEADER.FIELDS " HEADER_FIELDS_LIST "]"
#define HEADER_FIELDS_LIST "(From To Subject Date Message-ID)"

/* Parse the response at hand; false when it is not a FETCH.  Views in the
 * result are good until the next response. */
bool fetched_parse(struct answer *a, struct fetched *ret);

/* End the program unless all that was got is what message ${number} of ${seed}
 * and ${size} has. */
void fetched_check(const struct answer *a, const struct fetched *f,
    uint64_t seed, uint32_t number, size_t size);

#endif
