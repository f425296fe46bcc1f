/* SPDX-License-Identifier: MIT
 *
 * The octets of an IMAP or POP3 session after login as text for people: lines,
 * as both sides send them, fit for any terminal, without secrets.
 *
 * Printable ASCII stands for itself, all else is "\xHH"; so is a backslash
 * before an "x".  The contents of literals, and of messages in POP3, are told
 * apart from lines, so that who reads on may leave them out.
 *
 * After login no good client sends a secret, but one that does not know where it
 * is may.  So all of LOGIN, AUTHENTICATE, PASS, AUTH and APOP is left out, with
 * its literals; and what follows, as long as it may be a line of a SASL exchange
 * which the client has sent without waiting.
 */
#ifndef AVOCET_PROTO_TRANSCRIPT_H
#define AVOCET_PROTO_TRANSCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/str.h"

enum transcript_side { TRANSCRIPT_CLIENT, TRANSCRIPT_SERVER };

enum transcript_kind {
	TRANSCRIPT_LINE,
	TRANSCRIPT_CONTENT, /* a line of a literal or of a message */
	TRANSCRIPT_COUNT,   /* how many octets these were; behind them */
};

/* Told ${text}, which is good during the call. */
typedef void transcript_fn(void *arg, enum transcript_side side,
    enum transcript_kind kind, struct str text);

/* transcript.c's: what one side is in the middle of. */
struct transcript_line {
	char bytes[TRANSCRIPT_LINE_BYTES_MAX];
	size_t n;
	uint64_t size;	 /* of the line; what is beyond n is not kept */
	uint64_t number; /* of the literal that seems to be announced */
	uint8_t state;	 /* what the next octets are */
	uint8_t brace;	 /* how much of an announcement the line ends with */
	bool quoted;	 /* in a quoted string */
	bool escaped;	 /* behind a backslash there */
	bool inner;	 /* not the beginning of a command or response */
	bool struck;	 /* part of what is left out */
	bool refused;	 /* a command was, which may have been this one */
	uint64_t left;	 /* octets of the literal that are to come */
	uint64_t counted;
};

struct transcript {
	bool pop3;
	bool contents; /* are they wanted?  May change at any time */
	transcript_fn *fn;
	void *arg;

	/* transcript.c's */
	struct transcript_line sides[2];
	bool wary;	/* the client has sent what was left out */
	bool hide_tags; /* what should have been is taken for a tag */
};

/* Begin at a moment when neither side has said part of something; both may have
 * been speaking for long.  Allocates nothing, ever. */
void
transcript_init(struct transcript *t, bool pop3, transcript_fn *fn, void *arg);

/* What this side has said, in any pieces; calls t->fn for each line that is
 * complete.  Octets of both sides have to come in their order. */
void transcript_put(
    struct transcript *t, enum transcript_side side, struct str bytes);

#endif
