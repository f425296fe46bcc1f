/* SPDX-License-Identifier: MIT
 *
 * Somebody who looks on at a connection: is shown the octets of the protocol as
 * both sides send them, without TLS and compression.
 */
#ifndef AVOCET_NET_TAP_H
#define AVOCET_NET_TAP_H

#include "net/stream.h"

enum tap_side { TAP_CLIENT, TAP_SERVER };

struct tap {
	/* ${bytes} have come from the client, or the socket has taken them for
	 * it.  Must not wait. */
	void (*bytes)(struct tap *t, enum tap_side side, struct str bytes);
	/* The connection ends, or nobody looks on any more. */
	void (*free)(struct tap *t);

	uint64_t skip; /* conn_tap()'s: octets sent that are not shown */
};

/* On the stack of who writes: ${below}, whose writes the tap is shown.  Only
 * writing and flushing may be asked of it. */
struct tapped {
	struct stream stream;
	struct stream *below;
	struct tap *tap;
};
struct stream *
tapped_init(struct tapped *t, struct stream *below, struct tap *tap);

#endif
