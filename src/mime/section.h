/* SPDX-License-Identifier: MIT
 *
 * The parts of a message, read from the packed table that the parser made:
 * what BODY[<section>] means (RFC 9051 section 6.4.5.1), as ranges of the
 * message's octets.
 *
 * A table that cannot be read (it came from a damaged record) is a message
 * without parts: every look-up says no.  Views point into the table.
 */
#ifndef AVOCET_MIME_SECTION_H
#define AVOCET_MIME_SECTION_H

#include "base/str.h"
#include "mime/decode.h"

/* Octets of the message as it was parsed: without what was put before it
 * later (email.prefix). */
struct mime_range {
	uint64_t offset;
	uint64_t size;
};

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* parts follow, one level deeper; at least one */
	MIME_MESSAGE,	/* message/rfc822 or message/global: exactly one part
			 * follows, one level deeper: the message within */
};

struct mime_part {
	enum mime_kind kind;
	unsigned depth;	    /* 0 for the message itself */
	struct str type;    /* media type, in lower case: "text" */
	struct str subtype; /* "plain" */
	struct str charset; /* as given; "" when it is not */
	enum mime_encoding encoding;
	struct mime_range header; /* with the empty line at its end, if any */
	struct mime_range body;	  /* right behind; without the line end that
				   * belongs to a boundary */
	uint64_t lines;		  /* of the body */
};

/* The text in BODY[...] after the part numbers. */
enum mime_section_kind {
	MIME_SECTION_NONE,   /* BODY[1.2], or BODY[] */
	MIME_SECTION_HEADER, /* also for HEADER.FIELDS and .NOT */
	MIME_SECTION_TEXT,
	MIME_SECTION_MIME,
};

struct mime_section {
	const uint32_t *path; /* part numbers, from 1 */
	size_t path_count;
	enum mime_section_kind kind;
};

/* Where the octets of ${section} lie.  False when the message has no such
 * part: BODY[] is NIL then.  BODY[] itself is the whole message.  HEADER and
 * TEXT behind part numbers want a MIME_MESSAGE part, MIME wants part numbers.
 * The MIME header of part 1 of a message that is not multipart is that
 * message's header. */
bool mime_section_find(struct str table, const struct mime_section *section,
    struct mime_range *ret_range);

/* The part with these numbers; no numbers: the message itself. */
bool mime_section_part(struct str table, const uint32_t *path,
    size_t path_count, struct mime_part *ret_part);

/* Walk all parts in the order they begin in the message; parents come before
 * what they hold, mime_part.depth tells the nesting. */
struct mime_parts {
	struct cursor at;
	uint64_t header_offset; /* of the part before */
};
struct mime_parts mime_parts_begin(struct str table);
bool mime_parts_next(struct mime_parts *parts, struct mime_part *ret_part);

/* What is known of the whole message; false when the table is damaged. */
struct mime_facts {
	uint64_t size;
	bool has_nul;
	bool has_8bit_header;
};
bool mime_section_facts(struct str table, struct mime_facts *ret_facts);

#endif
