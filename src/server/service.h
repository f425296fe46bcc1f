/* SPDX-License-Identifier: MIT
 *
 * What each listener offers: the only place that knows every protocol.
 */
#ifndef AVOCET_SERVER_SERVICE_H
#define AVOCET_SERVER_SERVICE_H

#include "admin/operation.h"
#include "config/config.h"
#include "net/listen.h"

struct auth;
struct mail;
struct services;
struct shares;
struct tls_context;
struct users;
struct watch;

/* Refuse what cannot be done: unknown capabilities and mechanisms switched off,
 * PAM without a file for us. */
void services_check_config(struct config *c);

/* Is ${name} a capability that can be switched off? */
bool services_know_capability(struct str name);

/* Append doc/protocol.md: what is announced, and which commands there are. */
void services_write_protocol_page(struct buf *to);

/* What services share; it must outlive them. */
struct service_parts {
	struct mail *mail;
	struct users *users;
	struct auth *auth;
	struct tls_context *tls; /* NULL: no listener has TLS */
	struct shares *accounts; /* their connections are counted there */
	struct watch *watch;	 /* looks on at sessions */
};

/* Services for all listeners of ${c}, which stays in place. */
struct services *
services_new(const struct config *c, const struct service_parts *p);

/* For listen_start(): whom to call with a connection of listener ${index}.
 * Returns the argument. */
void *
services_of(struct services *s, size_t index, listen_accept_fn **ret_accept);

/* Is there no session, of any protocol? */
bool services_are_idle(struct services *s);

/* For operations: see admin/operation.h. */
void
services_each_session(struct services *s, operation_session_fn *fn, void *arg);
unsigned services_kick(struct services *s, uint64_t account, uint64_t id);

/* Tell all sessions to end; the listeners are closed.  Does not wait. */
void services_stop(struct services *s);

/* Free it with what sessions are left, after the pool has stopped.  NULL is
 * fine. */
void services_free(struct services *s);

#endif
