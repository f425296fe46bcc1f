/* SPDX-License-Identifier: MIT
 *
 * LMTP (RFC 2033): mail for local users comes in from a mail server, with
 * PIPELINING (2920), 8BITMIME (6152), SMTPUTF8 (6531), ENHANCEDSTATUSCODES
 * (2034), CHUNKING (3030), SIZE (1870) and STARTTLS (3207).
 *
 * A session never holds a worker while it waits for its client: it is a small
 * struct, whose next octets are commands, a message or a chunk.
 */
#ifndef AVOCET_LMTP_SESSION_H
#define AVOCET_LMTP_SESSION_H

#include "net/group.h"
#include "net/listen.h"

struct mail;
struct tls_context;

enum lmtp_tls { LMTP_TLS_NONE, LMTP_TLS_STARTTLS, LMTP_TLS_IMPLICIT };

/* What a listener offers.  Must outlive its sessions. */
struct lmtp_service {
	const char *hostname;
	struct mail *mail;
	struct tls_context *tls; /* not NULL unless tls_mode is NONE */
	enum lmtp_tls tls_mode;
	bool lenient; /* see lmtp_parse_command() */

	/* Mail comes for ${local} (without detail) at ${domain}: see to it
	 * that the account is there if it is to be made.  NULL: none are. */
	enum rc (*expect)(void *arg, struct str local, struct str domain);
	void *arg;

	struct group sessions; /* lmtp_service_init()'s */
};

/* After the other members are set. */
void lmtp_service_init(struct lmtp_service *s);

/* A listen_accept_fn; ${service} is a struct lmtp_service. */
void lmtp_accept(void *service, struct conn *c);

/* Tell every session to end (RFC 5321 section 3.8): those between two
 * messages at once, others after the one they are receiving.  Does not wait;
 * the listener must be closed. */
void lmtp_service_stop(struct lmtp_service *s);

/* Free what is left, after the pool has stopped. */
void lmtp_service_fini(struct lmtp_service *s);

#endif
