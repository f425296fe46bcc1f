/* SPDX-License-Identifier: MIT
 *
 * Asking the DNS, for `avocet doctor`.  Everything waits, a few seconds at most.
 */
#ifndef AVOCET_ADMIN_DNS_H
#define AVOCET_ADMIN_DNS_H

#include <netinet/in.h>
#include <resolv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rc.h"

#define DNS_NAME_BYTES	  256 /* RFC 1035 section 2.3.4, with a terminator */
#define DNS_RECORDS_MAX	  16  /* of one name; others are not looked at */
#define DNS_ADDRESSES_MAX 16

struct dns {
	struct __res_state state;
	bool own; /* not the servers of this machine, but one that was named */
};

/* Where a service is (RFC 2782). */
struct dns_service {
	uint16_t priority;
	uint16_t weight;
	uint16_t port;
	char target
	    [DNS_NAME_BYTES]; /* without a dot behind; "": there is none */
};
struct dns_services {
	struct dns_service v[DNS_RECORDS_MAX];
	size_t n;
};

struct dns_addresses {
	char v[DNS_ADDRESSES_MAX][INET6_ADDRSTRLEN];
	size_t n;
};

/* Ask ${server}, "192.0.2.1" or "192.0.2.1:53", and nothing else; NULL: as this
 * machine does.  RC_INVALID: that is no such address. */
enum rc dns_open(const char *server, struct dns *ret_dns) MUST_CHECK;
void dns_close(struct dns *d);

/* Where the service ${name} is, "_imaps._tcp.example.org".  RC_NOTFOUND: there
 * is no such record; RC_IO: that cannot be found out. */
enum rc dns_service(struct dns *d, const char *name,
    struct dns_services *ret_services) MUST_CHECK;

/* The addresses of ${host}; this machine also knows some by itself.  RC_NOTFOUND,
 * RC_IO as before. */
enum rc dns_host(struct dns *d, const char *host,
    struct dns_addresses *ret_addresses) MUST_CHECK;

#endif
