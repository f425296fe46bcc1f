/* SPDX-License-Identifier: MIT
 *
 * A message as lines: any split gives the same octets; no line in them is a dot
 * alone, each ends with CRLF, and without the dots that were added and the CRs
 * before LFs they are the message.  The first two octets say where to split
 * and how many lines of the body are wanted.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proto/pop3/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Put ${piece} in place. */
static void
put(struct pop3_lines *l, struct str piece, struct buf *out)
{
	char *room = mem_alloc(2 * piece.n + 1);
	struct cursor c = { room + piece.n, room + 2 * piece.n };

	memcpy(room + piece.n, piece.p, piece.n);
	buf_add(out, room, pop3_lines_put(l, &c, room));
	assert(c.at == c.end || l->ended);
	mem_free(room);
}

static void
run(struct pop3_lines *l, struct str in, size_t split, struct buf *out)
{
	buf_init(out, 2 * in.n + 4);
	put(l, str_head(in, split), out);
	put(l, str_skip(in, split), out);
	buf_add_str(out, pop3_lines_finish(l));
	assert(buf_check(out) == RC_OK);
}

/* Take the lines apart again and compare with the message. */
static void
check_whole(struct str in, struct str out)
{
	const char *at = in.p, *end = in.p + in.n;

	while (out.n > 0) {
		size_t count = str_find(out, '\n');
		struct str line = str_head(out, count);

		assert(count < out.n && str_ends(line, STR("\r")));
		assert(!str_eq(line, STR(".\r")));
		out = str_skip(out, count + 1);
		line.n--;
		if (str_begins(line, STR(".")))
			line = str_skip(line, 1);
		assert((size_t)(end - at) >= line.n &&
		       memcmp(at, line.p, line.n) == 0);
		at += line.n;
		if (at < end && *at == '\r')
			at++;
		if (at < end) {
			assert(*at == '\n');
			at++;
		}
	}
	assert(at == end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	size_t split = size > 0 ? data[0] % size : 0;
	struct pop3_lines l;
	struct buf whole, again;

	if (size < 2)
		return 0;
	pop3_lines_whole(&l);
	run(&l, in, size, &whole);
	pop3_lines_whole(&l);
	run(&l, in, split, &again);
	assert(str_eq(buf_str(&whole), buf_str(&again)));
	check_whole(in, buf_str(&whole));
	buf_fini(&again);
	buf_fini(&whole);
	pop3_lines_top(&l, data[1]);
	run(&l, in, size, &whole);
	pop3_lines_top(&l, data[1]);
	run(&l, in, split, &again);
	assert(str_eq(buf_str(&whole), buf_str(&again)));
	buf_fini(&again);
	buf_fini(&whole);
	return 0;
}
