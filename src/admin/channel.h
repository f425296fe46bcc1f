/* SPDX-License-Identifier: MIT
 *
 * The tool's end of the control socket (admin/frame.h): blocking, one request.
 */
#ifndef AVOCET_ADMIN_CHANNEL_H
#define AVOCET_ADMIN_CHANNEL_H

#include "admin/operation.h"
#include "base/buf.h"

struct channel {
	int fd;
	struct buf in;
	struct buf out;
	size_t taken; /* of in, given out by the last channel_next() */
};

/* Connect to the socket ${path}.  RC_NOTFOUND: no server is there; RC_REFUSED:
 * we may not; RC_IO.  Waits. */
enum rc channel_open(const char *path, struct channel *ret_channel) MUST_CHECK;
/* The same over a socket that is connected already, which it then owns. */
void channel_init(struct channel *ret_channel, int fd);
void channel_close(struct channel *ch);

/* Queue a frame or the end of a list; sends when much is queued.  Waits. */
enum rc channel_send(struct channel *ch, struct str bytes) MUST_CHECK;
enum rc channel_send_end(struct channel *ch) MUST_CHECK;
/* Send what is queued.  Waits. */
enum rc channel_flush(struct channel *ch) MUST_CHECK;

/* Send bytes that are frames already, after what is queued, and consume them.
 * Waits. */
enum rc channel_send_framed(struct channel *ch, struct buf *frames) MUST_CHECK;

/* The next frame: RC_OK, RC_EOF at the end of a list, RC_CLOSED, RC_SYNTAX.
 * The view is good until the next call.  Waits. */
enum rc channel_next(struct channel *ch, struct str *ret_bytes) MUST_CHECK;

#endif
