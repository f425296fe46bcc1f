/* SPDX-License-Identifier: MIT
 *
 * An open blob as a source of output: ranges of a stored message that the
 * output queue reads and sends later, long after the command has ended.
 *
 * All ranges of one message share one struct, counted by references; the blob
 * is closed with the last one.  A connection and its queue are used by one
 * thread at a time, so the counts need no lock.
 */
#ifndef AVOCET_IMAP_BLOB_SOURCE_H
#define AVOCET_IMAP_BLOB_SOURCE_H

#include "net/conn.h"

struct blob;
struct blob_source;

/* Take over ${b}.  While the source lives it counts in *${open} (may be
 * NULL), which must outlive the connection's queue. */
struct blob_source *blob_source_new(struct blob *b, unsigned *open);

/* One more reference, for the caller. */
void blob_source_ref(struct blob_source *source);

/* Give up the caller's reference; clears *source.  NULL in it is fine. */
void blob_source_unref(struct blob_source **source);

/* The blob, for reading while a reference is held. */
struct blob *blob_source_blob(struct blob_source *source);

/* Queue ${count} bytes from ${offset}; the queue holds a reference of its
 * own.  ${count} of 0 queues nothing.  Does not wait. */
void blob_source_queue(struct blob_source *source, struct conn *c,
    uint64_t offset, uint64_t count);

#endif
