/* SPDX-License-Identifier: MIT
 *
 * Sums of digests.
 */
#include "admin/tally.h"

#include <inttypes.h>

#include "base/endian.h"
#include "base/mem.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct digester {
	XXH3_state_t *state;
};

static void
put(XXH128_hash_t hash, char ret_digest[TALLY_DIGEST_BYTES])
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, hash);
	memcpy(ret_digest, &canonical, TALLY_DIGEST_BYTES);
}

struct digester *
digester_new(void)
{
	struct digester *d = mem_alloc(sizeof(*d));

	d->state = XXH3_createState();
	return d;
}

void
digester_free(struct digester *d)
{
	if (d == NULL)
		return;
	(void)XXH3_freeState(d->state);
	mem_free(d);
}

void
digester_begin(struct digester *d)
{
	(void)XXH3_128bits_reset(d->state);
}

void
digester_add(struct digester *d, struct str piece)
{
	(void)XXH3_128bits_update(d->state, piece.p, piece.n);
}

void
digester_end(struct digester *d, char ret_digest[TALLY_DIGEST_BYTES])
{
	put(XXH3_128bits_digest(d->state), ret_digest);
}

void
digest_of(struct str bytes, char ret_digest[TALLY_DIGEST_BYTES])
{
	put(XXH3_128bits(bytes.p, bytes.n), ret_digest);
}

void
digest_write(struct buf *to, const char digest[TALLY_DIGEST_BYTES])
{
	for (int i = 0; i < TALLY_DIGEST_BYTES; i++)
		buf_add_format(to, "%02x", (unsigned)(unsigned char)digest[i]);
}

static int
hex_digit(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool
digest_parse(struct str text, char ret_digest[TALLY_DIGEST_BYTES])
{
	char digest[TALLY_DIGEST_BYTES];

	if (text.n != sizeof(digest) * 2)
		return false;
	for (size_t i = 0; i < sizeof(digest); i++) {
		int high = hex_digit(text.p[2 * i]);
		int low = hex_digit(text.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		digest[i] = (char)(high << 4 | low);
	}
	memcpy(ret_digest, digest, sizeof(digest));
	return true;
}

static void
add_hash(struct tally *t, uint64_t high, uint64_t low)
{
	t->hash[1] += low;
	t->hash[0] += high + (t->hash[1] < low);
}

void
tally_add(
    struct tally *t, const char digest[TALLY_DIGEST_BYTES], uint64_t octets)
{
	t->count++;
	t->octets += octets;
	add_hash(t, endian_get_be64(digest), endian_get_be64(digest + 8));
}

void
tally_add_all(struct tally *t, const struct tally *other)
{
	t->count += other->count;
	t->octets += other->octets;
	add_hash(t, other->hash[0], other->hash[1]);
}

bool
tally_eq(const struct tally *a, const struct tally *b)
{
	return a->count == b->count && a->octets == b->octets &&
	       a->hash[0] == b->hash[0] && a->hash[1] == b->hash[1];
}

void
tally_write(struct buf *to, const struct tally *t)
{
	buf_add_format(to, "%" PRIu64 " %" PRIu64 " %016" PRIx64 "%016" PRIx64,
	    t->count, t->octets, t->hash[0], t->hash[1]);
}

bool
tally_parse(struct str text, struct tally *ret_tally)
{
	struct str count = str_head(text, str_find(text, ' '));
	struct str rest = str_skip(text, count.n + 1);
	struct str octets = str_head(rest, str_find(rest, ' '));
	char digest[TALLY_DIGEST_BYTES];
	struct tally t;

	if (!str_number(count, UINT64_MAX, &t.count) ||
	    !str_number(octets, UINT64_MAX, &t.octets) ||
	    !digest_parse(str_skip(rest, octets.n + 1), digest))
		return false;
	t.hash[0] = endian_get_be64(digest);
	t.hash[1] = endian_get_be64(digest + 8);
	*ret_tally = t;
	return true;
}
