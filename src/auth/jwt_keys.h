/* SPDX-License-Identifier: MIT
 *
 * A set of public keys (RFC 7517) from JSON text.  Keys that are no use are
 * passed over: of other kinds (symmetric ones above all), for encryption, or
 * for another algorithm than their kind's.
 */
#ifndef AVOCET_AUTH_JWT_KEYS_H
#define AVOCET_AUTH_JWT_KEYS_H

#include "base/buf.h"

#define JWT_KEYS_MAX	   64
#define JWT_KEY_BYTES_MAX  1024 /* of one number */
#define JWT_NAME_BYTES_MAX 255	/* of "kid" */

struct jwt_keys;

/* NULL: it is not a set of keys, or has none that is of use. */
struct jwt_keys *jwt_keys_read(struct str text);

/* NULL is fine. */
void jwt_keys_free(struct jwt_keys *k);

size_t jwt_keys_count(const struct jwt_keys *k);

/* Is the signature that of a key for the algorithm ${alg}: of the one called
 * ${kid} if that is not empty? */
bool jwt_keys_verify(const struct jwt_keys *k, struct str alg, struct str kid,
    struct str data, struct str signature);

/* base64url without padding (RFC 7515 section 2).  False, with nothing appended,
 * for anything else. */
bool jwt_decode(struct str text, struct buf *to);

/* Could a parser of JSON that calls itself for each level take ${text}? */
bool jwt_nesting_allowed(struct str text);

#endif
