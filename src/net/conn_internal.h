/* SPDX-License-Identifier: MIT
 *
 * What the files of net/ may ask of a connection beyond conn.h.
 */
#ifndef AVOCET_NET_CONN_INTERNAL_H
#define AVOCET_NET_CONN_INTERNAL_H

#include "net/conn.h"

struct door;
struct shares;

/* It came through ${g}, which it leaves at the end of conn_free(), once the
 * socket is closed.  Before conn_start(). */
void conn_enter(struct conn *c, struct door *g, bool is_stranger);

/* Count the connection among those of its peer, now or when a proxy has said who
 * that is; false: it is one too many, and not counted. */
bool conn_count(struct conn *c, struct shares *peers) MUST_CHECK;

/* A proxy's header comes first, and says who the peer is (net/proxy.h).  It is
 * taken before the session's function runs; without one the connection is
 * closed. */
void conn_expect_proxy(struct conn *c);

#endif
