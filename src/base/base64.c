/* SPDX-License-Identifier: MIT
 *
 * Strict base64.  RFC 4648 section 4.
 */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789+/";

static void
encode_group(const unsigned char *from, size_t count, char to[4])
{
	uint32_t bits = (uint32_t)from[0] << 16;

	if (count > 1)
		bits |= (uint32_t)from[1] << 8;
	if (count > 2)
		bits |= from[2];
	to[0] = alphabet[bits >> 18 & 63];
	to[1] = alphabet[bits >> 12 & 63];
	to[2] = count > 1 ? alphabet[bits >> 6 & 63] : '=';
	to[3] = count > 2 ? alphabet[bits & 63] : '=';
}

void
base64_encode(struct str bytes, struct buf *to)
{
	const unsigned char *from = (const unsigned char *)bytes.p;
	char group[4];

	for (size_t i = 0; i < bytes.n; i += 3) {
		size_t count = bytes.n - i < 3 ? bytes.n - i : 3;

		encode_group(from + i, count, group);
		buf_add(to, group, sizeof(group));
	}
}

/* The value of a digit, or 64. */
static uint32_t
digit_value(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return (uint32_t)(digit - 'A');
	if (digit >= 'a' && digit <= 'z')
		return (uint32_t)(digit - 'a' + 26);
	if (digit >= '0' && digit <= '9')
		return (uint32_t)(digit - '0' + 52);
	if (digit == '+')
		return 62;
	return digit == '/' ? 63 : 64;
}

/* Decode four digits of which ${padding} at the end are '='. */
static bool
decode_group(const char *from, size_t padding, struct buf *to)
{
	uint32_t bits = 0;
	char bytes[3];

	for (size_t i = 0; i < 4; i++) {
		uint32_t value = i < 4 - padding ? digit_value(from[i]) : 0;

		if (value > 63)
			return false;
		bits = bits << 6 | value;
	}
	if ((padding == 1 && (bits & 0xff) != 0) ||
	    (padding == 2 && (bits & 0xffff) != 0))
		return false;
	bytes[0] = (char)(bits >> 16);
	bytes[1] = (char)(bits >> 8);
	bytes[2] = (char)bits;
	buf_add(to, bytes, 3 - padding);
	return true;
}

bool
base64_decode(struct str text, struct buf *to)
{
	size_t before = to->n;

	if (text.n % 4 != 0 || to->overflowed)
		return false;
	for (size_t i = 0; i < text.n; i += 4) {
		size_t padding = 0;

		if (i + 4 == text.n && text.p[i + 3] == '=')
			padding = text.p[i + 2] == '=' ? 2 : 1;
		if (!decode_group(text.p + i, padding, to) || to->overflowed) {
			to->overflowed = false;
			buf_truncate(to, before);
			return false;
		}
	}
	return true;
}
