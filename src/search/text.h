/* SPDX-License-Identifier: MIT
 *
 * The text of messages, as a search sees it: transfer encodings, charsets and
 * encoded-words undone (RFC 9051 section 6.4.4), fed to the strings of a plan.
 *
 * Searched are the header (at most MIME_HEADER_BYTES_MAX of it), the headers
 * of the parts, and the parts of type text and message; other leaves, and what
 * stands between the parts of a multipart, are not.  HTML is searched as it
 * stands.
 */
#ifndef AVOCET_SEARCH_TEXT_H
#define AVOCET_SEARCH_TEXT_H

#include "search/plan.h"

struct blob;

/* One message. */
struct text_source {
	struct blob *blob;
	uint64_t prefix;  /* octets before the parsed message */
	struct str table; /* for mime/section.h */
};

/* What is kept from message to message. */
struct text {
	struct plan *plan;
	struct match needles; /* of the plan */
	struct match fields;  /* strings in fields: one for each owner */
	struct plan_field **owners;
	struct buf raw;
	struct buf decoded;
	struct buf converted;
};

/* ${p} must stay in place. */
void text_init(struct text *t, struct plan *p);
void text_fini(struct text *t);

/* A new message: nothing is found yet. */
void text_reset(struct text *t);

/* Look at the header, for fields and needles.  Reads the disk. */
enum rc
text_search_header(struct text *t, const struct text_source *s) MUST_CHECK;

/* Look at all the rest; asks ${enough} whenever something was found, and stops
 * when it says so.  Reads the disk. */
enum rc text_search_body(struct text *t, const struct text_source *s,
    bool (*enough)(void *arg), void *arg) MUST_CHECK;

#endif
