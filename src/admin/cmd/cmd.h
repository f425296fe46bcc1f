/* SPDX-License-Identifier: MIT
 *
 * The subcommands: for each, the half that the administrator's shell runs
 * (cmd_) and, if it touches mail, the operation (op_), which runs where the
 * store is open.
 */
#ifndef AVOCET_ADMIN_CMD_CMD_H
#define AVOCET_ADMIN_CMD_CMD_H

#include "admin/admin.h"
#include "admin/args.h"
#include "admin/operation.h"

struct admin {
	struct args args;      /* words[0..] after the command's name */
	struct config *config; /* NULL for commands that need none */
	const struct admin_server *server;
};

/* Return an exit code. */
typedef int cmd_fn(struct admin *a);

cmd_fn cmd_serve;
cmd_fn cmd_user_add;
cmd_fn cmd_user_passwd;
cmd_fn cmd_user_del;
cmd_fn cmd_user_list;
cmd_fn cmd_password_add;
cmd_fn cmd_password_remove;
cmd_fn cmd_password_list;
cmd_fn cmd_alias_add;
cmd_fn cmd_alias_remove;
cmd_fn cmd_alias_list;
cmd_fn cmd_capability_off;
cmd_fn cmd_capability_on;
cmd_fn cmd_capability_list;
cmd_fn cmd_mailbox_list;
cmd_fn cmd_mailbox_create;
cmd_fn cmd_mailbox_delete;
cmd_fn cmd_deliver;
cmd_fn cmd_undelete;
cmd_fn cmd_import_maildir;
cmd_fn cmd_import_mbox;
cmd_fn cmd_import_eml;
cmd_fn cmd_import_imap;
cmd_fn cmd_export_maildir;
cmd_fn cmd_export_mbox;
cmd_fn cmd_check;
cmd_fn cmd_doctor;
cmd_fn cmd_who;
cmd_fn cmd_kick;
cmd_fn cmd_trace;
cmd_fn cmd_log_level;
cmd_fn cmd_reload;
cmd_fn cmd_config_check;
cmd_fn cmd_config_show;
cmd_fn cmd_config_page;
cmd_fn cmd_version;
cmd_fn cmd_help;

/* Return what operation_run() returns. */
typedef enum rc operation_fn(struct operation *o);

operation_fn op_user_add;
operation_fn op_user_passwd;
operation_fn op_user_del;
operation_fn op_user_list;
operation_fn op_password_add;
operation_fn op_password_remove;
operation_fn op_password_list;
operation_fn op_alias_add;
operation_fn op_alias_remove;
operation_fn op_alias_list;
operation_fn op_capability_switch;
operation_fn op_capability_list;
operation_fn op_mailbox_list;
operation_fn op_mailbox_create;
operation_fn op_mailbox_delete;
operation_fn op_deliver;
operation_fn op_undelete;
operation_fn op_import_mailbox;
operation_fn op_import_subscribe;
operation_fn op_import_known;
operation_fn op_import_messages;
operation_fn op_export_mailboxes;
operation_fn op_export_messages;
operation_fn op_check;
operation_fn op_who;
operation_fn op_kick;
operation_fn op_trace;
operation_fn op_log_level;
operation_fn op_reload;

#endif
