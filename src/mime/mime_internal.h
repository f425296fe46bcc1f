/* SPDX-License-Identifier: MIT
 *
 * What the files of this module share.
 */
#ifndef AVOCET_MIME_INTERNAL_H
#define AVOCET_MIME_INTERNAL_H

#include "base/buf.h"
#include "mime/section.h"

/* STR() for the elements of constant tables. */
#define MIME_STR(literal)                                    \
	{                                                    \
		.p = "" literal, .n = sizeof("" literal) - 1 \
	}

/* Room on the stack for what the text of a usual field needs. */
#define MIME_TEXT_ROOM 256

/* -- bytes of header fields --------------------------------------------- */

/* Space or tab. */
bool mime_is_wsp(char byte);

/* Space, tab, CR or LF: what a folded field has between words. */
bool mime_is_space(char byte);

/* token's characters (RFC 2045 section 5.1), and bytes beyond ASCII. */
bool mime_is_token(char byte);

/* Does ${line} begin a field, "name:"? */
bool mime_is_field_line(struct str line);

/* Take a comment (RFC 5322 section 3.2.2) and append its text, without
 * quoting, to ${to} (unless NULL).  The cursor stands at "(".  One that does
 * not end takes all. */
void mime_skip_comment(struct cursor *c, struct buf *to);

/* Take white space and comments. */
void mime_skip_cfws(struct cursor *c);

/* Take a quoted-string and append its text.  False, with nothing taken or
 * appended, when there is none or it does not end. */
bool mime_take_quoted(struct cursor *c, struct buf *to);

/* The value of a hexadecimal digit, or -1. */
int mime_hex(char byte);

/* -- the fields that something is made of (header.c) ----------------------- */

enum mime_field_id {
	MIME_DATE, /* from here: those of ENVELOPE, in its order */
	MIME_SUBJECT,
	MIME_FROM,
	MIME_SENDER,
	MIME_REPLY_TO,
	MIME_TO,
	MIME_CC,
	MIME_BCC,
	MIME_IN_REPLY_TO,
	MIME_MESSAGE_ID, /* up to here */
	MIME_REFERENCES,
	MIME_CONTENT_TYPE,
	MIME_CONTENT_TRANSFER_ENCODING,
	MIME_CONTENT_ID,
	MIME_CONTENT_DESCRIPTION,
	MIME_CONTENT_MD5,
	MIME_CONTENT_DISPOSITION,
	MIME_CONTENT_LANGUAGE,
	MIME_CONTENT_LOCATION,
	MIME_FIELD_COUNT,
};

/* Views of a header: the value of one field of each name, as it stands; p is
 * NULL when there is none.  Of a field that is there more than once it is the
 * first, but of Date, Subject, In-Reply-To and Message-ID the last, as with
 * other servers. */
struct mime_header {
	struct str text;
	struct str values[MIME_FIELD_COUNT];
	uint32_t repeated; /* bit 1 << id: the field is there more than once */
};
void mime_header_read(struct str header, struct mime_header *ret_header);

/* Take the next field ${id}; ${rest} begins as str_cursor(h->text).  False when
 * there is no more. */
bool mime_header_next(
    enum mime_field_id id, struct cursor *rest, struct str *ret_value);

/* -- IMAP text (write.c) ------------------------------------------------ */

/* Append ${raw}, the value of an unstructured field, as ASCII: unfolded, no
 * NUL, 8-bit text in encoded-words. */
void mime_write_ascii(struct str raw, struct buf *to);

/* Append ASCII as an IMAP string, quoted or literal. */
void mime_write_string(struct str ascii, struct buf *to);

/* Append NIL for "", else a string. */
void mime_write_nstring(struct str ascii, struct buf *to);

/* As above for a raw value, cut to MIME_STRING_BYTES_MAX. */
void mime_write_raw_string(struct str raw, struct buf *to);
void mime_write_raw_nstring(struct str raw, struct buf *to);

/* Append the ENVELOPE of ${header} (RFC 9051 section 7.5.2).  ${to} has no
 * maximum that this could reach. */
void mime_write_envelope(const struct mime_header *header, struct buf *to);

/* Append the packed sort keys of ${header} (mime/sort_keys.h), likewise. */
void mime_write_sort_keys(const struct mime_header *header, struct buf *to);

/* -- Content-* fields (content.c) --------------------------------------- */

/* The parameters of a Content-Type or Content-Disposition field.  They begin
 * at the cursor, with or without ";". */
struct mime_parameters {
	struct buf text;     /* IMAP body-fld-param: "(...)" or "NIL" */
	struct buf charset;  /* the value of charset, "" when not given */
	struct buf boundary; /* the same for boundary */
};
void mime_parameters_init(struct mime_parameters *p);
void mime_parameters_fini(struct mime_parameters *p);
void mime_parameters_read(struct mime_parameters *p, struct str text);

/* What a part's header says of its body.  The texts are pieces of
 * BODYSTRUCTURE, in the order they come there. */
struct mime_content {
	enum mime_kind kind;
	enum mime_encoding encoding;
	struct buf type;      /* lower case */
	struct buf subtype;   /* lower case */
	struct buf media;     /* leaf, message: ["TEXT" "PLAIN"]; multipart:
			     * ["MIXED"] */
	struct buf fields;    /* leaf, message: params id desc enc */
	struct buf extension; /* leaf, message: md5 dsp lang loc; multipart:
			       * params dsp lang loc */
	struct mime_parameters parameters; /* of Content-Type */
};
void mime_content_init(struct mime_content *c);
void mime_content_fini(struct mime_content *c);

/* Read ${header}.  ${in_digest}: without a Content-Type the part is a
 * message/rfc822. */
void mime_content_read(
    struct mime_content *c, const struct mime_header *header, bool in_digest);

/* Make it an application/octet-stream leaf, of which nothing more is said:
 * what a part becomes beyond the limits. */
void mime_content_set_opaque(struct mime_content *c);

/* -- the table (section.c) ---------------------------------------------- */

/* Begin a table; append a part.  Parts come in order of mime_parts_next().
 * ${after}: the header offset of the part before, 0 for the first. */
void mime_table_begin(const struct mime_facts *facts, struct buf *to);
void
mime_table_add(const struct mime_part *part, uint64_t after, struct buf *to);

#endif
