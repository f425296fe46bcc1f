/* SPDX-License-Identifier: MIT
 *
 * What the server offers, which a reload replaces: a configuration, its
 * services and the certificate.  Sessions that began under an older offer keep
 * it until they end; then it is freed.
 */
#ifndef AVOCET_SERVER_OFFER_H
#define AVOCET_SERVER_OFFER_H

#include "server/service.h"

struct offers;

/* What all offers share; it must outlive them. */
struct offer_parts {
	const struct config
	    *config;		 /* the first one; a reload reads its file */
	struct listen **listens; /* one for each of its listeners */
	struct service_parts services;
};

/* The first offer, that of parts->config. */
struct offers *offers_new(const struct offer_parts *parts);

/* The services of the present offer. */
struct services *offers_now(struct offers *o);

/* Read the configuration and the certificate anew and offer that.  RC_INVALID:
 * something is wrong with them, ${why} says what, and nothing has changed;
 * RC_INUSE: another reload is on its way.  RC_OK: ${why} is empty, or names the
 * settings that have changed and need a restart.  Is logged.  Waits for
 * listeners and the disk. */
enum rc offers_reload(struct offers *o, char *why, size_t size) MUST_CHECK;

/* Load the certificate again if its files have changed, and free offers that
 * nobody uses any more.  To be called now and then. */
void offers_tidy(struct offers *o);

/* For operations, of all offers. */
void offers_each_session(void *offers, operation_session_fn *fn, void *arg);
unsigned offers_kick(void *offers, uint64_t account, uint64_t id);

/* No reload and no tidying any more; waits for one that is on its way.  Before
 * the listeners are closed. */
void offers_close(struct offers *o);

/* Tell all sessions to end; the listeners are closed.  Does not wait. */
void offers_stop(struct offers *o);

/* Free all, after the pool has stopped.  NULL is fine. */
void offers_free(struct offers *o);

#endif
