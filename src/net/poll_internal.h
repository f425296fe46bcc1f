/* SPDX-License-Identifier: MIT
 *
 * What the files of net/ and the tests may ask of the pool beyond poll.h.
 */
#ifndef AVOCET_NET_POLL_INTERNAL_H
#define AVOCET_NET_POLL_INTERNAL_H

#include "net/poll.h"

/* These four are for any thread, and never wait. */

/* Has poll_stop() begun?  Then a worker should not wait much longer. */
bool poll_stopping(const struct poll *p);

/* A worker that waits for its client within a run is lost to all others
 * meanwhile, so it says so, before and after, and looks again and again how many
 * do.  More than half of the workers there may be: POLL_CROWDED.  More than all
 * but one in WORKERS_KEPT_FREE_PART: POLL_FULL.  Pools of fewer workers than
 * that are always calm. */
enum poll_crowd { POLL_CALM, POLL_CROWDED, POLL_FULL };
void poll_waiter_add(struct poll *p);
void poll_waiter_remove(struct poll *p);
enum poll_crowd poll_crowd(const struct poll *p);

/* Wake every task whose deadline is ${now_ms} (of clock_ms()) or earlier; what
 * they do is the workers'.  The workers call this by the real clock; tests by a
 * clock of theirs. */
void poll_timers_run(struct poll *p, uint64_t now_ms);

#endif
