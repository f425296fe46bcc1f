/* SPDX-License-Identifier: MIT
 *
 * One message after the other by LMTP (RFC 2033), each waited for.
 */
#ifndef AVOCET_BENCH_LMTP_H
#define AVOCET_BENCH_LMTP_H

#include "link.h"

struct options;

/* Connect and say who we are. */
void lmtp_open(struct link *l, const struct options *o);

/* Deliver message 1 of ${size} octets to account 0; the time when the server
 * had said that it took it. */
uint64_t lmtp_deliver(struct link *l, const struct options *o, size_t size);

#endif
