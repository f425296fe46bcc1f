/* SPDX-License-Identifier: MIT
 *
 * What all functions of the IMAP grammar work on: the text of one command, how
 * far it was read, and where the results go.
 *
 * All have one shape, bool parse_x(struct parser *p, ..., ret): a production
 * is taken from the text and its value given.  On failure the parser has not
 * moved and the output is untouched, but the furthest point that was reached,
 * and what was expected there, are kept for the BAD.
 *
 * Everything a result points at lies in the parser's arena: the text may go
 * before the result does.
 */
#ifndef AVOCET_PROTO_IMAP_PARSER_H
#define AVOCET_PROTO_IMAP_PARSER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* What the grammar depends on in a session. */
struct parse_options {
	bool utf8;    /* UTF8=ACCEPT is enabled: a SEARCH names no charset */
	bool rev2;    /* IMAP4rev2 is enabled.  With either of the two mailbox
		    * names are UTF-8, else modified UTF-7. */
	bool lenient; /* several spaces may stand where take_sp() wants one */
};

struct parser {
	struct cursor c; /* what is left, without the line end */
	struct arena *arena;
	struct parse_options options;

	/* parser.c's */
	const char *begin;
	const char *furthest;
	const char *expected;
	const char *limit;
	unsigned nesting;
	bool full;
};

/* Begin with ${text}, a whole command or a part of one; its last line end is
 * taken off.  Results go to ${arena}, which is kept. */
void parser_init(struct parser *p, struct str text, struct arena *arena,
    struct parse_options options);

/* Is everything taken? */
bool parser_is_at_end(const struct parser *p);

/* Why parsing failed. */
enum parser_fault {
	PARSER_SYNTAX, /* BAD */
	PARSER_LIMIT,  /* more of something than is allowed: NO [LIMIT] */
	PARSER_FULL,   /* the arena refused: NO [LIMIT] */
};
enum parser_fault parser_fault(const struct parser *p);

/* A text for the answer, as "Expected mailbox at octet 13" or "Too many
 * search keys".  Printable ASCII; repeats nothing of what the client sent. */
void parser_why(const struct parser *p, struct buf *to);

/* -- for the grammar's own files ---------------------------------------- */

/* Go back to ${from}: here ${what} was expected.  Returns false. */
bool parser_expected(struct parser *p, const char *from, const char *what);

/* A limit stands in the way: ${what} ("Too many flags").  Returns false; what
 * called must fail, too. */
bool parser_refuse(struct parser *p, const char *what);

/* Memory in the arena; NULL (and the fault is PARSER_FULL) when it refuses. */
void *parser_alloc(struct parser *p, size_t count, size_t size);

/* Copy ${s} into the arena, as it is or in upper case. */
bool parser_copy(struct parser *p, struct str s, struct str *ret_copy);
bool parser_copy_upper(struct parser *p, struct str s, struct str *ret_copy);

/* One more than there are bytes ${byte} ahead, in front of the next ${stop}. */
size_t parser_count(const struct parser *p, char byte, char stop);

/* How many things with a space between may be ahead, at most ${max}. */
size_t parser_count_words(const struct parser *p, size_t max);

/* Go one level deeper, at most NESTING_MAX; come back (if it was granted). */
bool parser_enter(struct parser *p);
void parser_leave(struct parser *p);

/* Take a byte, a space between arguments, or a word in any case that no
 * ATOM-CHAR follows, if it is next. */
bool take_byte(struct parser *p, char want);
bool take_sp(struct parser *p);
bool take_word(struct parser *p, const char *word);

/* Nothing must follow. */
bool parse_end(struct parser *p);

#endif
