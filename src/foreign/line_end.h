/* SPDX-License-Identifier: MIT
 *
 * Line ends of messages.  Here a line ends with CRLF, in files mostly with LF.
 *
 * In: a file whose first line ends with CRLF is as it shall be, and nothing in
 * it is changed; in any other each LF without a CR before it gets one.  So both
 * kinds of files come in, and what went out as it was comes back as it was.
 * Nothing else is touched: not a CR alone, not NUL.
 *
 * Out: CRLF becomes LF, in a message from which all can be had back by the
 * above.  One that has LF alone, or CR CR LF, is not such a message, and goes
 * out as it is.
 */
#ifndef AVOCET_FOREIGN_LINE_END_H
#define AVOCET_FOREIGN_LINE_END_H

#include "base/buf.h"

/* All 0 at the beginning of a message. */
struct line_end_in {
	bool decided; /* the first line has ended */
	bool as_it_is;
	bool after_cr;
};

/* Append the next piece of a file as it shall be here. */
void line_end_in(struct line_end_in *l, struct str piece, struct buf *to);

/* All 0 at the beginning of a message. */
struct line_end_out {
	bool after_cr; /* a CR that was not written yet */
	bool after_two;
};

/* Append the next piece of a message for a file.  False: it has to go out as
 * it is, from its beginning. */
bool line_end_out(struct line_end_out *l, struct str piece, struct buf *to);
/* There is no more. */
void line_end_out_finish(struct line_end_out *l, struct buf *to);

#endif
