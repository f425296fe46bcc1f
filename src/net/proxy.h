/* SPDX-License-Identifier: MIT
 *
 * The header by which a proxy says who its client is: HAProxy's PROXY protocol,
 * versions 1 (a line) and 2 (binary), and the networks from which one is
 * believed.  No input or output.
 */
#ifndef AVOCET_NET_PROXY_H
#define AVOCET_NET_PROXY_H

#include "base/limits.h"
#include "base/str.h"

#include <sys/socket.h>

/* -- networks -------------------------------------------------------------- */

/* IPv4 addresses are kept as IPv6 has them (::ffff:192.0.2.1). */
struct proxy_network {
	unsigned char address[16];
	unsigned bits; /* of the address that count */
	bool local;    /* sockets of this machine, and nothing else */
};

/* "192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "unix". */
bool proxy_parse_network(struct str text, struct proxy_network *ret_network);

/* Is the peer in one of them? */
bool proxy_listed(const struct proxy_network *networks, size_t count,
    const struct sockaddr *peer, socklen_t peer_size);

/* -- the header ------------------------------------------------------------ */

struct proxy_header {
	size_t size;   /* of the header; what is behind it is the client's */
	bool has_peer; /* else the connection is the proxy's own, or nobody
			* knows */
	struct sockaddr_storage peer;
	socklen_t peer_size;
};

enum proxy_parse {
	PROXY_MORE, /* all of it belongs to the header, which goes on */
	PROXY_DONE,
	PROXY_BAD,
};

/* Look at the beginning of a connection; sets *ret_header with PROXY_DONE.  At
 * most PROXY_HEADER_BYTES_MAX are asked for. */
enum proxy_parse
proxy_parse_header(struct str in, struct proxy_header *ret_header);

#endif
