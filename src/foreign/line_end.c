/* SPDX-License-Identifier: MIT
 *
 * CRLF and LF, a piece at a time.
 */
#include "foreign/line_end.h"

void
line_end_in(struct line_end_in *l, struct str piece, struct buf *to)
{
	for (size_t i = 0; i < piece.n; i++) {
		char byte = piece.p[i];

		if (byte == '\n' && !l->decided) {
			l->decided = true;
			l->as_it_is = l->after_cr;
		}
		if (byte == '\n' && !l->after_cr && !l->as_it_is)
			buf_add_byte(to, '\r');
		buf_add_byte(to, byte);
		l->after_cr = byte == '\r';
	}
}

bool
line_end_out(struct line_end_out *l, struct str piece, struct buf *to)
{
	for (size_t i = 0; i < piece.n; i++) {
		char byte = piece.p[i];

		if (byte == '\n' && (!l->after_cr || l->after_two))
			return false;
		if (l->after_cr && byte != '\n')
			buf_add_byte(to, '\r');
		if (byte != '\r')
			buf_add_byte(to, byte);
		l->after_two = byte == '\r' && l->after_cr;
		l->after_cr = byte == '\r';
	}
	return true;
}

void
line_end_out_finish(struct line_end_out *l, struct buf *to)
{
	if (l->after_cr)
		buf_add_byte(to, '\r');
	*l = (struct line_end_out){ 0 };
}
