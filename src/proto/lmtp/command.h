/* SPDX-License-Identifier: MIT
 *
 * LMTP commands (RFC 2033, with the grammar of RFC 5321 section 4.1): a line
 * without its CRLF becomes a value.  No input or output, no session.
 *
 * Paths are taken in angle brackets only, unless ${lenient}: then they may lack
 * them, and blanks may stand in front.  Since LMTP delivers to local users,
 * a path may lack "@" and domain.  Bytes above 0x7f are taken where RFC 6531
 * section 3.3 lets them, as well-formed UTF-8; whether the client announced
 * SMTPUTF8 is the session's business.
 */
#ifndef AVOCET_PROTO_LMTP_COMMAND_H
#define AVOCET_PROTO_LMTP_COMMAND_H

#include "base/limits.h"
#include "base/str.h"

enum lmtp_verb {
	LMTP_LHLO,
	LMTP_HELO,
	LMTP_EHLO,
	LMTP_MAIL,
	LMTP_RCPT,
	LMTP_DATA,
	LMTP_BDAT,
	LMTP_RSET,
	LMTP_NOOP,
	LMTP_VRFY,
	LMTP_EXPN,
	LMTP_HELP,
	LMTP_STARTTLS,
	LMTP_QUIT,
};

struct lmtp_path {
	struct str text;   /* as given, without brackets and source route */
	struct str domain; /* what follows "@"; n is 0 when there is none */
	size_t local_size;
	char local[LMTP_PATH_BYTES_MAX]; /* local part without quoting */
	bool utf8;			 /* has bytes above 0x7f */
};

struct lmtp_command {
	enum lmtp_verb verb;
	struct str argument;   /* LHLO, VRFY: the rest of the line */
	struct lmtp_path path; /* MAIL, RCPT; empty text for "<>" */
	uint64_t size;	       /* MAIL: of SIZE=, 0: none; BDAT: octets */
	bool smtputf8;	       /* MAIL */
	bool last;	       /* BDAT */
	bool lenient;	       /* as lmtp_parse_command() was told */
};

enum lmtp_fault {
	LMTP_FAULT_VERB,      /* no such command */
	LMTP_FAULT_ARGUMENT,  /* syntax error in what follows */
	LMTP_FAULT_PARAMETER, /* a parameter that is not offered */
};

/* Parse the line ${line}.  False sets *ret_fault and leaves *ret_command
 * undefined, but for the verb when the fault is in its argument.  A BDAT size beyond 64 bits becomes UINT64_MAX: so many octets
 * follow.  Views point into ${line}. */
bool lmtp_parse_command(struct str line, bool lenient,
    struct lmtp_command *ret_command, enum lmtp_fault *ret_fault);

/* Reverse-path = Path / "<>", Forward-path = Path    RFC 5321 section 4.1.2
 *
 * At most LMTP_PATH_BYTES_MAX octets between the brackets.  On failure the
 * cursor has not moved. */
bool lmtp_parse_path(struct cursor *c, struct lmtp_path *ret_path);

/* The same for a path without the brackets, which has a space or the end
 * behind it. */
bool lmtp_parse_bare_path(struct cursor *c, struct lmtp_path *ret_path);

#endif
