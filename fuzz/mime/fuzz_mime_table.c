/* SPDX-License-Identifier: MIT
 *
 * Tables and sort keys as damaged records may give them: views lie within
 * them, and walks end.
 */
#include <assert.h>

#include "mime/section.h"
#include "mime/sort_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_within(struct str whole, struct str view)
{
	assert(view.n == 0 ||
	       (view.p >= whole.p && view.p + view.n <= whole.p + whole.n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = { .p = (const char *)data, .n = size };
	const uint32_t path[] = { 1, 2, 1 };
	struct mime_parts parts = mime_parts_begin(whole);
	struct mime_sort_keys keys;
	struct mime_part part;
	struct mime_range range;
	struct cursor c;
	struct str id;

	while (mime_parts_next(&parts, &part)) {
		check_within(whole, part.type);
		check_within(whole, part.subtype);
		check_within(whole, part.charset);
	}
	for (int kind = MIME_SECTION_NONE; kind <= MIME_SECTION_MIME; kind++) {
		for (size_t n = 0; n <= 3; n++) {
			struct mime_section s = { path, n,
				(enum mime_section_kind)kind };

			(void)mime_section_find(whole, &s, &range);
		}
	}
	if (!mime_sort_keys_read(whole, &keys))
		return 0;
	check_within(whole, keys.message_id);
	c = str_cursor(keys.parents);
	while (mime_sort_keys_parent(&c, &id))
		check_within(whole, id);
	return 0;
}
