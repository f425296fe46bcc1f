/* SPDX-License-Identifier: MIT
 *
 * The framer: any cut of the input gives the same events with the same bytes.
 * The first octet says where to cut, what to refuse and which rule holds.
 */
#include <assert.h>

#include "proto/imap/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run(struct imap_frame *f, struct str in, bool accept, struct buf *told)
{
	struct cursor c = str_cursor(in);
	enum imap_frame_event event;

	while ((event = imap_frame_next(f, &c)) != IMAP_FRAME_MORE &&
	       event != IMAP_FRAME_LOST) {
		if (event == IMAP_FRAME_PIECE)
			buf_add_str(told, f->piece);
		else
			buf_add_format(told, "\n%d %d ", event, f->why);
		if (event == IMAP_FRAME_COMMAND || event == IMAP_FRAME_MESSAGE)
			buf_add_str(told, imap_frame_text(f));
		if (event == IMAP_FRAME_MESSAGE)
			(accept ? imap_frame_accept : imap_frame_refuse)(f);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	unsigned seed = size > 0 ? data[0] : 0;
	struct imap_frame_limits limits = { 100, 300, 1000, 2000, 1000,
		seed & 1, seed & 4 };
	struct buf told[2];

	for (unsigned i = 0; i < 2; i++) {
		struct imap_frame f;

		buf_init(&told[i], 64 * 1024 * 1024);
		imap_frame_init(&f, &limits);
		run(&f, str_head(in, i * seed), seed & 2, &told[i]);
		run(&f, str_skip(in, i * seed), seed & 2, &told[i]);
		imap_frame_fini(&f);
	}
	assert(str_eq(buf_str(&told[0]), buf_str(&told[1])));
	buf_fini(&told[0]);
	buf_fini(&told[1]);
	return 0;
}
