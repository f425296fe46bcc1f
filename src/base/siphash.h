/* SPDX-License-Identifier: MIT
 *
 * SipHash-2-4 with 128 bits: a keyed hash (MAC) of bytes that come in pieces.
 * Who does not know the key can neither tell a tag from random bytes nor find
 * two messages with the same one.  For keys that end with the process.
 */
#ifndef AVOCET_BASE_SIPHASH_H
#define AVOCET_BASE_SIPHASH_H

#include "base/str.h"

#define SIPHASH_KEY_BYTES 16
#define SIPHASH_TAG_BYTES 16

struct siphash {
	uint64_t v[4];
	uint64_t tail; /* the bytes behind the last whole word */
	uint64_t size; /* of all bytes so far */
};

/* Begin under ${key}, which is not kept as such. */
void
siphash_init(struct siphash *s, const unsigned char key[SIPHASH_KEY_BYTES]);

/* Take ${bytes}; how they are cut into pieces does not matter. */
void siphash_add(struct siphash *s, struct str bytes);

/* The tag of all that was added; ${s} is wiped. */
void siphash_fini(struct siphash *s, unsigned char ret_tag[SIPHASH_TAG_BYTES]);

#endif
