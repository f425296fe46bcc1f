/* SPDX-License-Identifier: MIT
 *
 * The framing of the control socket, by which the command-line tool asks the
 * running server to do something.
 *
 *   request = list list           the words of the operation, then its body
 *   reply   = list list           lines of output, then result and reason
 *   list    = *frame "." LF
 *   frame   = size LF octets      size in decimal, 0 to
 *                                 CONTROL_FRAME_BYTES_MAX
 *
 * The second list of a reply has two frames: the name of a result code and a
 * reason, which may be empty.  A connection carries one request.
 */
#ifndef AVOCET_ADMIN_FRAME_H
#define AVOCET_ADMIN_FRAME_H

#include "base/buf.h"

/* Append a frame (cut to CONTROL_FRAME_BYTES_MAX), or the end of a list. */
void frame_add(struct buf *to, struct str bytes);
void frame_add_end(struct buf *to);

/* Take what is next.  RC_OK: a frame, whose bytes are a view of the input;
 * RC_EOF: the end of a list; RC_AGAIN: there is not enough input (nothing was
 * taken); RC_SYNTAX: it cannot become a frame. */
enum rc frame_next(struct cursor *c, struct str *ret_bytes) MUST_CHECK;

#endif
