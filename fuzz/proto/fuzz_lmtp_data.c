/* SPDX-License-Identifier: MIT
 *
 * Un-dot-stuffing: any split of the input gives the same bytes and the same
 * end.  The first byte says where to split.
 */
#include <assert.h>

#include "base/buf.h"
#include "proto/lmtp/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
run(struct str in, size_t split, struct buf *out)
{
	struct str halves[2] = { str_head(in, split), str_skip(in, split) };
	struct lmtp_data d;
	struct str piece;

	lmtp_data_init(&d);
	for (int i = 0; i < 2; i++) {
		struct cursor c = str_cursor(halves[i]);

		while (lmtp_data_next(&d, &c, &piece))
			buf_add_str(out, piece);
	}
	return lmtp_data_ended(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct buf whole, split;

	buf_init(&whole, size + 1);
	buf_init(&split, size + 1);
	assert(run(in, size, &whole) ==
	       run(in, size > 0 ? data[0] % (size + 1) : 0, &split));
	assert(str_eq(buf_str(&whole), buf_str(&split)));
	assert(whole.n <= size);
	buf_fini(&whole);
	buf_fini(&split);
	return 0;
}
