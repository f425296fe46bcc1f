/* SPDX-License-Identifier: MIT
 *
 * Base64 with padding (RFC 4648 section 4), strict: no white space, no
 * missing padding, no bits set beyond the data.  For SASL.  MIME bodies use
 * the forgiving decoder in mime/.
 */
#ifndef AVOCET_BASE_BASE64_H
#define AVOCET_BASE_BASE64_H

#include "base/buf.h"

/* Append the encoding of ${bytes} to ${to}. */
void base64_encode(struct str bytes, struct buf *to);

/* Append the decoded ${text} to ${to}.  False, with nothing appended, when
 * it is not base64 or does not fit the buffer. */
bool base64_decode(struct str text, struct buf *to);

#endif
