/* SPDX-License-Identifier: MIT
 *
 * Frames: a length, a newline, that many octets.
 */
#include "admin/frame.h"

#include "base/limits.h"

#define SIZE_DIGITS_MAX 6

void
frame_add(struct buf *to, struct str bytes)
{
	bytes = str_head(bytes, CONTROL_FRAME_BYTES_MAX);
	buf_add_number(to, bytes.n);
	buf_add_byte(to, '\n');
	buf_add_str(to, bytes);
}

void
frame_add_end(struct buf *to)
{
	buf_add_text(to, ".\n");
}

enum rc
frame_next(struct cursor *c, struct str *ret_bytes)
{
	struct str in = { .p = c->at, .n = (size_t)(c->end - c->at) };
	size_t line = str_find(in, '\n');
	uint64_t size;

	if (line == in.n)
		return in.n > SIZE_DIGITS_MAX ? RC_SYNTAX : RC_AGAIN;
	if (str_eq(str_head(in, line), STR("."))) {
		c->at += line + 1;
		return RC_EOF;
	}
	if (line > SIZE_DIGITS_MAX ||
	    !str_number(str_head(in, line), CONTROL_FRAME_BYTES_MAX, &size))
		return RC_SYNTAX;
	if (in.n - line - 1 < size)
		return RC_AGAIN;
	*ret_bytes = str_head(str_skip(in, line + 1), (size_t)size);
	c->at += line + 1 + size;
	return RC_OK;
}
