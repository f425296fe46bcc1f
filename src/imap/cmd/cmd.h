/* SPDX-License-Identifier: MIT
 *
 * The functions of the commands, which command_table.c puts in their rows.
 * parse_ and check_ are there only where a command has something to parse or
 * check.
 */
#ifndef AVOCET_IMAP_CMD_CMD_H
#define AVOCET_IMAP_CMD_CMD_H

#include "imap/command_table.h"

/* Any state: RFC 9051 section 6.1, RFC 2971. */
command_proceed_fn cmd_capability;
command_proceed_fn cmd_noop; /* and CHECK */
command_proceed_fn cmd_logout;
command_parse_fn parse_cmd_id;
command_proceed_fn cmd_id;

/* Authenticated: section 6.3. */
command_parse_fn parse_cmd_enable;
command_proceed_fn cmd_enable;
command_parse_fn parse_cmd_compress;
command_proceed_fn cmd_compress;
command_parse_fn parse_cmd_select;
command_check_fn check_cmd_select;
command_proceed_fn cmd_select;
command_proceed_fn cmd_examine;
command_parse_fn parse_cmd_create;
command_check_fn check_cmd_create;
command_proceed_fn cmd_create;
command_parse_fn parse_cmd_mailbox; /* one mailbox name */
command_check_fn check_cmd_delete;
command_proceed_fn cmd_delete;
command_parse_fn parse_cmd_rename;
command_check_fn check_cmd_rename;
command_proceed_fn cmd_rename;
command_proceed_fn cmd_subscribe;
command_proceed_fn cmd_unsubscribe;
command_parse_fn parse_cmd_list;
command_check_fn check_cmd_list;
command_proceed_fn cmd_list;
command_parse_fn parse_cmd_lsub;
command_proceed_fn cmd_lsub;
command_proceed_fn cmd_xlist;
command_proceed_fn cmd_namespace;
command_parse_fn parse_cmd_status;
command_check_fn check_cmd_status;
command_proceed_fn cmd_status;
command_parse_fn parse_cmd_append;
command_check_fn check_cmd_append;
command_proceed_fn cmd_append;
command_proceed_fn cmd_idle;

/* Are these items (STATUS_ bits of proto/imap/status.h) offered here? */
bool cmd_status_items_offered(const struct imap_session *s, unsigned items);

/* Selected: section 6.4.  The UID variants run the same functions, which ask
 * session_by_uid(). */
command_proceed_fn cmd_close;
command_proceed_fn cmd_unselect;
command_proceed_fn cmd_expunge;
command_parse_fn parse_cmd_uid_expunge;
command_proceed_fn cmd_uid_expunge;
command_parse_fn parse_cmd_search;
command_check_fn check_cmd_search;
command_proceed_fn cmd_search;
command_parse_fn parse_cmd_fetch;
command_check_fn check_cmd_fetch;
command_proceed_fn cmd_fetch;
command_parse_fn parse_cmd_store;
command_check_fn check_cmd_store;
command_proceed_fn cmd_store;
command_parse_fn parse_cmd_copy; /* COPY and MOVE */
command_check_fn check_cmd_copy;
command_proceed_fn cmd_copy;
command_proceed_fn cmd_move;
command_parse_fn parse_cmd_replace;
command_check_fn check_cmd_replace;
command_proceed_fn cmd_replace;

#endif
