/* SPDX-License-Identifier: MIT
 *
 * What the files of auth/ share: the process-wide struct auth, and the steps
 * that every way of logging in is made of: admit, find, (check,) then accept
 * or deny.
 */
#ifndef AVOCET_AUTH_AUTH_INTERNAL_H
#define AVOCET_AUTH_AUTH_INTERNAL_H

#include "auth/auth.h"
#include "auth/familiar.h"
#include "auth/gate.h"
#include "auth/throttle.h"
#include "auth/verified.h"

/* What several struct auth share: who has failed, who waits for a hash, who was let
 * in from where, what was right, and what strangers see of users who are not there.  Its parts lock
 * themselves. */
struct auth_memory {
	_Atomic unsigned refs;
	struct throttle *throttle;
	struct familiar *familiar;
	struct gate gate;      /* to hash passwords */
	struct gate elsewhere; /* to ask somebody else about them */
	struct verified *verified;
	unsigned char salt_key[SIPHASH_KEY_BYTES]; /* of the salts that unknown
						      users seem to have */
};

/* Does not change after auth_new(), but for the memory. */
struct auth {
	struct auth_users users;
	struct auth_memory *memory;
	struct jwt *tokens;	   /* NULL: none are taken */
	uint32_t mechanisms_off;   /* bits by place in sasl_mechanisms */
	struct credentials nobody; /* of a user who is not there */
	uint32_t iterations;	   /* that it seems to have */
};

/* One attempt to log in; views and pointers of the caller's. */
struct auth_attempt {
	const struct auth_client *client;
	const char *mechanism; /* for the log */
	struct str user;
	struct str authzid; /* whom to act for; empty: oneself */
	const char *name;   /* the user's own, under which failures are
			       counted; NULL: not known */
};

/* A password that may be one of an application: given with a name to find. */
struct auth_trial {
	struct str password;
	unsigned scope; /* AUTH_SCOPE_ bit of the protocol */
	/* Results: */
	bool right;
	char extra[PASSWORD_NAME_BYTES_MAX + 1]; /* its name */
};

/* A user as found; the credentials beside it. */
struct auth_found {
	bool known;	/* the sources have such a user */
	bool exists;	/* and a way to log in with a password that we check */
	bool elsewhere; /* somebody else is to be asked about the password;
			   known only if there is an account */
	uint64_t account;
	char name[USER_NAME_BYTES_MAX + 1];
};

/* May this attempt be checked now?  If not, it is logged and the verdict is
 * AUTH_BUSY. */
bool auth_admit(struct auth *a, const struct auth_attempt *attempt,
    struct auth_verdict *ret_verdict);

/* The bit of ${protocol} ("imap", "pop3"); 0: none. */
unsigned auth_scope(const char *protocol);

/* Find the user ${name}, and whether ${trial} (may be NULL) has the password of
 * one of his applications.  One who is not there, or has no credentials, or
 * whose name cannot be one, is found as RC_OK with exists false and
 * credentials that nobody knows the password of.  RC_IO: cannot say; the
 * reason was logged.  Waits for the lookup. */
enum rc auth_find(struct auth *a, struct str name, struct auth_trial *trial,
    struct auth_found *ret_found,
    struct credentials *ret_credentials) MUST_CHECK;

/* The SCRAM keys for ${name}: those in ${c} if the user exists and has some
 * (then true), else made-up ones whose salt is the same every time. */
bool auth_scram_keys(struct auth *a, const struct auth_found *found,
    const struct credentials *c, struct str name, enum scram_hash hash,
    struct scram_keys *ret_keys);

/* Begin the check of name and password, and whether the user may act as
 * authzid; copies everything but the mechanism (check.c). */
struct auth_check *auth_check_new(
    struct auth *a, const struct auth_attempt *attempt, struct str password);

/* The right password was given.  AUTH_OK, or AUTH_DENIED when ${found} may
 * not act as the attempt's authzid; AUTH_BROKEN when an account that is missing
 * cannot be made.  May wait for the disk. */
void auth_accept(struct auth *a, const struct auth_attempt *attempt,
    const struct auth_found *found, struct auth_verdict *ret_verdict);

/* Somebody else than we has found that it is ${attempt}->user: let in who is
 * known, as auth_accept() does.  Waits for the lookup. */
void auth_trust(struct auth *a, const struct auth_attempt *attempt,
    struct auth_verdict *ret_verdict);

/* AUTH_DENIED: count, log with ${reason}. */
void auth_deny(struct auth *a, const struct auth_attempt *attempt,
    const char *reason, struct auth_verdict *ret_verdict);

/* AUTH_BROKEN: log. */
void auth_broken(
    const struct auth_attempt *attempt, struct auth_verdict *ret_verdict);

/* The mechanisms called so, as bits by their place in sasl_mechanisms
 * (sasl.c). */
uint32_t sasl_bits(const struct str *names, size_t count);

#endif
