/* SPDX-License-Identifier: MIT
 *
 * How many connections each address has, and how fast it makes new ones.  Of
 * an IPv6 address the first 64 bits count; this machine itself is not counted.
 * All functions may be called from many threads and do not wait.
 */
#ifndef AVOCET_NET_PEERS_H
#define AVOCET_NET_PEERS_H

#include <stdbool.h>
#include <stdint.h>

struct peers;

struct peers_limits {
	unsigned connections; /* of one address at once; 0: no limit */
	unsigned per_minute;  /* new ones; so many may also come at once.
			       * 0: no limit */
};

struct peers *peers_new(struct peers_limits limits);

/* When no connection is counted any more.  NULL is fine. */
void peers_free(struct peers *p);

/* A connection of ${peer} ("192.0.2.1", "2001:db8::1", "unix") comes.  False:
 * that is one too many.  Otherwise peers_leave() when it ends. */
bool peers_enter(struct peers *p, const char *peer);
void peers_leave(struct peers *p, const char *peer);

#endif
