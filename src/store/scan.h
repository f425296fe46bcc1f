/* SPDX-License-Identifier: MIT
 *
 * Reading a log segment from front to back: for recovery, collecting, checking
 * and rebuilding.  Memory: a window, or the largest record.
 */
#ifndef AVOCET_STORE_SCAN_H
#define AVOCET_STORE_SCAN_H

#include "store/record.h"

struct scan {
	int fd; /* the caller's */
	uint64_t salt;
	uint64_t offset; /* where the next record should begin */
	char *window;
	size_t window_size;
	size_t window_bytes; /* valid in it */
	uint64_t window_offset;
};

void scan_begin(struct scan *s, int fd, uint64_t salt, uint64_t offset);
void scan_end(struct scan *s);

/* The record at the offset, which then moves behind it; its views are good
 * until the next call.  RC_EOF when there is no whole record there; RC_IO. */
enum rc scan_next(struct scan *s, struct record *ret_record) MUST_CHECK;

/* Step over a record that is damaged behind its header, which still says how
 * long it is and of which account.  RC_EOF, and the offset stays, when the
 * header is damaged too or the record goes on behind the file's end; RC_IO. */
enum rc scan_step_over(struct scan *s, struct record_head *ret_head) MUST_CHECK;

/* Move to the next offset with a whole record.  RC_EOF when there is none. */
enum rc scan_resync(struct scan *s) MUST_CHECK;

/* Is there nothing but zeros from the offset to the end of the file? */
enum rc scan_rest_is_blank(struct scan *s, bool *ret_blank) MUST_CHECK;

#endif
