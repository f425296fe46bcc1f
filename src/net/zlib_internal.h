/* SPDX-License-Identifier: MIT
 *
 * How net/ uses zlib: which sizes, and whose memory.
 *
 * A stream lies with all its memory in one mapping of its own.  Tens of
 * kilobytes that come and go between the small things of thousands of sessions
 * would otherwise leave holes that the allocator cannot give back.
 */
#ifndef AVOCET_NET_ZLIB_INTERNAL_H
#define AVOCET_NET_ZLIB_INTERNAL_H

#include "base/str.h"

#define ZLIB_CONST
#include <zlib.h>

/* What a peer may refer back to (RFC 1951 section 2). */
#define ZLIB_WINDOW_BYTES 32768

/* How much compressed output a stream has room for: what a TLS record holds. */
#define ZLIB_OUT_BYTES (16 * 1024)

/* A stream that compresses, with the little memory of ours and with room for
 * ZLIB_OUT_BYTES at *ret_out; or one that takes apart from the beginning.
 * Without a header in either case.  Never fails. */
z_stream *zlib_deflate_new(char **ret_out);
z_stream *zlib_inflate_new(void);

/* NULL is fine. */
void zlib_deflate_free(z_stream *z);
void zlib_inflate_free(z_stream *z);

/* A packed copy of the ${count} octets at ${from}, as they are if that is not
 * smaller; returns how long it is.  *ret_packed is freed with mem_free(); NULL
 * if ${count} is 0. */
size_t zlib_pack(const char *from, size_t count, char **ret_packed);

/* The way back, to exactly ${count} octets. */
void zlib_unpack(struct str packed, char *to, size_t count);

#endif
