/* SPDX-License-Identifier: MIT
 *
 * The table of operations.
 */
#include "admin/operation.h"

#include <stdarg.h>
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "mail/account.h"

static const struct row {
	const char *name;
	size_t words; /* after the name */
	operation_fn *fn;
} rows[] = {
	{ "user-add", 2, op_user_add },
	{ "user-passwd", 2, op_user_passwd },
	{ "user-del", 1, op_user_del },
	{ "user-list", 0, op_user_list },
	{ "password-add", 5, op_password_add },
	{ "password-remove", 2, op_password_remove },
	{ "password-list", 1, op_password_list },
	{ "alias-add", 2, op_alias_add },
	{ "alias-remove", 2, op_alias_remove },
	{ "alias-list", 0, op_alias_list },
	{ "capability-switch", 3, op_capability_switch },
	{ "capability-list", 1, op_capability_list },
	{ "mailbox-list", 1, op_mailbox_list },
	{ "mailbox-create", 2, op_mailbox_create },
	{ "mailbox-delete", 2, op_mailbox_delete },
	{ "deliver", 2, op_deliver },
	{ "undelete", 2, op_undelete },
	{ "import-mailbox", 5, op_import_mailbox },
	{ "import-subscribe", 2, op_import_subscribe },
	{ "import-known", 2, op_import_known },
	{ "import-messages", 3, op_import_messages },
	{ "export-mailboxes", 1, op_export_mailboxes },
	{ "export-messages", 4, op_export_messages },
	{ "check", 1, op_check },
	{ "who", 0, op_who },
	{ "kick", 1, op_kick },
	{ "trace", 2, op_trace },
	{ "log-level", 1, op_log_level },
	{ "reload", 0, op_reload },
};

static const struct row *
find(struct str name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

enum rc
operation_run(struct operation *o)
{
	const struct row *row = find(o->words[0]);
	enum rc rc;

	o->why[0] = '\0';
	if (row == NULL || o->word_count != row->words + 1)
		return operation_fail(o, RC_UNSUPPORTED,
		    "the server does not know this operation: is it another "
		    "version?");
	o->arena = arena_new(CONTROL_ARENA_BYTES_MAX);
	rc = row->fn(o);
	arena_free(o->arena);
	o->arena = NULL;
	return rc;
}

enum rc
operation_fail(struct operation *o, enum rc code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(o->why, sizeof(o->why), format, args);
	va_end(args);
	return code;
}

void
operation_say(struct operation *o, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	o->io->line(o->io->arg, str_of(text));
}

enum rc
operation_account(struct operation *o, size_t index, uint64_t *ret_account)
{
	struct account_info info;
	enum rc rc = account_find(o->mail, o->words[index], o->arena, &info);

	if (rc == RC_NOTFOUND || rc == RC_INVALID)
		return operation_fail(o, RC_NOTFOUND,
		    "there is no user %.*s: see `avocet user list`",
		    STR_ARG(o->words[index]));
	if (rc == RC_OK)
		*ret_account = info.id;
	return rc;
}
