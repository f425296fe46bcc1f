/* SPDX-License-Identifier: MIT
 *
 * What CAPA announces (RFC 2449): the table is the only authority.
 */
#ifndef AVOCET_PROTO_POP3_CAPABILITY_H
#define AVOCET_PROTO_POP3_CAPABILITY_H

#include "base/buf.h"

enum pop3_when {
	POP3_ALWAYS,
	POP3_WITH_STLS,	     /* while TLS may begin */
	POP3_WITH_CLEARTEXT, /* while a password may go as it is */
	POP3_WITH_UTF8,	     /* if it is configured */
};

struct pop3_capability {
	const char *name; /* NULL ends the table */
	const char *arguments;
	enum pop3_when when;
	unsigned rfc;
};
extern const struct pop3_capability pop3_capabilities[];

/* How things are on a connection. */
struct pop3_offer {
	bool stls;
	bool cleartext;
	bool utf8;
	const char *mechanisms; /* of SASL, a space before each */
};

/* Append the whole answer to CAPA: the line that begins it, a line for each
 * capability, and the line that ends it. */
void pop3_write_capabilities(const struct pop3_offer *o, struct buf *to);

#endif
