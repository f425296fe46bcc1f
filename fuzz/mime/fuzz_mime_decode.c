/* SPDX-License-Identifier: MIT
 *
 * Transfer decoding and charsets: any split gives the same, within the bounds,
 * and text is UTF-8.  The first octet chooses.
 */
#include <assert.h>

#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode(struct str in, size_t split, enum mime_encoding encoding,
    struct mime_decoder *d, struct buf *out)
{
	buf_init(out, in.n + 3 * (size_t)MIME_DECODER_HELD);
	mime_decoder_init(d, encoding);
	mime_decoder_write(d, str_head(in, split), out);
	mime_decoder_write(d, str_skip(in, split), out);
	mime_decoder_finish(d, out);
	assert(buf_check(out) == RC_OK && d->size == out->n);
	assert(out->n <= in.n);
}

static void
convert(struct str in, size_t split, struct str name, struct buf *out)
{
	struct mime_charset *c = mime_charset_new(name);

	buf_init(out, in.n * MIME_CHARSET_GROWTH + 2 * MIME_CHARSET_HELD);
	mime_charset_write(c, str_head(in, split), out);
	mime_charset_write(c, str_skip(in, split), out);
	mime_charset_finish(c, out);
	assert(buf_check(out) == RC_OK && utf8_valid(buf_str(out)));
	mime_charset_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str names[] = { STR(""), STR("iso-8859-1"), STR("utf-16"),
		STR("iso-2022-jp"), STR("gb18030"), STR("utf-7"), STR("big5"),
		STR("shift_jis"), STR("euc-jp"), STR("cp949") };
	struct str in = { .p = (const char *)data, .n = size };
	size_t split = size > 0 ? (size_t)data[0] % (size + 1) : 0;
	unsigned choice = size > 0 ? data[0] : 0;
	enum mime_encoding encoding = choice % (MIME_ENCODING_UNKNOWN + 1);
	struct mime_decoder d, e;
	struct buf whole, cut;

	decode(in, size, encoding, &d, &whole);
	decode(in, split, encoding, &e, &cut);
	assert(d.malformed == e.malformed);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_fini(&whole);
	buf_fini(&cut);
	convert(in, size, names[choice % 10], &whole);
	convert(in, split, names[choice % 10], &cut);
	assert(str_eq(buf_str(&whole), buf_str(&cut)));
	buf_fini(&whole);
	buf_fini(&cut);
	return 0;
}
