/* SPDX-License-Identifier: MIT
 *
 * Numbers in byte strings: little-endian in values, big-endian in keys (so
 * that keys sort as numbers do).
 */
#ifndef AVOCET_BASE_ENDIAN_H
#define AVOCET_BASE_ENDIAN_H

#include <stdint.h>

/* Read (write) a number of 2, 4 or 8 bytes at ${p}, at any alignment. */
uint16_t endian_get_le16(const void *p);
uint32_t endian_get_le32(const void *p);
uint64_t endian_get_le64(const void *p);
void endian_put_le16(void *p, uint16_t number);
void endian_put_le32(void *p, uint32_t number);
void endian_put_le64(void *p, uint64_t number);
uint32_t endian_get_be32(const void *p);
uint64_t endian_get_be64(const void *p);
void endian_put_be32(void *p, uint32_t number);
void endian_put_be64(void *p, uint64_t number);

#endif
