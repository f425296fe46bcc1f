/* SPDX-License-Identifier: MIT
 *
 * FETCH: RFC 9051 section 9, RFC 3501 section 9 (RFC822 and what begins so),
 * RFC 4466 section 3 (modifiers), RFC 8514 section 5 (SAVEDATE), RFC
 * 8474 section 7 (EMAILID, THREADID).
 */
#include "proto/imap/fetch.h"

#include "base/cursor.h"
#include "proto/imap/string.h"
#include "proto/imap/write.h"

#define MACRO_ITEMS 5 /* of the longest, FULL */

/* What follows an item's name. */
enum follows {
	FOLLOWS_NOTHING,
	FOLLOWS_SECTION, /* section [partial] */
	FOLLOWS_BINARY,	 /* section-binary [partial] */
	FOLLOWS_PART,	 /* section-binary */
	FOLLOWS_LAZY,	 /* [SP "(" preview-mod ...] */
};

static const struct item {
	const char *name;
	enum fetch_kind kind;
	enum follows follows;
	bool peek;
} items[] = {
	{ "UID", FETCH_UID, FOLLOWS_NOTHING, true },
	{ "FLAGS", FETCH_FLAGS, FOLLOWS_NOTHING, true },
	{ "INTERNALDATE", FETCH_INTERNALDATE, FOLLOWS_NOTHING, true },
	{ "RFC822.SIZE", FETCH_RFC822_SIZE, FOLLOWS_NOTHING, true },
	{ "ENVELOPE", FETCH_ENVELOPE, FOLLOWS_NOTHING, true },
	{ "BODY", FETCH_BODY, FOLLOWS_NOTHING, true },
	{ "BODYSTRUCTURE", FETCH_BODYSTRUCTURE, FOLLOWS_NOTHING, true },
	{ "MODSEQ", FETCH_MODSEQ, FOLLOWS_NOTHING, true },
	{ "SAVEDATE", FETCH_SAVEDATE, FOLLOWS_NOTHING, true },
	{ "EMAILID", FETCH_EMAILID, FOLLOWS_NOTHING, true },
	{ "THREADID", FETCH_THREADID, FOLLOWS_NOTHING, true },
	{ "BODY", FETCH_BODY_SECTION, FOLLOWS_SECTION, false },
	{ "BODY.PEEK", FETCH_BODY_SECTION, FOLLOWS_SECTION, true },
	{ "RFC822", FETCH_RFC822, FOLLOWS_NOTHING, false },
	{ "RFC822.PEEK", FETCH_RFC822, FOLLOWS_NOTHING, true },
	{ "RFC822.HEADER", FETCH_RFC822_HEADER, FOLLOWS_NOTHING, true },
	{ "RFC822.HEADER.PEEK", FETCH_RFC822_HEADER, FOLLOWS_NOTHING, true },
	{ "RFC822.TEXT", FETCH_RFC822_TEXT, FOLLOWS_NOTHING, false },
	{ "RFC822.TEXT.PEEK", FETCH_RFC822_TEXT, FOLLOWS_NOTHING, true },
	{ "BINARY", FETCH_BINARY, FOLLOWS_BINARY, false },
	{ "BINARY.PEEK", FETCH_BINARY, FOLLOWS_BINARY, true },
	{ "BINARY.SIZE", FETCH_BINARY_SIZE, FOLLOWS_PART, true },
	{ "PREVIEW", FETCH_PREVIEW, FOLLOWS_LAZY, true },
};
#define ITEM_COUNT (sizeof(items) / sizeof(items[0]))

static const struct {
	const char *name;
	enum section_text text;
} texts[] = {
	{ "HEADER", SECTION_HEADER },
	{ "HEADER.FIELDS", SECTION_HEADER_FIELDS },
	{ "HEADER.FIELDS.NOT", SECTION_HEADER_FIELDS_NOT },
	{ "TEXT", SECTION_TEXT },
	{ "MIME", SECTION_MIME },
};
#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

