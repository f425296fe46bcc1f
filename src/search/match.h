/* SPDX-License-Identifier: MIT
 *
 * Finding strings in text that comes in pieces.
 *
 * Text and strings (needles) are compared without case, as utf8_fold() makes
 * them.  A needle is found wherever the pieces are cut, but never across
 * match_break(), which stands between header fields and body parts.  Cost is
 * linear in the text for each needle, memory is bounded by the longest one.
 */
#ifndef AVOCET_SEARCH_MATCH_H
#define AVOCET_SEARCH_MATCH_H

#include "base/buf.h"

struct match_needle {
	struct str folded; /* not empty, from utf8_fold() */
	unsigned scopes;   /* bits: which feeds it is looked for in */
	bool found;
};

struct match {
	struct match_needle *needles;
	size_t count;
	size_t longest;
	struct buf raw;	   /* text whose last character may go on */
	struct buf window; /* folded text that a match may begin in */
};

/* Look for ${needles}, which stay the caller's and in place. */
void match_init(struct match *m, struct match_needle *needles, size_t count);
void match_fini(struct match *m);

/* A new message: nothing is found yet. */
void match_reset(struct match *m);

/* The next piece of UTF-8 text (bytes that are not well-formed count as
 * U+FFFD), for needles with any of ${scopes}.  True when one was found that
 * was not before. */
bool match_feed(struct match *m, unsigned scopes, struct str piece);

/* The stretch of text ends here.  True as above. */
bool match_break(struct match *m, unsigned scopes);

#endif
