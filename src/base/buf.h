/* SPDX-License-Identifier: MIT
 *
 * A buffer that grows up to a maximum given when it is made.
 *
 * Invariants: n <= cap <= max (or cap is 0); p is NULL exactly when cap is 0.
 * An append that would pass the maximum appends nothing and marks the buffer
 * as overflowed; later appends do nothing either.  So a writer appends freely
 * and asks buf_check() once, at the end.
 *
 * A buffer for a moment can begin in memory of its user's, usually on the
 * stack, and needs no other as long as that suffices.
 */
#ifndef AVOCET_BASE_BUF_H
#define AVOCET_BASE_BUF_H

#include <string.h>

#include "base/rc.h"
#include "base/str.h"

struct buf {
	char *p; /* readable by callers: p[0..n) */
	size_t n;
	size_t cap;
	size_t max;
	bool overflowed;
	bool lent; /* p is memory of the user's */
};

/* An empty buffer that holds at most ${max} bytes.  Allocates nothing yet. */
void buf_init(struct buf *b, size_t max);

/* The same with ${size} bytes at ${room} to begin in, which must stay until
 * buf_fini(). */
void buf_init_room(struct buf *b, size_t max, void *room, size_t size);

/* Free the memory; the buffer is then empty with the same maximum. */
void buf_fini(struct buf *b);

/* Forget the bytes and the overflow mark, keep the memory. */
void buf_clear(struct buf *b);

/* RC_LIMIT when an append did not fit, else RC_OK. */
enum rc buf_check(const struct buf *b) MUST_CHECK;

/* Make room for ${count} more bytes and return where they go, or NULL (and
 * mark the overflow) when they do not fit.  Follow with buf_added(). */
char *buf_reserve(struct buf *b, size_t count);
void buf_added(struct buf *b, size_t count);

/* Append bytes.  Answers are made of many small pieces, so what fits is copied
 * without a call. */
static inline void
buf_add(struct buf *b, const void *bytes, size_t count)
{
	char *to;

	if (count == 0)
		return;
	to = !b->overflowed && count <= b->cap - b->n ? b->p + b->n
						      : buf_reserve(b, count);
	if (to == NULL)
		return;
	memcpy(to, bytes, count);
	b->n += count;
}

static inline void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void
buf_add_text(struct buf *b, const char *terminated)
{
	buf_add(b, terminated, strlen(terminated));
}

static inline void
buf_add_byte(struct buf *b, char byte)
{
	buf_add(b, &byte, 1);
}

void buf_add_number(struct buf *b, uint64_t number);
void buf_add_format(struct buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append numbers as little-endian bytes (the byte order of everything that
 * is stored). */
void buf_add_le16(struct buf *b, uint16_t number);
void buf_add_le32(struct buf *b, uint32_t number);
void buf_add_le64(struct buf *b, uint64_t number);

/* Drop the first ${count} bytes (at most n). */
void buf_consume(struct buf *b, size_t count);

/* Cut to the first ${count} bytes (at most n). */
void buf_truncate(struct buf *b, size_t count);

/* The bytes as a view, good until the next change. */
struct str buf_str(const struct buf *b);

#endif
