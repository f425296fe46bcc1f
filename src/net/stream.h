/* SPDX-License-Identifier: MIT
 *
 * A stream of bytes over a non-blocking socket: plain, TLS, or compressed
 * over one of these.  A table of functions, so that net/ needs no TLS library.
 */
#ifndef AVOCET_NET_STREAM_H
#define AVOCET_NET_STREAM_H

#include "base/rc.h"
#include "base/str.h"

#include <sys/uio.h>

struct stream;

/* What stands for a TLS connection, see conn_tls_binding(). */
enum stream_binding {
	STREAM_BINDING_EXPORTER,
	STREAM_BINDING_SERVER_END_POINT,
};
#define STREAM_BINDING_BYTES_MAX 64

/* A read that gave less than was asked for may say RC_AGAIN the next time
 * without looking: epoll tells if more has come. */

struct stream_ops {
	/* Read at least one byte: RC_OK, RC_AGAIN (wait for *ret_wants, a
	 * POLL_ bit), RC_EOF, RC_IO, RC_INVALID (it is not what this kind of
	 * stream consists of). */
	enum rc (*read)(struct stream *s, void *to, size_t size,
	    size_t *ret_count, unsigned *ret_wants);
	/* Write at least one byte: RC_OK, RC_AGAIN, RC_CLOSED, RC_IO. */
	enum rc (*write)(struct stream *s, const void *from, size_t size,
	    size_t *ret_count, unsigned *ret_wants);
	/* The same for several pieces; NULL when the kind gains nothing by
	 * it. */
	enum rc (*writev)(struct stream *s, const struct iovec *pieces,
	    int piece_count, size_t *ret_count, unsigned *ret_wants);
	/* Send what write() has taken and kept back: RC_OK when all is gone,
	 * else as write(), and to be called again.  NULL when the kind keeps
	 * nothing back. */
	enum rc (*flush)(struct stream *s, unsigned *ret_wants);
	/* How much that is; not 0 if there is any.  NULL likewise. */
	size_t (*held)(const struct stream *s);
	/* Go on with a handshake; NULL when the kind has none. */
	enum rc (*handshake)(struct stream *s, unsigned *ret_wants);
	/* Is decoded input waiting that epoll does not know of? */
	bool (*has_input)(const struct stream *s);
	/* Give back memory that is not needed until there is more to read or
	 * to write; NULL when the kind has none such. */
	void (*rest)(struct stream *s);
	const char *(*name)(const struct stream *s);
	/* Of TLS; NULL for other kinds: see conn_tls_binding() and
	 * conn_tls_user(). */
	size_t (*binding)(const struct stream *s, enum stream_binding binding,
	    unsigned char *ret_binding);
	const char *(*user)(const struct stream *s);
	/* Say goodbye if the kind does that (without waiting) and free; the
	 * socket stays open. */
	void (*free)(struct stream *s);
};

struct stream {
	const struct stream_ops *ops;
};

/* The bytes of the non-blocking socket ${fd} (not owned) as they are. */
struct stream *stream_plain_new(int fd);

/* Octets compressed with DEFLATE (RFC 1951) in both directions over ${below},
 * which is owned from here on; ${input} was read from that already (copied).
 * At rest it costs what the last 32 KB that were received can be packed
 * into. */
struct stream *stream_deflate_new(struct stream *below, struct str input);

#endif