/* Letters, digits and dots: the name of an item or of a section's text. */
static struct str
take_name(struct parser *p)
{
	const char *from = p->c.at;

	while (p->c.at < p->c.end) {
		char b = str_upper(*p->c.at);

		if (!(b >= 'A' && b <= 'Z') && !(b >= '0' && b <= '9') &&
		    b != '.')
			break;
		p->c.at++;
	}
	return str_until(from, &p->c);
}

/* -- sections ------------------------------------------------------------ */

/* section-part = nz-number *("." nz-number)       RFC 9051 section 9
 * A "." that no digit follows is left. */
static bool
parse_section_part(struct parser *p, struct section *section)
{
	section->path =
	    parser_alloc(p, parser_count(p, '.', ']'), sizeof(*section->path));
	if (section->path == NULL)
		return false;
	for (;;) {
		if (!parse_nz_number(p, &section->path[section->path_count]))
			return false;
		section->path_count++;
		if (p->c.end - p->c.at < 2 || p->c.at[0] != '.' ||
		    p->c.at[1] < '0' || p->c.at[1] > '9')
			return true;
		p->c.at++;
	}
}

/* header-list = "(" header-fld-name *(SP header-fld-name) ")"
 *                                                 RFC 9051 section 9 */
static bool
parse_header_list(struct parser *p, struct section *section)
{
	size_t most = parser_count_words(p, HEADER_FIELDS_MAX);

	if (!take_byte(p, '('))
		return parser_expected(p, p->c.at, "header-list");
	section->fields = parser_alloc(p, most, sizeof(*section->fields));
	if (section->fields == NULL)
		return false;
	do {
		if (section->field_count == most)
			return parser_refuse(p, "Too many header fields");
		if (!parse_astring(p, &section->fields[section->field_count++]))
			return false;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "header-fld-name or \")\"");
}

/* section-text = section-msgtext / "MIME"         RFC 9051 section 9 */
static bool
parse_section_text(struct parser *p, struct section *section)
{
	const char *from = p->c.at;
	struct str name = take_name(p);

	for (size_t i = 0; i < TEXT_COUNT; i++)
		if (str_eq_nocase(name, str_of(texts[i].name)))
			section->text = texts[i].text;
	if (section->text == SECTION_NONE ||
	    (section->text == SECTION_MIME && section->path_count == 0))
		return parser_expected(p, from, "section");
	if (section->text != SECTION_HEADER_FIELDS &&
	    section->text != SECTION_HEADER_FIELDS_NOT)
		return true;
	return take_sp(p) && parse_header_list(p, section);
}

/* section-spec = section-msgtext / (section-part ["." section-text])
 *                                                 RFC 9051 section 9 */
static bool
parse_section_spec(struct parser *p, struct section *section)
{
	if (p->c.at < p->c.end && *p->c.at >= '0' && *p->c.at <= '9') {
		if (!parse_section_part(p, section))
			return false;
		if (!take_byte(p, '.'))
			return true;
	}
	return parse_section_text(p, section);
}

bool
parse_section(struct parser *p, struct section *ret_section)
{
	const char *from = p->c.at;
	struct section section = { 0 };

	if (!take_byte(p, '['))
		return parser_expected(p, from, "section");
	if (!take_byte(p, ']')) {
		if (!parse_section_spec(p, &section))
			return parser_expected(p, from, "section");
		if (!take_byte(p, ']')) {
			(void)parser_expected(p, p->c.at, "\"]\"");
			return parser_expected(p, from, "section");
		}
	}
	*ret_section = section;
	return true;
}

/* section-binary = "[" [section-part] "]"         RFC 9051 section 9 */
static bool
parse_section_binary(struct parser *p, struct section *section)
{
	const char *from = p->c.at;

	return parse_section(p, section) &&
	       (section->text == SECTION_NONE ||
		   parser_expected(p, from, "part number"));
}

/* -- items --------------------------------------------------------------- */

