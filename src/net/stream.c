/* SPDX-License-Identifier: MIT
 *
 * The plain stream: a non-blocking socket.  A peer that is gone never raises
 * SIGPIPE.
 */
#include "net/stream.h"

#include "base/mem.h"
#include "net/poll.h"

#include <errno.h>
#include <sys/socket.h>

struct plain {
	struct stream stream;
	int fd;
	/* The last read took all there was: the next one says so without a
	 * system call, once. */
	bool dry;
};

static enum rc
plain_read(struct stream *s, void *to, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	struct plain *plain = (struct plain *)s;
	ssize_t got;

	if (plain->dry) {
		plain->dry = false;
		*ret_wants = POLL_INPUT;
		return RC_AGAIN;
	}
	do
		got = recv(plain->fd, to, size, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		plain->dry = (size_t)got < size;
		*ret_count = (size_t)got;
		return RC_OK;
	}
	if (got == 0)
		return RC_EOF;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return RC_IO;
	*ret_wants = POLL_INPUT;
	return RC_AGAIN;
}

static enum rc
plain_writev(struct stream *s, const struct iovec *pieces, int piece_count,
    size_t *ret_count, unsigned *ret_wants)
{
	const struct plain *plain = (struct plain *)s;
	/* sendmsg() does not write to the pieces. */
	struct msghdr message = {
		.msg_iov = (struct iovec *)pieces,
		.msg_iovlen = (size_t)piece_count,
	};
	ssize_t sent;

	do
		sent = sendmsg(plain->fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0) {
		*ret_count = (size_t)sent;
		return RC_OK;
	}
	if (errno == EPIPE || errno == ECONNRESET)
		return RC_CLOSED;
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		return RC_IO;
	*ret_wants = POLL_OUTPUT;
	return RC_AGAIN;
}

static enum rc
plain_write(struct stream *s, const void *from, size_t size, size_t *ret_count,
    unsigned *ret_wants)
{
	const struct iovec piece = { (void *)from, size };

	return plain_writev(s, &piece, 1, ret_count, ret_wants);
}

static bool
plain_has_input(const struct stream *s)
{
	(void)s;
	return false;
}

static const char *
plain_name(const struct stream *s)
{
	(void)s;
	return "";
}

static void
plain_free(struct stream *s)
{
	mem_free(s);
}

struct stream *
stream_plain_new(int fd)
{
	static const struct stream_ops ops = {
		.read = plain_read,
		.write = plain_write,
		.writev = plain_writev,
		.has_input = plain_has_input,
		.name = plain_name,
		.free = plain_free,
	};
	struct plain *plain = mem_alloc(sizeof(*plain));

	plain->stream.ops = &ops;
	plain->fd = fd;
	return &plain->stream;
}
