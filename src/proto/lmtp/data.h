/* SPDX-License-Identifier: MIT
 *
 * The message after DATA: taking out the dots that the sender put in, and
 * finding the end (RFC 5321 sections 4.1.1.4 and 4.5.2).
 *
 * Only CR LF "." CR LF ends the data (the first CR LF belongs to it; at the
 * very beginning "." CR LF alone does).  A CR or LF that stands alone is data,
 * is kept as it is and never begins or ends a line.  Otherwise somebody who
 * takes it for a line end would see another message than we do.
 */
#ifndef AVOCET_PROTO_LMTP_DATA_H
#define AVOCET_PROTO_LMTP_DATA_H

#include "base/str.h"

enum lmtp_data_place {
	LMTP_DATA_LINE_START,
	LMTP_DATA_IN_LINE,
	LMTP_DATA_CR,	  /* a CR was passed on */
	LMTP_DATA_DOT,	  /* a dot at line start is held back */
	LMTP_DATA_DOT_CR, /* and a CR after it, too */
	LMTP_DATA_END,
};

struct lmtp_data {
	enum lmtp_data_place place;
};

void lmtp_data_init(struct lmtp_data *d);

/* Take bytes from ${c} and give the next piece of the message, which may point
 * into the input.  False when the input is used up or the end was reached;
 * then *ret_piece is not set.  Nothing beyond the end is taken. */
bool
lmtp_data_next(struct lmtp_data *d, struct cursor *c, struct str *ret_piece);

bool lmtp_data_ended(const struct lmtp_data *d);

#endif
