/* SPDX-License-Identifier: MIT
 *
 * Header fields: the fields and the rest are the header again; what is chosen
 * and what is not make up all; unfolding holds no line ends.
 */
#include <assert.h>

#include "mime/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str header = { .p = (const char *)data, .n = size };
	const struct str names[] = { STR("Subject"), STR("a") };
	struct cursor c = str_cursor(header);
	struct mime_field field;
	struct buf whole, yes, no, unfolded;
	size_t rest;

	buf_init(&whole, size);
	buf_init(&yes, size);
	buf_init(&no, size);
	while (mime_field_next(&c, &field)) {
		buf_add_str(&whole, field.whole);
		buf_init(&unfolded, field.value.n);
		mime_unfold(field.value, &unfolded);
		assert(buf_check(&unfolded) == RC_OK);
		for (size_t i = 0; i < unfolded.n; i++)
			assert(unfolded.p[i] != '\n' && unfolded.p[i] != '\r');
		buf_fini(&unfolded);
	}
	rest = (size_t)(c.end - c.at);
	buf_add(&whole, c.at, rest);
	assert(str_eq(buf_str(&whole), header));
	mime_fields_choose(header, names, 2, false, &yes);
	mime_fields_choose(header, names, 2, true, &no);
	assert(buf_check(&yes) == RC_OK && buf_check(&no) == RC_OK);
	assert(yes.n + no.n == size + rest);
	buf_fini(&whole);
	buf_fini(&yes);
	buf_fini(&no);
	return 0;
}
