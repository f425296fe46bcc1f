/* SPDX-License-Identifier: MIT
 *
 * LIST with all its forms, and LSUB (RFC 9051 section 6.3.9, RFC 3501 section
 * 6.3.9, RFC 5258, RFC 5819, RFC 6154).
 */
#ifndef AVOCET_PROTO_IMAP_LIST_H
#define AVOCET_PROTO_IMAP_LIST_H

#include "proto/imap/status.h"

/* Selection options, as bits. */
enum {
	LIST_SELECT_SUBSCRIBED = 1,
	LIST_SELECT_REMOTE = 2,
	LIST_SELECT_RECURSIVEMATCH = 4,
	LIST_SELECT_SPECIAL_USE = 8,
};

/* Return options, as bits. */
enum {
	LIST_RETURN_SUBSCRIBED = 1,
	LIST_RETURN_CHILDREN = 2,
	LIST_RETURN_SPECIAL_USE = 4,
	LIST_RETURN_STATUS = 8,
};

struct list_args {
	bool extended; /* options or several patterns: RFC 5258's rules hold,
			* for example 'LIST "" ""' is not special */
	unsigned select;
	unsigned returns;
	unsigned status; /* STATUS_ bits with LIST_RETURN_STATUS */
	struct mailbox_name reference;
	struct mailbox_name *patterns; /* not joined with the reference */
	size_t pattern_count;	       /* at least one */
};

/* [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]
 *                              RFC 9051 section 9, RFC 5258 section 6
 * to the end; behind "LIST".  At most LIST_PATTERNS_MAX patterns.  An option
 * that is not known is refused (RFC 5258 section 3), and so is RECURSIVEMATCH
 * without SUBSCRIBED. */
bool parse_list(struct parser *p, struct list_args *ret_args);

/* SP mailbox SP list-mailbox                      RFC 3501 section 9
 * to the end; behind "LSUB" and the older "XLIST". */
bool parse_lsub(struct parser *p, struct list_args *ret_args);

void write_list(struct buf *to, const struct list_args *args, bool utf8);

#endif
