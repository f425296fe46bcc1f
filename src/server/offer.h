/* SPDX-License-Identifier: MIT
 *
 * What the server offers, which a reload replaces: a configuration, its users,
 * its services and the certificate.  Sessions that began under an older offer
 * keep it until they end; then it is freed.
 */
#ifndef AVOCET_SERVER_OFFER_H
#define AVOCET_SERVER_OFFER_H

#include "net/share.h"
#include "server/listeners.h"

struct offers;

/* What all offers share; it must outlive them. */
struct offer_parts {
	const struct config *config; /* the first; a reload reads its file */
	struct listeners *listeners; /* its are bound */
	struct mail *mail;
	struct pam_users *pam; /* NULL: it is not asked */
	struct poll *poll;
	struct shares *peers;	 /* where connections are counted: by address */
	struct shares *accounts; /* and by account */
	struct watch *watch;	 /* looks on at sessions */
};

/* The limits for these tables. */
struct shares_limits offers_peers_limits(const struct config *c);
struct shares_limits offers_accounts_limits(const struct config *c);

/* The first offer, that of parts->config, with ${tls}, which is owned from here
 * on (NULL: no listener has TLS).  RC_IO: its users cannot be read; the reason
 * was logged, and the caller keeps ${tls}.  Waits for the disk. */
enum rc offers_new(const struct offer_parts *parts, struct tls_context *tls,
    struct offers **ret_offers) MUST_CHECK;

/* Begin to accept.  RC_IO: somewhere that does not work; that was logged. */
enum rc offers_begin(struct offers *o) MUST_CHECK;

/* Read the configuration and the certificate anew and offer that.  RC_INVALID:
 * something is wrong with them, or cannot be had, ${why} says what, and nothing
 * has changed; RC_INUSE: another reload is on its way.  RC_OK: ${why} is empty, or names the
 * settings that have changed and need a restart.  Is logged.  Waits for
 * listeners and the disk. */
enum rc offers_reload(struct offers *o, char *why, size_t size) MUST_CHECK;

/* Load the certificate again if its files have changed, forget passwords that
 * were remembered long enough, and free offers that nobody uses any more.  To
 * be called now and then. */
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
