/* SPDX-License-Identifier: MIT
 *
 * The text of messages, as a search sees it.
 */
#include "search/text.h"

#include "base/limits.h"
#include "base/mem.h"
#include "mime/address.h"
#include "mime/charset.h"
#include "mime/fields.h"
#include "mime/section.h"
#include "store/store.h"

#include <assert.h>

/* Of a body, read and decoded at once. */
#define CHUNK_BYTES (16 * 1024)

/* -- life -------------------------------------------------------------- */

/* One needle for each field that must hold a string. */
static void
init_fields(struct text *t)
{
	struct plan *p = t->plan;
	struct match_needle *needles =
	    mem_array(p->field_count, sizeof(*needles));
	size_t count = 0;

	t->owners = mem_array(p->field_count, sizeof(*t->owners));
	for (size_t i = 0; i < p->field_count; i++) {
		if (p->fields[i].folded.n == 0)
			continue;
		needles[count].folded = p->fields[i].folded;
		t->owners[count++] = &p->fields[i];
	}
	match_init(&t->fields, needles, count);
}

void
text_init(struct text *t, struct plan *p)
{
	const size_t decoded_max = CHUNK_BYTES + MIME_DECODER_HELD;

	t->plan = p;
	match_init(&t->needles, p->needles, p->needle_count);
	init_fields(t);
	buf_init(&t->raw, MIME_HEADER_BYTES_MAX);
	buf_init(&t->decoded, decoded_max);
	buf_init(&t->converted,
	    decoded_max * MIME_CHARSET_GROWTH + MIME_CHARSET_HELD +
		(size_t)MIME_HEADER_BYTES_MAX * MIME_DECODED_GROWTH);
}

void
text_fini(struct text *t)
{
	match_fini(&t->needles);
	mem_free(t->fields.needles);
	match_fini(&t->fields);
	mem_free(t->owners);
	buf_fini(&t->raw);
	buf_fini(&t->decoded);
	buf_fini(&t->converted);
}

void
text_reset(struct text *t)
{
	match_reset(&t->needles);
	match_reset(&t->fields);
	for (size_t i = 0; i < t->plan->field_count; i++)
		t->plan->fields[i].found = false;
}

/* -- reading ----------------------------------------------------------- */

/* Read ${count} octets at ${offset} into t->raw. */
static enum rc
read_raw(
    struct text *t, const struct text_source *s, uint64_t offset, size_t count)
{
	buf_clear(&t->raw);
	while (t->raw.n < count) {
		char *to = buf_reserve(&t->raw, count - t->raw.n);
		size_t got = 0;
		enum rc rc;

		assert(to != NULL);
		rc = blob_read(
		    s->blob, offset + t->raw.n, to, count - t->raw.n, &got);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return RC_CORRUPT; /* shorter than its table says */
		buf_added(&t->raw, got);
	}
	return RC_OK;
}

static size_t
header_bytes(uint64_t size)
{
	return size < MIME_HEADER_BYTES_MAX ? (size_t)size
					    : MIME_HEADER_BYTES_MAX;
}

/* -- headers ----------------------------------------------------------- */

/* Scopes of t->fields. */
enum {
	IN_TEXT = 1,
	IN_ADDRESSES = 2,
};

/* Mark the fields that must only be there, and choose the needles that are
 * looked for in a field called ${name}.  True when there are any. */
static bool
choose_needles(struct text *t, struct str name)
{
	bool any = false;

	for (size_t i = 0; i < t->plan->field_count; i++) {
		struct plan_field *f = &t->plan->fields[i];

		if (f->folded.n == 0 && str_eq_nocase(f->name, name))
			f->found = true;
	}
	for (size_t i = 0; i < t->fields.count; i++) {
		bool same = str_eq_nocase(t->owners[i]->name, name);
		unsigned scopes = 0;

		if (same)
			scopes = t->owners[i]->addresses
				     ? IN_TEXT | IN_ADDRESSES
				     : IN_TEXT;
		t->fields.needles[i].scopes = scopes;
		any |= same;
	}
	return any;
}

/* Is an address in ${value} still to be found, and perhaps not written as
 * search_addresses() has it? */
static bool
wants_addresses(const struct text *t, struct str value)
{
	unsigned open = 0;

	for (size_t i = 0; i < t->fields.count; i++) {
		if (!t->fields.needles[i].found)
			open |= t->fields.needles[i].scopes;
	}
	return (open & IN_ADDRESSES) != 0 &&
	       (str_find(value, '(') < value.n ||
		   str_find(value, '"') < value.n);
}

/* Look for strings in each address, written as: name <mailbox@host>. */
static void
search_addresses(struct text *t, struct str value)
{
	struct mime_addresses a;
	struct mime_address address;

	mime_addresses_init(&a, value);
	while (mime_addresses_next(&a, &address)) {
		struct str pieces[] = { STR(""), STR(" <"), address.mailbox,
			STR("@"), address.host, STR(">") };

		buf_clear(&t->converted);
		mime_decode_text(address.name, &t->converted);
		pieces[0] = buf_str(&t->converted);
		for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
			(void)match_feed(&t->fields, IN_ADDRESSES, pieces[i]);
		(void)match_break(&t->fields, IN_ADDRESSES);
	}
	mime_addresses_fini(&a);
}

