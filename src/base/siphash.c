/* SPDX-License-Identifier: MIT
 *
 * SipHash-2-4-128, after Aumasson and Bernstein's description: words of eight
 * bytes, little-endian, two rounds a word and four to finish each half of the
 * tag.
 */
#include "base/siphash.h"

#include "base/endian.h"
#include "base/mem.h"

#define WORD_BYTES 8

/* What sets the long tag apart from the short one. */
#define LONG_BEGIN  0xeeu
#define LONG_FIRST  0xeeu
#define LONG_SECOND 0xddu

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void
mix(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
add_word(struct siphash *s, uint64_t word)
{
	s->v[3] ^= word;
	mix(s->v, 2);
	s->v[0] ^= word;
}

void
siphash_init(struct siphash *s, const unsigned char key[SIPHASH_KEY_BYTES])
{
	uint64_t k0 = endian_get_le64(key);
	uint64_t k1 = endian_get_le64(key + WORD_BYTES);

	/* "somepseudorandomlygeneratedbytes" */
	*s = (struct siphash){ .v = {
				   k0 ^ 0x736f6d6570736575,
				   k1 ^ 0x646f72616e646f6d ^ LONG_BEGIN,
				   k0 ^ 0x6c7967656e657261,
				   k1 ^ 0x7465646279746573,
			       } };
}

static void
add_byte(struct siphash *s, unsigned char byte)
{
	s->tail |= (uint64_t)byte << 8 * (s->size % WORD_BYTES);
	s->size++;
	if (s->size % WORD_BYTES == 0) {
		add_word(s, s->tail);
		s->tail = 0;
	}
}

void
siphash_add(struct siphash *s, struct str bytes)
{
	while (bytes.n > 0) {
		if (s->size % WORD_BYTES == 0 && bytes.n >= WORD_BYTES) {
			add_word(s, endian_get_le64(bytes.p));
			s->size += WORD_BYTES;
			bytes = str_skip(bytes, WORD_BYTES);
		} else {
			add_byte(s, (unsigned char)bytes.p[0]);
			bytes = str_skip(bytes, 1);
		}
	}
}

/* Half of the tag. */
static uint64_t
squeeze(struct siphash *s)
{
	mix(s->v, 4);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

void
siphash_fini(struct siphash *s, unsigned char ret_tag[SIPHASH_TAG_BYTES])
{
	add_word(s, s->tail | s->size << 56);
	s->v[2] ^= LONG_FIRST;
	endian_put_le64(ret_tag, squeeze(s));
	s->v[1] ^= LONG_SECOND;
	endian_put_le64(ret_tag + WORD_BYTES, squeeze(s));
	mem_wipe(s, sizeof(*s));
}
