/* SPDX-License-Identifier: MIT
 *
 * Password hashes that other servers made, as Dovecot writes them:
 * "{SCHEME}hash", without a scheme a hash for crypt(3).
 *
 *   CRYPT, SHA512-CRYPT, SHA256-CRYPT, BLF-CRYPT, MD5-CRYPT, MD5, DES-CRYPT
 *   ARGON2I, ARGON2ID; PBKDF2
 *   SCRAM-SHA-1, SCRAM-SHA-256
 *   SSHA, SSHA256, SSHA512, SMD5, SHA, SHA1, SHA256, SHA512, LDAP-MD5,
 *   PLAIN-MD5; each with ".hex", ".b64" or ".base64" behind it
 *   PLAIN, CLEAR, CLEARTEXT
 *
 * What is no hash for crypt(3) and has no keys of SCRAM is kept in credentials
 * in one form for each kind, with a "{" in front, which no hash of crypt(3)
 * has.
 */
#ifndef AVOCET_AUTH_SCHEME_H
#define AVOCET_AUTH_SCHEME_H

#include "auth/credentials.h"

#define SCHEME_WHY_BYTES 128

/* Credentials from such a text.  RC_UNSUPPORTED: no such scheme here;
 * RC_INVALID: not what the scheme writes, or dearer to check than is allowed.
 * Both with a reason. */
enum rc scheme_read(struct str text, struct credentials *ret_credentials,
    char ret_why[SCHEME_WHY_BYTES]) MUST_CHECK;

/* The password itself, if that is what ${text} has: then credentials can be
 * made from it that have a better hash. */
bool scheme_is_plain(struct str text, struct str *ret_password);

/* Is ${kept}, of credentials, of this file's making? */
bool scheme_made(const char *kept);

/* Is ${password} the right one for ${kept}, which scheme_read() made?  Any
 * bytes; takes as long as the scheme does. */
bool scheme_verify(const char *kept, struct str password);

#endif
