/* SPDX-License-Identifier: MIT
 *
 * An exchange, as the files of SASL share it.
 */
#ifndef AVOCET_AUTH_SASL_INTERNAL_H
#define AVOCET_AUTH_SASL_INTERNAL_H

#include "auth/auth_internal.h"
#include "auth/sasl.h"

struct sasl_exchange {
	struct auth *auth;
	const struct sasl_mechanism *mechanism;
	struct auth_client client;
	Gsasl_session *session;	  /* NULL: the mechanism is ours */
	struct auth_found found;  /* SCRAM: who says to be there */
	bool scram_asked;	  /* SCRAM: keys were looked up */
	bool scram_real;	  /* SCRAM: and are a user's */
	struct auth_check *check; /* PLAIN, LOGIN: until it is taken */
	bool decided;		  /* the verdict is set */
	bool finished; /* decided; the client has to acknowledge the last
			  challenge, which proves the server or says why not */
	struct auth_verdict verdict;
};

/* One message of a mechanism that is ours: SASL_END with the verdict in the
 * exchange, or SASL_CONTINUE with a challenge and finished set (sasl_own.c). */
enum sasl_next
sasl_own_step(struct sasl_exchange *x, struct str bytes, struct buf *challenge);

#endif
