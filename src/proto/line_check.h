/* SPDX-License-Identifier: MIT
 *
 * Reading back output that is made of lines: what the checks of POP3 and LMTP
 * share.  A protocol embeds a struct line_check as its first member and looks
 * at one whole line after the other; how the octets were cut does not matter.
 *
 * Its productions have one shape: they take what they are named for off the
 * line; on failure the cursor stays where it could not go on, and
 * line_check_expected() says what should have been there.
 */
#ifndef AVOCET_PROTO_LINE_CHECK_H
#define AVOCET_PROTO_LINE_CHECK_H

#include "base/output_check.h"

struct line_check;
typedef bool line_check_fn(struct line_check *l);

struct line_check {
	struct output_check base; /* first: who asks knows only this */
	line_check_fn *line;	  /* takes the whole line, its LF too */
	struct buf text;	  /* of the line, as far as it has come */
	struct cursor c;	  /* what is left of it */
	const char *expected;	  /* there; NULL: all is well */
};

/* A check that looks at lines with ${line} and takes no stored octets; for the
 * user to put another function in base.stored.  Its free() frees ${l}, which
 * came from mem_alloc(). */
void line_check_init(struct line_check *l, line_check_fn *line);

/* Here ${what} (static) should be.  False. */
bool line_check_expected(struct line_check *l, const char *what);

/* Is this octet next? */
bool line_check_sees(const struct line_check *l, char byte);

/* Is it, and was it taken?  No failure if not. */
bool line_check_takes(struct line_check *l, char byte);

/* These octets, as they are; ${text} is static. */
bool line_check_text(struct line_check *l, const char *text);

/* One of ${count} texts; *ret_which is its place among them.  On failure the
 * cursor has not moved, and it is for the user to say what was expected. */
bool line_check_one_of(struct line_check *l, const char *const *texts,
    size_t count, size_t *ret_which);

/* CRLF; 1*(VCHAR / SP) CRLF */
bool line_check_crlf(struct line_check *l);
bool line_check_text_crlf(struct line_check *l);

/* 1*${is}, which ${what} (static) names; a view of the line. */
bool line_check_run(struct line_check *l, bool (*is)(char byte),
    const char *what, struct str *ret_run);

/* A number of at least ${min}, without leading zeros. */
bool line_check_number(
    struct line_check *l, uint64_t min, uint64_t max, uint64_t *ret_number);

/* What is left of the line, which stays there. */
struct str line_check_rest(const struct line_check *l);

#endif
