/* SPDX-License-Identifier: MIT
 *
 * The output queue of a connection: pieces of memory and ranges of sources,
 * sent in the order in which they were queued.
 *
 * A range costs a few bytes until its turn comes; then at most
 * OUT_READ_BYTES of it are read into a piece, and counted as memory until the
 * socket has taken them.
 */
#ifndef AVOCET_NET_OUT_H
#define AVOCET_NET_OUT_H

#include "net/conn.h"
#include "net/stream.h"

struct out_item;
struct output_check;

struct out {
	struct out_item *first; /* NULL: empty */
	struct out_item *last;
	uint64_t pending; /* all bytes queued */
	size_t memory;	  /* of these, bytes in pieces */
	size_t sources;	  /* items that are ranges */
#ifdef AVOCET_CHECK_OUTPUT
	struct output_check *check; /* owned; NULL: none */
#endif
};

/* An empty queue; what is left in one is dropped and released. */
void out_init(struct out *o);
void out_fini(struct out *o);

/* Queue a copy of bytes. */
void out_add(struct out *o, struct str bytes);

/* Queue a range; owns the reference that comes with ${source}, and gives it
 * back at once when ${count} is 0. */
void out_add_source(
    struct out *o, struct out_source *source, uint64_t offset, uint64_t count);

/* Send what ${s} takes; waits for the disk, not for the client.  Adds what
 * was sent to *sent.  RC_OK: the queue is empty, and ${s} keeps nothing back;
 * RC_AGAIN: wait for *ret_wants, which may be ready at once when
 * ${most} or some more were sent; RC_CLOSED or RC_IO: broken. */
enum rc out_flush(struct out *o, struct stream *s, size_t most, uint64_t *sent,
    unsigned *ret_wants) MUST_CHECK;

#endif
