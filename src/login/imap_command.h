/* SPDX-License-Identifier: MIT
 *
 * Commands of IMAP before login: cut from the input, and taken apart.  Only what
 * these few commands need, so that a stranger reaches no other grammar.
 * Works on bytes in memory; no I/O.
 */
#ifndef AVOCET_LOGIN_IMAP_COMMAND_H
#define AVOCET_LOGIN_IMAP_COMMAND_H

#include "base/limits.h"
#include "base/str.h"

/* How far the command at the front of the input has been looked at.  All
 * zero: not yet. */
struct login_scan {
	size_t at; /* what is before is lines and literals; may be beyond what
		      has come in */
};

enum login_cut {
	LOGIN_CUT_MORE,	    /* nothing complete yet */
	LOGIN_CUT_CONTINUE, /* the client waits for "+", then more */
	LOGIN_CUT_COMMAND,  /* the first *ret_count bytes are a command */
	LOGIN_CUT_TOOBIG,   /* the same, but its literal is not allowed; the
			       client has not sent it */
	LOGIN_CUT_LOST,	    /* too long a line or literal: cannot go on */
};

/* Look for a whole command at the front of ${input}, which is what it was the
 * last time, and maybe more behind it.  ${scan} is reset when a command is
 * found. */
enum login_cut
login_cut_command(struct str input, struct login_scan *scan, size_t *ret_count);

/* Look for one line, with its CRLF, at the front of ${input}: COMMAND, MORE
 * or LOST. */
enum login_cut login_cut_line(struct str input, size_t *ret_count);

enum login_verb {
	LOGIN_VERB_NONE, /* malformed */
	LOGIN_VERB_OTHER,
	LOGIN_VERB_CAPABILITY,
	LOGIN_VERB_NOOP,
	LOGIN_VERB_LOGOUT,
	LOGIN_VERB_ID,
	LOGIN_VERB_STARTTLS,
	LOGIN_VERB_AUTHENTICATE,
	LOGIN_VERB_LOGIN,
};

struct login_id_field {
	struct str name;
	struct str value; /* p is NULL for NIL */
};

struct login_command {
	struct str tag; /* empty when there is none */
	enum login_verb verb;
	const char *wrong;    /* NONE: why, for the BAD */
	struct str user;      /* LOGIN */
	struct str secret;    /* LOGIN: password; AUTHENTICATE: initial response
			       as it came, p is NULL for none */
	struct str mechanism; /* AUTHENTICATE */
	struct login_id_field id[ID_FIELDS_MAX];
	size_t id_count;
};

/* Take apart a whole command: ${count} bytes with the CRLF at the end.  Views
 * point into ${bytes}, where quoted strings lose their backslashes. */
void login_parse_command(
    char *bytes, size_t count, struct login_command *ret_command);

#endif
