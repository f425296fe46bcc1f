/* SPDX-License-Identifier: MIT
 *
 * Reading lines of a bounded length.
 */
#include "foreign/lines.h"

#include <errno.h>
#include <unistd.h>

#define READ_BYTES 16384

void
lines_init(struct lines *l, int fd)
{
	*l = (struct lines){ .fd = fd };
	buf_init(&l->in, LINES_BYTES_MAX + READ_BYTES);
}

void
lines_fini(struct lines *l)
{
	buf_fini(&l->in);
	(void)close(l->fd);
}

/* RC_EOF: there is no more. */
static enum rc
fill(struct lines *l)
{
	char *room = buf_reserve(&l->in, READ_BYTES);
	ssize_t count;

	do
		count = read(l->fd, room, READ_BYTES);
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return count == 0 ? RC_EOF : RC_IO;
	buf_added(&l->in, (size_t)count);
	return RC_OK;
}

enum rc
lines_next(struct lines *l, struct str *ret_line)
{
	bool dropping = false;

	buf_consume(&l->in, l->taken);
	l->taken = 0;
	for (;;) {
		struct str in = buf_str(&l->in);
		size_t end = str_find(in, '\n');
		enum rc rc = RC_OK;

		if (end == in.n && in.n <= LINES_BYTES_MAX) {
			rc = fill(l);
			if (rc == RC_OK)
				continue;
			if (rc == RC_IO || in.n == 0 || dropping)
				return rc;
		}
		l->taken = end < in.n ? end + 1 : end;
		if (!dropping && end <= LINES_BYTES_MAX) {
			*ret_line = str_head(in, end);
			return RC_OK;
		}
		l->too_long += !dropping;
		/* Up to its end it goes, a part at a time. */
		dropping = end == in.n;
		buf_consume(&l->in, l->taken);
		l->taken = 0;
	}
}
