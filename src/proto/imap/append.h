/* SPDX-License-Identifier: MIT
 *
 * APPEND (RFC 9051 section 6.3.12, RFC 3502, RFC 3516, RFC 9755) and REPLACE
 * (RFC 8508), whose messages are not in the text: the frame cuts it at each of
 * them.
 *
 * Of the first part parse_append() takes the mailbox, or parse_replace() what
 * REPLACE has, and parse_append_message() the rest; of each further part parse_append_message() all; of the last part,
 * behind the last message, parse_append_end().
 */
#ifndef AVOCET_PROTO_IMAP_APPEND_H
#define AVOCET_PROTO_IMAP_APPEND_H

#include "proto/imap/flag.h"
#include "proto/imap/mailbox.h"
#include "proto/imap/set.h"

struct append_message {
	bool has_flags;
	struct flag_list flags;
	bool has_date;
	int64_t date; /* seconds since 1970 */
	uint64_t octets;
	bool waits;    /* a synchronizing literal */
	bool literal8; /* may hold NUL */
	bool utf8;     /* UTF8 (literal8) */
};

/* SP mailbox; behind "APPEND". */
bool parse_append(struct parser *p, struct mailbox_name *ret_mailbox);

/* SP seq-number SP mailbox; behind "REPLACE".     RFC 8508 section 5 */
bool parse_replace(struct parser *p, struct seq_set *ret_replaced,
    struct mailbox_name *ret_mailbox);

/* append-message = [SP flag-list] [SP date-time] SP append-data
 *                              RFC 3502 section 6.3.11, RFC 4466 section 3
 * append-data = literal / literal8 / "UTF8" SP "(" literal8 ")"
 *                              RFC 6855 section 4
 * up to the literal's announcement, which must end the text.  ${last} is the
 * message in front of this one, whose ")" may have to come first; NULL for the
 * first one. */
bool parse_append_message(struct parser *p, const struct append_message *last,
    struct append_message *ret_message);

/* What is behind the last message: nothing, or ")". */
bool parse_append_end(struct parser *p, const struct append_message *last);

/* Append the options and the announcement, up to and without its CRLF. */
void write_append_message(struct buf *to, const struct append_message *m);

#endif
