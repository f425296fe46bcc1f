/* SPDX-License-Identifier: MIT
 *
 * For tests: the other side of a compressed stream, with zlib as it comes.
 */
#ifndef AVOCET_TEST_NET_ZLIB_PEER_H
#define AVOCET_TEST_NET_ZLIB_PEER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"

#define PEER_BYTES_MAX (64 * 1024 * 1024)

static inline uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* A client that compresses, as well as zlib can. */
static inline void
peer_deflate_begin(z_stream *z)
{
	memset(z, 0, sizeof(*z));
	assert_int_equal(
	    deflateInit2(z, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
}

/* Append what the client sends for ${plain} and a flush of that kind. */
static inline void
peer_deflate(z_stream *z, struct str plain, int flush, struct buf *to)
{
	int rc;

	z->next_in = (Bytef *)(uintptr_t)plain.p;
	z->avail_in = (uInt)plain.n;
	do {
		char *room = buf_reserve(to, 4096);

		assert_non_null(room);
		z->next_out = (Bytef *)room;
		z->avail_out = 4096;
		rc = deflate(z, flush);
		assert_true(
		    rc == Z_OK || rc == Z_BUF_ERROR || rc == Z_STREAM_END);
		buf_added(to, 4096 - z->avail_out);
	} while (z->avail_out == 0);
	assert_int_equal(z->avail_in, 0);
}

/* A client that takes apart. */
static inline void
peer_inflate_begin(z_stream *z)
{
	memset(z, 0, sizeof(*z));
	assert_int_equal(inflateInit2(z, -15), Z_OK);
}

/* Append what the client makes of ${packed}. */
static inline void
peer_inflate(z_stream *z, struct str packed, struct buf *to)
{
	int rc;

	z->next_in = (Bytef *)(uintptr_t)packed.p;
	z->avail_in = (uInt)packed.n;
	do {
		char *room = buf_reserve(to, 4096);

		assert_non_null(room);
		z->next_out = (Bytef *)room;
		z->avail_out = 4096;
		rc = inflate(z, Z_SYNC_FLUSH);
		assert_true(rc == Z_OK || rc == Z_BUF_ERROR);
		buf_added(to, 4096 - z->avail_out);
	} while (z->avail_out == 0);
}

/* Append a line as clients write them, none like the others. */
static inline void
add_command(struct buf *to, uint32_t *random)
{
	static const char *const words[] = { "UID FETCH", "STORE", "SEARCH",
		"NOOP", "STATUS \"Archive/2026\" (MESSAGES UIDNEXT)" };

	buf_add_format(to, "a%u %s %u:%u (FLAGS BODY.PEEK[])\r\n",
	    (unsigned)next_random(random), words[next_random(random) % 5],
	    (unsigned)next_random(random), (unsigned)next_random(random));
}

#endif
