/* SPDX-License-Identifier: MIT
 *
 * JSON Web Tokens (RFC 7519) that say who somebody is, signed (RFC 7515) with
 * RS256, ES256 (RFC 7518) or EdDSA with Ed25519 (RFC 8037) by a key of a file
 * of public keys (a JWK set, RFC 7517), which is read again when it changes.
 * Nothing is asked over the network.
 *
 * A token is good when it has a signature of one of the keys (that which it
 * names, if it does), its issuer and audience are those expected, it has not
 * ended and has begun (give or take JWT_LEEWAY_S), and has the claim that names
 * the user.  The algorithm is that of the key; a token cannot choose another.
 */
#ifndef AVOCET_AUTH_JWT_H
#define AVOCET_AUTH_JWT_H

#include "base/buf.h"

struct jwt;

struct jwt_options {
	const char *issuer;
	const char *audience;
	const char *claim; /* "email", "sub" ...: what names the user */
	const char *keys;  /* path of the file */
};

/* The strings of ${o} stay.  RC_IO, RC_LIMIT, RC_INVALID: the file cannot be
 * read, or has no key that is of use; the reason was logged. */
enum rc jwt_new(const struct jwt_options *o, struct jwt **ret_jwt) MUST_CHECK;

/* NULL is fine. */
void jwt_free(struct jwt *j);

/* Check ${token}, any bytes, as of ${now} (seconds): NULL, with the user's name
 * appended to ${user}; or why it is no good, for the log (static).  May be
 * called from many threads; waits for the disk when the file has changed. */
const char *jwt_check(
    struct jwt *j, struct str token, int64_t now, struct buf *user) MUST_CHECK;

#endif
