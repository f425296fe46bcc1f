/* SPDX-License-Identifier: MIT
 *
 * Buffers with a maximum.
 */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

#define BUF_FIRST_BYTES 64

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .max = max };
}

void
buf_init_room(struct buf *b, size_t max, void *room, size_t size)
{
	buf_init(b, max);
	b->cap = size < max ? size : max;
	b->lent = b->cap > 0;
	b->p = b->lent ? room : NULL;
}

void
buf_fini(struct buf *b)
{
	if (!b->lent)
		mem_free(b->p);
	buf_init(b, b->max);
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->overflowed = false;
}

enum rc
buf_check(const struct buf *b)
{
	return b->overflowed ? RC_LIMIT : RC_OK;
}

/* The capacity to grow to for ${need} bytes: doubling, capped at max. */
static size_t
next_capacity(const struct buf *b, size_t need)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST_BYTES;

	while (cap < need && cap < b->max)
		cap = cap > b->max / 2 ? b->max : cap * 2;
	return cap < b->max ? cap : b->max;
}

static void
grow(struct buf *b, size_t cap)
{
	char *room = b->p;

	b->p = mem_resize(b->lent ? NULL : room, cap);
	if (b->lent)
		memcpy(b->p, room, b->n);
	b->cap = cap;
	b->lent = false;
}

char *
buf_reserve(struct buf *b, size_t count)
{
	if (b->overflowed || count > b->max - b->n) {
		b->overflowed = true;
		return NULL;
	}
	if (b->p == NULL || count > b->cap - b->n) {
		size_t cap = next_capacity(b, b->n + count);

		grow(b, cap > 0 ? cap : 1);
	}
	return b->p + b->n;
}

void
buf_added(struct buf *b, size_t count)
{
	assert(count <= b->cap - b->n);
	b->n += count;
}

void
buf_add_number(struct buf *b, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void
buf_add_format(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int length;
	char *to;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	assert(length >= 0);
	/* One more for the terminator that vsnprintf insists on. */
	to = buf_reserve(b, (size_t)length + 1);
	if (to != NULL) {
		(void)vsnprintf(to, (size_t)length + 1, format, again);
		b->n += (size_t)length;
	}
	va_end(again);
}

static void
add_le(struct buf *b, uint64_t number, size_t width)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < width; i++)
		bytes[i] = (unsigned char)(number >> (8 * i));
	buf_add(b, bytes, width);
}

void
buf_add_le16(struct buf *b, uint16_t number)
{
	add_le(b, number, 2);
}

void
buf_add_le32(struct buf *b, uint32_t number)
{
	add_le(b, number, 4);
}

void
buf_add_le64(struct buf *b, uint64_t number)
{
	add_le(b, number, 8);
}

void
buf_consume(struct buf *b, size_t count)
{
	assert(count <= b->n);
	if (count == 0)
		return;
	b->n -= count;
	memmove(b->p, b->p + count, b->n);
}

void
buf_truncate(struct buf *b, size_t count)
{
	assert(count <= b->n);
	b->n = count;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}
