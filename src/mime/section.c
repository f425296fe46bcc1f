/* SPDX-License-Identifier: MIT
 *
 * The table of parts: written once by the parser, read by every FETCH.
 *
 *   octet   VERSION
 *   octet   bits: HAS_NUL, HAS_8BIT_HEADER
 *   number  size of the message
 *   then for each part, parents first:
 *     octet   kind, and encoding << 2
 *     number  depth
 *     number  where its header begins, counted from where that of the part
 *             before it does
 *     number  header size, body size, lines
 *     text    type, subtype, charset: one octet of length, octets
 *
 * A number has seven bits an octet, the lowest first; the high bit says that
 * more follow.
 */
#include "mime/section.h"

#include "mime/mime_internal.h"

#define VERSION		1
#define HAS_NUL		1
#define HAS_8BIT_HEADER 2

/* -- writing ------------------------------------------------------------ */

static void
add_number(struct buf *to, uint64_t number)
{
	while (number > 127) {
		buf_add_byte(to, (char)(0x80 | (number & 127)));
		number >>= 7;
	}
	buf_add_byte(to, (char)number);
}

static void
add_text(struct buf *to, struct str text)
{
	buf_add_byte(to, (char)text.n);
	buf_add_str(to, text);
}

void
mime_table_begin(const struct mime_facts *facts, struct buf *to)
{
	buf_add_byte(to, VERSION);
	buf_add_byte(
	    to, (char)((facts->has_nul ? HAS_NUL : 0) |
		       (facts->has_8bit_header ? HAS_8BIT_HEADER : 0)));
	add_number(to, facts->size);
}

void
mime_table_add(const struct mime_part *part, uint64_t after, struct buf *to)
{
	buf_add_byte(to, (char)(part->kind | part->encoding << 2));
	add_number(to, part->depth);
	add_number(to, part->header.offset - after);
	add_number(to, part->header.size);
	add_number(to, part->body.size);
	add_number(to, part->lines);
	add_text(to, part->type);
	add_text(to, part->subtype);
	add_text(to, part->charset);
}

/* -- reading ------------------------------------------------------------ */

static bool
take_octet(struct cursor *c, unsigned *ret_octet)
{
	if (c->at == c->end)
		return false;
	*ret_octet = (unsigned char)*c->at++;
	return true;
}

static bool
take_number(struct cursor *c, uint64_t *ret_number)
{
	uint64_t number = 0;
	unsigned octet;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		if (!take_octet(c, &octet))
			return false;
		number |= (uint64_t)(octet & 127) << shift;
		if (octet < 128) {
			*ret_number = number;
			return true;
		}
	}
	return false;
}

static bool
take_text(struct cursor *c, struct str *ret_text)
{
	unsigned n;

	if (!take_octet(c, &n) || (size_t)(c->end - c->at) < n)
		return false;
	*ret_text = (struct str){ c->at, n };
	c->at += n;
	return true;
}

static bool
take_facts(struct cursor *c, struct mime_facts *ret_facts)
{
	unsigned version, bits;

	if (!take_octet(c, &version) || version != VERSION ||
	    !take_octet(c, &bits) || !take_number(c, &ret_facts->size))
		return false;
	ret_facts->has_nul = bits & HAS_NUL;
	ret_facts->has_8bit_header = bits & HAS_8BIT_HEADER;
	return true;
}

bool
mime_section_facts(struct str table, struct mime_facts *ret_facts)
{
	struct cursor c = str_cursor(table);
	struct mime_facts facts;

	if (!take_facts(&c, &facts))
		return false;
	*ret_facts = facts;
	return true;
}

struct mime_parts
mime_parts_begin(struct str table)
{
	struct mime_parts parts = { .at = str_cursor(table) };
	struct mime_facts facts;

	if (!take_facts(&parts.at, &facts))
		parts.at.at = parts.at.end;
	return parts;
}

