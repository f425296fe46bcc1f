/* SPDX-License-Identifier: MIT
 *
 * avocet import maildir | mbox | eml
 */
#include "admin/cmd/cmd.h"
#include "admin/import_source.h"

static int
import(struct admin *a, void (*source)(struct bring *b, const char *path))
{
	struct bring_options options = { .user = a->args.words[0],
		.into = a->args.into,
		.fresh_uids = (a->args.given & ARGS_FRESH_UIDS) != 0 };
	struct bring *b;
	int code = bring_begin(a->config, &options, &b);

	if (code != 0)
		return code;
	source(b, a->args.words[1]);
	return bring_end(b);
}

int
cmd_import_maildir(struct admin *a)
{
	return import(a, import_maildir);
}

int
cmd_import_mbox(struct admin *a)
{
	return import(a, import_mbox);
}

int
cmd_import_eml(struct admin *a)
{
	return import(a, import_eml);
}
