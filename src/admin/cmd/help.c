/* SPDX-License-Identifier: MIT
 *
 * avocet help: everything it says is from the table of subcommands.
 */
#include <stdio.h>
#include <string.h>

#include "admin/table.h"

#define HELP_BYTES_MAX (64 * 1024)

/* Help for every command whose name begins with the words; false if none. */
static bool
add_matching(struct buf *to, const struct args *args)
{
	size_t first = strlen(args->words[0]);
	bool found = false;

	for (size_t i = 0; i < admin_command_count; i++) {
		const char *name = admin_commands[i].name;

		if (strncmp(name, args->words[0], first) != 0 ||
		    (name[first] != '\0' && name[first] != ' '))
			continue;
		if (args->word_count > 1 &&
		    (name[first] == '\0' ||
			strcmp(name + first + 1, args->words[1]) != 0))
			continue;
		buf_add_text(to, found ? "\n" : "");
		admin_write_help(to, &admin_commands[i]);
		found = true;
	}
	return found;
}

int
cmd_help(struct admin *a)
{
	int code = ADMIN_OK;
	struct buf text;

	buf_init(&text, HELP_BYTES_MAX);
	if (a->args.word_count == 0) {
		admin_write_usage(&text);
	} else if (strcmp(a->args.words[0], "page") == 0) {
		admin_write_page(&text);
	} else if (strcmp(a->args.words[0], "protocol") == 0) {
		a->server->write_protocol_page(&text);
	} else if (!add_matching(&text, &a->args)) {
		(void)fprintf(
		    stderr, "avocet: no such command: %s\n", a->args.words[0]);
		code = ADMIN_USAGE;
	}
	admin_print(&text);
	buf_fini(&text);
	return code;
}
