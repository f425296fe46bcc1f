/* SPDX-License-Identifier: MIT
 *
 * An exchange, as the files of SASL share it.
 */
#ifndef AVOCET_AUTH_SASL_INTERNAL_H
#define AVOCET_AUTH_SASL_INTERNAL_H

#include "auth/auth_internal.h"
#include "auth/sasl.h"
#include "auth/scram.h"

struct sasl_exchange {
	struct auth *auth;
	const struct sasl_mechanism *mechanism;
	struct auth_client client;
	struct buf user;	 /* SCRAM, PLAIN, LOGIN: who says to be there */
	struct buf authzid;	 /* likewise, and wants to act as */
	struct auth_found found; /* SCRAM: the user */
	struct scram scram;
	bool scram_asked; /* the first message came, and was answered */
	bool scram_real;  /* the keys are a user's */
	enum auth_binding binding; /* that the client has named, if it did */
	struct auth_check *check;  /* PLAIN, LOGIN: until it is taken */
	bool decided;		   /* the verdict is set */
	bool finished; /* decided; the client has to acknowledge the last
			  challenge, which proves the server or says why not */
	struct auth_verdict verdict;
};

/* Has the client's connection this binding? */
bool sasl_can_bind(const struct auth_client *client, enum auth_binding binding);

/* The exchange as an attempt to log in, with what is known of it. */
struct auth_attempt sasl_attempt(const struct sasl_exchange *x);

/* The verdict is AUTH_DENIED; logged with ${reason}.  Returns SASL_END. */
enum sasl_next sasl_deny(struct sasl_exchange *x, const char *reason);

/* One message of the client's, of any bytes: SASL_END with the verdict in the
 * exchange, SASL_CHECK with the check there, or SASL_CONTINUE with a challenge,
 * and finished set if it is the last.  SCRAM (sasl_scram.c), PLAIN and LOGIN
 * (sasl_password.c), EXTERNAL and tokens (sasl_own.c). */
enum sasl_next sasl_scram_step(
    struct sasl_exchange *x, struct str bytes, struct buf *challenge);
enum sasl_next sasl_password_step(
    struct sasl_exchange *x, struct str bytes, struct buf *challenge);
enum sasl_next
sasl_own_step(struct sasl_exchange *x, struct str bytes, struct buf *challenge);

/* What PLAIN and LOGIN ask for before the first message. */
void sasl_password_ask(struct sasl_exchange *x, struct buf *challenge);

#endif
