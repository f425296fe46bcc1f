/* SPDX-License-Identifier: MIT
 *
 * UTF-8: validity (RFC 3629), decoding, normal form C and case folding.
 * Normalising and folding are utf8proc's.
 */
#ifndef AVOCET_BASE_UTF8_H
#define AVOCET_BASE_UTF8_H

#include "base/buf.h"

/* Take one character.  False, with the cursor unmoved, at the end or when
 * the bytes are not well-formed (overlong, surrogate, beyond U+10FFFF). */
bool utf8_next(struct cursor *c, uint32_t *ret_char);

/* Is all of ${s} well-formed? */
bool utf8_valid(struct str s);

/* Are all bytes below 0x80? */
bool utf8_is_ascii(struct str s);

/* Append ${character} (at most U+10FFFF). */
void utf8_add(struct buf *to, uint32_t character);

/* Append ${s} in normal form C.  False, with nothing appended, when ${s} is
 * not well-formed or does not fit. */
bool utf8_nfc(struct str s, struct buf *to);

/* Append ${s} for comparison without case: compatibility decomposition and
 * case folding; bytes that are not well-formed are taken one by one as
 * U+FFFD.  Equal results mean "the same letters". */
void utf8_fold(struct str s, struct buf *to);

#endif
