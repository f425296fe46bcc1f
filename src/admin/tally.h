/* SPDX-License-Identifier: MIT
 *
 * Counting messages on both sides of an import or export: how many, how many
 * octets, and a hash of them all that does not depend on their order.
 */
#ifndef AVOCET_ADMIN_TALLY_H
#define AVOCET_ADMIN_TALLY_H

#include "base/buf.h"

#define TALLY_DIGEST_BYTES 16

struct tally {
	uint64_t count;
	uint64_t octets;
	uint64_t hash[2]; /* the sum of the messages' digests: high, low */
};

/* Count a message of so many octets with this XXH3 (128 bits, big-endian). */
void tally_add(
    struct tally *t, const char digest[TALLY_DIGEST_BYTES], uint64_t octets);
void tally_add_all(struct tally *t, const struct tally *other);
bool tally_eq(const struct tally *a, const struct tally *b);

/* Append "COUNT OCTETS HASH", HASH as 32 hexadecimal digits; take it back. */
void tally_write(struct buf *to, const struct tally *t);
bool tally_parse(struct str text, struct tally *ret_tally);

/* The digest of one message, a piece at a time. */
struct digester;
struct digester *digester_new(void);
void digester_free(struct digester *d);
void digester_begin(struct digester *d);
void digester_add(struct digester *d, struct str piece);
void digester_end(struct digester *d, char ret_digest[TALLY_DIGEST_BYTES]);

/* Of few bytes at once. */
void digest_of(struct str bytes, char ret_digest[TALLY_DIGEST_BYTES]);

/* 32 hexadecimal digits. */
void digest_write(struct buf *to, const char digest[TALLY_DIGEST_BYTES]);
bool digest_parse(struct str text, char ret_digest[TALLY_DIGEST_BYTES]);

#endif
