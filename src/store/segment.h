/* SPDX-License-Identifier: MIT
 *
 * The segments of one shard: rows of commit records (kind log), and files that
 * hold one large message each (kind blob).  Numbers come from one row and are
 * never reused.  The table also counts, for each segment, the bytes in it that
 * are still referred to.
 *
 * All functions may be called from any thread; the table has one lock, taken
 * inside the shard's.
 */
#ifndef AVOCET_STORE_SEGMENT_H
#define AVOCET_STORE_SEGMENT_H

#include "store/segment_file.h"

struct segments;

/* One segment in use; users keep it open even when it has been removed. */
struct segment {
	struct segment_header header;
	int fd;
	/* The rest is segment.c's. */
	unsigned users;
	bool removed;
	bool changed; /* since segments_take_changes() */
	uint64_t total;
	int64_t gross;
	int64_t live;
	int64_t tombs;
};

struct segment_use {
	uint64_t number;
	enum segment_kind kind;
	uint64_t first_seq;
	uint64_t total; /* bytes written, the header's included */
	int64_t gross;	/* bytes that were ever referred to */
	int64_t live;	/* bytes that are */
	int64_t tombs;	/* bytes of deletes, which older segments need */
	bool removed;
	bool used; /* somebody has it open */
};

/* Read the headers of the segments in ${folder}.  A damaged file is left
 * alone and logged; *ret_damaged says how many there were.  RC_VERSION,
 * RC_IO. */
enum rc segments_load(const char *folder, uint32_t shard,
    struct segments **ret_segments, size_t *ret_damaged) MUST_CHECK;
void segments_free(struct segments *s);
/* The greatest number of a log segment that was damaged; 0: none was. */
uint64_t segments_damaged_log(const struct segments *s);

/* Make the next segment: its header and its name are durable.  Returned in
 * use.  RC_NOSPACE, RC_IO. */
enum rc segments_create(struct segments *s, enum segment_kind kind,
    uint64_t first_seq, struct segment **ret_segment) MUST_CHECK;

/* Write ${bytes} zeros to a file that the next log segment will take over, if
 * there is none yet.  Waits for the disk.  One thread only. */
enum rc segments_prepare(struct segments *s, uint64_t bytes) MUST_CHECK;

/* Open for use; RC_NOTFOUND, RC_IO.  Every use ends with segments_done(). */
enum rc segments_use(struct segments *s, uint64_t number,
    struct segment **ret_segment) MUST_CHECK;
void segments_done(struct segments *s, struct segment *segment);

/* Delete the file; those who use it keep it readable. */
void segments_remove(struct segments *s, uint64_t number);
/* Make deletions durable, as far as the file system lets us. */
void segments_settle(struct segments *s);

/* Count.  A segment that is not known (any more) is passed over. */
void segments_add_live(struct segments *s, uint64_t number, int64_t bytes);
void segments_add_tombs(struct segments *s, uint64_t number, int64_t bytes);
void segments_set_total(struct segments *s, uint64_t number, uint64_t bytes);
bool segments_is_log(struct segments *s, uint64_t number);
/* Take over counts that were stored.  What it says of a segment that is not
 * there, or is shorter than it was, is kept for segments_wanting(). */
void segments_restore(struct segments *s, const struct segment_use *use);
/* A segment's file that is gone though there is use for it, or was cut. */
struct segment_wanting {
	uint64_t number;
	bool gone;
	int64_t live;	/* bytes that are needed of it */
	uint64_t had;	/* bytes that it has */
	uint64_t wants; /* bytes that it had */
};
/* The ${i}th of them (if live is above 0); false: there are no more. */
bool segments_wanting(
    struct segments *s, size_t i, struct segment_wanting *ret_wanting);

/* The log segment that holds the record ${seq}; 0 when it is gone. */
uint64_t segments_of_seq(struct segments *s, uint64_t seq);

/* A copy of the table in ascending order; free with mem_free(). */
struct segment_use *segments_list(struct segments *s, size_t *ret_count);
/* Only what has changed since the last call, and what has been removed. */
struct segment_use *
segments_take_changes(struct segments *s, size_t *ret_count);

#endif
