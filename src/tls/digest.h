/* SPDX-License-Identifier: MIT
 *
 * Message digests, and what is made of them: for SCRAM (with SHA-1 or SHA-256),
 * and to check hashes of passwords that other servers made.
 */
#ifndef AVOCET_TLS_DIGEST_H
#define AVOCET_TLS_DIGEST_H

#include "base/str.h"

#include <stdbool.h>

enum tls_digest {
	TLS_DIGEST_MD5,
	TLS_DIGEST_SHA1,
	TLS_DIGEST_SHA256,
	TLS_DIGEST_SHA512,
};

#define TLS_DIGEST_BYTES_MAX 64

size_t tls_digest_bytes(enum tls_digest digest);

/* The digest of ${a} with ${b} behind it.  False: OpenSSL here does not have
 * it. */
bool tls_digest(enum tls_digest digest, struct str a, struct str b,
    unsigned char ret_digest[TLS_DIGEST_BYTES_MAX]);

/* HMAC of ${digest} (RFC 2104).  False as above. */
bool tls_hmac(enum tls_digest digest, struct str key, struct str bytes,
    unsigned char ret_mac[TLS_DIGEST_BYTES_MAX]);

/* PBKDF2 (of PKCS #5) with HMAC of ${digest}: ${size} bytes.  Takes
 * as long as ${iterations} say.  False as above. */
bool tls_pbkdf2(enum tls_digest digest, struct str password, struct str salt,
    unsigned iterations, unsigned char *ret_key, size_t size);

#endif
