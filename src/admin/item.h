/* SPDX-License-Identifier: MIT
 *
 * A message on its way between the tool and whoever has the store.
 *
 * Into it (the body of import-messages): frames with the octets, an empty frame,
 * and a frame that says what the message is, or "-" when it is to be forgotten.
 * Out of it (the lines of export-messages): a frame that says what it is, then
 * frames with the octets.
 */
#ifndef AVOCET_ADMIN_ITEM_H
#define AVOCET_ADMIN_ITEM_H

#include "admin/tally.h"
#include "base/arena.h"
#include "mail/message.h"

struct item {
	uint32_t uid; /* 0: whatever comes next */
	unsigned flags;
	int64_t date;			 /* INT64_MIN: not known */
	uint64_t size;			 /* out only */
	uint32_t prefix;		 /* out only: octets that the digest
					  * leaves out */
	char digest[TALLY_DIGEST_BYTES]; /* in: the mark; out: the message's */
	const struct str *keywords;	 /* without spaces */
	size_t keyword_count;
};

/* Append "UID FLAGS DATE SIZE PREFIX DIGEST KEYWORD ...". */
void item_write(struct buf *to, const struct item *item);
/* Keywords are views of the text, their list is in ${a}.  RC_SYNTAX; RC_LIMIT:
 * the arena refuses. */
enum rc
item_parse(struct str text, struct arena *a, struct item *ret_item) MUST_CHECK;

#endif
