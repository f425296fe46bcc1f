/* SPDX-License-Identifier: MIT
 *
 * What a message lacks of line ends.
 */
#include "mime/line_ends.h"

#include <string.h>

void
mime_line_ends_add(struct mime_line_ends *e, struct str octets)
{
	const char *end = octets.p + octets.n;
	const char *lf = octets.p;

	if (octets.n == 0)
		return;
	while ((lf = memchr(lf, '\n', (size_t)(end - lf))) != NULL) {
		char before = lf > octets.p ? lf[-1] : e->last;

		if (before != '\r')
			e->before_lf++;
		lf++;
	}
	e->last = end[-1];
	e->in_line = e->last != '\n';
}

uint64_t
mime_line_ends_lacking(const struct mime_line_ends *e)
{
	if (!e->in_line)
		return e->before_lf;
	return e->before_lf + (e->last == '\r' ? 1 : 2);
}
