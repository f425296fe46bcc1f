/* SPDX-License-Identifier: MIT
 *
 * SRV records (RFC 6186): a mail program that knows only an address asks for
 * _imaps._tcp of its domain.
 */
#include "admin/doctor.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WHERE_BYTES (DNS_NAME_BYTES + 16)

/* What clients look for, and where we have it. */
struct offer {
	const char *service;
	unsigned protocol;
	unsigned tls;
};
static const struct offer offers[] = {
	{ "_imaps._tcp", CONFIG_IMAP, CONFIG_TLS_IMPLICIT },
	{ "_imap._tcp", CONFIG_IMAP, CONFIG_TLS_STARTTLS },
	{ "_pop3s._tcp", CONFIG_POP3, CONFIG_TLS_IMPLICIT },
	{ "_pop3._tcp", CONFIG_POP3, CONFIG_TLS_STARTTLS },
};

/* The port of a listener; 0: it has none, or it is not the offer's. */
static unsigned
port_of(const struct config_listener *l, const struct offer *o)
{
	const char *colon = strrchr(l->address, ':');
	uint64_t port;

	if (l->protocol != o->protocol || l->tls != o->tls || colon == NULL ||
	    strncmp(l->address, "unix:", 5) == 0 ||
	    !str_number(str_of(colon + 1), UINT16_MAX, &port))
		return 0;
	return (unsigned)port;
}

/* The first port on which it is offered; 0: on none. */
static unsigned
first_port(const struct config *c, const struct offer *o)
{
	unsigned port = 0;

	for (size_t i = 0; i < c->listener_count && port == 0; i++)
		port = port_of(&c->listeners[i], o);
	return port;
}

static bool
is_offered(const struct config *c, const struct offer *o, unsigned port)
{
	for (size_t i = 0; i < c->listener_count; i++)
		if (port != 0 && port_of(&c->listeners[i], o) == port)
			return true;
	return false;
}

static bool
leads_to_us(const struct doctor *d, const struct dns_service *s)
{
	return strcasecmp(s->target, d->config->hostname) == 0;
}

/* We offer it: one record has to lead here. */
static void
check_offered(struct doctor *d, const char *name, const struct offer *o,
    const struct dns_services *found)
{
	const char *host = d->config->hostname;
	unsigned port = first_port(d->config, o);

	for (size_t i = 0; i < found->n; i++)
		if (leads_to_us(d, &found->v[i]) &&
		    is_offered(d->config, o, found->v[i].port)) {
			doctor_fine(name, "leads to %s:%u", host,
			    (unsigned)found->v[i].port);
			return;
		}
	if (found->v[0].target[0] == '\0')
		doctor_fault(d, name,
		    "says that there is no such service: publish \"%s. SRV 0 1 "
		    "%u %s.\" instead",
		    name, port, host);
	else
		doctor_fault(d, name,
		    "leads to %s:%u, not here: publish \"%s. SRV 0 1 %u %s.\" "
		    "instead, or set hostname to the name that clients use",
		    found->v[0].target, (unsigned)found->v[0].port, name, port,
		    host);
}

/* We do not: none may lead here. */
static void
check_not_offered(
    struct doctor *d, const char *name, const struct dns_services *found)
{
	for (size_t i = 0; i < found->n; i++)
		if (leads_to_us(d, &found->v[i]))
			doctor_fault(d, name,
			    "leads to %s:%u, where no listener of the "
			    "configuration is: take the record away, or "
			    "publish \"%s. SRV 0 0 0 .\"",
			    found->v[i].target, (unsigned)found->v[i].port,
			    name);
}

static void
check_service(struct doctor *d, const char *domain, const struct offer *o)
{
	unsigned port = first_port(d->config, o);
	struct dns_services found;
	char name[WHERE_BYTES];

	(void)snprintf(name, sizeof(name), "%s.%s", o->service, domain);
	switch (dns_service(&d->dns, name, &found)) {
	case RC_OK:
		if (port != 0)
			check_offered(d, name, o, &found);
		else
			check_not_offered(d, name, &found);
		break;
	case RC_NOTFOUND:
		if (port != 0)
			doctor_advise(name,
			    "is not there: publish \"%s. SRV 0 1 %u %s.\", and "
			    "mail programs find the server by an address",
			    name, port, d->config->hostname);
		break;
	default:
		doctor_fault(d, name,
		    "cannot be looked up: do the name servers of the domain "
		    "answer, and those that this machine asks?");
	}
}

/* The domain of the server's name, for which mail most likely is; NULL: it has
 * none. */
static const char *
parent_domain(const char *hostname)
{
	const char *dot = strchr(hostname, '.');

	if (dot == NULL)
		return NULL;
	return strchr(dot + 1, '.') != NULL ? dot + 1 : hostname;
}

static void
check_domain(struct doctor *d, const char *domain)
{
	for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
		check_service(d, domain, &offers[i]);
}

void
doctor_services(struct doctor *d)
{
	const struct config_names *domains = &d->config->domains;
	const char *parent = parent_domain(d->config->hostname);
	char domain[DNS_NAME_BYTES];

	for (size_t i = 0; i < domains->n; i++) {
		(void)snprintf(
		    domain, sizeof(domain), "%.*s", STR_ARG(domains->v[i]));
		check_domain(d, domain);
	}
	/* One without an address has been told of. */
	if (domains->n == 0 && parent != NULL && d->addresses.n > 0)
		check_domain(d, parent);
}
