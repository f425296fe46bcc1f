/* SPDX-License-Identifier: MIT
 *
 * Protocol traces (`avocet trace`): who traces is told every line of the
 * sessions of one user, as it is said.
 *
 * A session is seen from behind its login on, so that no password is in what is
 * kept here.  A session never waits for who traces: lines that nobody takes fill
 * a buffer of TRACE_BUFFER_BYTES_MAX, and those beyond are counted instead.
 * While nobody traces, a session looks at one number in each of its turns.
 */
#ifndef AVOCET_SERVER_TRACE_H
#define AVOCET_SERVER_TRACE_H

#include "admin/operation.h"
#include "net/presence.h"

struct traces;

struct traces *traces_new(void);

/* For the services of sessions. */
struct watch *traces_watch(struct traces *t);

/* Tell ${c} from here on what ${wanted} says, as frames of the first list of a
 * reply (admin/frame.h), until its other side is gone or traces_stop(); within
 * the connection's run, and *ret_wants is what that returns.  RC_LIMIT:
 * TRACES_MAX are told already, and nothing has changed. */
enum rc traces_begin(struct traces *t, const struct operation_trace *wanted,
    struct conn *c, unsigned *ret_wants) MUST_CHECK;

/* End all, now and later; before the pool stops. */
void traces_stop(struct traces *t);

/* Free it, after the pool has stopped and all sessions are gone.  NULL is
 * fine. */
void traces_free(struct traces *t);

#endif
