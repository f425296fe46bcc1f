/* SPDX-License-Identifier: MIT
 *
 * The inflater: however its input is cut and whenever it rests, it makes the
 * same of it.  The first octet seeds the cuts; the rest is taken as compressed
 * octets, and once more as a text that a client compresses.
 */
#include <assert.h>
#include <zlib.h>

#include "base/buf.h"
#include "net/inflate.h"

#define BYTES_MAX (64 * 1024)
#define ROOM	  (256 * 1024) /* more than zlib keeps back */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* Append what is made of ${from}, in cuts unless ${seed} is 0.  True: it can
 * go on. */
static bool
read_all(struct str from, unsigned seed, struct buf *to)
{
	struct inflater *i = inflater_new();
	enum rc rc = RC_AGAIN;
	char got[300];
	size_t count, cut = from.n;

	while (to->n < BYTES_MAX && rc == RC_AGAIN && from.n > 0) {
		struct str piece;

		if (seed > 0)
			cut = 1 + next_random(&seed) % 20;
		piece = str_head(from, cut);
		from = str_skip(from, cut);
		while ((rc = inflater_read(i, &piece, got,
			    1 + next_random(&seed) % sizeof(got), &count)) ==
		       RC_OK)
			buf_add(to, got, count);
		if (next_random(&seed) % 2)
			inflater_rest(i);
	}
	inflater_free(i);
	return rc == RC_AGAIN;
}

static void
check_cuts(struct str packed, unsigned seed, struct buf *ret_plain)
{
	struct buf other;
	bool good;

	buf_init(&other, 2 * BYTES_MAX + 1024 * packed.n);
	good = read_all(packed, 0, ret_plain);
	if (ret_plain->n < BYTES_MAX) {
		assert(read_all(packed, seed + 1, &other) == good);
		assert(str_eq(buf_str(&other), buf_str(ret_plain)));
	}
	buf_fini(&other);
}

static void
compress_lines(struct str plain, unsigned seed, struct buf *to)
{
	static const int flushes[] = { Z_NO_FLUSH, Z_PARTIAL_FLUSH,
		Z_SYNC_FLUSH, Z_FULL_FLUSH };
	z_stream z = { 0 };

	assert(deflateInit2(&z, (int)(seed % 10), Z_DEFLATED, -15, 9,
		   Z_DEFAULT_STRATEGY) == Z_OK);
	while (plain.n > 0) {
		struct str line = str_head(plain, 1 + str_find(plain, '\n'));

		plain = str_skip(plain, line.n);
		z.next_in = (Bytef *)(uintptr_t)line.p;
		z.avail_in = (uInt)line.n;
		z.next_out = (Bytef *)buf_reserve(to, ROOM);
		z.avail_out = ROOM;
		assert(z.next_out != NULL);
		(void)deflate(&z, flushes[next_random(&seed) % 4]);
		buf_added(to, ROOM - z.avail_out);
	}
	(void)deflateEnd(&z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	unsigned seed = size > 0 ? data[0] : 0;
	struct buf packed, plain;

	in = str_head(str_skip(in, 1), BYTES_MAX / 2);
	buf_init(&plain, 2 * BYTES_MAX + 1024 * in.n);
	buf_init(&packed, 16 * BYTES_MAX);
	check_cuts(in, seed, &plain);
	buf_clear(&plain);
	compress_lines(in, seed, &packed);
	check_cuts(buf_str(&packed), seed, &plain);
	assert(str_eq(str_head(in, plain.n), buf_str(&plain)));
	buf_fini(&packed);
	buf_fini(&plain);
	return 0;
}
