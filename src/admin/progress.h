/* SPDX-License-Identifier: MIT
 *
 * How far a long command has come, on a terminal: what is done of it, the rate,
 * and the time that is left at that rate.  Nothing is printed when standard
 * error is none.
 */
#ifndef AVOCET_ADMIN_PROGRESS_H
#define AVOCET_ADMIN_PROGRESS_H

#include "base/str.h"

struct progress {
	bool shown;
	uint64_t total; /* of whatever is counted; 0: not known */
	uint64_t done;
	uint64_t messages;
	uint64_t octets;
	uint64_t begun_ms;
	uint64_t next_ms; /* when to print again */
};

void progress_begin(struct progress *p, uint64_t total);
/* ${done} more of the total; ${octets} of a message, or of a part of one. */
void progress_add(struct progress *p, uint64_t done, uint64_t messages,
    uint64_t octets, struct str mailbox);
/* Take the line off the terminal, before anything else is printed. */
void progress_clear(struct progress *p);

/* Append "12 s", "3:04", "1:02:03". */
struct buf;
void progress_write_time(struct buf *to, uint64_t seconds);

#endif
