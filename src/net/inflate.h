/* SPDX-License-Identifier: MIT
 *
 * Taking apart the compressed octets that a client sends (RFC 4978, the
 * format is RFC 1951).
 *
 * A client may refer back to the last 32 KB that it has sent for as long as
 * the connection lasts.  While it sends, they lie in memory as zlib wants
 * them; at rest they are packed, which makes of a window full of commands some
 * KB, and zlib's state is freed.
 */
#ifndef AVOCET_NET_INFLATE_H
#define AVOCET_NET_INFLATE_H

#include "base/rc.h"
#include "base/str.h"

struct inflater;

/* At the beginning of a compressed stream, at rest.  Never fails. */
struct inflater *inflater_new(void);

/* NULL is fine. */
void inflater_free(struct inflater *i);

/* Take octets from *from, which moves on, until ${size} of them have been made
 * at ${to} or *from is empty.  ${size} is not 0.  RC_OK: *ret_count have been
 * made, at least one; RC_AGAIN: all was taken, and makes none yet; RC_EOF: the
 * client has ended its stream; RC_INVALID: it is none.  After the last two
 * nothing more comes.  Makes no more than was asked for, however small what it
 * is made from.  Does not wait. */
enum rc inflater_read(struct inflater *i, struct str *from, char *to,
    size_t size, size_t *ret_count) MUST_CHECK;

/* May more be made of what was taken already? */
bool inflater_has_more(const struct inflater *i);

/* Give back memory that is not needed until more is sent.  Possible where the
 * client has flushed (RFC 1951 section 3.2.4's empty block behind it, or a
 * part of that); elsewhere nothing happens. */
void inflater_rest(struct inflater *i);

/* Octets of memory in use. */
size_t inflater_memory(const struct inflater *i);

#endif
