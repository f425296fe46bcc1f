/* SPDX-License-Identifier: MIT
 *
 * Segment files: their header and positioned I/O on them.
 */
#ifndef AVOCET_STORE_SEGMENT_FILE_H
#define AVOCET_STORE_SEGMENT_FILE_H

#include "base/rc.h"
#include "base/str.h"

/* The header stands at the front and again in the middle of this space, so
 * that a damaged sector does not cost the whole segment; content follows. */
#define SEGMENT_HEADER_BYTES 4096

enum segment_kind { SEGMENT_LOG = 1, SEGMENT_BLOB = 2 };

struct segment_header {
	uint64_t number;
	enum segment_kind kind;
	uint32_t shard;
	uint64_t first_seq; /* log: of its first record */
	uint64_t salt;	    /* seeds the checksums of its records */
};

void segment_header_pack(
    const struct segment_header *h, char space[SEGMENT_HEADER_BYTES]);
/* RC_CORRUPT when neither copy is whole, RC_VERSION when a newer program wrote
 * it.  *ret_damaged: one of the copies is. */
enum rc segment_header_unpack(const char space[SEGMENT_HEADER_BYTES],
    struct segment_header *ret_header, bool *ret_damaged) MUST_CHECK;

/* Positioned I/O that finishes what it began.  RC_EOF: the file ends before
 * ${size} bytes were there. */
enum rc segment_read(int fd, uint64_t offset, void *to, size_t size) MUST_CHECK;
/* The same, but the end of the file is no failure. */
enum rc segment_read_some(int fd, uint64_t offset, void *to, size_t size,
    size_t *ret_count) MUST_CHECK;
/* RC_NOSPACE, RC_IO. */
enum rc segment_write(
    int fd, uint64_t offset, const void *from, size_t size) MUST_CHECK;
/* Make the file's bytes durable.  RC_NOSPACE, RC_IO. */
enum rc segment_sync(int fd) MUST_CHECK;
/* The same for a file that another process wrote; what is read of it next comes
 * from the disk, as far as the system lets go of what it has in memory. */
enum rc segment_settle(int fd) MUST_CHECK;

/* The code for errno, which is logged with ${what}. */
enum rc segment_failed(const char *what);

#endif
