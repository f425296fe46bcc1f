/* SPDX-License-Identifier: MIT
 *
 * The line before each message of an mbox file:
 * "From SENDER Thu Jan  1 00:00:00 1970".
 */
#ifndef AVOCET_FOREIGN_FROM_LINE_H
#define AVOCET_FOREIGN_FROM_LINE_H

#include "base/buf.h"

/* A longer line is none. */
#define FROM_LINE_BYTES_MAX 1024

/* Is this line, without its end, a From_ line with a date that there can be?
 * The time is UTC unless a zone of digits stands before the year or behind it;
 * names of zones say nothing. */
bool from_line_parse(struct str line, int64_t *ret_seconds);

/* Append a From_ line with its LF, of the nearest moment in the
 * years 0 to 9999. */
void from_line_add(struct buf *to, int64_t seconds);

#endif
