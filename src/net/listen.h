/* SPDX-License-Identifier: MIT
 *
 * Listening sockets: "*:143", "127.0.0.1:24", "[::1]:143", "host:port" with a
 * numeric port, port 0 for any free one, or "unix:/path".
 */
#ifndef AVOCET_NET_LISTEN_H
#define AVOCET_NET_LISTEN_H

#include "net/conn.h"

struct listen;

/* Called on a worker for each accepted connection, which it then owns. */
typedef void listen_accept_fn(void *arg, struct conn *c);

/* Bind and listen.  "*" binds IPv6 and IPv4.  An old socket file of ours is
 * replaced.  On failure *ret_why points at a static or errno text that says
 * why: RC_INVALID (the address is malformed), RC_INUSE, RC_REFUSED (no
 * permission), RC_IO. */
enum rc listen_open(const char *address, struct listen **ret_listen,
    const char **ret_why) MUST_CHECK;

/* The same with a socket that listens already, which a service manager has
 * bound: owned from here on, unless RC_INVALID (it is no such socket). */
enum rc listen_adopt(
    int fd, struct listen **ret_listen, const char **ret_why) MUST_CHECK;

/* The address in use, with the real port; for messages and tests. */
const char *listen_address(const struct listen *l);

/* Whom to accept, and who gets them. */
struct doors;
struct proxy_network;
struct shares;
struct listen_terms {
	listen_accept_fn *fn;
	void *arg;
	/* At once from this listener (counted until conn_free); more wait in
	 * the backlog, or get the place of one that has not logged in. */
	unsigned connections_max;
	/* Do they log in, which conn_logged_in() says, and look before that at
	 * conn_is_called_off()? */
	bool log_in;
	/* The other listeners, one of whose strangers may be ended when there
	 * are no descriptors left; listen_start() takes it, listen_change()
	 * does not.  It outlives them.  NULL: there are no others. */
	struct doors *doors;
	/* Connections are counted here by their peers' addresses, and those
	 * that are too many turned away; it outlives them.  NULL: nobody
	 * counts. */
	struct shares *peers;
	/* Only these proxies may connect, and say who their clients are; others
	 * are turned away at once.  None: anybody may. */
	const struct proxy_network *proxies;
	size_t proxy_count;
};

/* Begin to accept, on ${p}'s workers.  The terms are copied. */
enum rc listen_start(struct listen *l, struct poll *p,
    const struct listen_terms *terms) MUST_CHECK;

/* Other terms from now on; the function before is not called any more when this
 * returns.  Waits for it if it runs.  After listen_start(), by one thread at a
 * time, which holds no lock. */
void listen_change(struct listen *l, const struct listen_terms *terms);

/* Stop accepting, close, free.  Waits for an accept function that runs.  NULL
 * is fine.  Before poll_stop() or after it has returned. */
void listen_close(struct listen *l);

#endif
