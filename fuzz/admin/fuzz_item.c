/* SPDX-License-Identifier: MIT
 *
 * What is said of a message between the tool and the store: it is refused, or
 * what is made of it reads the same.
 */
#include <assert.h>

#include "admin/item.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .p = (const char *)data, .n = size };
	struct arena *a = arena_new(COMMAND_ARENA_BYTES_MAX);
	struct item item, back;
	struct tally tally;
	struct buf to;

	buf_init(&to, size + 256);
	if (item_parse(text, a, &item) == RC_OK) {
		item_write(&to, &item);
		assert(item_parse(buf_str(&to), a, &back) == RC_OK);
		assert(back.uid == item.uid && back.flags == item.flags &&
		       back.date == item.date && back.size == item.size &&
		       back.keyword_count == item.keyword_count);
	}
	buf_clear(&to);
	if (tally_parse(text, &tally))
		tally_write(&to, &tally);
	buf_fini(&to);
	arena_free(a);
	return 0;
}
