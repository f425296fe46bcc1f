/* SPDX-License-Identifier: MIT
 *
 * Public keys, for checking signatures of tokens: RSA, elliptic curve P-256,
 * Ed25519.
 */
#ifndef AVOCET_TLS_KEY_H
#define AVOCET_TLS_KEY_H

#include "base/str.h"

#include <stdbool.h>

struct tls_key;

/* A key from its numbers, as RFC 7518 has them: big-endian.  NULL: they make
 * no key, or one that is too weak (RSA below 2048 bits) or too large. */
struct tls_key *tls_key_rsa(struct str modulus, struct str exponent);
struct tls_key *tls_key_p256(struct str x, struct str y);
struct tls_key *tls_key_ed25519(struct str x);

/* NULL is fine. */
void tls_key_free(struct tls_key *k);

/* Has the owner of the key signed ${data}?  RSA: PKCS #1 v1.5 with SHA-256; P-256:
 * ECDSA with SHA-256, a signature of two numbers of 32 bytes; Ed25519.  May be
 * called from many threads. */
bool
tls_key_verify(const struct tls_key *k, struct str data, struct str signature);

#endif
