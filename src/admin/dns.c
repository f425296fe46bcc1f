/* SPDX-License-Identifier: MIT
 *
 * The resolver of the C library, with a state of its own.
 */
#include "admin/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define ANSWER_BYTES 8192
#define TRY_SECONDS  2
#define TRIES	     2

/* An SRV record's fields before its target (RFC 2782). */
#define SRV_PRIORITY 0
#define SRV_WEIGHT   2
#define SRV_PORT     4
#define SRV_TARGET   6

static bool
parse_server(const char *server, struct sockaddr_in *ret_server)
{
	struct str text = str_of(server);
	size_t colon = str_find(text, ':');
	uint64_t port = NAMESERVER_PORT;
	char host[INET_ADDRSTRLEN];

	*ret_server = (struct sockaddr_in){ .sin_family = AF_INET };
	(void)snprintf(
	    host, sizeof(host), "%.*s", STR_ARG(str_head(text, colon)));
	if (colon < text.n &&
	    !str_number(str_skip(text, colon + 1), UINT16_MAX, &port))
		return false;
	ret_server->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &ret_server->sin_addr) == 1;
}

enum rc
dns_open(const char *server, struct dns *ret_dns)
{
	struct sockaddr_in address;
	struct dns d = { .own = server != NULL };

	if (server != NULL && !parse_server(server, &address))
		return RC_INVALID;
	/* Without a configuration it asks this machine. */
	(void)res_ninit(&d.state);
	d.state.retrans = TRY_SECONDS;
	d.state.retry = TRIES;
	if (server != NULL) {
		d.state.nscount = 1;
		d.state.nsaddr_list[0] = address;
	}
	*ret_dns = d;
	return RC_OK;
}

void
dns_close(struct dns *d)
{
	res_nclose(&d->state);
}

/* -- records ------------------------------------------------------------ */

/* Called with each record of the type that was asked for. */
typedef void record_fn(void *arg, const ns_msg *message, const ns_rr *record);

static enum rc
ask(struct dns *d, const char *name, ns_type type, record_fn *fn, void *arg)
{
	unsigned char answer[ANSWER_BYTES];
	ns_msg message;
	ns_rr record;
	unsigned found = 0;
	int size =
	    res_nquery(&d->state, name, ns_c_in, type, answer, sizeof(answer));

	if (size < 0)
		return d->state.res_h_errno == HOST_NOT_FOUND ||
			       d->state.res_h_errno == NO_DATA
			   ? RC_NOTFOUND
			   : RC_IO;
	if (size > ANSWER_BYTES || ns_initparse(answer, size, &message) != 0)
		return RC_IO;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		if (ns_parserr(&message, ns_s_an, i, &record) != 0)
			return RC_IO;
		if (ns_rr_type(record) != type)
			continue;
		fn(arg, &message, &record);
		found++;
	}
	return found > 0 ? RC_OK : RC_NOTFOUND;
}

static void
add_service(void *arg, const ns_msg *message, const ns_rr *record)
{
	struct dns_services *all = arg;
	const unsigned char *data = ns_rr_rdata(*record);
	struct dns_service s;

	if (all->n == DNS_RECORDS_MAX || ns_rr_rdlen(*record) <= SRV_TARGET ||
	    dn_expand(ns_msg_base(*message), ns_msg_end(*message),
		data + SRV_TARGET, s.target, sizeof(s.target)) < 0)
		return;
	s.priority = (uint16_t)ns_get16(data + SRV_PRIORITY);
	s.weight = (uint16_t)ns_get16(data + SRV_WEIGHT);
	s.port = (uint16_t)ns_get16(data + SRV_PORT);
	all->v[all->n++] = s;
}

enum rc
dns_service(struct dns *d, const char *name, struct dns_services *ret_services)
{
	ret_services->n = 0;
	return ask(d, name, ns_t_srv, add_service, ret_services);
}

/* -- addresses ---------------------------------------------------------- */

static void
add_address(struct dns_addresses *all, int family, const void *address)
{
	if (all->n < DNS_ADDRESSES_MAX &&
	    inet_ntop(family, address, all->v[all->n], INET6_ADDRSTRLEN) !=
		NULL)
		all->n++;
}

static void
add_record(void *arg, const ns_msg *message, const ns_rr *record)
{
	(void)message;
	if (ns_rr_type(*record) == ns_t_a && ns_rr_rdlen(*record) == 4)
		add_address(arg, AF_INET, ns_rr_rdata(*record));
	if (ns_rr_type(*record) == ns_t_aaaa && ns_rr_rdlen(*record) == 16)
		add_address(arg, AF_INET6, ns_rr_rdata(*record));
}

/* As every program of this machine finds them, with its own file of hosts. */
static enum rc
find_here(const char *host, struct dns_addresses *all)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_ADDRCONFIG };
	struct addrinfo *found;
	int failed = getaddrinfo(host, NULL, &hints, &found);

	if (failed != 0)
		return failed == EAI_NONAME || failed == EAI_NODATA
			   ? RC_NOTFOUND
			   : RC_IO;
	for (struct addrinfo *a = found; a != NULL; a = a->ai_next) {
		struct sockaddr_storage address;

		memcpy(&address, a->ai_addr, a->ai_addrlen);
		if (a->ai_family == AF_INET)
			add_address(all, AF_INET,
			    &((struct sockaddr_in *)&address)->sin_addr);
		else if (a->ai_family == AF_INET6)
			add_address(all, AF_INET6,
			    &((struct sockaddr_in6 *)&address)->sin6_addr);
	}
	freeaddrinfo(found);
	return all->n > 0 ? RC_OK : RC_NOTFOUND;
}

enum rc
dns_host(struct dns *d, const char *host, struct dns_addresses *ret_addresses)
{
	enum rc four, six;

	ret_addresses->n = 0;
	if (!d->own)
		return find_here(host, ret_addresses);
	four = ask(d, host, ns_t_a, add_record, ret_addresses);
	six = ask(d, host, ns_t_aaaa, add_record, ret_addresses);
	if (ret_addresses->n > 0)
		return RC_OK;
	return four == RC_IO || six == RC_IO ? RC_IO : RC_NOTFOUND;
}
