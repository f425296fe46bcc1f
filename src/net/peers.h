/* SPDX-License-Identifier: MIT
 *
 * The connections of one address are counted together (net/share.h).  Of an
 * IPv6 address the first 64 bits count; this machine itself is not counted.
 */
#ifndef AVOCET_NET_PEERS_H
#define AVOCET_NET_PEERS_H

#include "net/share.h"

/* A connection of ${peer} ("192.0.2.1", "2001:db8::1", "unix") comes.  False:
 * that is one too many.  Else *ret_share is for share_leave() when it ends;
 * NULL: it is not counted.  Does not wait. */
bool peers_enter(struct shares *s, const char *peer, struct share **ret_share);

#endif
