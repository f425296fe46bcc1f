/* SPDX-License-Identifier: MIT
 *
 * Previews: of any text, cut anywhere, the same, well-formed, one line, and
 * within its bound.  The first octet says whether it is HTML, and where to cut.
 */
#include <assert.h>

#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/preview.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Show ${in} in one piece and a second, as the charset makes them. */
static void
show(struct mime_preview *p, bool html, struct str in, size_t cut)
{
	struct mime_charset *charset = mime_charset_new(STR("utf-8"));
	struct str pieces[2] = { str_head(in, cut), str_skip(in, cut) };
	struct buf text;

	buf_init(&text, MIME_CHARSET_GROWTH * in.n + MIME_CHARSET_HELD);
	mime_preview_init(p, html);
	for (int i = 0; i < 2; i++) {
		buf_clear(&text);
		mime_charset_write(charset, pieces[i], &text);
		if (i == 1)
			mime_charset_finish(charset, &text);
		(void)mime_preview_write(p, buf_str(&text));
	}
	buf_fini(&text);
	mime_charset_free(charset);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	unsigned seed = size > 0 ? data[0] : 0;
	struct mime_preview whole, pieces;
	struct str text;
	struct cursor c;
	uint32_t character;
	unsigned count = 0;

	in = str_skip(in, 1);
	show(&whole, seed & 1, in, 0);
	show(&pieces, seed & 1, in, seed / 2);
	text = mime_preview_finish(&whole);
	assert(str_eq(mime_preview_finish(&pieces), text));
	for (c = str_cursor(text); utf8_next(&c, &character); count++)
		assert(character >= ' ' && character != 0x7f);
	assert(c.at == c.end && count <= MIME_PREVIEW_CHARACTERS_MAX);
	return 0;
}
