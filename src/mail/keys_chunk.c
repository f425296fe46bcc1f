/* SPDX-License-Identifier: MIT
 *
 * Values: the two parts of a chunk, as rows of fixed size, read without a
 * check a field once the size is known to be right.
 */
#include <assert.h>

#include "base/endian.h"
#include "mail/keys.h"
#include "mail/message.h"

#define CHUNK_VERSION	   1
#define HEAD_BYTES	   2
#define FIXED_BYTES	   32
#define CHANGING_BYTES	   25
#define CHANGING_ELSEWHERE 0x80 /* beside the flags */

static_assert(CHUNK_FIXED_BYTES_MAX <= 4080 - 32,
    "with the store's own bytes it fits one page of the index");
static_assert(
    CHUNK_FIXED_BYTES_MAX == HEAD_BYTES + CHUNK_MESSAGES_MAX * FIXED_BYTES,
    "the header says the same");
static_assert(CHUNK_CHANGING_BYTES_MAX ==
		  HEAD_BYTES + CHUNK_MESSAGES_MAX * CHANGING_BYTES,
    "the header says the same");

static void
pack_head(struct buf *to, unsigned count)
{
	assert(count > 0 && count <= CHUNK_MESSAGES_MAX);
	buf_add_byte(to, CHUNK_VERSION);
	buf_add_byte(to, (char)count);
}

static bool
unpack_head(struct str value, size_t row_bytes, unsigned *ret_count)
{
	unsigned count;

	if (value.n < HEAD_BYTES || value.p[0] != CHUNK_VERSION)
		return false;
	count = (unsigned char)value.p[1];
	if (count == 0 || count > CHUNK_MESSAGES_MAX ||
	    value.n != HEAD_BYTES + count * row_bytes)
		return false;
	*ret_count = count;
	return true;
}

void
chunk_fixed_pack(
    struct buf *to, const struct chunk_fixed *entries, unsigned count)
{
	pack_head(to, count);
	for (const struct chunk_fixed *e = entries; e < entries + count; e++) {
		buf_add_le32(to, e->uid);
		buf_add_le32(to, e->size);
		buf_add_le64(to, e->email);
		buf_add_le64(to, (uint64_t)e->internal_date);
		buf_add_le64(to, (uint64_t)e->save_date);
	}
}

bool
chunk_fixed_unpack(struct str value,
    struct chunk_fixed ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count)
{
	unsigned count;
	uint32_t uid = 0;

	if (!unpack_head(value, FIXED_BYTES, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		const char *at = value.p + HEAD_BYTES + i * FIXED_BYTES;
		struct chunk_fixed *e = &ret_entries[i];

		e->uid = endian_get_le32(at);
		e->size = endian_get_le32(at + 4);
		e->email = endian_get_le64(at + 8);
		e->internal_date = (int64_t)endian_get_le64(at + 16);
		e->save_date = (int64_t)endian_get_le64(at + 24);
		if (e->uid <= uid)
			return false;
		uid = e->uid;
	}
	*ret_count = count;
	return true;
}

void
chunk_changing_pack(
    struct buf *to, const struct chunk_changing *entries, unsigned count)
{
	pack_head(to, count);
	for (const struct chunk_changing *e = entries; e < entries + count;
	     e++) {
		assert((e->flags & ~(unsigned)FLAG_ALL) == 0);
		buf_add_byte(to,
		    (char)(e->flags | (e->elsewhere ? CHANGING_ELSEWHERE : 0)));
		buf_add_le64(to, e->keywords);
		buf_add_le64(to, e->modseq);
		buf_add_le64(to, (uint64_t)e->expunged);
	}
}

bool
chunk_changing_unpack(struct str value,
    struct chunk_changing ret_entries[CHUNK_MESSAGES_MAX], unsigned *ret_count)
{
	unsigned count;

	if (!unpack_head(value, CHANGING_BYTES, &count))
		return false;
	for (unsigned i = 0; i < count; i++) {
		const char *at = value.p + HEAD_BYTES + i * CHANGING_BYTES;
		struct chunk_changing *e = &ret_entries[i];
		unsigned bits = (unsigned char)*at;

		if ((bits & ~(unsigned)(FLAG_ALL | CHANGING_ELSEWHERE)) != 0)
			return false;
		e->flags = bits & FLAG_ALL;
		e->elsewhere = (bits & CHANGING_ELSEWHERE) != 0;
		e->keywords = endian_get_le64(at + 1);
		e->modseq = endian_get_le64(at + 9);
		e->expunged = (int64_t)endian_get_le64(at + 17);
	}
	*ret_count = count;
	return true;
}
