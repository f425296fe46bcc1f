/* SPDX-License-Identifier: MIT
 *
 * Addresses become keys.
 */
#include "net/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

/* False for this machine.  An IPv4 address has zeros behind it, as the network
 * of no IPv6 address that is in use. */
static bool
make_key(const char *peer, uint64_t *ret_key)
{
	struct in6_addr six;
	struct in_addr four;

	*ret_key = 0;
	if (inet_pton(AF_INET, peer, &four) == 1) {
		memcpy(ret_key, &four, sizeof(four));
		return ntohl(four.s_addr) >> 24 != 127;
	}
	if (inet_pton(AF_INET6, peer, &six) != 1)
		return false;
	memcpy(ret_key, &six, sizeof(*ret_key));
	return !IN6_IS_ADDR_LOOPBACK(&six);
}

bool
peers_enter(struct shares *s, const char *peer, struct share **ret_share)
{
	uint64_t key;

	*ret_share = NULL;
	return !make_key(peer, &key) ||
	       share_enter(s, key, ret_share) == SHARE_OK;
}
