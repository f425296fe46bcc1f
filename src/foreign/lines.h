/* SPDX-License-Identifier: MIT
 *
 * Lines of a file that others write.
 */
#ifndef AVOCET_FOREIGN_LINES_H
#define AVOCET_FOREIGN_LINES_H

#include "base/buf.h"

/* A longer one is passed over. */
#define LINES_BYTES_MAX (64 * 1024)

struct lines {
	int fd;
	struct buf in;
	size_t taken;
	size_t too_long; /* lines that were */
};

/* ${fd} is closed with lines_fini(). */
void lines_init(struct lines *l, int fd);
void lines_fini(struct lines *l);

/* The next line without its end; good until the next call.  RC_EOF; RC_IO.
 * Waits for the disk. */
enum rc lines_next(struct lines *l, struct str *ret_line) MUST_CHECK;

#endif