/* Look for the strings of fields in one field. */
static void
search_field(struct text *t, const struct mime_field *field)
{
	if (field->name.n == 0 || !choose_needles(t, field->name))
		return;
	buf_clear(&t->converted);
	mime_decode_text(field->value, &t->converted);
	(void)match_feed(&t->fields, IN_TEXT, buf_str(&t->converted));
	(void)match_break(&t->fields, IN_TEXT);
	if (wants_addresses(t, field->value))
		search_addresses(t, field->value);
	for (size_t i = 0; i < t->fields.count; i++) {
		if (t->fields.needles[i].found)
			t->owners[i]->found = true;
	}
}

/* Look for needles in one field, its name too.  True on news. */
static bool
search_line(struct text *t, unsigned scopes, const struct mime_field *field)
{
	bool news = false;

	buf_clear(&t->converted);
	if (field->name.n > 0) {
		news |= match_feed(&t->needles, scopes, field->name);
		news |= match_feed(&t->needles, scopes, STR(": "));
		mime_decode_text(field->value, &t->converted);
	} else {
		mime_decode_text(field->whole, &t->converted);
	}
	news |= match_feed(&t->needles, scopes, buf_str(&t->converted));
	news |= match_break(&t->needles, scopes);
	return news;
}

enum rc
text_search_header(struct text *t, const struct text_source *s)
{
	struct mime_part message;
	struct mime_field field;
	struct cursor at;
	uint64_t size = s->prefix;
	enum rc rc;

	if (mime_section_part(s->table, NULL, 0, &message))
		size += message.header.size;
	rc = read_raw(t, s, 0, header_bytes(size));
	if (rc != RC_OK)
		return rc;
	at = str_cursor(buf_str(&t->raw));
	while (mime_field_next(&at, &field)) {
		if (t->plan->field_count > 0)
			search_field(t, &field);
		if (t->plan->needle_count > 0)
			(void)search_line(t, PLAN_IN_HEADER, &field);
	}
	return RC_OK;
}

/* -- bodies ------------------------------------------------------------ */

/* A walk over the parts of a message. */
struct body {
	struct text *text;
	const struct text_source *source;
	bool (*enough)(void *arg);
	void *arg;
	bool done;
};

static void
note(struct body *b, bool news)
{
	if (news && b->enough(b->arg))
		b->done = true;
}

static enum rc
search_part_header(
    struct body *b, const struct mime_range *header, unsigned scopes)
{
	struct mime_field field;
	struct cursor at;
	enum rc rc = read_raw(b->text, b->source,
	    b->source->prefix + header->offset, header_bytes(header->size));

	if (rc != RC_OK)
		return rc;
	at = str_cursor(buf_str(&b->text->raw));
	while (!b->done && mime_field_next(&at, &field))
		note(b, search_line(b->text, scopes, &field));
	return RC_OK;
}

/* Convert what has been decoded and look at it. */
static void
search_decoded(struct body *b, struct mime_charset *charset, bool last)
{
	struct text *t = b->text;

	buf_clear(&t->converted);
	mime_charset_write(charset, buf_str(&t->decoded), &t->converted);
	if (last)
		mime_charset_finish(charset, &t->converted);
	note(b, match_feed(&t->needles, PLAN_IN_BODY, buf_str(&t->converted)));
	buf_clear(&t->decoded);
}

/* Decode the octets of a part, piece by piece. */
static enum rc
search_octets(
    struct body *b, const struct mime_part *part, struct mime_charset *charset)
{
	struct text *t = b->text;
	struct mime_decoder decoder;
	uint64_t left = part->body.size;
	uint64_t at = b->source->prefix + part->body.offset;

	mime_decoder_init(&decoder, part->encoding);
	buf_clear(&t->decoded);
	while (left > 0 && !b->done) {
		size_t count = left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
		enum rc rc = read_raw(t, b->source, at, count);

		if (rc != RC_OK)
			return rc;
		mime_decoder_write(&decoder, buf_str(&t->raw), &t->decoded);
		search_decoded(b, charset, false);
		at += count;
		left -= count;
	}
	mime_decoder_finish(&decoder, &t->decoded);
	search_decoded(b, charset, true);
	return RC_OK;
}

static enum rc
search_leaf(struct body *b, const struct mime_part *part)
{
	struct mime_charset *charset;
	enum rc rc;

	if (part->kind != MIME_LEAF || (!str_eq(part->type, STR("text")) &&
					   !str_eq(part->type, STR("message"))))
		return RC_OK;
	charset = mime_charset_new(part->charset);
	rc = search_octets(b, part, charset);
	mime_charset_free(charset);
	note(b, match_break(&b->text->needles, PLAN_IN_BODY));
	return rc;
}

enum rc
text_search_body(struct text *t, const struct text_source *s,
    bool (*enough)(void *arg), void *arg)
{
	struct body b = { t, s, enough, arg, .done = t->needles.count == 0 };
	struct mime_parts parts = mime_parts_begin(s->table);
	struct mime_part part;
	bool within = false; /* a message within the message begins */
	enum rc rc = RC_OK;

	while (rc == RC_OK && !b.done && mime_parts_next(&parts, &part)) {
		/* The header of a message within is text of the body. */
		if (part.depth > 0)
			rc = search_part_header(&b, &part.header,
			    within ? PLAN_IN_HEADER | PLAN_IN_BODY
				   : PLAN_IN_HEADER);
		if (rc == RC_OK && !b.done)
			rc = search_leaf(&b, &part);
		within = part.kind == MIME_MESSAGE;
	}
	return rc;
}
