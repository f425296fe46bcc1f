/* SPDX-License-Identifier: MIT
 *
 * What is shown of a conversation: the same however it is cut, printable ASCII,
 * and with contents wanted or not the same lines.  The first octet says what is
 * spoken and where to cut; then each line of the input whose first octet is odd
 * is the server's.
 */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proto/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
note(void *arg, enum transcript_side side, enum transcript_kind kind,
    struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		assert(text.p[i] >= 0x20 && text.p[i] < 0x7f);
	if (kind == TRANSCRIPT_CONTENT)
		return;
	buf_add_byte(arg, (char)side);
	buf_add_str(arg, text);
	buf_add_byte(arg, '\n');
}

static void
run(struct str in, bool pop3, bool contents, size_t cut, struct buf *out)
{
	struct transcript *t = mem_alloc(sizeof(*t));

	buf_init(out, 64 * 1024 * 1024);
	transcript_init(t, pop3, note, out);
	t->contents = contents;
	while (in.n > 0) {
		size_t end = str_find(in, '\n');
		struct str line = str_head(in, end < in.n ? end + 1 : in.n);
		enum transcript_side side =
		    line.p[0] & 1 ? TRANSCRIPT_SERVER : TRANSCRIPT_CLIENT;

		transcript_put(t, side, str_head(line, cut));
		transcript_put(t, side, str_skip(line, cut));
		in = str_skip(in, line.n);
	}
	assert(buf_check(out) == RC_OK);
	mem_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data + 1, .n = size - 1 };
	struct buf whole, again;

	if (size < 1)
		return 0;
	run(in, data[0] & 1, false, SIZE_MAX, &whole);
	run(in, data[0] & 1, true, data[0] >> 1, &again);
	assert(str_eq(buf_str(&whole), buf_str(&again)));
	buf_fini(&whole);
	buf_fini(&again);
	return 0;
}
