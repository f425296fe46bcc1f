/* SPDX-License-Identifier: MIT
 *
 * Address lists (RFC 5322 section 3.4, the obsolete forms of 4.4, and what
 * else people write), as ENVELOPE shows them.
 */
#ifndef AVOCET_MIME_ADDRESS_H
#define AVOCET_MIME_ADDRESS_H

#include "base/buf.h"

enum mime_address_kind {
	MIME_ADDRESS_MAILBOX,
	MIME_ADDRESS_GROUP,	/* a group begins; name is the group's */
	MIME_ADDRESS_GROUP_END, /* ";" */
};

/* One element.  Quotes, backslashes and comments are taken away, encoded-words
 * are left as they are. */
struct mime_address {
	enum mime_address_kind kind;
	struct str name;    /* display name, or the last comment; may be "" */
	struct str route;   /* "@a,@b"; usually "" */
	struct str mailbox; /* local part; may be "" */
	struct str host;    /* may be "" when there is none */
};

/* Room for what each part of a usual address needs. */
#define MIME_ADDRESS_ROOM 64

/* A walk over the elements of one field's value; stays where it is. */
struct mime_addresses {
	struct cursor at;
	bool in_group;
	unsigned unclosed; /* openers known to have no closer behind them */
	struct buf name;   /* of the current element */
	struct buf comment;
	struct buf route;
	struct buf mailbox;
	struct buf host;
	char rooms[5][MIME_ADDRESS_ROOM];
};

/* Start; ${value} may be folded and must stay in place. */
void mime_addresses_init(struct mime_addresses *a, struct str value);
void mime_addresses_fini(struct mime_addresses *a);

/* The next element; its views are good until the next call.  Every group that
 * begins also ends.  False at the end. */
bool
mime_addresses_next(struct mime_addresses *a, struct mime_address *ret_address);

#endif
