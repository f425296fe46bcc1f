/* SPDX-License-Identifier: MIT
 *
 * Clients that do not read, or more than they may.  One that takes some of what is queued for it now
 * and then may be slow; one that takes nothing for WRITE_STALL_MS_MAX is left.
 * One whose account has been sent enough pauses, without a thread.
 */
#ifndef AVOCET_NET_PACE_H
#define AVOCET_NET_PACE_H

#include "net/conn.h"

/* How far the client was the last time; all zero at first. */
struct pace {
	uint64_t stall_ms;	/* it must have taken something until then */
	uint64_t stalled_bytes; /* what was queued then */
};

/* Send what is queued, without waiting.  RC_OK: all is gone; RC_AGAIN: wait for
 * POLL_OUTPUT, the connection's deadline is set, and *ret_moved says that the
 * client has taken some since the last time, or may not: it is not silent; RC_TIMEOUT: it
 * does not read; else as conn_flush(). */
enum rc pace_flush(struct pace *p, struct conn *c, bool *ret_moved) MUST_CHECK;

#endif
