/* SPDX-License-Identifier: MIT
 *
 * The PROXY protocol's header.
 */
#include "net/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define HEADER_LINE_BYTES_MAX 107 /* of version 1, with CRLF */

#define SIGNATURE	"\r\n\r\n\0\r\nQUIT\n"
#define SIGNATURE_BYTES 12
#define FIXED_BYTES	16 /* of version 2: with version, family, size */

/* -- networks -------------------------------------------------------------- */

/* A terminated copy of an address's text; false when it is too long. */
static bool
copy_text(struct str text, char to[INET6_ADDRSTRLEN])
{
	if (text.n == 0 || text.n >= INET6_ADDRSTRLEN ||
	    memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(to, text.p, text.n);
	to[text.n] = '\0';
	return true;
}

static void
map_ipv4(const void *address, unsigned char to[16])
{
	memset(to, 0, 10);
	memset(to + 10, 0xff, 2);
	memcpy(to + 12, address, 4);
}

bool
proxy_parse_network(struct str text, struct proxy_network *ret_network)
{
	size_t slash = str_find(text, '/');
	struct proxy_network n = { 0 };
	char address[INET6_ADDRSTRLEN];
	struct in_addr four;
	uint64_t bits;
	unsigned most = 128;

	if (str_eq(text, STR("unix"))) {
		*ret_network = (struct proxy_network){ .local = true };
		return true;
	}
	if (!copy_text(str_head(text, slash), address))
		return false;
	if (inet_pton(AF_INET, address, &four) == 1) {
		map_ipv4(&four, n.address);
		most = 32;
	} else if (inet_pton(AF_INET6, address, n.address) != 1) {
		return false;
	}
	bits = most;
	if (slash < text.n &&
	    !str_number(str_skip(text, slash + 1), most, &bits))
		return false;
	n.bits = (unsigned)bits + 128 - most;
	*ret_network = n;
	return true;
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 ||
	       ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest) & 0xff) == 0;
}

bool
proxy_listed(const struct proxy_network *networks, size_t count,
    const struct sockaddr *peer, socklen_t peer_size)
{
	struct sockaddr_storage copy = { 0 };
	unsigned char address[16];
	bool local = false;

	if (peer_size <= sizeof(copy))
		memcpy(&copy, peer, peer_size);
	if (copy.ss_family == AF_INET)
		map_ipv4(&((struct sockaddr_in *)&copy)->sin_addr, address);
	else if (copy.ss_family == AF_INET6)
		memcpy(address, &((struct sockaddr_in6 *)&copy)->sin6_addr,
		    sizeof(address));
	else
		local = true;
	for (size_t i = 0; i < count; i++)
		if (networks[i].local == local &&
		    (local || same_bits(networks[i].address, address,
				  networks[i].bits)))
			return true;
	return false;
}

/* -- addresses ------------------------------------------------------------- */

static void
set_ipv4(struct proxy_header *h, const void *address)
{
	struct sockaddr_in *peer = (struct sockaddr_in *)&h->peer;

	peer->sin_family = AF_INET;
	memcpy(&peer->sin_addr, address, sizeof(peer->sin_addr));
	h->peer_size = sizeof(*peer);
	h->has_peer = true;
}

static void
set_ipv6(struct proxy_header *h, const void *address)
{
	struct sockaddr_in6 *peer = (struct sockaddr_in6 *)&h->peer;

	peer->sin6_family = AF_INET6;
	memcpy(&peer->sin6_addr, address, sizeof(peer->sin6_addr));
	h->peer_size = sizeof(*peer);
	h->has_peer = true;
}

/* -- version 1 ------------------------------------------------------------- */

/* The word up to the next space, which is taken too. */
static struct str
next_word(struct str *left)
{
	size_t end = str_find(*left, ' ');
	struct str word = str_head(*left, end);

	*left = str_skip(*left, end + 1);
	return word;
}

