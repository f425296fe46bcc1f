/* SPDX-License-Identifier: MIT
 *
 * Values: the two parts of a chunk.  Rows are packed as what differs from the
 * row before, in numbers of seven bits an octet, the lowest first, 0x80 where
 * more follow: a chunk is written again for each message that is added and
 * each flag that changes, so that its size is what those cost.
 */
#include <assert.h>

#include "base/endian.h"
#include "mail/keys.h"
#include "mail/message.h"

#define CHUNK_VERSION 3
#define HEAD_BYTES    2
#define BASE_BYTES    8	 /* of the changing part: its greatest modseq */
#define NUMBER_BYTES  10 /* of 64 bits, at most */

#define FIXED_ROW_BYTES_MAX    (6 * NUMBER_BYTES)
#define CHANGING_ROW_BYTES_MAX (1 + 3 * NUMBER_BYTES)

/* Beside the flags in the first octet of a changing row. */
#define CHANGING_KEYWORDS  0x20 /* keywords follow */
#define CHANGING_EXPUNGED  0x40 /* the moment of the expunge follows */
#define CHANGING_ELSEWHERE 0x80

static_assert((FLAG_ALL & (CHANGING_KEYWORDS | CHANGING_EXPUNGED |
			      CHANGING_ELSEWHERE)) == 0,
    "each has a bit of its own");
static_assert(CHUNK_FIXED_BYTES_MAX ==
		  HEAD_BYTES + CHUNK_MESSAGES_MAX * FIXED_ROW_BYTES_MAX,
    "the header says the same");
static_assert(
    CHUNK_CHANGING_BYTES_MAX ==
	HEAD_BYTES + BASE_BYTES + CHUNK_MESSAGES_MAX * CHANGING_ROW_BYTES_MAX,
    "the header says the same");

/* -- numbers ------------------------------------------------------------ */

/* Write and return where the next goes; there is room. */
static inline char *
put_number(char *at, uint64_t number)
{
	for (; number >= 0x80; number >>= 7)
		*at++ = (char)(0x80 | (number & 0x7f));
	*at++ = (char)number;
	return at;
}

/* How far ${to} is from ${from}, small for both directions. */
static inline char *
put_step(char *at, uint64_t from, uint64_t number)
{
	uint64_t step = number - from;

	return put_number(at, step << 1 ^ (step >> 63 != 0 ? UINT64_MAX : 0));
}

static bool
take_long_number(struct cursor *c, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (unsigned shift = 0; c->at < c->end && shift < 64; shift += 7) {
		uint64_t octet = (unsigned char)*c->at++;

		number |= (octet & 0x7f) << shift;
		if (octet < 0x80) {
			*ret_number = number;
			return shift < 63 || octet <= 1;
		}
	}
	return false;
}

/* Most have one octet or two, and whole mailboxes are read. */
static inline bool
take_number(struct cursor *c, uint64_t *ret_number)
{
	const unsigned char *at = (const unsigned char *)c->at;

	if (c->end - c->at < 2)
		return take_long_number(c, ret_number);
	if (at[0] < 0x80) {
		*ret_number = at[0];
		c->at++;
		return true;
	}
	if (at[1] >= 0x80)
		return take_long_number(c, ret_number);
	*ret_number = (at[0] & 0x7fu) | (uint64_t)at[1] << 7;
	c->at += 2;
	return true;
}

static inline bool
take_step(struct cursor *c, uint64_t from, uint64_t *ret_number)
{
	uint64_t step;

	if (!take_number(c, &step))
		return false;
	*ret_number = from + (step >> 1 ^ ((step & 1) != 0 ? UINT64_MAX : 0));
	return true;
}

/* -- both parts --------------------------------------------------------- */

static void
put_head(struct buf *to, unsigned count)
{
	assert(count > 0 && count <= CHUNK_MESSAGES_MAX);
	buf_add_byte(to, CHUNK_VERSION);
	buf_add_byte(to, (char)count);
}

static bool
take_head(struct cursor *c, unsigned *ret_count)
{
	unsigned count;

	if (c->end - c->at < HEAD_BYTES || c->at[0] != CHUNK_VERSION)
		return false;
	count = (unsigned char)c->at[1];
	if (count == 0 || count > CHUNK_MESSAGES_MAX)
		return false;
	c->at += HEAD_BYTES;
	*ret_count = count;
	return true;
}

/* -- the fixed part ----------------------------------------------------- */

/* The size is packed as twice what it is; one more when the message lacks line
 * ends, which few do. */

void
chunk_fixed_pack(
    struct buf *to, const struct chunk_fixed *entries, unsigned count)
{
	const struct chunk_fixed none = { 0 }, *last = &none;
	char *at, *start;

