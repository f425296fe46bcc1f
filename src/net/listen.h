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

/* Before listen_start(): only proxies in ${networks} (copied) may connect, and
 * say who their clients are; others are turned away at once. */
struct proxy_network;
void listen_trust_proxies(
    struct listen *l, const struct proxy_network *networks, size_t count);

/* Before listen_start(): count connections by their peers' addresses in
 * ${peers}, which outlives them, and turn away those that are too many. */
struct shares;
void listen_count_peers(struct listen *l, struct shares *peers);

/* Begin to accept, on ${p}'s workers.  At most ${connections_max} at once
 * from this listener (counted until conn_free); more wait in the backlog. */
enum rc listen_start(struct listen *l, struct poll *p, unsigned connections_max,
    listen_accept_fn *fn, void *arg) MUST_CHECK;

/* Call another function from now on; the one before is not called any more
 * when this returns.  Waits for it if it runs.  After listen_start(), by one
 * thread at a time, which holds no lock. */
void listen_change(struct listen *l, listen_accept_fn *fn, void *arg);

/* Stop accepting, close, free.  Waits for an accept function that runs.  NULL
 * is fine.  Not from a worker; before poll_stop() or after it has returned. */
void listen_close(struct listen *l);

#endif
