/* SPDX-License-Identifier: MIT
 *
 * A body part without its transfer encoding, as a source of output: decoded
 * while it is sent, so that BINARY (RFC 3516) needs no memory for the part.
 */
#ifndef AVOCET_IMAP_DECODED_SOURCE_H
#define AVOCET_IMAP_DECODED_SOURCE_H

#include "imap/blob_source.h"
#include "mime/section.h"

/* Encoded octets: a range of the blob. */
struct encoded {
	struct mime_range range;
	enum mime_encoding encoding;
};

/* What they become. */
struct decoded_facts {
	uint64_t size;
	bool has_nul;
	bool malformed; /* something was not of the encoding */
};

/* Decode ${from} once to learn that.  Reads the disk. */
enum rc decoded_scan(struct blob *b, const struct encoded *from,
    struct decoded_facts *ret_facts) MUST_CHECK;

/* Queue ${part} of what ${from} becomes, which decoded_scan() has shown to be
 * there; the queue holds a reference to ${source}.  An empty one queues
 * nothing.  Does not wait. */
void decoded_source_queue(struct blob_source *source,
    const struct encoded *from, struct mime_range part, struct conn *c);

#endif
