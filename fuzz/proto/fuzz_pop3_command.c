/* SPDX-License-Identifier: MIT
 *
 * POP3 command lines: what parses has a row, and its views lie within the line
 * and hold no line end.
 */
#include <assert.h>

#include "proto/pop3/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_view(struct str line, struct str view)
{
	assert(view.n == 0 ||
	       (view.p >= line.p && view.p + view.n <= line.p + line.n));
	assert(
	    str_find(view, '\r') == view.n && str_find(view, '\n') == view.n);
	assert(str_find(view, '\0') == view.n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = { .p = (const char *)data, .n = size };
	struct pop3_command m;
	enum pop3_fault fault;

	if (!pop3_parse_command(line, &m, &fault))
		return 0;
	assert(m.row != NULL);
	check_view(line, m.text);
	check_view(line, m.mechanism);
	check_view(line, m.initial);
	if (m.row->shape == POP3_SHAPE_MESSAGE)
		assert(m.message > 0);
	return 0;
}
