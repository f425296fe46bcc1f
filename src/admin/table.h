/* SPDX-License-Identifier: MIT
 *
 * A row of the table of subcommands.
 */
#ifndef AVOCET_ADMIN_TABLE_H
#define AVOCET_ADMIN_TABLE_H

#include "admin/cmd/cmd.h"

struct admin_command {
	const char *name;   /* one word or two */
	const char *usage;  /* of words and options after it */
	unsigned options;   /* ARGS_ bits that it takes */
	size_t least, most; /* words after the name */
	bool needs_config;
	cmd_fn *run;
	const char *help; /* first sentence, then more */
};

extern const struct admin_command admin_commands[];
extern const size_t admin_command_count;

/* Append: the list of commands and exit codes; one command's help. */
void admin_write_usage(struct buf *to);
void admin_write_help(struct buf *to, const struct admin_command *c);

/* The command whose name is the first words of ${args}; *ret_words gets how
 * many they are. */
const struct admin_command *
admin_find(const struct args *args, size_t *ret_words);

/* Print ${text} on standard output and empty it. */
void admin_print(struct buf *text);

#endif