/* partial = "<" number64 "." nz-number64 ">"      RFC 9051 section 9 */
static bool
parse_partial(struct parser *p, struct fetch_att *att)
{
	const char *from = p->c.at;

	if (!take_byte(p, '<'))
		return true;
	att->partial = true;
	return (parse_number64(p, &att->offset) && take_byte(p, '.') &&
		   parse_nz_number64(p, &att->count) && take_byte(p, '>')) ||
	       parser_expected(p, from, "partial");
}

/* [SP "(" preview-mod *(SP preview-mod) ")"], where preview-mod = "LAZY"
 *                                                 RFC 8970 section 6
 * Behind an item without parentheses it may be the modifiers of the FETCH that
 * stand here. */
static void
take_lazy(struct parser *p, struct fetch_att *att)
{
	const char *from = p->c.at;
	bool good = take_byte(p, ' ') && take_byte(p, '(');

	if (good)
		do
			good = take_word(p, "LAZY");
		while (good && take_byte(p, ' '));
	att->lazy = good && take_byte(p, ')');
	if (!att->lazy)
		p->c.at = from;
}

static bool
has_section(enum follows follows)
{
	return follows != FOLLOWS_NOTHING && follows != FOLLOWS_LAZY;
}

/* The item of this name; those that have a section are other items than those
 * that have none. */
static const struct item *
find_item(struct str name, bool section)
{
	for (size_t i = 0; i < ITEM_COUNT; i++)
		if (section == has_section(items[i].follows) &&
		    str_eq_nocase(name, str_of(items[i].name)))
			return &items[i];
	return NULL;
}

static bool
parse_follows(struct parser *p, enum follows follows, struct fetch_att *att)
{
	switch (follows) {
	case FOLLOWS_NOTHING:
		return true;
	case FOLLOWS_SECTION:
		return parse_section(p, &att->section) && parse_partial(p, att);
	case FOLLOWS_BINARY:
		return parse_section_binary(p, &att->section) &&
		       parse_partial(p, att);
	case FOLLOWS_PART:
		return parse_section_binary(p, &att->section);
	case FOLLOWS_LAZY:
		take_lazy(p, att);
		return true;
	}
	return false;
}

/* fetch-att                                       RFC 9051 section 9
 * Also "RFC822.PEEK" and its like, which stood in earlier specifications. */
static bool
parse_fetch_att(struct parser *p, struct fetch_att *ret_att)
{
	const char *from = p->c.at;
	struct fetch_att att = { 0 };
	struct str name = take_name(p);
	const struct item *item = find_item(name, cursor_sees(&p->c, '['));

	if (item == NULL)
		return parser_expected(p, from, "fetch-att");
	att.kind = item->kind;
	att.peek = item->peek;
	if (!parse_follows(p, item->follows, &att))
		return parser_expected(p, from, "fetch-att");
	*ret_att = att;
	return true;
}

/* fetch-att *(SP fetch-att) ")", behind the "(" */
static bool
parse_att_list(struct parser *p, struct fetch_args *args)
{
	size_t most = parser_count_words(p, FETCH_ITEMS_MAX);

	args->atts = parser_alloc(p, most, sizeof(*args->atts));
	if (args->atts == NULL)
		return false;
	do {
		if (args->att_count == most)
			return parser_refuse(p, "Too many items");
		if (!parse_fetch_att(p, &args->atts[args->att_count]))
			return false;
		args->att_count++;
	} while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "fetch-att or \")\"");
}

/* "ALL" / "FULL" / "FAST"                         RFC 9051 section 6.4.5 */
static bool
take_macro(struct parser *p, struct fetch_args *args)
{
	static const enum fetch_kind kinds[MACRO_ITEMS] = {
		FETCH_FLAGS,
		FETCH_INTERNALDATE,
		FETCH_RFC822_SIZE,
		FETCH_ENVELOPE,
		FETCH_BODY,
	};

	if (take_word(p, "FAST"))
		args->att_count = 3;
	else if (take_word(p, "ALL"))
		args->att_count = 4;
	else if (take_word(p, "FULL"))
		args->att_count = MACRO_ITEMS;
	for (size_t i = 0; i < args->att_count; i++)
		args->atts[i] =
		    (struct fetch_att){ .kind = kinds[i], .peek = true };
	return args->att_count > 0;
}

