/* SPDX-License-Identifier: MIT
 *
 * The table of commands: the only authority on which command may run in which
 * state and what it does to sequence numbers.  A command with no state listed
 * cannot run.
 *
 * A row names three functions, called in this order by dispatch():
 *
 *   parse     bytes to a value; touches nothing but bytes
 *   check     may it be done, is everything there?
 *   proceed   does it
 */
#ifndef AVOCET_IMAP_COMMAND_TABLE_H
#define AVOCET_IMAP_COMMAND_TABLE_H

#include "imap/capability_table.h"
#include "imap/respond.h"

struct arena;
struct imap_session;
struct parser;

/* States, as bits. */
enum {
	IN_AUTHENTICATED = 1,
	IN_SELECTED = 2,
	IN_ANY = 3,
};

/* Flags. */
enum {
	/* Its arguments or answers hold message numbers: no EXPUNGE may be told
	 * during it (RFC 9051 section 7.5.1). */
	COMMAND_USES_NUMBERS = 1,
	/* "UID ...": sets and results are UIDs. */
	COMMAND_BY_UID = 2,
	/* Refused in a mailbox that was opened with EXAMINE. */
	COMMAND_WRITES = 4,
	/* Takes message literals as a stream, see session.h. */
	COMMAND_STREAMS = 8,
	/* Changes the selected mailbox so that nothing of it may be told before
	 * its answer (SELECT, CLOSE ...). */
	COMMAND_SILENT = 16,
};

/* Take the arguments, from the space behind the command's name up to the end of
 * the command (dispatch() checks that all was taken), into a value in ${a}, the
 * command's arena.  False: malformed, or the arena refused. */
typedef bool
command_parse_fn(struct parser *p, struct arena *a, void **ret_args);

/* ANSWER_PROCEED, or the refusal.  May read the disk. */
typedef struct answer command_check_fn(struct imap_session *s, void *args);

/* Do it; returns the tagged answer.  May wait. */
typedef struct answer command_proceed_fn(struct imap_session *s, void *args);

struct command {
	const char *name; /* "UID FETCH" for the UID variants */
	unsigned states;
	unsigned flags;
	enum capability capability; /* that must be offered; CAPABILITY_NONE */
	command_parse_fn *parse;    /* NULL: no arguments */
	command_check_fn *check;    /* NULL: nothing to check */
	command_proceed_fn *proceed;
	const char *rfc;
};

/* In the order of the RFC; ends with a row without a name. */
extern const struct command command_table[];

/* The row with this name, in any case; NULL when there is none.  "UID" alone
 * is no command. */
const struct command *command_find(struct str name);

#endif