static bool
take_part(struct cursor *c, uint64_t after, struct mime_part *ret_part)
{
	uint64_t depth, offset;
	unsigned bits;

	if (!take_octet(c, &bits) || (bits & 3) > MIME_MESSAGE ||
	    bits >> 2 > MIME_ENCODING_UNKNOWN || !take_number(c, &depth) ||
	    depth > UINT32_MAX || !take_number(c, &offset) ||
	    !take_number(c, &ret_part->header.size) ||
	    !take_number(c, &ret_part->body.size) ||
	    !take_number(c, &ret_part->lines) ||
	    !take_text(c, &ret_part->type) ||
	    !take_text(c, &ret_part->subtype) ||
	    !take_text(c, &ret_part->charset))
		return false;
	ret_part->kind = bits & 3;
	ret_part->encoding = bits >> 2;
	ret_part->depth = (unsigned)depth;
	ret_part->header.offset = after + offset;
	ret_part->body.offset = ret_part->header.offset + ret_part->header.size;
	return true;
}

bool
mime_parts_next(struct mime_parts *parts, struct mime_part *ret_part)
{
	struct mime_part part;

	if (parts->at.at == parts->at.end)
		return false;
	if (!take_part(&parts->at, parts->header_offset, &part)) {
		parts->at.at = parts->at.end;
		return false;
	}
	parts->header_offset = part.header.offset;
	*ret_part = part;
	return true;
}

/* -- sections ----------------------------------------------------------- */

/* A place in the tree: a part, and whether it stands for the message that it
 * is the outermost part of. */
struct place {
	struct mime_parts behind;
	struct mime_part part;
	bool is_message;
};

static bool
enter(struct str table, struct place *ret_place)
{
	ret_place->behind = mime_parts_begin(table);
	ret_place->is_message = true;
	return mime_parts_next(&ret_place->behind, &ret_place->part);
}

/* Go to the ${number}th of what the part holds. */
static bool
descend(struct place *place, uint32_t number)
{
	unsigned depth = place->part.depth;
	struct mime_part part;

	while (number > 0 && mime_parts_next(&place->behind, &part) &&
	       part.depth > depth) {
		if (part.depth == depth + 1 && --number == 0) {
			place->part = part;
			return true;
		}
	}
	return false;
}

/* Follow one part number.  Of a message that is not multipart its body is part
 * 1.                                             RFC 9051 section 6.4.5.1 */
static bool
follow(struct place *place, uint32_t number)
{
	if (!place->is_message && place->part.kind == MIME_MESSAGE) {
		if (!descend(place, 1))
			return false;
		place->is_message = true;
	}
	if (place->part.kind == MIME_MULTIPART) {
		place->is_message = false;
		return descend(place, number);
	}
	if (!place->is_message || number != 1)
		return false;
	place->is_message = false;
	return true;
}

static bool
find(struct str table, const uint32_t *path, size_t path_count,
    struct place *ret_place)
{
	if (!enter(table, ret_place))
		return false;
	for (size_t i = 0; i < path_count; i++) {
		if (!follow(ret_place, path[i]))
			return false;
	}
	return true;
}

bool
mime_section_part(struct str table, const uint32_t *path, size_t path_count,
    struct mime_part *ret_part)
{
	struct place place;

	if (!find(table, path, path_count, &place))
		return false;
	*ret_part = place.part;
	return true;
}

static bool
find_whole(struct str table, struct mime_range *ret_range)
{
	struct mime_facts facts;

	if (!mime_section_facts(table, &facts))
		return false;
	*ret_range = (struct mime_range){ 0, facts.size };
	return true;
}

bool
mime_section_find(struct str table, const struct mime_section *section,
    struct mime_range *ret_range)
{
	struct place place;

	if (section->path_count == 0 && section->kind == MIME_SECTION_NONE)
		return find_whole(table, ret_range);
	if (section->path_count == 0 && section->kind == MIME_SECTION_MIME)
		return false;
	if (!find(table, section->path, section->path_count, &place))
		return false;
	switch (section->kind) {
	case MIME_SECTION_NONE:
		*ret_range = place.part.body;
		return true;
	case MIME_SECTION_MIME:
		*ret_range = place.part.header;
		return true;
	case MIME_SECTION_HEADER:
	case MIME_SECTION_TEXT:
		break;
	}
	if (!place.is_message &&
	    (place.part.kind != MIME_MESSAGE || !descend(&place, 1)))
		return false;
	*ret_range = section->kind == MIME_SECTION_HEADER ? place.part.header
							  : place.part.body;
	return true;
}
