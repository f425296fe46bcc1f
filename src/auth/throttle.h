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
 * An attempt counts as a failure from its beginning and is taken back when it
 * succeeds; so neither hanging up early nor trying in parallel helps.
 *
 * Memory is fixed: THROTTLE_ENTRIES_MAX.  When it is full, the smallest count
 * of a few is forgotten.
 */
#ifndef AVOCET_AUTH_THROTTLE_H
#define AVOCET_AUTH_THROTTLE_H

#include "base/rc.h"
#include "base/str.h"

struct throttle;

/* Addresses and accounts are kept as keyed hashes. */
struct throttle_attempt {
	uint64_t address;
	uint64_t account;
};

struct throttle *throttle_new(void);

/* NULL is fine. */
void throttle_free(struct throttle *t);

/* An attempt from ${peer} ("192.0.2.1", "2001:db8::1", "unix") on the account
 * ${user} (any bytes, folded by the caller).  *ret_delay_ms: how long to let
 * the client wait for the answer.  RC_LIMIT: refuse it, do not check; it is
 * not counted and *ret_attempt is not set.  Does not wait. */
enum rc throttle_begin(struct throttle *t, const char *peer, struct str user,
    struct throttle_attempt *ret_attempt, uint32_t *ret_delay_ms) MUST_CHECK;

/* The attempt was the right password: it was not a failure, and the account's
 * failures are forgotten (the address keeps its others). */
void
throttle_succeeded(struct throttle *t, const struct throttle_attempt *attempt);

#endif