	put_head(to, count);
	start = at = buf_reserve(to, count * FIXED_ROW_BYTES_MAX);
	if (at == NULL)
		return;
	for (const struct chunk_fixed *e = entries; e < entries + count; e++) {
		at = put_number(at, e->uid - last->uid);
		at = put_number(at, (uint64_t)e->size << 1 | (e->lacking != 0));
		if (e->lacking != 0)
			at = put_number(at, e->lacking);
		at = put_step(at, last->email, e->email);
		at = put_step(
		    at, (uint64_t)last->save_date, (uint64_t)e->save_date);
		at = put_step(
		    at, (uint64_t)e->save_date, (uint64_t)e->internal_date);
		last = e;
	}
	buf_added(to, (size_t)(at - start));
}

static inline bool
take_fixed(
    struct cursor *c, const struct chunk_fixed *last, struct chunk_fixed *e)
{
	uint64_t uid, size, lacking = 0, save_date, internal_date;

	if (!take_number(c, &uid) || !take_number(c, &size))
		return false;
	if ((size & 1) != 0 && (!take_number(c, &lacking) || lacking == 0))
		return false;
	size >>= 1;
	if (!take_step(c, last->email, &e->email) ||
	    !take_step(c, (uint64_t)last->save_date, &save_date) ||
	    !take_step(c, save_date, &internal_date))
		return false;
	if (uid == 0 || uid > UINT32_MAX - last->uid || size > UINT32_MAX ||
	    lacking > UINT32_MAX)
		return false;
	e->uid = last->uid + (uint32_t)uid;
	e->size = (uint32_t)size;
	e->lacking = (uint32_t)lacking;
	e->save_date = (int64_t)save_date;
	e->internal_date = (int64_t)internal_date;
	return true;
}

bool
chunk_fixed_unpack(struct str value,
    struct chunk_fixed ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count)
{
	const struct chunk_fixed none = { 0 }, *last = &none;
	struct cursor c = str_cursor(value);
	unsigned count;

	if (!take_head(&c, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		if (!take_fixed(&c, last, &ret_entries[i]))
			return false;
		last = &ret_entries[i];
	}
	*ret_count = count;
	return c.at == c.end;
}

/* -- the changing part -------------------------------------------------- */

static uint64_t
greatest_modseq(const struct chunk_changing *entries, unsigned count)
{
	uint64_t greatest = 0;

	for (unsigned i = 0; i < count; i++)
		if (entries[i].modseq > greatest)
			greatest = entries[i].modseq;
	return greatest;
}

void
chunk_changing_pack(
    struct buf *to, const struct chunk_changing *entries, unsigned count)
{
	uint64_t base = greatest_modseq(entries, count);
	char *at, *start;

	put_head(to, count);
	buf_add_le64(to, base);
	start = at = buf_reserve(to, count * CHANGING_ROW_BYTES_MAX);
	if (at == NULL)
		return;
	for (const struct chunk_changing *e = entries; e < entries + count;
	     e++) {
		assert((e->flags & ~(unsigned)FLAG_ALL) == 0);
		*at++ = (char)(e->flags |
			       (e->keywords != 0 ? CHANGING_KEYWORDS : 0) |
			       (e->expunged != 0 ? CHANGING_EXPUNGED : 0) |
			       (e->elsewhere ? CHANGING_ELSEWHERE : 0));
		at = put_number(at, base - e->modseq);
		if (e->keywords != 0)
			at = put_number(at, e->keywords);
		if (e->expunged != 0)
			at = put_number(at, (uint64_t)e->expunged);
	}
	buf_added(to, (size_t)(at - start));
}

static inline bool
take_changing(struct cursor *c, uint64_t base, struct chunk_changing *e)
{
	uint64_t below, expunged = 0;
	unsigned bits;

	if (c->at == c->end)
		return false;
	bits = (unsigned char)*c->at++;
	e->flags = bits & FLAG_ALL;
	e->elsewhere = (bits & CHANGING_ELSEWHERE) != 0;
	e->keywords = 0;
	if (!take_number(c, &below) || below > base)
		return false;
	e->modseq = base - below;
	if ((bits & CHANGING_KEYWORDS) != 0 && !take_number(c, &e->keywords))
		return false;
	if ((bits & CHANGING_EXPUNGED) != 0 && !take_number(c, &expunged))
		return false;
	e->expunged = (int64_t)expunged;
	return true;
}

bool
chunk_changing_unpack(struct str value,
    struct chunk_changing ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count)
{
	struct cursor c = str_cursor(value);
	unsigned count;
	uint64_t base;

	if (!take_head(&c, &count) || c.end - c.at < BASE_BYTES)
		return false;
	base = endian_get_le64(c.at);
	c.at += BASE_BYTES;
	for (unsigned i = 0; i < count; i++)
		if (!take_changing(&c, base, &ret_entries[i]))
			return false;
	*ret_count = count;
	return c.at == c.end;
}
