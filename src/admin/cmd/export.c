/* SPDX-License-Identifier: MIT
 *
 * avocet export maildir | mbox
 */
#include "admin/cmd/cmd.h"
#include "admin/export_writers.h"

int
cmd_export_maildir(struct admin *a)
{
	return export_maildir(a->config, a->args.words[0], a->args.words[1]);
}

int
cmd_export_mbox(struct admin *a)
{
	return export_mbox(a->config, a->args.words[0], a->args.words[1]);
}
