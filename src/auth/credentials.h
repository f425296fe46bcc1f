/* SPDX-License-Identifier: MIT
 *
 * What is stored to check a user's password: a hash for crypt(3) (yescrypt
 * when made here; one of another kind that another server made, see
 * auth/scheme.h) and the salted keys of SCRAM-SHA-1 and SCRAM-SHA-256 (RFC
 * 5802 section 3, RFC 7677).  The password itself is never kept.
 *
 * A password is UTF-8, prepared with SASLprep (RFC 4013) when credentials are
 * made and when they are verified.  Code points that Unicode 3.2 did not know
 * (such as newer emoji) are not allowed in what is made (RFC 3454 section 7),
 * but pass when an imported hash is verified.
 *
 * Credentials are values: they hold no pointers and may be copied.  They are
 * stored packed:
 *
 *   packed = version (1 byte: 1), then fields in rising order of kind
 *   field  = kind (1), size (2, little-endian), bytes
 *   kind 1 = a crypt(3) hash, or another as auth/scheme.h keeps it; no
 *            terminator
 *   kind 2 = SCRAM-SHA-1:   iterations (4, little-endian), salt (16),
 *            stored key (20), server key (20)
 *   kind 3 = SCRAM-SHA-256: the same with keys of 32 bytes
 *
 * Each kind may be missing; at least one is there.
 */
#ifndef AVOCET_AUTH_CREDENTIALS_H
#define AVOCET_AUTH_CREDENTIALS_H

#include "base/buf.h"

#define CREDENTIALS_PACKED_BYTES_MAX	1024
#define CREDENTIALS_SALT_BYTES		16
#define CREDENTIALS_SCRAM_KEY_BYTES_MAX 32
#define CREDENTIALS_CRYPT_BYTES_MAX	384
#define CREDENTIALS_ITERATIONS_MIN	4096 /* RFC 7677 section 4 */
#define CREDENTIALS_ITERATIONS_MAX	10000000
#define CREDENTIALS_ITERATIONS_DEFAULT	65536

enum scram_hash { SCRAM_SHA_1, SCRAM_SHA_256 };
#define SCRAM_HASHES 2

struct scram_keys {
	uint32_t iterations; /* 0: there are no keys for this hash */
	unsigned char salt[CREDENTIALS_SALT_BYTES];
	unsigned char stored_key[CREDENTIALS_SCRAM_KEY_BYTES_MAX];
	unsigned char server_key[CREDENTIALS_SCRAM_KEY_BYTES_MAX];
};

struct credentials {
	char crypt[CREDENTIALS_CRYPT_BYTES_MAX]; /* "": there is none */
	struct scram_keys scram[SCRAM_HASHES];	 /* by enum scram_hash */
};

/* How dear it is to check one password, and to guess one. */
struct credentials_cost {
	unsigned crypt_rounds;	   /* of yescrypt, 1..11; 0: the default */
	uint32_t scram_iterations; /* 0: the default */
};

/* How many bytes the keys of ${hash} have. */
size_t scram_key_bytes(enum scram_hash hash);

/* Make credentials for ${password}: 1 to PASSWORD_BYTES_MAX bytes.
 * RC_INVALID: not UTF-8, or SASLprep forbids it (control characters, NUL) or
 * has newer characters) or leaves nothing of it; RC_IO: the library failed.  Takes a second or so of
 * processor time. */
enum rc credentials_make(struct str password, struct credentials_cost cost,
    struct credentials *ret_credentials) MUST_CHECK;

/* Credentials from a crypt(3) hash that another server made (bcrypt,
 * sha512-crypt, yescrypt ...).  RC_INVALID: not one that crypt(3) checks. */
enum rc credentials_from_crypt(
    struct str hash, struct credentials *ret_credentials) MUST_CHECK;

/* Is ${password} the right one?  Any bytes may be given.  The hash decides if
 * there is one, else SCRAM's keys.  One that another server made may be of the
 * bytes as they are, without SASLprep.  Takes as long as making one of
 * them, and some MB of memory: the caller bounds how many run at once. */
bool credentials_verify(const struct credentials *c, struct str password);

/* Can it be a hash in credentials: printable ASCII without what crypt(5) forbids,
 * and not too long? */
bool credentials_hash_valid(struct str hash);

/* Append the packed form to ${to}. */
void credentials_pack(const struct credentials *c, struct buf *to);

/* Read the packed form.  RC_VERSION: written by a newer Avocet; RC_CORRUPT:
 * anything else that is not the packed form. */
enum rc credentials_unpack(
    struct str packed, struct credentials *ret_credentials) MUST_CHECK;

/* Overwrite what is in ${c}. */
void credentials_wipe(struct credentials *c);

#endif
