/* SPDX-License-Identifier: MIT
 *
 * What the files of net/ may ask of a connection beyond conn.h.
 */
#ifndef AVOCET_NET_CONN_INTERNAL_H
#define AVOCET_NET_CONN_INTERNAL_H

#include "net/conn.h"

/* Call ${fn}(${arg}) at the end of conn_free(), once the socket is closed. */
void conn_on_free(struct conn *c, void (*fn)(void *arg), void *arg);

#endif
