/* SPDX-License-Identifier: MIT
 *
 * Clients that do not read, or more than they may.
 */
#include "net/pace.h"

#include "base/clock.h"
#include "base/limits.h"

enum rc
pace_flush(struct pace *p, struct conn *c, bool *ret_moved)
{
	uint64_t pending;
	enum rc rc;

	if (conn_pause(c)) {
		/* It is not the client who is slow. */
		p->stalled_bytes = 0;
		*ret_moved = true;
		return RC_AGAIN;
	}
	rc = conn_flush(c);
	pending = conn_out_pending(c);
	*ret_moved = false;
	if (rc != RC_AGAIN) {
		p->stalled_bytes = 0;
		return rc;
	}
	if (pending != p->stalled_bytes) {
		p->stalled_bytes = pending;
		p->stall_ms = clock_ms() + WRITE_STALL_MS_MAX;
		*ret_moved = true;
	}
	if (clock_ms() >= p->stall_ms)
		return RC_TIMEOUT;
	conn_deadline(c, p->stall_ms);
	return RC_AGAIN;
}
