/* SPDX-License-Identifier: MIT
 *
 * Header fields (RFC 5322 section 2.2): walk them, choose some, unfold, and
 * turn their text into UTF-8.
 *
 * A header is a run of lines up to and with an empty one, or to its end.  A
 * field is a line and the lines after it that begin with a space or tab.
 * Lines that are no field ("From " of an mbox file, text without a colon) are
 * walked too, as fields without a name.  Any bytes are survived.
 */
#ifndef AVOCET_MIME_FIELDS_H
#define AVOCET_MIME_FIELDS_H

#include "base/buf.h"

struct mime_field {
	struct str name;  /* "Subject"; "" when the line is no field */
	struct str value; /* after the colon, as it stands, folds and all,
			   * without the last line end */
	struct str whole; /* all of it, with the last line end */
};

/* Take the next field.  False at the empty line (where ${header} then stands)
 * or at the end. */
bool mime_field_next(struct cursor *header, struct mime_field *ret_field);

/* Append the fields that are (or, with ${except}, are not) among ${names}, in
 * their order and byte for byte, and the empty line if ${header} has one:
 * HEADER.FIELDS and HEADER.FIELDS.NOT.  Never more than header.n octets. */
void mime_fields_choose(struct str header, const struct str *names,
    size_t count, bool except, struct buf *to);

/* Append ${value} without folds (the line ends go, the white space stays) and
 * without white space at either end; NULs go too.  Never more than value.n
 * octets. */
void mime_unfold(struct str value, struct buf *to);

/* Append the text of an unstructured field (or of a phrase) as UTF-8: unfolded,
 * with encoded-words (RFC 2047) decoded, and bytes that are not UTF-8 taken as
 * Windows-1252.  Encoded-words that cannot be decoded stay as they are.  The
 * result is always well-formed and has no NUL; it is at most
 * MIME_DECODED_GROWTH times as long as ${value}. */
void mime_decode_text(struct str value, struct buf *to);

#define MIME_DECODED_GROWTH 6

#endif
