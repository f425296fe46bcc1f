/* SPDX-License-Identifier: MIT
 *
 * FETCH (RFC 9051 section 6.4.5, RFC 3501 section 6.4.5, RFC 3516, RFC 7162
 * section 3.1.4, RFC 8474, RFC 8514, RFC 8970).
 */
#ifndef AVOCET_PROTO_IMAP_FETCH_H
#define AVOCET_PROTO_IMAP_FETCH_H

#include "proto/imap/modifier.h"
#include "proto/imap/set.h"

enum fetch_kind {
	FETCH_UID,
	FETCH_FLAGS,
	FETCH_INTERNALDATE,
	FETCH_RFC822_SIZE,
	FETCH_ENVELOPE,
	FETCH_BODY, /* without section: the structure */
	FETCH_BODYSTRUCTURE,
	FETCH_MODSEQ,	     /* RFC 7162 */
	FETCH_SAVEDATE,	     /* RFC 8514 */
	FETCH_EMAILID,	     /* RFC 8474 */
	FETCH_THREADID,	     /* the same */
	FETCH_BODY_SECTION,  /* BODY[...] and BODY.PEEK[...] */
	FETCH_RFC822,	     /* as BODY[], but for the answer's name; these */
	FETCH_RFC822_HEADER, /* three with .PEEK, too (older clients) */
	FETCH_RFC822_TEXT,
	FETCH_BINARY,
	FETCH_BINARY_SIZE,
	FETCH_PREVIEW, /* RFC 8970 */
};

enum section_text {
	SECTION_NONE,
	SECTION_HEADER,
	SECTION_HEADER_FIELDS,
	SECTION_HEADER_FIELDS_NOT,
	SECTION_TEXT,
	SECTION_MIME,
};

/* What stands in the brackets. */
struct section {
	uint32_t *path; /* part numbers */
	size_t path_count;
	enum section_text text;
	struct str *fields; /* of HEADER.FIELDS and .NOT, as written */
	size_t field_count;
};

struct fetch_att {
	enum fetch_kind kind;
	bool peek; /* \Seen is not set: .PEEK; and RFC822.HEADER, BINARY.SIZE */
	bool lazy; /* of PREVIEW */
	bool partial;
	uint64_t offset; /* of a partial fetch */
	uint64_t count;	 /* at least 1 */
	struct section section;
};

struct fetch_args {
	struct seq_set set;
	struct fetch_att *atts; /* as asked; ALL, FAST, FULL are spelt out */
	size_t att_count;
	struct modifier_list modifiers; /* as written: see resync.h */
};

/* SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
 * "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
 *                              RFC 9051 section 9, RFC 4466 section 3
 * to the end; behind "FETCH".  At most FETCH_ITEMS_MAX items, each of them with
 * at most HEADER_FIELDS_MAX field names. */
bool parse_fetch(struct parser *p, struct fetch_args *ret_args);

/* section = "[" [section-spec] "]"                RFC 9051 section 9 */
bool parse_section(struct parser *p, struct section *ret_section);

/* Append the item's name as the answer has it: "BODY[1.TEXT]<0>" (partial:
 * the offset only), "BINARY[2]", "RFC822.HEADER", "UID" ... */
void write_fetch_att_name(struct buf *to, const struct fetch_att *att);

/* Append the item as a client asks for it; the command behind "FETCH". */
void write_fetch_att(struct buf *to, const struct fetch_att *att);
void write_fetch(struct buf *to, const struct fetch_args *args);

#endif
