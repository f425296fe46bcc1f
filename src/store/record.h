/* SPDX-License-Identifier: MIT
 *
 * Commit records, as they stand in a log segment: a header and a row of
 * operations.  README.md has the layout.
 */
#ifndef AVOCET_STORE_RECORD_H
#define AVOCET_STORE_RECORD_H

#include "base/buf.h"

#define RECORD_HEADER_BYTES	 48
#define RECORD_OP_BYTES		 8
#define RECORD_PAYLOAD_BYTES_MAX (512u * 1024 * 1024)

enum record_op {
	RECORD_PUT = 1,	     /* key := value */
	RECORD_DELETE = 2,   /* key is gone */
	RECORD_BLOB = 3,     /* key is a blob's; value holds its image */
	RECORD_META_PUT = 4, /* as PUT and DELETE, of account 0 */
	RECORD_META_DELETE = 5,
};

/* What the header says.  ${place} is how many records of the same group stand
 * before this one: they were written together, so if this one is whole, the
 * groups before it were made durable before. */
struct record_head {
	uint64_t account;
	uint64_t seq;
	uint32_t place;
	uint64_t payload_bytes;
	uint64_t payload_check;
};

/* Append a record: begin, operations, end.  Begin returns where it is in the
 * buffer; end is given that and fills in sizes and checks. */
size_t record_begin(struct buf *to);
void
record_add(struct buf *to, enum record_op op, struct str key, struct str value);
/* The same in two steps for a value in several pieces of ${value_bytes}. */
void record_add_head(
    struct buf *to, enum record_op op, struct str key, size_t value_bytes);
void record_end(
    struct buf *to, size_t at, const struct record_head *head, uint64_t salt);

/* Read a header.  False when the bytes are none of a segment with ${salt}. */
bool record_head_take(const char header[RECORD_HEADER_BYTES], uint64_t salt,
    struct record_head *ret_head);

/* What a record with that header takes in the segment. */
uint64_t record_size(const struct record_head *head);

/* One record as read. */
struct record {
	struct record_head head;
	uint64_t payload_offset; /* in the segment */
	struct str payload;
};

/* Take the record at the start of ${bytes}, which stand at ${offset} of a
 * segment with ${salt}.  False when there is none: zeros, a torn or a damaged
 * one. */
bool record_take(struct str bytes, uint64_t offset, uint64_t salt,
    struct record *ret_record);

/* Walk the operations: *at starts at 0.  False at the end, or when the
 * payload is malformed (then *at is not at the end of it). */
struct record_item {
	enum record_op op;
	struct str key;
	struct str value;
	uint64_t value_offset; /* in the segment */
};
bool
record_next(const struct record *r, size_t *at, struct record_item *ret_item);

/* The value of a RECORD_BLOB: the message's size, a prefix, the image. */
#define RECORD_BLOB_HEAD_BYTES 10
struct record_blob {
	uint64_t raw;
	struct str prefix;
	struct str image;
	uint64_t image_offset; /* in the segment */
};
void record_blob_add_head(struct buf *to, uint64_t raw, struct str prefix);
/* False when it is malformed. */
bool
record_blob_take(const struct record_item *item, struct record_blob *ret_blob);

#endif
