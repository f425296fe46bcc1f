/* SPDX-License-Identifier: MIT
 *
 * The octets of a message that a FETCH item names.
 */
#include "imap/body.h"

#include <assert.h>

#include "mime/fields.h"
#include "proto/imap/write.h"
#include "store/store.h"

/* -- reading ----------------------------------------------------------- */

static bool
within(const struct body *b, struct mime_range r)
{
	uint64_t size = blob_size(blob_source_blob(b->source));

	return r.offset <= size && r.size <= size - r.offset;
}

/* Read ${r} into ${to}, which is emptied. */
static enum rc
read_range(struct body *b, struct mime_range r, struct buf *to)
{
	buf_clear(to);
	while (to->n < r.size) {
		size_t want = (size_t)r.size - to->n;
		char *at = buf_reserve(to, want);
		size_t got = 0;
		enum rc rc;

		if (at == NULL)
			return RC_LIMIT;
		rc = blob_read(blob_source_blob(b->source), r.offset + to->n,
		    at, want, &got);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return RC_CORRUPT;
		buf_added(to, got);
	}
	return RC_OK;
}

/* Are the octets of ${r} sound?  Once their number is promised to the client
 * it would be too late to find that they are not. */
static enum rc
verify(struct body *b, struct mime_range r)
{
	const uint64_t slice = OUT_READ_BYTES;
	enum rc rc = RC_OK;

	while (r.size > 0 && rc == RC_OK) {
		struct mime_range part = r;

		if (part.size > slice)
			part.size = slice;
		rc = read_range(b, part, b->header);
		r.offset += part.size;
		r.size -= part.size;
	}
	return rc;
}

/* -- partial ----------------------------------------------------------- */

/* What ${att} wants of ${r} (RFC 9051 section 6.4.5): cut at the end, nothing
 * beyond it. */
static struct mime_range
part_of(struct mime_range r, const struct fetch_att *att)
{
	uint64_t skip;

	if (!att->partial)
		return r;
	skip = att->offset < r.size ? att->offset : r.size;
	r.offset += skip;
	r.size -= skip;
	if (r.size > att->count)
		r.size = att->count;
	return r;
}

/* -- sections ---------------------------------------------------------- */

static enum mime_section_kind
section_kind(enum section_text text)
{
	switch (text) {
	case SECTION_HEADER:
	case SECTION_HEADER_FIELDS:
	case SECTION_HEADER_FIELDS_NOT:
		return MIME_SECTION_HEADER;
	case SECTION_TEXT:
		return MIME_SECTION_TEXT;
	case SECTION_MIME:
		return MIME_SECTION_MIME;
	default:
		assert(text == SECTION_NONE);
		return MIME_SECTION_NONE;
	}
}

/* The section that the item names; the older names stand for one each. */
static struct mime_section
section_of(const struct fetch_att *att)
{
	struct mime_section s = { 0 };

	if (att->kind == FETCH_RFC822_HEADER)
		s.kind = MIME_SECTION_HEADER;
	else if (att->kind == FETCH_RFC822_TEXT)
		s.kind = MIME_SECTION_TEXT;
	else if (att->kind == FETCH_BODY_SECTION)
		s = (struct mime_section){ att->section.path,
			att->section.path_count,
			section_kind(att->section.text) };
	return s;
}

/* Where the section lies in the stored message.  What was put before the
 * message when it came in belongs to its header.  *ret_found: there is such a
 * part. */
static enum rc
locate(struct body *b, const struct mime_section *section, bool *ret_found,
    struct mime_range *ret_range)
{
	struct mime_facts facts;
	struct mime_range r = { 0, b->size };
	bool whole =
	    section->path_count == 0 && section->kind == MIME_SECTION_NONE;

	if (!whole) {
		if (!mime_section_facts(b->table, &facts))
			return RC_CORRUPT;
		*ret_found = mime_section_find(b->table, section, &r);
		if (!*ret_found)
			return RC_OK;
		if (section->path_count == 0 &&
		    section->kind == MIME_SECTION_HEADER)
			r.size += b->prefix;
		else
			r.offset += b->prefix;
	}
	if (!within(b, r))
		return RC_CORRUPT;
	*ret_found = true;
	*ret_range = r;
	return RC_OK;
}

/* A copy of the header fields that were chosen.  A header block that came out
 * empty, since the message has no empty line behind its header, gets one:
 * clients do not take an empty string for a header. */
static enum rc
copy_fields(const struct buf *chosen, const struct fetch_att *att,
    struct arena *a, struct body_piece *piece)
{
	struct str text = chosen->n > 0 ? buf_str(chosen) : STR("\r\n");
	struct mime_range part = part_of((struct mime_range){ 0, text.n }, att);

	piece->text = arena_str(a,
	    str_head(str_skip(text, (size_t)part.offset), (size_t)part.size));
	piece->form = BODY_COPIED;
	return piece->text.p != NULL ? RC_OK : RC_LIMIT;
}

/* HEADER.FIELDS and HEADER.FIELDS.NOT. */
static enum rc
choose_fields(struct body *b, const struct fetch_att *att, struct mime_range r,
    struct arena *a, struct body_piece *piece)
{
	const struct section *s = &att->section;
	enum rc rc;

	if (r.size > MIME_HEADER_BYTES_MAX)
		r.size = MIME_HEADER_BYTES_MAX;
	rc = read_range(b, r, b->header);
	if (rc != RC_OK)
		return rc;
	buf_clear(b->chosen);
	mime_fields_choose(buf_str(b->header), s->fields, s->field_count,
	    s->text == SECTION_HEADER_FIELDS_NOT, b->chosen);
	return copy_fields(b->chosen, att, a, piece);
}

