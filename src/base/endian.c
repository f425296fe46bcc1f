/* SPDX-License-Identifier: MIT
 *
 * Numbers in byte strings, through memcpy and the compiler's byte swaps.
 */
#include "base/endian.h"

#include <endian.h>
#include <string.h>

uint16_t
endian_get_le16(const void *p)
{
	uint16_t raw;

	memcpy(&raw, p, sizeof(raw));
	return le16toh(raw);
}

void
endian_put_le16(void *p, uint16_t number)
{
	uint16_t raw = htole16(number);

	memcpy(p, &raw, sizeof(raw));
}

uint32_t
endian_get_le32(const void *p)
{
	uint32_t raw;

	memcpy(&raw, p, sizeof(raw));
	return le32toh(raw);
}

void
endian_put_le32(void *p, uint32_t number)
{
	uint32_t raw = htole32(number);

	memcpy(p, &raw, sizeof(raw));
}

uint64_t
endian_get_le64(const void *p)
{
	uint64_t raw;

	memcpy(&raw, p, sizeof(raw));
	return le64toh(raw);
}

void
endian_put_le64(void *p, uint64_t number)
{
	uint64_t raw = htole64(number);

	memcpy(p, &raw, sizeof(raw));
}

uint32_t
endian_get_be32(const void *p)
{
	uint32_t raw;

	memcpy(&raw, p, sizeof(raw));
	return be32toh(raw);
}

void
endian_put_be32(void *p, uint32_t number)
{
	uint32_t raw = htobe32(number);

	memcpy(p, &raw, sizeof(raw));
}

uint64_t
endian_get_be64(const void *p)
{
	uint64_t raw;

	memcpy(&raw, p, sizeof(raw));
	return be64toh(raw);
}

void
endian_put_be64(void *p, uint64_t number)
{
	uint64_t raw = htobe64(number);

	memcpy(p, &raw, sizeof(raw));
}