static bool
take_address(struct str text, int family, unsigned char address[16])
{
	char copy[INET6_ADDRSTRLEN];

	return copy_text(text, copy) && inet_pton(family, copy, address) == 1;
}

/* "PROXY TCP4 192.0.2.1 192.0.2.9 1024 143", without CRLF. */
static bool
parse_line(struct str line, struct proxy_header *h)
{
	struct str left = str_skip(line, 6), kind = next_word(&left);
	unsigned char source[16], destination[16];
	uint64_t port;
	bool four = str_eq(kind, STR("TCP4"));

	if (str_eq(kind, STR("UNKNOWN")))
		return true;
	if ((!four && !str_eq(kind, STR("TCP6"))) ||
	    !take_address(
		next_word(&left), four ? AF_INET : AF_INET6, source) ||
	    !take_address(
		next_word(&left), four ? AF_INET : AF_INET6, destination) ||
	    !str_number(next_word(&left), 65535, &port) ||
	    !str_number(left, 65535, &port))
		return false;
	if (four)
		set_ipv4(h, source);
	else
		set_ipv6(h, source);
	return true;
}

static enum proxy_parse
parse_version_1(struct str in, struct proxy_header *h)
{
	struct str line = str_head(in, HEADER_LINE_BYTES_MAX);
	const char *end = memmem(line.p, line.n, "\r\n", 2);

	if (end == NULL)
		return line.n < HEADER_LINE_BYTES_MAX ? PROXY_MORE : PROXY_BAD;
	h->size = (size_t)(end - in.p) + 2;
	return parse_line(str_head(in, h->size - 2), h) ? PROXY_DONE
							: PROXY_BAD;
}

/* -- version 2 ------------------------------------------------------------- */

/* What follows the signature: version and command 1, family 1, size of the
 * rest 2 (big-endian), addresses, more that is passed over. */
static enum proxy_parse
parse_version_2(struct str in, struct proxy_header *h)
{
	const unsigned char *b = (const unsigned char *)in.p;
	size_t rest;

	if (in.n < FIXED_BYTES)
		return PROXY_MORE;
	rest = (size_t)b[14] << 8 | b[15];
	if ((b[12] != 0x20 && b[12] != 0x21) ||
	    FIXED_BYTES + rest > PROXY_HEADER_BYTES_MAX)
		return PROXY_BAD;
	if (in.n < FIXED_BYTES + rest)
		return PROXY_MORE;
	h->size = FIXED_BYTES + rest;
	if (b[12] == 0x20) /* LOCAL */
		return PROXY_DONE;
	switch (b[13]) {
	case 0x11: /* TCP over IPv4: two addresses, two ports */
		if (rest < 12)
			return PROXY_BAD;
		set_ipv4(h, b + FIXED_BYTES);
		return PROXY_DONE;
	case 0x21: /* TCP over IPv6 */
		if (rest < 36)
			return PROXY_BAD;
		set_ipv6(h, b + FIXED_BYTES);
		return PROXY_DONE;
	case 0x00:
	case 0x31: /* a socket of the proxy's machine */
		return PROXY_DONE;
	default:
		return PROXY_BAD;
	}
}

/* Does ${in} begin as ${whole} does, as far as it goes? */
static bool
begins(struct str in, struct str whole)
{
	return str_begins(whole, str_head(in, whole.n));
}

enum proxy_parse
proxy_parse_header(struct str in, struct proxy_header *ret_header)
{
	static const struct str signature = { SIGNATURE, SIGNATURE_BYTES };
	struct proxy_header h = { 0 };
	enum proxy_parse result = PROXY_BAD;

	if (in.n == 0)
		return PROXY_MORE;
	if (begins(in, signature))
		result = in.n < SIGNATURE_BYTES ? PROXY_MORE
						: parse_version_2(in, &h);
	else if (begins(in, STR("PROXY ")))
		result = in.n < 6 ? PROXY_MORE : parse_version_1(in, &h);
	if (result == PROXY_DONE)
		*ret_header = h;
	return result;
}