enum rc
body_common(struct str packed, mime_common_set set, const struct fetch_att *att,
    struct buf *chosen, struct arena *a, struct body_piece *ret_piece)
{
	struct body_piece piece = { 0 };
	enum rc rc = RC_CORRUPT;

	buf_clear(chosen);
	if (mime_common_choose(packed, set, chosen))
		rc = copy_fields(chosen, att, a, &piece);
	if (rc == RC_OK)
		*ret_piece = piece;
	return rc;
}

static enum rc
find_section(struct body *b, const struct fetch_att *att, struct arena *a,
    struct body_piece *piece)
{
	struct mime_section section = section_of(att);
	struct mime_range r;
	bool found;
	enum rc rc = locate(b, &section, &found, &r);

	if (rc != RC_OK || !found)
		return rc;
	if (att->kind == FETCH_BODY_SECTION &&
	    (att->section.text == SECTION_HEADER_FIELDS ||
		att->section.text == SECTION_HEADER_FIELDS_NOT))
		return choose_fields(b, att, r, a, piece);
	piece->form = BODY_OCTETS;
	piece->range = part_of(r, att);
	return verify(b, piece->range);
}

/* -- BINARY ------------------------------------------------------------ */

/* The octets that BINARY decodes, and how.  A part that holds others, or the
 * message as a whole, has nothing to decode. */
static enum rc
locate_encoded(struct body *b, const struct section *s, bool *ret_found,
    struct encoded *ret_encoded)
{
	struct mime_section section = { s->path, s->path_count,
		MIME_SECTION_NONE };
	struct encoded e = { .encoding = MIME_ENCODING_BINARY };
	struct mime_part part;
	enum rc rc = locate(b, &section, ret_found, &e.range);

	if (rc != RC_OK || !*ret_found)
		return rc;
	if (s->path_count > 0 &&
	    mime_section_part(b->table, s->path, s->path_count, &part) &&
	    part.kind == MIME_LEAF)
		e.encoding = part.encoding;
	*ret_encoded = e;
	return RC_OK;
}

static bool
is_identity(enum mime_encoding encoding)
{
	return encoding == MIME_ENCODING_7BIT ||
	       encoding == MIME_ENCODING_8BIT ||
	       encoding == MIME_ENCODING_BINARY;
}

/* RFC 3516 section 4.3: a part whose encoding is not known, or broken, is
 * refused; octets without NUL go out as an ordinary string. */
static enum rc
find_binary(
    struct body *b, const struct fetch_att *att, struct body_piece *piece)
{
	struct decoded_facts facts;
	struct encoded e;
	bool found;
	enum rc rc = locate_encoded(b, &att->section, &found, &e);

	if (rc == RC_OK && !found && att->kind == FETCH_BINARY_SIZE)
		piece->form = BODY_SIZE;
	if (rc != RC_OK || !found)
		return rc;
	if (e.encoding == MIME_ENCODING_UNKNOWN)
		return RC_UNSUPPORTED;
	rc = decoded_scan(blob_source_blob(b->source), &e, &facts);
	if (rc != RC_OK)
		return rc;
	if (facts.malformed)
		return RC_UNSUPPORTED;
	piece->literal8 = facts.has_nul;
	if (att->kind == FETCH_BINARY_SIZE) {
		piece->form = BODY_SIZE;
		piece->range.size = facts.size;
	} else if (is_identity(e.encoding)) {
		piece->form = BODY_OCTETS;
		piece->range = part_of(e.range, att);
	} else {
		piece->form = BODY_DECODED;
		piece->encoded = e;
		piece->range =
		    part_of((struct mime_range){ 0, facts.size }, att);
	}
	return RC_OK;
}

/* -- both -------------------------------------------------------------- */

enum rc
body_find(struct body *b, const struct fetch_att *att, struct arena *a,
    struct body_piece *ret_piece)
{
	struct body_piece piece = { .form = BODY_NIL };
	enum rc rc;

	if (att->kind == FETCH_BINARY || att->kind == FETCH_BINARY_SIZE)
		rc = find_binary(b, att, &piece);
	else
		rc = find_section(b, att, a, &piece);
	if (rc == RC_OK)
		*ret_piece = piece;
	return rc;
}

/* A string of the range's octets, which the queue reads when their turn has
 * come. */
static void
write_octets(
    struct imap_session *s, struct body *b, const struct body_piece *piece)
{
	struct buf *line = &s->running->line;

	if (piece->literal8)
		write_literal8_start(line, piece->range.size);
	else
		write_literal_start(line, piece->range.size);
	respond_part(s);
	if (piece->form == BODY_DECODED)
		decoded_source_queue(
		    b->source, &piece->encoded, piece->range, s->conn);
	else
		blob_source_queue(
		    b->source, s->conn, piece->range.offset, piece->range.size);
}

void
body_write(
    struct imap_session *s, struct body *b, const struct body_piece *piece)
{
	struct buf *line = &s->running->line;

	switch (piece->form) {
	case BODY_NIL:
		buf_add_text(line, "NIL");
		break;
	case BODY_SIZE:
		buf_add_number(line, piece->range.size);
		break;
	case BODY_COPIED:
		write_literal_start(line, piece->text.n);
		respond_part(s);
		conn_out(s->conn, piece->text);
		break;
	case BODY_STRING:
		write_string(line, piece->text, session_utf8(s));
		break;
	case BODY_OCTETS:
	case BODY_DECODED:
		write_octets(s, b, piece);
		break;
	}
}
