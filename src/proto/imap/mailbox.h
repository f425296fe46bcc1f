/* SPDX-License-Identifier: MIT
 *
 * Mailbox names on the wire: modified UTF-7 (RFC 3501 section 5.1.3), or UTF-8
 * once the client has enabled it (RFC 9051 section 5.1, RFC 9755).  Inside they
 * are UTF-8 in normal form C with "/" between levels and "INBOX" in upper case.
 */
#ifndef AVOCET_PROTO_IMAP_MAILBOX_H
#define AVOCET_PROTO_IMAP_MAILBOX_H

#include "proto/imap/parser.h"

struct mailbox_name {
	struct str utf8; /* if !valid: the bytes as they came */
	bool valid;	 /* could be decoded, and holds no control characters */
	struct str given; /* the UTF-8 that came, if it was not in normal form;
			   * else empty */
};

/* mailbox = "INBOX" / astring                     RFC 9051 section 9
 *
 * A name that cannot be decoded is taken and marked, so that the command can
 * answer NO [CANNOT].  "INBOX" in any case, also as the first level, is written
 * in upper case.  One "/" at the end is taken off: clients create parents so.
 * That is all: whether the name is fit to be made, mail/ says. */
bool parse_mailbox(struct parser *p, struct mailbox_name *ret_name);

/* The reference of LIST: a mailbox whose "/" at the end stays. */
bool parse_list_reference(struct parser *p, struct mailbox_name *ret_name);

/* list-mailbox = 1*list-char / string             RFC 9051 section 9
 * Decoded as a name is; wildcards stand for themselves. */
bool parse_list_pattern(struct parser *p, struct mailbox_name *ret_pattern);

/* Append a mailbox name as a quoted string: modified UTF-7, or with ${utf8}
 * UTF-8.  ${name} is UTF-8 without NUL, CR and LF; what is not is replaced. */
void write_mailbox(struct buf *to, struct str name, bool utf8);

/* Does ${name} match the LIST pattern ${pattern} (both UTF-8), where "*" stands
 * for anything and "%" for anything without "/"?  INBOX has the case of its
 * letters ignored.  Takes time of at most the product of the lengths. */
bool list_pattern_matches(struct str pattern, struct str name);

/* Append the canonical pattern (RFC 9051 section 6.3.9): ${reference} and
 * ${pattern} together; a pattern with "/" in front stands alone. */
void
list_pattern_join(struct buf *to, struct str reference, struct str pattern);

#endif
