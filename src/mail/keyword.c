/* SPDX-License-Identifier: MIT
 *
 * Keywords: names as bits of a mailbox's list, which only ever grows, and bits
 * of one mailbox as bits of another.
 */
#include "mail/message_internal.h"

#include <assert.h>

static enum rc
read_names(struct change *c, uint32_t mailbox,
    struct str ret_names[KEYWORDS_MAX], unsigned *ret_count)
{
	struct key_space space;
	struct str value;
	enum rc rc =
	    store_txn_get(c->txn, key_keywords(&space, mailbox), &value);

	if (rc == RC_NOTFOUND) {
		*ret_count = 0;
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	return keywords_record_unpack(value, ret_names, ret_count) ? RC_OK
								   : RC_CORRUPT;
}

static void
put_names(
    struct change *c, uint32_t mailbox, const struct str *names, unsigned count)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, KEYWORDS_RECORD_BYTES_MAX);
	keywords_record_pack(&value, names, count);
	assert(!value.overflowed);
	store_txn_put(c->txn, key_keywords(&space, mailbox), buf_str(&value));
	buf_fini(&value);
}

static unsigned
find_name(const struct str *names, unsigned count, struct str name)
{
	unsigned i = 0;

	while (i < count && !str_eq_nocase(names[i], name))
		i++;
	return i;
}

/* Where the name is in the list; added when it is not there and ${add}.
 * KEYWORDS_MAX: nowhere. */
static unsigned
place_name(
    struct str names[KEYWORDS_MAX], unsigned *count, struct str name, bool add)
{
	unsigned bit = find_name(names, *count, name);

	if (bit < *count)
		return bit;
	if (!add || *count == KEYWORDS_MAX)
		return KEYWORDS_MAX;
	names[(*count)++] = name;
	return bit;
}

enum rc
keyword_bits(struct change *c, uint32_t mailbox, const struct flags *flags,
    bool add, uint64_t *ret_bits)
{
	struct str names[KEYWORDS_MAX];
	unsigned count, before;
	uint64_t bits = 0;
	enum rc rc;

	*ret_bits = 0;
	if (flags->keyword_count == 0)
		return RC_OK;
	rc = read_names(c, mailbox, names, &count);
	if (rc != RC_OK)
		return rc;
	before = count;
	for (size_t i = 0; i < flags->keyword_count; i++) {
		struct str name = flags->keywords[i];
		unsigned bit;

		if (name.n == 0 || name.n > KEYWORD_BYTES_MAX)
			return RC_LIMIT;
		bit = place_name(names, &count, name, add);
		if (bit == KEYWORDS_MAX && add)
			return RC_LIMIT;
		if (bit < KEYWORDS_MAX)
			bits |= UINT64_C(1) << bit;
	}
	if (count > before)
		put_names(c, mailbox, names, count);
	*ret_bits = bits;
	return RC_OK;
}

/* -- from one mailbox to another ----------------------------------------- */

void
keyword_map_init(
    struct keyword_map *k, struct change *c, uint32_t from, uint32_t to)
{
	*k = (struct keyword_map){ .change = c, .from = from, .to = to };
}

/* Find places for the bits of ${wanted}. */
static enum rc
learn(struct keyword_map *k, uint64_t wanted)
{
	struct str from[KEYWORDS_MAX], to[KEYWORDS_MAX];
	unsigned from_count, to_count, before;
	enum rc rc = read_names(k->change, k->from, from, &from_count);

	if (rc == RC_OK)
		rc = read_names(k->change, k->to, to, &to_count);
	if (rc != RC_OK)
		return rc;
	before = to_count;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		unsigned bit;

		if ((wanted >> i & 1) == 0)
			continue;
		if (i >= from_count)
			return RC_CORRUPT;
		bit = place_name(to, &to_count, from[i], true);
		if (bit == KEYWORDS_MAX)
			return RC_LIMIT;
		k->bit[i] = (uint8_t)bit;
		k->known |= UINT64_C(1) << i;
	}
	if (to_count > before)
		put_names(k->change, k->to, to, to_count);
	return RC_OK;
}

enum rc
keyword_map_bits(struct keyword_map *k, uint64_t bits, uint64_t *ret_bits)
{
	uint64_t unknown = bits & ~k->known, mapped = 0;
	enum rc rc = RC_OK;

	if (k->from == k->to) {
		*ret_bits = bits;
		return RC_OK;
	}
	if (unknown != 0)
		rc = learn(k, unknown);
	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		if ((bits >> i & 1) != 0)
			mapped |= UINT64_C(1) << k->bit[i];
	}
	*ret_bits = mapped;
	return RC_OK;
}
