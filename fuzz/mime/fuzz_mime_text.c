/* SPDX-License-Identifier: MIT
 *
 * Text of header fields: what is decoded is UTF-8 within its bound; a date is
 * of a year with four digits; a base subject is not longer than the subject.
 */
#include <assert.h>

#include "base/utf8.h"
#include "mime/date.h"
#include "mime/fields.h"
#include "mime/subject.h"

#define YEAR_SECONDS_MAX 253402300800 /* 10000-01-01 */
#define DAY_SECONDS	 86400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { .p = (const char *)data, .n = size };
	struct mime_date date;
	struct buf text, base;
	bool is_reply;

	buf_init(&text, size * MIME_DECODED_GROWTH + 16);
	mime_decode_text(value, &text);
	assert(buf_check(&text) == RC_OK);
	assert(utf8_valid(buf_str(&text)));
	buf_init(&base, text.n);
	mime_base_subject(buf_str(&text), &base, &is_reply);
	assert(buf_check(&base) == RC_OK);
	buf_fini(&base);
	buf_fini(&text);
	if (mime_date_parse(value, &date)) {
		assert(date.seconds < YEAR_SECONDS_MAX + 2 * DAY_SECONDS);
		assert(date.day * DAY_SECONDS < YEAR_SECONDS_MAX);
	}
	return 0;
}
