/* SPDX-License-Identifier: MIT
 *
 * Content-Transfer-Encoding (RFC 2045 section 6): turn encoded octets back
 * into what they stand for, piece by piece.
 *
 * The decoder forgives: it passes over what is not of the encoding, and tells
 * afterwards that there was something.
 */
#ifndef AVOCET_MIME_DECODE_H
#define AVOCET_MIME_DECODE_H

#include "base/buf.h"

enum mime_encoding {
	MIME_ENCODING_7BIT, /* also when none is given */
	MIME_ENCODING_8BIT,
	MIME_ENCODING_BINARY,
	MIME_ENCODING_QUOTED_PRINTABLE,
	MIME_ENCODING_BASE64,
	MIME_ENCODING_UNKNOWN, /* x-uuencode and all others: passed on as they
				* are; BINARY answers UNKNOWN-CTE */
};

/* The encoding of this name, whatever the case. */
enum mime_encoding mime_encoding_of(struct str name);

#define MIME_DECODER_HELD 80

struct mime_decoder {
	enum mime_encoding encoding;
	bool malformed;		      /* something was not of the encoding */
	bool ended;		      /* base64: padding was seen */
	uint64_t size;		      /* octets decoded so far */
	char held[MIME_DECODER_HELD]; /* that more octets must follow */
	size_t held_count;
};

void mime_decoder_init(struct mime_decoder *d, enum mime_encoding encoding);

/* Append what ${bytes} stand for: at most bytes.n + MIME_DECODER_HELD octets,
 * for which ${to} should have room. */
void
mime_decoder_write(struct mime_decoder *d, struct str bytes, struct buf *to);

/* The encoded octets have ended; append what was held back. */
void mime_decoder_finish(struct mime_decoder *d, struct buf *to);

#endif
