/* SPDX-License-Identifier: MIT
 *
 * A connection to a server, plain or TLS, and what came in by it.
 */
#ifndef AVOCET_BENCH_LINK_H
#define AVOCET_BENCH_LINK_H

#include "base/buf.h"
#include "base/str.h"

struct link {
	int fd;
	void *tls;    /* OpenSSL's, or NULL */
	bool resumed; /* the server took the ticket that it was given */
	struct buf in;
};

enum link_tls {
	LINK_PLAIN,
	LINK_TLS,	  /* a full handshake */
	LINK_TLS_RESUMED, /* with a ticket of a session before, if there is one */
};

/* Connect to ${where} (HOST:PORT or unix:PATH) and shake hands.  Waits.  The
 * program ends when it cannot be done. */
void link_open(struct link *l, const char *where, enum link_tls tls);

/* Close without ceremony. */
void link_close(struct link *l);

/* Send all of ${s}.  Waits. */
void link_send(struct link *l, struct str s);

/* Add what has come to l->in; wait for at least one octet if ${wait}.  False
 * when nothing had come.  *ret_closed tells (and the program goes on) when
 * the other side is gone. */
bool link_receive(struct link *l, bool wait, bool *ret_closed);

#endif
