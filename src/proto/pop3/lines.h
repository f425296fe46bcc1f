/* SPDX-License-Identifier: MIT
 *
 * A message as the lines of a multi-line response (RFC 1939 section 3): each
 * line ends with CRLF, a dot at the beginning of a line gets another one before
 * it, and TOP may end it early.
 *
 * A message may hold what POP3 has no way to send: an LF without CR, or no line
 * end behind its last line.  A CR is put before such an LF, and a CRLF at the
 * end; so that all clients see the same lines, whichever of the two they take
 * for a line end, and none sees the end of the response within the message.  A
 * CR without LF stays as it is: nobody takes it for a line end.
 *
 * Some clients stop at a NUL: what they are sent instead is up to the caller.
 *
 * What comes out depends on the octets only, not on how they were cut.
 */
#ifndef AVOCET_PROTO_POP3_LINES_H
#define AVOCET_PROTO_POP3_LINES_H

#include "base/str.h"

struct pop3_lines {
	bool in_line;	  /* something of the present line has come */
	bool text;	  /* more than a CR */
	bool cr;	  /* the last octet of it was a CR */
	bool hide_nul;	  /* 0x80 is sent for NUL; for the caller to set */
	bool top;	  /* only a part of the body is wanted */
	bool body;	  /* the header is over */
	bool ended;	  /* top: what was wanted is out */
	uint32_t left;	  /* top: lines of the body yet to come */
	uint64_t stuffed; /* dots that were added */
};

/* RETR wants the whole message; TOP its header, with the empty line behind
 * that, and ${lines} lines of its body. */
void pop3_lines_whole(struct pop3_lines *l);
void pop3_lines_top(struct pop3_lines *l, uint32_t lines);

/* Take octets from ${c} and put what becomes of them to ${to}, which has room
 * for twice as many; it may be in the same memory, when the octets lie at its
 * very end.  Returns how many were put.  All octets are taken, unless
 * ${l}->ended comes to be true. */
size_t pop3_lines_put(struct pop3_lines *l, struct cursor *c, char *to);

/* What has to follow the last octet, before the line that ends the response:
 * the end of an unfinished line; for TOP the empty line behind the header, if
 * it was not there. */
struct str pop3_lines_finish(const struct pop3_lines *l);

#endif
