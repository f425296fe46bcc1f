/* SPDX-License-Identifier: MIT
 *
 * What the server and the helper that asks PAM have in common: they are one
 * program, so that messages are structs as they lie in memory.
 */
#ifndef AVOCET_AUTH_PAM_INTERNAL_H
#define AVOCET_AUTH_PAM_INTERNAL_H

#include "auth/pam_users.h"
#include "base/limits.h"

#define PAM_PEER_BYTES_MAX 63

/* Lengths, and bytes without NUL that are terminated. */
struct pam_request {
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
	int32_t outcome; /* enum pam_outcome */
	int32_t code;	 /* PAM's, for the log */
};

/* Be the helper, in a process forked for that: close all descriptors but
 * standard error and ${sockets}, answer what comes over these until all are
 * closed, then end (pam_helper.c). */
void pam_helper_run(const struct pam_users_options *o, const int *sockets,
    size_t count) __attribute__((noreturn));

/* Ask PAM, in a process that ends then (pam_conversation.c). */
struct pam_answer pam_conversation_run(
    const struct pam_users_options *o, const struct pam_request *request);

/* What PAM's ${code} means; never NULL. */
const char *pam_conversation_text(int code);

#endif
