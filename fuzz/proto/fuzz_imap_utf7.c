/* SPDX-License-Identifier: MIT
 *
 * Modified UTF-7: what decodes is UTF-8 and encodes to what it was, and the
 * other way round.
 */
#include <assert.h>

#include "base/utf8.h"
#include "proto/imap/utf7.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct buf there, back;

	buf_init(&there, 8 * size + 16);
	buf_init(&back, 8 * size + 16);
	if (utf7_decode(in, &there)) {
		assert(utf8_valid(buf_str(&there)));
		assert(utf7_encode(buf_str(&there), &back));
		assert(str_eq(buf_str(&back), in));
	}
	buf_clear(&there);
	buf_clear(&back);
	if (utf7_encode(in, &there)) {
		assert(utf8_valid(in) && utf8_is_ascii(buf_str(&there)));
		assert(utf7_decode(buf_str(&there), &back));
		assert(str_eq(buf_str(&back), in));
	}
	buf_fini(&there);
	buf_fini(&back);
	return 0;
}
