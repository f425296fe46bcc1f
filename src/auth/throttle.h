/* SPDX-License-Identifier: MIT
 *
 * Failed logins are remembered for a while, per address (of IPv6 the first 64
 * bits count) and per account, and slow down what comes after them.
 *
 * A count of failures decays: it halves every THROTTLE_HALF_LIFE_MS.  The
 * delay doubles with each failure of the address, up to
 * THROTTLE_DELAY_MS_MAX.  Failures on an account by others add a small grade
 * only, so that strangers cannot keep its owner out.  An address with more
 * than THROTTLE_FAILURES_MAX is refused for as long as that lasts.
 *
 * The delay is for the client: it learns the outcome that much later.  A
 * check is never abandoned half-way, so hanging up does not save a guesser
 * from being counted.
 *
 * Memory is fixed: THROTTLE_ENTRIES_MAX of each.  When it is full, the smallest count
 * of a few is forgotten.
 */
#ifndef AVOCET_AUTH_THROTTLE_H
#define AVOCET_AUTH_THROTTLE_H

#include "base/str.h"

struct throttle;

struct throttle *throttle_new(void);

/* NULL is fine. */
void throttle_free(struct throttle *t);

/* May ${peer} ("192.0.2.1", "2001:db8::1", "unix") try now?  If not, do not
 * check its password.  None of these functions waits; they may be called from
 * many threads. */
bool throttle_allows(struct throttle *t, const char *peer);

/* Has ${peer} failed lately? */
bool throttle_suspects(struct throttle *t, const char *peer);

/* ${peer} sent nothing but garbage: as a failure of the address, of no
 * account. */
uint32_t throttle_offended(struct throttle *t, const char *peer);

/* ${peer} failed (succeeded) to log in as ${user}: any bytes, equal for equal
 * accounts.  Returns how many milliseconds the client is to wait for the
 * answer.  A failure without a name, as in a malformed message, is one of the
 * address alone.  A success forgets the account's failures, not the address's. */
uint32_t throttle_failed(struct throttle *t, const char *peer, struct str user);
uint32_t
throttle_succeeded(struct throttle *t, const char *peer, struct str user);

#endif
