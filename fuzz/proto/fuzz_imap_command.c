/* SPDX-License-Identifier: MIT
 *
 * A whole command: tag, name, and whatever arguments it may have.  Nothing is
 * written; what is looked for are crashes, over-reads and endless work.
 */
#include "imap_fuzz.h"

#include "proto/imap/append.h"
#include "proto/imap/command.h"
#include "proto/imap/status.h"

static union {
	struct mailbox_name mailbox;
	struct select_args select;
	struct create_args create;
	struct rename_args rename;
	struct copy_args copy;
	struct enable_args enable;
	struct id_args id;
	struct status_args status;
	struct append_message message;
} args;

static bool
trip_all(struct parser *p, struct buf *out)
{
	struct command_start start;
	struct seq_set replaced;

	(void)out;
	(void)parse_command_start(p, &start);
	if (parse_mailbox_only(p, &args.mailbox) ||
	    parse_select(p, &args.select) || parse_create(p, &args.create) ||
	    parse_rename(p, &args.rename) || parse_copy(p, &args.copy) ||
	    parse_enable(p, &args.enable) || parse_id(p, &args.id) ||
	    parse_status(p, &args.status) || parse_compress(p))
		assert(parser_is_at_end(p));
	else if (parse_append(p, &args.mailbox) ||
		 parse_replace(p, &replaced, &args.mailbox))
		(void)parse_append_message(p, NULL, &args.message);
	p->c.at = p->begin;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { .p = (const char *)data, .n = size };
	struct parse_options rev2 = { .rev2 = true };
	struct parse_options none = { 0 };

	fuzz_round_trip(in, none, trip_all);
	fuzz_round_trip(in, rev2, trip_all);
	return 0;
}
