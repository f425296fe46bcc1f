/* SPDX-License-Identifier: MIT
 *
 * The message parser: one pass over the bytes of a message as they come in,
 * however they are cut, in bounded memory.  Any input yields a structure: what
 * is malformed is read in the way that shows the user most, and what passes a
 * limit (MIME_* in base/limits.h) becomes one opaque part.
 *
 * It makes everything that is kept of a message's content: the ready-made
 * texts for FETCH, the table of parts that BODY[...] is answered from, and the
 * keys for SORT and THREAD.  The texts are pure ASCII without NUL, so they may
 * go to every session as they are: 8-bit text in header fields is given as
 * encoded-words (RFC 2047), 8-bit parameters in the extended form (RFC 2231).
 *
 * Offsets count from the first octet written.  Lines end with CRLF or LF.
 * Nothing here waits.
 */
#ifndef AVOCET_MIME_PARSER_H
#define AVOCET_MIME_PARSER_H

#include "base/str.h"

struct mime_parser;

/* What was found; the views are the parser's and good until it is freed or
 * begins another message. */
struct mime_result {
	struct str envelope;	  /* "(...)", RFC 9051 section 7.5.2 */
	struct str body;	  /* "(...)", without extension data */
	struct str bodystructure; /* "(...)", with extension data */
	struct str table;	  /* for mime/section.h */
	struct str sort_keys;	  /* for mime/sort_keys.h */
	struct str common;	  /* for mime/common.h; NULL: too much */
	uint64_t size;		  /* octets written */
	bool has_nul;		  /* there is a NUL: BODY[] needs literal8 */
	bool has_8bit_header;	  /* a header, of any part, is not ASCII */
};

/* A parser at the beginning of a message. */
struct mime_parser *mime_parser_new(void);

/* Begin another message, finished with the last or not; the result of that is
 * gone.  Most memory is kept for it, but never much. */
void mime_parser_restart(struct mime_parser *p);

/* Give everything back, the result too.  NULL is fine. */
void mime_parser_free(struct mime_parser *p);

/* The next bytes, any number; they are not kept. */
void mime_parser_write(struct mime_parser *p, struct str bytes);

/* The message has ended.  Call once; afterwards only mime_parser_restart() or
 * mime_parser_free(). */
void mime_parser_finish(struct mime_parser *p, struct mime_result *ret_result);

#endif
