/* SPDX-License-Identifier: MIT
 *
 * Commands before login: any split of the input cuts alike, and a command that
 * was cut is taken apart within its own bytes.
 */
#include <assert.h>

#include "base/mem.h"
#include "login/imap_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cut at the front of ${in} after having seen its first ${seen} bytes. */
static enum login_cut
cut(struct str in, size_t seen, size_t *ret_count)
{
	struct login_scan scan = { 0 };
	enum login_cut c;

	*ret_count = 0;
	c = login_cut_command(str_head(in, seen), &scan, ret_count);
	while (c == LOGIN_CUT_MORE || c == LOGIN_CUT_CONTINUE) {
		size_t before = scan.at;

		c = login_cut_command(in, &scan, ret_count);
		if (c == LOGIN_CUT_MORE || scan.at == before)
			break;
	}
	return c;
}

static void
check_view(const char *bytes, size_t count, struct str view)
{
	assert(view.n == 0 ||
	       (view.p >= bytes && view.p + view.n <= bytes + count));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct login_command command;
	size_t count, other;
	enum login_cut c = cut(in, size, &count);
	char *bytes;

	assert(cut(in, size > 0 ? data[0] % size : 0, &other) == c);
	assert(other == count);
	assert(count <= size);
	if (c != LOGIN_CUT_COMMAND)
		return 0;
	bytes = mem_copy(data, count);
	login_parse_command(bytes, count, &command);
	check_view(bytes, count, command.tag);
	check_view(bytes, count, command.user);
	check_view(bytes, count, command.secret);
	check_view(bytes, count, command.mechanism);
	assert((command.verb == LOGIN_VERB_NONE) == (command.wrong != NULL));
	mem_free(bytes);
	return 0;
}
