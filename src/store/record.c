/* SPDX-License-Identifier: MIT
 *
 * Commit records: writing and reading.
 */
#include "store/record.h"

#include <assert.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/endian.h"

#define RECORD_MAGIC 0x4f435641u /* "AVCO" */

size_t
record_begin(struct buf *to)
{
	static const char header[RECORD_HEADER_BYTES];
	size_t at = to->n;

	buf_add(to, header, sizeof(header));
	return at;
}

void
record_add_head(
    struct buf *to, enum record_op op, struct str key, size_t value_bytes)
{
	assert(key.n <= UINT16_MAX && value_bytes <= UINT32_MAX);
	buf_add_le16(to, (uint16_t)op);
	buf_add_le16(to, (uint16_t)key.n);
	buf_add_le32(to, (uint32_t)value_bytes);
	buf_add_str(to, key);
}

void
record_add(struct buf *to, enum record_op op, struct str key, struct str value)
{
	record_add_head(to, op, key, value.n);
	buf_add_str(to, value);
}

/* Records begin at multiples of eight; zeros fill the payload up, and the
 * check is over them as well. */
static uint64_t
padded(uint64_t size)
{
	return (size + 7) & ~(uint64_t)7;
}

uint64_t
record_size(const struct record_head *head)
{
	return RECORD_HEADER_BYTES + padded(head->payload_bytes);
}

void
record_end(
    struct buf *to, size_t at, const struct record_head *head, uint64_t salt)
{
	static const char zeros[8];
	size_t payload;
	char *header;

	if (to->overflowed)
		return;
	payload = to->n - at - RECORD_HEADER_BYTES;
	buf_add(to, zeros, (size_t)padded(payload) - payload);
	if (to->overflowed)
		return;
	header = to->p + at;
	endian_put_le32(header, RECORD_MAGIC);
	endian_put_le32(header + 4, head->place);
	endian_put_le64(header + 8, payload);
	endian_put_le64(header + 16, head->seq);
	endian_put_le64(header + 24, head->account);
	endian_put_le64(
	    header + 32, XXH3_64bits_withSeed(header + RECORD_HEADER_BYTES,
			     (size_t)padded(payload), salt));
	endian_put_le64(header + 40, XXH3_64bits_withSeed(header, 40, salt));
}

bool
record_head_take(const char header[RECORD_HEADER_BYTES], uint64_t salt,
    struct record_head *ret_head)
{
	struct record_head head;

	if (endian_get_le32(header) != RECORD_MAGIC ||
	    endian_get_le64(header + 40) !=
		XXH3_64bits_withSeed(header, 40, salt))
		return false;
	head.place = endian_get_le32(header + 4);
	head.payload_bytes = endian_get_le64(header + 8);
	head.seq = endian_get_le64(header + 16);
	head.account = endian_get_le64(header + 24);
	head.payload_check = endian_get_le64(header + 32);
	if (head.payload_bytes > RECORD_PAYLOAD_BYTES_MAX)
		return false;
	*ret_head = head;
	return true;
}

bool
record_take(
    struct str bytes, uint64_t offset, uint64_t salt, struct record *ret_record)
{
	struct record r;

	if (bytes.n < RECORD_HEADER_BYTES ||
	    !record_head_take(bytes.p, salt, &r.head) ||
	    record_size(&r.head) > bytes.n)
		return false;
	r.payload = (struct str){ bytes.p + RECORD_HEADER_BYTES,
		(size_t)r.head.payload_bytes };
	r.payload_offset = offset + RECORD_HEADER_BYTES;
	if (r.head.payload_check != XXH3_64bits_withSeed(r.payload.p,
					(size_t)padded(r.payload.n), salt))
		return false;
	*ret_record = r;
	return true;
}

bool
record_next(const struct record *r, size_t *at, struct record_item *ret_item)
{
	struct str rest = str_skip(r->payload, *at);
	size_t key_bytes, value_bytes;

	if (rest.n < RECORD_OP_BYTES)
		return false;
	key_bytes = endian_get_le16(rest.p + 2);
	value_bytes = endian_get_le32(rest.p + 4);
	if (key_bytes + value_bytes > rest.n - RECORD_OP_BYTES)
		return false;
	ret_item->op = (enum record_op)endian_get_le16(rest.p);
	ret_item->key = (struct str){ rest.p + RECORD_OP_BYTES, key_bytes };
	ret_item->value =
	    (struct str){ ret_item->key.p + key_bytes, value_bytes };
	ret_item->value_offset =
	    r->payload_offset + *at + RECORD_OP_BYTES + key_bytes;
	*at += RECORD_OP_BYTES + key_bytes + value_bytes;
	return true;
}

void
record_blob_add_head(struct buf *to, uint64_t raw, struct str prefix)
{
	assert(prefix.n <= UINT16_MAX);
	buf_add_le64(to, raw);
	buf_add_le16(to, (uint16_t)prefix.n);
	buf_add_str(to, prefix);
}

bool
record_blob_take(const struct record_item *item, struct record_blob *ret_blob)
{
	struct str value = item->value;
	size_t prefix, head;

	if (value.n < RECORD_BLOB_HEAD_BYTES)
		return false;
	prefix = endian_get_le16(value.p + 8);
	head = RECORD_BLOB_HEAD_BYTES + prefix;
	if (head > value.n)
		return false;
	ret_blob->raw = endian_get_le64(value.p);
	ret_blob->prefix =
	    (struct str){ value.p + RECORD_BLOB_HEAD_BYTES, prefix };
	ret_blob->image = str_skip(value, head);
	ret_blob->image_offset = item->value_offset + head;
	return true;
}
