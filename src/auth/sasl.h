/* SPDX-License-Identifier: MIT
 *
 * SASL (RFC 4422) as a server: PLAIN (RFC 4616), LOGIN, SCRAM-SHA-1 (RFC
 * 5802) and SCRAM-SHA-256 (RFC 7677), bound to the TLS connection (-PLUS) or
 * not, EXTERNAL (RFC 4422 appendix A), OAUTHBEARER (RFC 7628) and XOAUTH2.
 *
 * An exchange is one attempt by one client: it is made, given the client's
 * messages one after another (decoded, without base64), and freed.  It shares
 * nothing that changes with another exchange.  One thread at a time uses it.
 *
 *   x = sasl_new(a, sasl_mechanism_of(name), &client);
 *   next = sasl_start(x, &initial_or_null, &challenge, &verdict);
 *   while (next == SASL_CONTINUE) {
 *       send challenge, receive bytes      (or give up: sasl_free)
 *       next = sasl_step(x, bytes, &challenge, &verdict);
 *   }
 *   if (next == SASL_CHECK)
 *       check = sasl_take_check(x), which ends with a verdict (auth.h)
 *   sasl_free(x);
 */
#ifndef AVOCET_AUTH_SASL_H
#define AVOCET_AUTH_SASL_H

#include "auth/auth.h"

struct sasl_exchange;

enum sasl_next {
	SASL_CONTINUE, /* send the challenge, which may be empty */
	SASL_CHECK,    /* a name and a password came: they are to be checked */
	SASL_END,      /* the verdict says how it ended */
};

enum sasl_family {
	SASL_SCRAM,
	SASL_PASSWORD, /* PLAIN, LOGIN */
	SASL_EXTERNAL, /* the client's certificate says who it is */
	SASL_TOKEN,
};

/* A mechanism that may be announced. */
struct sasl_mechanism {
	const char *name;
	enum sasl_family family;
	bool cleartext; /* sends a secret as it is: only under TLS */
	bool binding;	/* to the TLS connection */
};

/* The mechanisms, strongest first; ends with a NULL name. */
extern const struct sasl_mechanism sasl_mechanisms[];

/* The one called ${name}, without regard to case, or NULL. */
const struct sasl_mechanism *sasl_mechanism_of(struct str name);

/* Is it one for this client, which may have more to offer than others, or less?
 * Not one that only lacks TLS: that is for the caller to tell. */
bool sasl_offered(const struct auth *a, const struct sasl_mechanism *m,
    const struct auth_client *client);

/* Append the names of the mechanisms that ${client} may use now, each with
 * ${before} before it. */
void sasl_add_names(const struct auth *a, const struct auth_client *client,
    const char *before, struct buf *to);

/* Begin an exchange.  ${m} is one of sasl_mechanisms; ${client} is copied, its
 * strings outlive the exchange.  NULL: it is not offered to this client. */
struct sasl_exchange *sasl_new(struct auth *a, const struct sasl_mechanism *m,
    const struct auth_client *client);

/* The first step: with the client's initial response if it sent one (NULL:
 * none; an empty one is a response).  The challenge is appended to
 * ${challenge}, whose maximum is SASL_MESSAGE_BYTES_MAX or more.  With
 * SASL_CONTINUE, of *ret_verdict only delay_ms is set: let it pass before the
 * challenge goes out.  Waits for the users' lookup; brackets the wait. */
enum sasl_next sasl_start(struct sasl_exchange *x, const struct str *initial,
    struct buf *challenge, struct auth_verdict *ret_verdict);

/* The client's next message; at most SASL_MESSAGE_BYTES_MAX bytes, a longer
 * one ends the exchange with AUTH_DENIED. */
enum sasl_next sasl_step(struct sasl_exchange *x, struct str bytes,
    struct buf *challenge, struct auth_verdict *ret_verdict);

/* Once, after SASL_CHECK: the check of what the client sent, not run yet.  The
 * caller owns it; it outlives the exchange, which is over. */
struct auth_check *sasl_take_check(struct sasl_exchange *x);

/* End, at whatever point.  NULL is fine. */
void sasl_free(struct sasl_exchange *x);

#endif
