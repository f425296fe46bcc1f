/* SPDX-License-Identifier: MIT
 *
 * Reading and writing a whole chunk, its two parts together.  keys.h says how
 * a mailbox is cut into chunks.
 *
 * An expunged message stays in its chunk, with the modseq and the time of its
 * expunge, until it is purged: sessions that have not been told of it, QRESYNC
 * and undelete read it there.  Once marked so, its flags do not change.
 */
#ifndef AVOCET_MAIL_CHUNK_H
#define AVOCET_MAIL_CHUNK_H

#include "mail/keys.h"
#include "mail/message.h"
#include "store/store.h"

struct chunk {
	uint32_t first; /* of the key */
	unsigned count;
	struct chunk_fixed fixed[CHUNK_MESSAGES_MAX];
	struct chunk_changing changing[CHUNK_MESSAGES_MAX];
};

/* The least key that the chunk of ${uid} can have. */
uint32_t chunk_least_first(uint32_t uid);

/* The chunk with this key.  RC_NOTFOUND, RC_CORRUPT, RC_IO. */
enum rc chunk_read(struct store_read *r, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk) MUST_CHECK;

/* Inside a change: the first chunk with a key of at least ${first}.
 * RC_NOTFOUND, RC_CORRUPT, RC_IO. */
enum rc chunk_next(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk) MUST_CHECK;

/* The same for the last such chunk. */
enum rc chunk_last(struct store_txn *t, uint32_t mailbox, uint32_t first,
    struct chunk *ret_chunk) MUST_CHECK;

/* Inside a change: write the changing part back. */
void chunk_put_changing(
    struct store_txn *t, uint32_t mailbox, const struct chunk *c);

#endif
