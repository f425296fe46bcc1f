/* SPDX-License-Identifier: MIT
 *
 * What the files about messages share.
 */
#ifndef AVOCET_MAIL_MESSAGE_INTERNAL_H
#define AVOCET_MAIL_MESSAGE_INTERNAL_H

#include "mail/chunk.h"
#include "mail/mail_internal.h"
#include "mail/message.h"

/* A change to many messages is cut into slices, so that it does not hold up
 * others: each ends when it has changed or looked at so many chunks. */
#define SLICE_CHUNKS_CHANGED 128
#define SLICE_CHUNKS_LOOKED  1024

struct slice {
	uint32_t from; /* UID to begin at; moves on when a slice is done */
	uint32_t next; /* where the slice under way ended */
	unsigned looked;
	unsigned changed;
	bool ended; /* nothing is left behind it */
};

/* Begin (again); the slice is as it was. */
void slice_begin(struct slice *s);
/* Has the slice under way had its share?  ${c} is the chunk just done. */
bool slice_is_full(struct slice *s, const struct chunk *c);

/* -- uid_list.c ---------------------------------------------------------- */

/* Append all of ${more}, whose UIDs are greater than those of ${l}. */
void uid_list_join(struct uid_list *l, const struct uid_list *more);

/* -- keyword.c ----------------------------------------------------------- */

/* The bits of keywords by name in the mailbox's list.  Names are compared
 * without case.  ${add}: those it lacks are added; else they have no bit.
 * RC_LIMIT: no room for more; RC_CORRUPT, RC_IO. */
enum rc keyword_bits(struct change *c, uint32_t mailbox,
    const struct flags *flags, bool add, uint64_t *ret_bits) MUST_CHECK;

/* -- message_append.c ---------------------------------------------------- */

/* Add the message, its bytes staged in ${stage}, to the mailbox.  RC_LIMIT
 * (keywords, UIDs), RC_NOSPACE, RC_CORRUPT, RC_IO. */
enum rc append_item(struct chunk_append *to, const struct append *item,
    struct stage *stage, uint32_t *ret_uid) MUST_CHECK;

/* -- message_walk.c: chunks of a list of UIDs, inside a change ------------ */

/* A walk over the chunks that may hold messages with UIDs in ${uids}. */
struct uid_walk {
	struct store_txn *txn;
	uint32_t mailbox;
	const struct uid_list *uids;
	size_t at;     /* the range under way */
	uint32_t from; /* the next chunk's key is at least this */
};

/* From UID ${from} on. */
struct uid_walk uid_walk_begin(struct store_txn *t, uint32_t mailbox,
    const struct uid_list *uids, uint32_t from);

/* The next chunk.  RC_NOTFOUND at the end; RC_CORRUPT, RC_IO. */
enum rc uid_walk_next(struct uid_walk *w, struct chunk *ret_chunk) MUST_CHECK;

/* Is ${uid} in the list?  Asked in ascending order. */
bool uid_walk_has(struct uid_walk *w, uint32_t uid);

#endif
