/* SPDX-License-Identifier: MIT
 *
 * Counting trace fields (Received and Delivered-To) in a message that comes by
 * in pieces: many of them mean that it goes round in a loop (RFC 5321 section
 * 6.3).
 */
#ifndef AVOCET_PROTO_LMTP_TRACE_H
#define AVOCET_PROTO_LMTP_TRACE_H

#include "base/str.h"

struct lmtp_trace {
	unsigned count; /* fields so far */
	bool in_body;
	size_t name_size; /* of the present line's beginning */
	char name[16];
};

void lmtp_trace_init(struct lmtp_trace *t);

/* The next piece of the message; any split gives the same count. */
void lmtp_trace_add(struct lmtp_trace *t, struct str piece);

#endif
