/* SPDX-License-Identifier: MIT
 *
 * Modified UTF-7, how mailbox names are written to clients that have not
 * enabled UTF-8 (RFC 3501 section 5.1.3).
 */
#ifndef AVOCET_PROTO_IMAP_UTF7_H
#define AVOCET_PROTO_IMAP_UTF7_H

#include "base/buf.h"

/* Append what the modified UTF-7 ${name} means, as UTF-8.  False, with nothing
 * appended, when it is not exactly what utf7_encode() makes of some UTF-8:
 * 8-bit or control characters, no "-" at the end of a run, printable ASCII or
 * half a surrogate pair in it, bits left over, two runs that could be one. */
bool utf7_decode(struct str name, struct buf *to);

/* Append the UTF-8 ${name} as modified UTF-7.  False, with nothing appended,
 * when it is not well-formed. */
bool utf7_encode(struct str name, struct buf *to);

#endif
