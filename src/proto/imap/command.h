/* SPDX-License-Identifier: MIT
 *
 * The frame of a command, tag and name, and the arguments of the commands that
 * have few (RFC 9051 sections 6 and 9).  The others have headers of their own:
 * append.h, fetch.h, list.h, search.h, status.h, store.h.
 *
 * Functions for arguments begin behind the command's name, with the space, and
 * succeed only if they take all up to the end.  A command without arguments has
 * parse_end() (parser.h).
 */
#ifndef AVOCET_PROTO_IMAP_COMMAND_H
#define AVOCET_PROTO_IMAP_COMMAND_H

#include "proto/imap/mailbox.h"
#include "proto/imap/modifier.h"
#include "proto/imap/set.h"

struct command_start {
	struct str tag;
	struct str name; /* in upper case; "UID FETCH" for the UID variants */
};

/* tag SP name                                     RFC 9051 section 9
 * Without a tag the answer to a failure is untagged; imap_frame_tag() has it. */
bool parse_command_start(struct parser *p, struct command_start *ret_start);

/* -- one mailbox: DELETE, SUBSCRIBE, UNSUBSCRIBE ------------------------ */

/* SP mailbox */
bool parse_mailbox_only(struct parser *p, struct mailbox_name *ret_mailbox);

/* -- SELECT, EXAMINE ---------------------------------------------------- */

struct select_args {
	struct mailbox_name mailbox;
	struct modifier_list params; /* as written: see resync.h */
};

/* SP mailbox [select-params]   RFC 9051 section 9, RFC 4466 section 3 */
bool parse_select(struct parser *p, struct select_args *ret_args);

/* -- CREATE ------------------------------------------------------------- */

struct create_args {
	struct mailbox_name mailbox;
	struct str *uses; /* "\Drafts" etc., as written, of USE (...) */
	size_t use_count;
	struct modifier_list params; /* others; none is known: BAD if any */
};

/* SP mailbox [create-params]   RFC 9051 section 9, RFC 4466 section 3
 * create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")"
 *                              RFC 6154 section 6 */
bool parse_create(struct parser *p, struct create_args *ret_args);

/* -- RENAME ------------------------------------------------------------- */

struct rename_args {
	struct mailbox_name from;
	struct mailbox_name to;
	struct modifier_list params; /* none is known: BAD if any */
};

/* SP mailbox SP mailbox [rename-params]
 *                              RFC 9051 section 9, RFC 4466 section 3 */
bool parse_rename(struct parser *p, struct rename_args *ret_args);

/* -- COPY, MOVE, UID EXPUNGE -------------------------------------------- */

struct copy_args {
	struct seq_set set;
	struct mailbox_name mailbox;
};

/* SP sequence-set SP mailbox                      RFC 9051 section 9 */
bool parse_copy(struct parser *p, struct copy_args *ret_args);

/* uid-expunge = "EXPUNGE" SP sequence-set         RFC 9051 section 9 */
bool parse_uid_expunge(struct parser *p, struct seq_set *ret_set);

/* -- ENABLE ------------------------------------------------------------- */

struct enable_args {
	struct str *names; /* in upper case */
	size_t name_count;
};

/* 1*(SP capability)                               RFC 9051 section 9 */
bool parse_enable(struct parser *p, struct enable_args *ret_args);

/* -- COMPRESS ----------------------------------------------------------- */

/* SP algorithm, where algorithm = "DEFLATE"       RFC 4978 section 5 */
bool parse_compress(struct parser *p);

/* -- ID ----------------------------------------------------------------- */

struct id_field {
	struct str name;
	struct str value; /* p is NULL for NIL */
};

struct id_args {
	struct id_field *fields;
	size_t field_count;
};

/* SP id-params-list                               RFC 2971 section 4
 * Also takes "()".  Fields beyond ID_FIELDS_MAX are taken and left out, values
 * are cut at ID_VALUE_BYTES_MAX: an ID is never refused for its size. */
bool parse_id(struct parser *p, struct id_args *ret_args);

/* -- IDLE --------------------------------------------------------------- */

/* idle = "IDLE" CRLF "DONE"                       RFC 9051 section 9
 * The second line, with nothing else in it. */
bool parse_done(struct parser *p);

#endif
