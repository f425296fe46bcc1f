/* SPDX-License-Identifier: MIT
 *
 * Blocking reads and writes on a local socket.
 */
#include "admin/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "admin/frame.h"

static enum rc
connect_to(int fd, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	/* The configuration checked that it fits. */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return RC_OK;
	if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
		return RC_NOTFOUND;
	return errno == EACCES ? RC_REFUSED : RC_IO;
}

enum rc
channel_open(const char *path, struct channel *ret_channel)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	enum rc rc;

	if (fd < 0)
		return RC_IO;
	rc = connect_to(fd, path);
	if (rc != RC_OK) {
		(void)close(fd);
		return rc;
	}
	channel_init(ret_channel, fd);
	return RC_OK;
}

void
channel_init(struct channel *ret_channel, int fd)
{
	*ret_channel = (struct channel){ .fd = fd };
	buf_init(&ret_channel->in, 2 * CONTROL_FRAME_BYTES_MAX);
	buf_init(&ret_channel->out, 2 * CONTROL_FRAME_BYTES_MAX);
}

void
channel_close(struct channel *ch)
{
	buf_fini(&ch->in);
	buf_fini(&ch->out);
	(void)close(ch->fd);
}

static enum rc
send_all(int fd, struct buf *bytes)
{
	size_t sent = 0;

	while (sent < bytes->n) {
		ssize_t count =
		    send(fd, bytes->p + sent, bytes->n - sent, MSG_NOSIGNAL);

		if (count < 0 && errno != EINTR)
			return RC_CLOSED;
		if (count > 0)
			sent += (size_t)count;
	}
	buf_clear(bytes);
	return RC_OK;
}

enum rc
channel_flush(struct channel *ch)
{
	return send_all(ch->fd, &ch->out);
}

enum rc
channel_send(struct channel *ch, struct str bytes)
{
	frame_add(&ch->out, bytes);
	return ch->out.n >= CONTROL_FRAME_BYTES_MAX / 2 ? channel_flush(ch)
							: RC_OK;
}

enum rc
channel_send_end(struct channel *ch)
{
	frame_add_end(&ch->out);
	return channel_flush(ch);
}

enum rc
channel_send_framed(struct channel *ch, struct buf *frames)
{
	enum rc rc = channel_flush(ch);

	return rc == RC_OK ? send_all(ch->fd, frames) : rc;
}

static enum rc
receive(struct channel *ch)
{
	char *room = buf_reserve(&ch->in, 4096);
	ssize_t count;

	/* A frame that does not fit is none of ours. */
	if (room == NULL)
		return RC_SYNTAX;
	do
		count = read(ch->fd, room, 4096);
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return RC_CLOSED;
	buf_added(&ch->in, (size_t)count);
	return RC_OK;
}

enum rc
channel_next(struct channel *ch, struct str *ret_bytes)
{
	enum rc rc;

	buf_consume(&ch->in, ch->taken);
	ch->taken = 0;
	for (;;) {
		struct cursor c = str_cursor(buf_str(&ch->in));

		rc = frame_next(&c, ret_bytes);
		if (rc != RC_AGAIN) {
			ch->taken = (size_t)(c.at - ch->in.p);
			return rc;
		}
		rc = receive(ch);
		if (rc != RC_OK)
			return rc;
	}
}
