/* SPDX-License-Identifier: MIT
 *
 * PREVIEW (RFC 8970): the beginning of what a message says.
 */
#ifndef AVOCET_IMAP_PREVIEW_H
#define AVOCET_IMAP_PREVIEW_H

#include "imap/body.h"

/* Make the preview of the message: of its first part in text/plain or text/html
 * that says something, outside of what is encrypted; at most PREVIEW_BYTES_MAX
 * of a part are read, and of at most PREVIEW_PARTS_MAX of them.  "" when there
 * is nothing to show.  With LAZY it is NIL of a message above
 * PREVIEW_LAZY_BYTES_MAX.  Reads the disk.  RC_CORRUPT, RC_IO; RC_LIMIT: the
 * arena refused. */
enum rc preview_find(struct body *b, const struct fetch_att *att,
    struct arena *a, struct body_piece *ret_piece) MUST_CHECK;

#endif
