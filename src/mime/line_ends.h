/* SPDX-License-Identifier: MIT
 *
 * What a message lacks of line ends: how many octets a protocol of lines has to
 * put in, so that each line ends with CRLF (RFC 5322 section 2.1).
 */
#ifndef AVOCET_MIME_LINE_ENDS_H
#define AVOCET_MIME_LINE_ENDS_H

#include "base/str.h"

/* All zero: nothing of the message has come yet. */
struct mime_line_ends {
	uint64_t before_lf; /* CRs that LFs lack */
	char last;	    /* octet so far */
	bool in_line;	    /* the last line has no LF */
};

/* The next octets of the message; any split gives the same count. */
void mime_line_ends_add(struct mime_line_ends *e, struct str octets);

/* With nothing behind: a CR for each LF that has none before it, and what the
 * last line needs. */
uint64_t mime_line_ends_lacking(const struct mime_line_ends *e);

#endif
