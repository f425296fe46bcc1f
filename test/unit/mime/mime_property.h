/* SPDX-License-Identifier: MIT
 *
 * What must hold of every message whatsoever, asserted; for unit tests and
 * fuzz targets.
 */
#ifndef AVOCET_TEST_MIME_PROPERTY_H
#define AVOCET_TEST_MIME_PROPERTY_H

#include <assert.h>

#include "base/limits.h"
#include "imap_text.h"
#include "mime/common.h"
#include "mime/fields.h"
#include "mime/parser.h"
#include "mime/section.h"
#include "mime/sort_keys.h"

/* Parse ${message} in pieces of ${first}, then ${step} octets. */
static inline struct mime_parser *
property_parse(struct str message, size_t first, size_t step,
    struct mime_result *ret_result)
{
	struct mime_parser *p = mime_parser_new();

	mime_parser_write(p, str_head(message, first));
	for (size_t at = first; at < message.n; at += step)
		mime_parser_write(p, str_head(str_skip(message, at), step));
	mime_parser_finish(p, ret_result);
	return p;
}

static inline void
property_same(const struct mime_result *a, const struct mime_result *b)
{
	assert(str_eq(a->envelope, b->envelope));
	assert(str_eq(a->body, b->body));
	assert(str_eq(a->bodystructure, b->bodystructure));
	assert(str_eq(a->table, b->table));
	assert(str_eq(a->sort_keys, b->sort_keys));
	assert(str_eq(a->common, b->common));
	assert(a->size == b->size && a->has_nul == b->has_nul);
	assert(a->has_8bit_header == b->has_8bit_header);
}

static inline uint64_t
property_end(struct mime_range range)
{
	return range.offset + range.size;
}

/* Lines as the parser should count them. */
static inline uint64_t
property_lines(struct str body)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < body.n; i++)
		lines += body.p[i] == '\n';
	return lines;
}

/* ${part} lies within ${outer}, behind what came ${before}. */
static inline void
property_nested(const struct mime_part *outer, const struct mime_part *part,
    uint64_t before)
{
	assert(outer->kind != MIME_LEAF);
	assert(part->header.offset >= before);
	assert(property_end(part->body) <= property_end(outer->body));
	if (outer->kind == MIME_MESSAGE) {
		assert(part->header.offset == outer->body.offset);
		assert(property_end(part->body) == property_end(outer->body));
	}
}

static inline void
property_part(struct str message, const struct mime_part *part)
{
	assert(part->depth <= MIME_DEPTH_MAX + 1);
	assert(property_end(part->header) == part->body.offset);
	assert(property_end(part->body) <= message.n);
	assert(part->type.n > 0 && part->subtype.n > 0);
	assert(part->lines ==
	       property_lines(str_head(
		   str_skip(message, part->body.offset), part->body.size)));
}

static inline void
property_table(struct str message, struct str table)
{
	static struct mime_part open[MIME_DEPTH_MAX + 2];
	static uint64_t before[MIME_DEPTH_MAX + 2];
	struct mime_parts parts = mime_parts_begin(table);
	struct mime_part part, last = { .depth = 0 };
	size_t count = 0;

	while (mime_parts_next(&parts, &part)) {
		unsigned depth = part.depth;

		property_part(message, &part);
		assert((depth == 0) == (count == 0));
		assert(depth <= last.depth + 1);
		assert(count == 0 ||
		       (last.kind == MIME_LEAF) == (depth <= last.depth));
		if (depth > 0)
			property_nested(&open[depth - 1], &part, before[depth]);
		before[depth] = property_end(part.body);
		before[depth + 1] = part.body.offset;
		open[depth] = last = part;
		count++;
	}
	assert(count > 0 && count <= MIME_PARTS_MAX + 1);
	assert(last.kind == MIME_LEAF);
	assert(open[0].header.offset == 0);
	assert(property_end(open[0].body) == message.n);
}

static inline void
property_sort_keys(struct str packed)
{
	struct mime_sort_keys keys = { 0 };
	struct cursor c;
	struct str id;
	bool good = mime_sort_keys_read(packed, &keys);

	assert(good);
	c = str_cursor(keys.parents);
	while (mime_sort_keys_parent(&c, &id))
		assert(id.n > 0 && id.n <= MIME_MESSAGE_ID_BYTES_MAX);
	assert(c.at == c.end);
}

/* Packed fields give what the header itself gives. */
static inline void
property_common(struct str message, struct str table, struct str packed)
{
	const struct str names[] = { STR("subject"), STR("From"),
		STR("MIME-Version"), STR("Content-Type"), STR("References") };
	const size_t count = sizeof(names) / sizeof(*names);
	const struct mime_section header = { .kind = MIME_SECTION_HEADER };
	struct mime_range range = { 0 };
	struct buf from_header, from_packed;
	mime_common_set set;
	bool good = mime_section_find(table, &header, &range) &&
		    mime_common_set_of(names, count, &set);

	assert(good);
	if (packed.p == NULL) {
		assert(range.size > MIME_COMMON_BYTES_MAX);
		return;
	}
	buf_init(&from_header, SIZE_MAX);
	buf_init(&from_packed, SIZE_MAX);
	mime_fields_choose(str_head(str_skip(message, (size_t)range.offset),
			       (size_t)range.size),
	    names, count, false, &from_header);
	good = mime_common_choose(packed, set, &from_packed);
	assert(good);
	assert(str_eq(buf_str(&from_header), buf_str(&from_packed)));
	buf_fini(&from_header);
	buf_fini(&from_packed);
}

/* A parser that has read ${message}, or half of it, reads it anew as if it were
 * its first. */
static inline void
property_restart(
    struct mime_parser *p, struct str message, const struct mime_result *want)
{
	struct mime_result again;

	mime_parser_restart(p);
	mime_parser_write(p, str_head(message, message.n / 2));
	mime_parser_restart(p);
	mime_parser_write(p, message);
	mime_parser_finish(p, &again);
	property_same(want, &again);
}

/* Everything above, with one cut and with pieces of ${step}. */
static inline void
property_message(struct str message, size_t first, size_t step)
{
	struct mime_result whole, cut;
	struct mime_parser *p = property_parse(message, message.n, 1, &whole);
	struct mime_parser *q = property_parse(message, first, step, &cut);

	property_same(&whole, &cut);
	assert(whole.size == message.n);
	assert(text_is_envelope(whole.envelope));
	assert(text_is_body(whole.body, false));
	assert(text_is_body(whole.bodystructure, true));
	assert(whole.bodystructure.n <= MIME_STRUCTURE_BYTES_MAX);
	property_table(message, whole.table);
	property_sort_keys(whole.sort_keys);
	property_common(message, whole.table, whole.common);
	property_restart(q, message, &whole);
	mime_parser_free(p);
	mime_parser_free(q);
}

#endif
