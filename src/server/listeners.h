/* SPDX-License-Identifier: MIT
 *
 * The sockets that the server listens on.  A configuration is bound, which may
 * fail, and then served.  A socket stays as long as each configuration names
 * its address (or, when the service manager has bound it, the listener's name),
 * whatever else it says of the listener.
 */
#ifndef AVOCET_SERVER_LISTENERS_H
#define AVOCET_SERVER_LISTENERS_H

#include "config/config.h"
#include "server/service.h"

struct listeners;

struct listeners *listeners_new(void);

/* Bind what ${c} names and is not bound yet; nothing else changes, and nobody
 * is accepted there.  All failures are logged, the first is in ${why}, and then
 * nothing is bound: RC_REFUSED, RC_INUSE, RC_INVALID, RC_IO.  RC_OK: go on with
 * listeners_serve() or listeners_forget(). */
enum rc listeners_bind(struct listeners *l, const struct config *c, char *why,
    size_t size) MUST_CHECK;

/* Close again what was bound. */
void listeners_forget(struct listeners *l);

/* Serve what was bound of ${c} with ${s}, whose listeners these are, on ${p}'s
 * workers, and close what ${c} does not name.  Connections are counted in
 * ${peers}.  What cannot be served is logged, and closed: RC_IO.  Waits for
 * accept functions. */
enum rc listeners_serve(struct listeners *l, const struct config *c,
    struct services *s, struct poll *p, struct shares *peers) MUST_CHECK;

/* Close all.  Waits for accept functions; before the pool stops or after it has
 * stopped. */
void listeners_close(struct listeners *l);

/* NULL is fine. */
void listeners_free(struct listeners *l);

#endif
