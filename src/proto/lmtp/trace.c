/* SPDX-License-Identifier: MIT
 *
 * Looks at the first bytes of each header line.
 */
#include "proto/lmtp/trace.h"

#include <string.h>

void
lmtp_trace_init(struct lmtp_trace *t)
{
	memset(t, 0, sizeof(*t));
}

static bool
is_trace_field(struct str line)
{
	return str_begins_nocase(line, STR("Received:")) ||
	       str_begins_nocase(line, STR("Delivered-To:"));
}

static void
end_line(struct lmtp_trace *t)
{
	struct str line = { .p = t->name, .n = t->name_size };

	t->in_body = line.n == 0 || str_eq(line, STR("\r"));
	t->count += is_trace_field(line);
	t->name_size = 0;
}

void
lmtp_trace_add(struct lmtp_trace *t, struct str piece)
{
	while (piece.n > 0 && !t->in_body) {
		size_t end = str_find(piece, '\n');
		struct str part = str_head(
		    str_head(piece, end), sizeof(t->name) - t->name_size);

		memcpy(t->name + t->name_size, part.p, part.n);
		t->name_size += part.n;
		if (end < piece.n)
			end_line(t);
		piece = str_skip(piece, end + 1);
	}
}
