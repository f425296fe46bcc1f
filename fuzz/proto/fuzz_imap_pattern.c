/* SPDX-License-Identifier: MIT
 *
 * LIST patterns against a plain matcher that goes back.  A pattern, NUL, a
 * name; long ones would keep the plain matcher busy for ever.
 */
#include <assert.h>

#include "proto/imap/mailbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
plain(struct str pattern, struct str name)
{
	struct str rest = str_skip(pattern, 1);

	if (pattern.n == 0)
		return name.n == 0;
	if (pattern.p[0] != '*' && pattern.p[0] != '%')
		return name.n > 0 && name.p[0] == pattern.p[0] &&
		       plain(rest, str_skip(name, 1));
	for (size_t i = 0; i <= name.n; i++) {
		if (plain(rest, str_skip(name, i)))
			return true;
		if (i < name.n && pattern.p[0] == '%' && name.p[i] == '/')
			return false;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct str pattern = str_head(in, str_find(in, '\0'));
	struct str name = str_skip(in, pattern.n + 1);
	bool matches = list_pattern_matches(pattern, name);

	if (size < 24 && !str_begins_nocase(name, STR("INBOX")))
		assert(matches == plain(pattern, name));
	return 0;
}
