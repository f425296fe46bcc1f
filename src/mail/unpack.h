/* SPDX-License-Identifier: MIT
 *
 * Taking packed values apart.  Each function takes one thing from the cursor
 * and is false, with the cursor unmoved, when the bytes for it are not there.
 */
#ifndef AVOCET_MAIL_UNPACK_H
#define AVOCET_MAIL_UNPACK_H

#include "base/str.h"

bool unpack_u8(struct cursor *c, uint8_t *ret_number);
bool unpack_u16(struct cursor *c, uint16_t *ret_number);
bool unpack_u32(struct cursor *c, uint32_t *ret_number);
bool unpack_u64(struct cursor *c, uint64_t *ret_number);
bool unpack_i64(struct cursor *c, int64_t *ret_number);

/* ${count} bytes, as a view. */
bool unpack_bytes(struct cursor *c, size_t count, struct str *ret_bytes);

/* The first byte, which must be the format version ${want}. */
bool unpack_version(struct cursor *c, uint8_t want);

/* Has everything been taken? */
bool unpack_end(const struct cursor *c);

#endif
