/* SPDX-License-Identifier: MIT
 *
 * What view.c, view_walk.c and view_sync.c share.
 */
#ifndef AVOCET_MAIL_VIEW_INTERNAL_H
#define AVOCET_MAIL_VIEW_INTERNAL_H

#include "mail/chunk.h"
#include "mail/open_internal.h"
#include "mail/view.h"

/* A chunk that has messages of the view. */
struct view_chunk {
	uint32_t first;	 /* of the chunk's key */
	uint32_t before; /* messages of the view in the chunks before */
	uint64_t modseq; /* the highest of its messages, or less than it is */
	uint8_t count;	 /* messages of the view in it */
	uint8_t unseen;	 /* of them without \Seen; not exact when stale */
	bool stale;	 /* changed after the cursor's modseq: counted anew */
	bool untold; /* changed after what was told of its flags, or stale */
};

struct view_index {
	struct view_chunk *v;
	size_t n;
	uint32_t total;
};

/* Make the index of the view as if its uidnext were ${uidnext}.  RC_LIMIT
 * (the arena refuses), RC_CORRUPT, RC_IO. */
enum rc view_index_make(struct view *v, uint32_t uidnext, struct arena *a,
    struct view_index *ret_index) MUST_CHECK;

/* The index at the cursor, proved to agree with ${exists}. */
enum rc view_index_now(
    struct view *v, struct arena *a, struct view_index *ret_index) MUST_CHECK;

/* Is message ${i} of ${c} in the view, were its uidnext ${uidnext}? */
bool view_has(
    const struct view *v, uint32_t uidnext, const struct chunk *c, unsigned i);

/* Message ${i} of ${c}, number ${seq} of the view. */
struct message view_message(
    const struct view *v, const struct chunk *c, unsigned i, uint32_t seq);

/* Move the view's claim of \Recent up to ${uidnext}; the mailbox's lock is
 * held.  True when the store should be told. */
bool view_claim(struct view *v, uint32_t uidnext);

#endif
