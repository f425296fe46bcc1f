/* SPDX-License-Identifier: MIT
 *
 * STATUS (RFC 9051 section 6.3.11, RFC 8438, RFC 7889, RFC 7162, RFC 8474).
 */
#ifndef AVOCET_PROTO_IMAP_STATUS_H
#define AVOCET_PROTO_IMAP_STATUS_H

#include "proto/imap/mailbox.h"

/* Items, as bits. */
enum {
	STATUS_MESSAGES = 1,
	STATUS_RECENT = 2, /* RFC 3501 */
	STATUS_UIDNEXT = 4,
	STATUS_UIDVALIDITY = 8,
	STATUS_UNSEEN = 16,
	STATUS_DELETED = 32,
	STATUS_SIZE = 64,
	STATUS_APPENDLIMIT = 128,
	STATUS_HIGHESTMODSEQ = 256, /* RFC 7162 */
	STATUS_MAILBOXID = 512,	    /* RFC 8474 */
};

struct status_args {
	struct mailbox_name mailbox;
	unsigned items; /* STATUS_ bits, at least one */
};

/* SP mailbox SP "(" status-att *(SP status-att) ")"
 *                                                 RFC 9051 section 9
 * to the end; behind "STATUS". */
bool parse_status(struct parser *p, struct status_args *ret_args);

/* "(" status-att *(SP status-att) ")"             RFC 9051 section 9 */
bool parse_status_atts(struct parser *p, unsigned *ret_items);

/* "MESSAGES" for STATUS_MESSAGES etc. */
const char *status_att_name(unsigned bit);

void write_status_atts(struct buf *to, unsigned items);
void write_status(struct buf *to, const struct status_args *args, bool utf8);

#endif