static bool
parse_atts(struct parser *p, struct fetch_args *args)
{
	if (take_byte(p, '('))
		return parse_att_list(p, args);
	args->atts = parser_alloc(p, MACRO_ITEMS, sizeof(*args->atts));
	if (args->atts == NULL)
		return false;
	if (take_macro(p, args))
		return true;
	args->att_count = 1;
	return parse_fetch_att(p, &args->atts[0]);
}

bool
parse_fetch(struct parser *p, struct fetch_args *ret_args)
{
	const char *from = p->c.at;
	struct fetch_args args = { 0 };

	if (!take_sp(p) || !parse_sequence_set(p, &args.set) || !take_sp(p) ||
	    !parse_atts(p, &args) || !parse_modifiers(p, &args.modifiers) ||
	    !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

/* -- writing ------------------------------------------------------------- */

static void
write_header_list(struct buf *to, const struct section *section)
{
	for (size_t i = 0; i < section->field_count; i++) {
		buf_add_text(to, i == 0 ? " (" : " ");
		write_astring(to, section->fields[i], false);
	}
	if (section->field_count > 0)
		buf_add_byte(to, ')');
}

static void
write_section(struct buf *to, const struct section *section)
{
	buf_add_byte(to, '[');
	for (size_t i = 0; i < section->path_count; i++) {
		if (i > 0)
			buf_add_byte(to, '.');
		buf_add_number(to, section->path[i]);
	}
	if (section->text != SECTION_NONE && section->path_count > 0)
		buf_add_byte(to, '.');
	for (size_t i = 0; i < TEXT_COUNT; i++)
		if (texts[i].text == section->text)
			buf_add_text(to, texts[i].name);
	write_header_list(to, section);
	buf_add_byte(to, ']');
}

/* The row for ${att}: of those that mean the same the first. */
static const struct item *
item_of(const struct fetch_att *att, bool peek)
{
	for (size_t i = 0; i < ITEM_COUNT; i++)
		if (items[i].kind == att->kind && items[i].peek == peek)
			return &items[i];
	return NULL;
}

/* The name of the item; an answer never says ".PEEK". */
static void
write_name(struct buf *to, const struct fetch_att *att, bool answer)
{
	const struct item *item = NULL;

	if (answer || !att->peek)
		item = item_of(att, false);
	if (item == NULL)
		item = item_of(att, true);
	buf_add_text(to, item->name);
	if (has_section(item->follows))
		write_section(to, &att->section);
}

void
write_fetch_att_name(struct buf *to, const struct fetch_att *att)
{
	write_name(to, att, true);
	if (!att->partial)
		return;
	buf_add_byte(to, '<');
	buf_add_number(to, att->offset);
	buf_add_byte(to, '>');
}

void
write_fetch_att(struct buf *to, const struct fetch_att *att)
{
	write_name(to, att, false);
	if (att->lazy)
		buf_add_text(to, " (LAZY)");
	if (!att->partial)
		return;
	buf_add_byte(to, '<');
	buf_add_number(to, att->offset);
	buf_add_byte(to, '.');
	buf_add_number(to, att->count);
	buf_add_byte(to, '>');
}

void
write_fetch(struct buf *to, const struct fetch_args *args)
{
	buf_add_byte(to, ' ');
	write_set(to, &args->set);
	for (size_t i = 0; i < args->att_count; i++) {
		buf_add_text(to, i == 0 ? " (" : " ");
		write_fetch_att(to, &args->atts[i]);
	}
	buf_add_byte(to, ')');
	if (args->modifiers.n > 0)
		buf_add_byte(to, ' ');
	write_modifier_list(to, &args->modifiers);
}
