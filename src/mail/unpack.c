/* SPDX-License-Identifier: MIT
 *
 * Taking packed values apart.
 */
#include "mail/unpack.h"

#include "base/endian.h"

bool
unpack_bytes(struct cursor *c, size_t count, struct str *ret_bytes)
{
	if ((size_t)(c->end - c->at) < count)
		return false;
	*ret_bytes = (struct str){ .p = c->at, .n = count };
	c->at += count;
	return true;
}

bool
unpack_u8(struct cursor *c, uint8_t *ret_number)
{
	struct str s;

	if (!unpack_bytes(c, 1, &s))
		return false;
	*ret_number = (uint8_t)*s.p;
	return true;
}

bool
unpack_u16(struct cursor *c, uint16_t *ret_number)
{
	struct str s;

	if (!unpack_bytes(c, 2, &s))
		return false;
	*ret_number = endian_get_le16(s.p);
	return true;
}

bool
unpack_u32(struct cursor *c, uint32_t *ret_number)
{
	struct str s;

	if (!unpack_bytes(c, 4, &s))
		return false;
	*ret_number = endian_get_le32(s.p);
	return true;
}

bool
unpack_u64(struct cursor *c, uint64_t *ret_number)
{
	struct str s;

	if (!unpack_bytes(c, 8, &s))
		return false;
	*ret_number = endian_get_le64(s.p);
	return true;
}

bool
unpack_i64(struct cursor *c, int64_t *ret_number)
{
	uint64_t number;

	if (!unpack_u64(c, &number))
		return false;
	*ret_number = (int64_t)number;
	return true;
}

bool
unpack_version(struct cursor *c, uint8_t want)
{
	if (c->at == c->end || (uint8_t)*c->at != want)
		return false;
	c->at++;
	return true;
}

bool
unpack_end(const struct cursor *c)
{
	return c->at == c->end;
}
