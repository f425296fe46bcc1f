/* SPDX-License-Identifier: MIT
 *
 * A boundary's line counts by how it begins (RFC 2046 section 5.1.1: "the
 * boundary string comparison must compare the boundary value with the
 * beginning of each candidate line").  So that one boundary may be the start
 * of another, a line that is one of them exactly is taken before the others,
 * then the longest, then the innermost.
 */
#include "mime/boundary_internal.h"

enum match { MATCH_NONE, MATCH_START, MATCH_EXACT };

/* How ${line}, behind its "--", fits the boundary of ${f}. */
static enum match
match(const struct mime_frame *f, struct str line, bool *ret_is_last)
{
	struct str boundary = { f->boundary, f->boundary_n };
	struct str rest;

	if (!f->is_multipart || f->closed || !str_begins(line, boundary))
		return MATCH_NONE;
	rest = str_trim(str_skip(line, boundary.n));
	*ret_is_last = str_begins(rest, STR("--")) || str_ends(rest, STR("--"));
	return rest.n == (*ret_is_last ? 2 : 0) ? MATCH_EXACT : MATCH_START;
}

struct mime_frame *
mime_boundary_find(
    struct mime_frame *frames, size_t count, struct str line, bool *ret_is_last)
{
	struct mime_frame *found = NULL;
	bool is_last = false;

	line = str_skip(line, 2);
	for (size_t i = count; i-- > 0;) {
		struct mime_frame *f = &frames[i];
		enum match m = match(f, line, &is_last);

		if (m == MATCH_NONE || (m == MATCH_START && found != NULL &&
					   found->boundary_n >= f->boundary_n))
			continue;
		found = f;
		*ret_is_last = is_last;
		if (m == MATCH_EXACT)
			break;
	}
	return found;
}
