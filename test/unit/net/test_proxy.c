/* SPDX-License-Identifier: MIT
 *
 * net/proxy: networks, headers of both versions, each prefix, and what is none.
 */
#include "net/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static struct sockaddr_storage
address_of(const char *text, socklen_t *ret_size)
{
	struct sockaddr_storage a = { 0 };
	struct sockaddr_in *four = (struct sockaddr_in *)&a;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		a.ss_family = AF_INET;
		*ret_size = sizeof(*four);
	} else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		a.ss_family = AF_INET6;
		*ret_size = sizeof(*six);
	} else {
		a.ss_family = AF_UNIX;
		*ret_size = sizeof(a.ss_family);
	}
	return a;
}

static const struct {
	const char *network;
	const char *peer;
	bool listed;
} networks[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "::/0", "2001:db8::1", true },
	{ "::/0", "unix", false },
	{ "unix", "unix", true },
	{ "unix", "127.0.0.1", false },
};

static void
test_networks(void **state)
{
	static const char *const wrong[] = { "", "/", "192.0.2.1/33", "::/129",
		"192.0.2", "192.0.2.1/", "192.0.2.1/x", "192.0.2.1/-1", "host",
		"192.0.2.1 ", "unix/8" };
	struct proxy_network n;

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(*networks); i++) {
		socklen_t size = 0;
		struct sockaddr_storage peer =
		    address_of(networks[i].peer, &size);

		assert_true(
		    proxy_parse_network(str_of(networks[i].network), &n));
		if (proxy_listed(&n, 1, (struct sockaddr *)&peer, size) !=
		    networks[i].listed)
			fail_msg(
			    "%s %s", networks[i].network, networks[i].peer);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (proxy_parse_network(str_of(wrong[i]), &n))
			fail_msg("%s", wrong[i]);
}

#define V2  "\r\n\r\n\0\r\nQUIT\n"
#define IP4 "\xc0\0\2\1\xc0\0\2\2\4\0\0\x8f"
#define IP6 "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
#define H(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

static const struct {
	struct str header;
	const char *peer; /* "": not known; NULL: it is malformed */
} headers[] = {
	{ H("PROXY TCP4 192.0.2.1 192.0.2.2 1024 143\r\n"), "192.0.2.1" },
	{ H("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), "2001:db8::1" },
	{ H("PROXY UNKNOWN\r\n"), "" },
	{ H("PROXY UNKNOWN ffff:f:f x y\r\n"), "" },
	{ H("PROXY TCP4 192.0.2.1 192.0.2.2 1024\r\n"), NULL },
	{ H("PROXY TCP4 192.0.2.1 192.0.2.2 1024 65536\r\n"), NULL },
	{ H("PROXY TCP4 192.0.2.1 192.0.2.2 1024 143 x\r\n"), NULL },
	{ H("PROXY TCP4 192.0.2.1  192.0.2.2 1024 143\r\n"), NULL },
	{ H("PROXY TCP4 2001:db8::1 ::1 1 2\r\n"), NULL },
	{ H("PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n"), NULL },
	{ H("PROXY TCP4 \0 192.0.2.2 1 2\r\n"), NULL },
	{ H("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
	{ H("PROXY \r\n"), NULL },
	{ H("PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
	{ H("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
	{ H("a1 CAPABILITY\r\n"), NULL },
	{ H("\r\nPROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), NULL },
	{ H(V2 "\x21\x11\0\x0c" IP4), "192.0.2.1" },
	{ H(V2 "\x21\x11\0\x0f" IP4 "\4\0\0"), "192.0.2.1" },
	{ H(V2 "\x21\x21\0\x24" IP6 IP6 "\0\1\0\2"), "2001:db8::1" },
	{ H(V2 "\x20\x11\0\x0c" IP4), "" },
	{ H(V2 "\x20\0\0\0"), "" },
	{ H(V2 "\x21\0\0\0"), "" },
	{ H(V2 "\x21\x11\0\x0b"
	       "xxxxxxxxxxx"),
	    NULL },
	{ H(V2 "\x21\x21\0\x0c" IP4), NULL },
	{ H(V2 "\x21\x12\0\x0c" IP4), NULL },
	{ H(V2 "\x11\x11\0\x0c" IP4), NULL },
	{ H(V2 "\x22\x11\0\x0c" IP4), NULL },
	{ H(V2 "\x21\x11\xff\xff"), NULL },
};

static const char *
peer_of(const struct proxy_header *h, char text[INET6_ADDRSTRLEN])
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&h->peer;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&h->peer;

	if (!h->has_peer)
		return "";
	if (h->peer.ss_family == AF_INET)
		return inet_ntop(
		    AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
}

static void
test_headers(void **state)
{
	char whole[512], text[INET6_ADDRSTRLEN];

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		struct str header = headers[i].header;
		struct proxy_header h;
		struct str in = { whole, header.n + 6 };
		enum proxy_parse result;

		memcpy(whole, header.p, header.n);
		memcpy(whole + header.n, "a NOOP", 6);
		result = proxy_parse_header(in, &h);
		if (headers[i].peer == NULL) {
			if (result != PROXY_BAD)
				fail_msg("case %zu: %d", i, result);
			continue;
		}
		if (result != PROXY_DONE || h.size != header.n ||
		    strcmp(peer_of(&h, text), headers[i].peer) != 0)
			fail_msg("case %zu: %d %s", i, result, text);
		for (size_t n = 0; n < header.n; n++)
			assert_int_equal(
			    proxy_parse_header(str_head(header, n), &h),
			    PROXY_MORE);
	}
}

/* 108 octets of version 1 without an end. */
static void
test_long_line(void **state)
{
	char line[300];
	struct proxy_header h;

	(void)state;
	memset(line, '1', sizeof(line));
	memcpy(line, "PROXY UNKNOWN ", 14);
	assert_int_equal(
	    proxy_parse_header((struct str){ line, 106 }, &h), PROXY_MORE);
	assert_int_equal(
	    proxy_parse_header((struct str){ line, 107 }, &h), PROXY_BAD);
	memcpy(line + 106, "\r\n", 2);
	assert_int_equal(
	    proxy_parse_header((struct str){ line, 108 }, &h), PROXY_BAD);
	memcpy(line + 105, "\r\n", 2);
	assert_int_equal(
	    proxy_parse_header((struct str){ line, 108 }, &h), PROXY_DONE);
	assert_int_equal(h.size, 107);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
