/* SPDX-License-Identifier: MIT
 *
 * What the server and the helper that asks PAM have in common: they are one
 * program, so that messages are structs as they lie in memory.
 */
#ifndef AVOCET_AUTH_PAM_INTERNAL_H
#define AVOCET_AUTH_PAM_INTERNAL_H

#include "auth/pam_users.h"
#include "base/limits.h"

#include <sys/types.h>

#define PAM_PEER_BYTES_MAX 63

/* A number that no other request has, not 0; lengths, and bytes without NUL that
 * are terminated. */
struct pam_request {
	uint64_t serial;
	uint16_t user_bytes;
	uint16_t password_bytes;
	uint16_t peer_bytes;
	char user[USER_NAME_BYTES_MAX + 1];
	char password[PAM_PASSWORD_BYTES_MAX + 1];
	char peer[PAM_PEER_BYTES_MAX + 1];
};

enum pam_outcome {
	PAM_OUTCOME_RIGHT = 1,
	PAM_OUTCOME_WRONG,   /* or not allowed; see the code */
	PAM_OUTCOME_BROKEN,  /* PAM cannot say; see the code */
	PAM_OUTCOME_LATE,    /* out of patience */
	PAM_OUTCOME_CRASHED, /* a module has ended the process */
};

struct pam_answer {
	uint64_t serial; /* of the request; 0: whatever was asked has come to
			    nothing, since the helper was started anew */
	int32_t outcome; /* enum pam_outcome */
	int32_t code;	 /* PAM's, for the log */
};

/* Be the keeper, in a process forked for that: close all descriptors but
 * standard error and ${sockets}, see to it that a helper answers what comes over
 * these until all are closed, then end (pam_keeper.c). */
void pam_keeper_run(const struct pam_users_options *o, const int *sockets,
    size_t count) __attribute__((noreturn));

/* Be the helper, in a process that the keeper has forked; end with status 0 when
 * all ${sockets} are closed (pam_helper.c). */
void pam_helper_run(const struct pam_users_options *o, const int *sockets,
    size_t count) __attribute__((noreturn));

/* Kill, without waiting for it, each child of this process for which ${which}
 * is true (pam_keeper.c). */
void
pam_kill_children(bool (*which)(const void *arg, pid_t child), const void *arg);

/* Ask PAM, in a process that ends then (pam_conversation.c). */
struct pam_answer pam_conversation_run(
    const struct pam_users_options *o, const struct pam_request *request);

/* What PAM's ${code} means; never NULL. */
const char *pam_conversation_text(int code);

#endif
