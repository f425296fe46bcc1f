/* SPDX-License-Identifier: MIT
 *
 * POP3 commands: a line without its CRLF becomes a value (RFC 1939, with the
 * grammar of RFC 2449 section 3, AUTH of RFC 5034, STLS of RFC 2595, UTF8 of RFC
 * 6856).  No input or output, no session.
 *
 * The table of commands is the only authority on which there are and in which
 * states they may run.
 */
#ifndef AVOCET_PROTO_POP3_COMMAND_H
#define AVOCET_PROTO_POP3_COMMAND_H

#include "base/limits.h"
#include "base/str.h"

enum pop3_verb {
	POP3_APOP,
	POP3_AUTH,
	POP3_CAPA,
	POP3_DELE,
	POP3_LIST,
	POP3_NOOP,
	POP3_PASS,
	POP3_QUIT,
	POP3_RETR,
	POP3_RSET,
	POP3_STAT,
	POP3_STLS,
	POP3_TOP,
	POP3_UIDL,
	POP3_USER,
	POP3_UTF8,
};

/* States, as bits: before login and after it. */
enum {
	POP3_AUTHORIZATION = 1,
	POP3_TRANSACTION = 2,
};

/* What follows the name of a command. */
enum pop3_shape {
	POP3_SHAPE_NONE,
	POP3_SHAPE_TEXT,	/* the rest of the line, at least one octet */
	POP3_SHAPE_AUTH,	/* [mechanism [initial response]] */
	POP3_SHAPE_MESSAGE,	/* a message number */
	POP3_SHAPE_ANY_MESSAGE, /* the same, or nothing */
	POP3_SHAPE_TOP,		/* a message number, a number of lines */
};

struct pop3_row {
	const char *name; /* NULL ends the table */
	enum pop3_verb verb;
	enum pop3_shape shape;
	unsigned states; /* 0: it is never run */
	unsigned rfc;
};
extern const struct pop3_row pop3_table[];

struct pop3_command {
	const struct pop3_row *row;
	struct str text;      /* TEXT */
	struct str mechanism; /* AUTH: empty when it asks which there are */
	struct str initial;   /* AUTH: as it came, p is NULL for none */
	uint32_t message;     /* a number; 0: none was given */
	uint32_t lines;	      /* TOP */
};

enum pop3_fault {
	POP3_FAULT_VERB,     /* no such command */
	POP3_FAULT_ARGUMENT, /* syntax error in what follows */
};

/* Parse ${line}.  False sets *ret_fault and leaves *ret_command untouched.
 * Views point into ${line}.  Text of a command may hold any octets but NUL, CR
 * and LF. */
bool pop3_parse_command(struct str line, struct pop3_command *ret_command,
    enum pop3_fault *ret_fault);

#endif
