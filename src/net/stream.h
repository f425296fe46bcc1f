/* SPDX-License-Identifier: MIT
 *
 * A stream of bytes over a non-blocking socket: plain, TLS, later deflate.
 * A table of functions, so that net/ needs no TLS library.
 */
#ifndef AVOCET_NET_STREAM_H
#define AVOCET_NET_STREAM_H

#include "base/rc.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

struct stream;

/* A read that gave less than was asked for may say RC_AGAIN the next time
 * without looking: epoll tells if more has come. */

struct stream_ops {
	/* Read at least one byte: RC_OK, RC_AGAIN (wait for *ret_wants, a
	 * POLL_ bit), RC_EOF, RC_IO. */
	enum rc (*read)(struct stream *s, void *to, size_t size,
	    size_t *ret_count, unsigned *ret_wants);
	/* Write at least one byte: RC_OK, RC_AGAIN, RC_CLOSED, RC_IO. */
	enum rc (*write)(struct stream *s, const void *from, size_t size,
	    size_t *ret_count, unsigned *ret_wants);
	/* The same for several pieces; NULL when the kind gains nothing by
	 * it. */
	enum rc (*writev)(struct stream *s, const struct iovec *pieces,
	    int piece_count, size_t *ret_count, unsigned *ret_wants);
	/* Go on with a handshake; NULL when the kind has none. */
	enum rc (*handshake)(struct stream *s, unsigned *ret_wants);
	/* Is decoded input waiting that epoll does not know of? */
	bool (*has_input)(const struct stream *s);
	const char *(*name)(const struct stream *s);
	/* Say goodbye if the kind does that (without waiting) and free; the
	 * socket stays open. */
	void (*free)(struct stream *s);
};

struct stream {
	const struct stream_ops *ops;
};

/* The bytes of the non-blocking socket ${fd} (not owned) as they are. */
struct stream *stream_plain_new(int fd);

#endif
