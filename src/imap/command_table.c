/* SPDX-License-Identifier: MIT
 *
 * The table of commands, under the headings of RFC 9051 section 6.  LOGIN,
 * AUTHENTICATE and STARTTLS belong to login/ and run in no state here.
 */
#include "imap/command_table.h"

#include "imap/cmd/cmd.h"

#define NUMBERS COMMAND_USES_NUMBERS
#define UID	COMMAND_BY_UID
#define WRITES	COMMAND_WRITES
#define STREAMS COMMAND_STREAMS
#define SILENT	COMMAND_SILENT

/* One command a line. */
/* clang-format off */
#define ROW(name, states, flags, capability, parse, check, proceed, rfc) \
	{ name, states, flags, CAPABILITY_##capability, parse, check, proceed, rfc }

const struct command command_table[] = {
	/* 6.1 any state */
	ROW("CAPABILITY", IN_ANY, 0, NONE, NULL, NULL, cmd_capability, "9051 6.1.1"),
	ROW("NOOP", IN_ANY, 0, NONE, NULL, NULL, cmd_noop, "9051 6.1.2"),
	ROW("LOGOUT", IN_ANY, SILENT, NONE, NULL, NULL, cmd_logout, "9051 6.1.3"),
	ROW("ID", IN_ANY, 0, ID, parse_cmd_id, NULL, cmd_id, "2971 3.1"),

	/* 6.2 not authenticated state */
	ROW("STARTTLS", 0, 0, NONE, NULL, NULL, NULL, "9051 6.2.1"),
	ROW("AUTHENTICATE", 0, 0, NONE, NULL, NULL, NULL, "9051 6.2.2"),
	ROW("LOGIN", 0, 0, NONE, NULL, NULL, NULL, "9051 6.2.3"),

	/* 6.3 authenticated state */
	ROW("ENABLE", IN_ANY, 0, ENABLE, parse_cmd_enable, NULL, cmd_enable, "9051 6.3.1"),
	ROW("COMPRESS", IN_ANY, 0, COMPRESS_DEFLATE, parse_cmd_compress, NULL, cmd_compress, "4978 3"),
	ROW("SELECT", IN_ANY, SILENT, NONE, parse_cmd_select, check_cmd_select, cmd_select, "9051 6.3.2"),
	ROW("EXAMINE", IN_ANY, SILENT, NONE, parse_cmd_select, check_cmd_select, cmd_examine, "9051 6.3.3"),
	ROW("CREATE", IN_ANY, 0, NONE, parse_cmd_create, check_cmd_create, cmd_create, "9051 6.3.4"),
	ROW("DELETE", IN_ANY, 0, NONE, parse_cmd_mailbox, check_cmd_delete, cmd_delete, "9051 6.3.5"),
	ROW("RENAME", IN_ANY, 0, NONE, parse_cmd_rename, check_cmd_rename, cmd_rename, "9051 6.3.6"),
	ROW("SUBSCRIBE", IN_ANY, 0, NONE, parse_cmd_mailbox, NULL, cmd_subscribe, "9051 6.3.7"),
	ROW("UNSUBSCRIBE", IN_ANY, 0, NONE, parse_cmd_mailbox, NULL, cmd_unsubscribe, "9051 6.3.8"),
	ROW("LIST", IN_ANY, 0, NONE, parse_cmd_list, check_cmd_list, cmd_list, "9051 6.3.9"),
	ROW("LSUB", IN_ANY, 0, NONE, parse_cmd_lsub, NULL, cmd_lsub, "3501 6.3.9"),
	ROW("XLIST", IN_ANY, 0, NONE, parse_cmd_lsub, NULL, cmd_xlist, "none"),
	ROW("NAMESPACE", IN_ANY, 0, NAMESPACE, NULL, NULL, cmd_namespace, "9051 6.3.10"),
	ROW("STATUS", IN_ANY, 0, NONE, parse_cmd_status, check_cmd_status, cmd_status, "9051 6.3.11"),
	ROW("APPEND", IN_ANY, STREAMS, NONE, parse_cmd_append, check_cmd_append, cmd_append, "9051 6.3.12"),
	ROW("IDLE", IN_ANY, 0, IDLE, NULL, NULL, cmd_idle, "9051 6.3.13"),

	/* 6.4 selected state */
	ROW("CHECK", IN_SELECTED, 0, NONE, NULL, NULL, cmd_noop, "3501 6.4.1"),
	ROW("CLOSE", IN_SELECTED, SILENT, NONE, NULL, NULL, cmd_close, "9051 6.4.1"),
	ROW("UNSELECT", IN_SELECTED, SILENT, UNSELECT, NULL, NULL, cmd_unselect, "9051 6.4.2"),
	ROW("EXPUNGE", IN_SELECTED, WRITES, NONE, NULL, NULL, cmd_expunge, "9051 6.4.3"),
	ROW("SEARCH", IN_SELECTED, NUMBERS, NONE, parse_cmd_search, check_cmd_search, cmd_search, "9051 6.4.4"),
	ROW("FETCH", IN_SELECTED, NUMBERS, NONE, parse_cmd_fetch, check_cmd_fetch, cmd_fetch, "9051 6.4.5"),
	ROW("STORE", IN_SELECTED, NUMBERS | WRITES, NONE, parse_cmd_store, check_cmd_store, cmd_store, "9051 6.4.6"),
	ROW("COPY", IN_SELECTED, 0, NONE, parse_cmd_copy, check_cmd_copy, cmd_copy, "9051 6.4.7"),
	ROW("MOVE", IN_SELECTED, WRITES, MOVE, parse_cmd_copy, check_cmd_copy, cmd_move, "9051 6.4.8"),
	ROW("REPLACE", IN_SELECTED, WRITES | STREAMS, REPLACE, parse_cmd_replace, check_cmd_replace, cmd_replace, "8508 3.2"),

	/* 6.4.9 UID */
	ROW("UID COPY", IN_SELECTED, UID, NONE, parse_cmd_copy, check_cmd_copy, cmd_copy, "9051 6.4.9"),
	ROW("UID MOVE", IN_SELECTED, UID | WRITES, MOVE, parse_cmd_copy, check_cmd_copy, cmd_move, "9051 6.4.9"),
	ROW("UID FETCH", IN_SELECTED, UID, NONE, parse_cmd_fetch, check_cmd_fetch, cmd_fetch, "9051 6.4.9"),
	ROW("UID STORE", IN_SELECTED, UID | WRITES, NONE, parse_cmd_store, check_cmd_store, cmd_store, "9051 6.4.9"),
	ROW("UID SEARCH", IN_SELECTED, UID, NONE, parse_cmd_search, check_cmd_search, cmd_search, "9051 6.4.9"),
	ROW("UID EXPUNGE", IN_SELECTED, UID | WRITES, UIDPLUS, parse_cmd_uid_expunge, NULL, cmd_uid_expunge, "9051 6.4.9"),
	ROW("UID REPLACE", IN_SELECTED, UID | WRITES | STREAMS, REPLACE, parse_cmd_replace, check_cmd_replace, cmd_replace, "8508 3.3"),

	{ 0 },
};
/* clang-format on */

const struct command *
command_find(struct str name)
{
	for (const struct command *c = command_table; c->name != NULL; c++)
		if (str_eq_nocase(str_of(c->name), name))
			return c;
	return NULL;
}
