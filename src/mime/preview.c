/* SPDX-License-Identifier: MIT
 *
 * Previews: a machine that takes one character after another.  The tags and
 * comments of HTML are read as the HTML standard has it where that matters
 * for what is seen.
 */
#include "mime/preview.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <string.h>

enum state {
	STATE_TEXT,
	STATE_LINE,   /* plain: at the beginning of a line */
	STATE_QUOTED, /* plain: in a line that is left out */
	STATE_OPEN,   /* behind "<" */
	STATE_NAME,   /* of a tag */
	STATE_TAG,    /* behind that */
	STATE_SINGLE, /* in an attribute in single quotes */
	STATE_DOUBLE,
	STATE_MARKUP,  /* behind "<!" */
	STATE_COMMENT, /* behind "<!--" */
	STATE_HIDDEN,  /* in an element whose text is not shown */
	STATE_HIDDEN_OPEN,
	STATE_HIDDEN_NAME,
	STATE_ENTITY, /* behind "&" */
};

/* -- characters -------------------------------------------------------- */

static bool
is_space(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Controls, and what changes the direction of what stands round the preview
 * or fills space unseen. */
static bool
is_unseen(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f ||
	       c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb);
}

/* Zero width joiner and non-joiner: parts of words and of emoji, but some
 * fill space with them. */
static bool
is_joiner(uint32_t c)
{
	return c == 0x200c || c == 0x200d;
}

static void
append(struct mime_preview *p, uint32_t c)
{
	struct buf to;

	if (p->count == MIME_PREVIEW_CHARACTERS_MAX)
		return;
	buf_init_room(&to, 4, p->text + p->n, 4);
	utf8_add(&to, c);
	p->n += to.n;
	p->count++;
	buf_fini(&to);
}

static void
show(struct mime_preview *p, uint32_t c)
{
	if (is_space(c)) {
		p->space = true;
		return;
	}
	if (is_joiner(c)) {
		if (p->n == 0 || p->space || p->joiner)
			return;
	} else if (is_unseen(c)) {
		return;
	}
	if (p->space && p->n > 0)
		append(p, ' ');
	p->space = false;
	p->joiner = is_joiner(c);
	append(p, c);
}

/* -- names ------------------------------------------------------------- */

static bool
is_alpha(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static void
add_name(struct mime_preview *p, uint32_t c)
{
	if (p->name_n < MIME_PREVIEW_NAME_MAX)
		p->name[p->name_n] = (char)c;
	if (p->name_n <= MIME_PREVIEW_NAME_MAX)
		p->name_n++;
}

/* The name; nothing when it is too long to be one of ours. */
static struct str
name_of(const struct mime_preview *p)
{
	return (struct str){ p->name,
		p->name_n <= MIME_PREVIEW_NAME_MAX ? p->name_n : 0 };
}

static bool
is_one_of(struct str name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(name, str_of(names[i])))
			return true;
	return false;
}

/* -- entities ---------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t character;
} entities[] = {
	{ "amp", '&' },
	{ "lt", '<' },
	{ "gt", '>' },
	{ "quot", '"' },
	{ "apos", '\'' },
	{ "nbsp", 0xa0 },
	{ "shy", 0xad },
	{ "zwnj", 0x200c },
	{ "zwj", 0x200d },
	{ "ensp", 0x2002 },
	{ "emsp", 0x2003 },
	{ "thinsp", 0x2009 },
	{ "ndash", 0x2013 },
	{ "mdash", 0x2014 },
	{ "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },
	{ "sbquo", 0x201a },
	{ "ldquo", 0x201c },
	{ "rdquo", 0x201d },
	{ "bdquo", 0x201e },
	{ "bull", 0x2022 },
	{ "hellip", 0x2026 },
	{ "laquo", 0xab },
	{ "raquo", 0xbb },
	{ "lsaquo", 0x2039 },
	{ "rsaquo", 0x203a },
	{ "middot", 0xb7 },
	{ "euro", 0x20ac },
	{ "pound", 0xa3 },
	{ "yen", 0xa5 },
	{ "cent", 0xa2 },
	{ "copy", 0xa9 },
	{ "reg", 0xae },
	{ "trade", 0x2122 },
	{ "deg", 0xb0 },
	{ "sect", 0xa7 },
	{ "times", 0xd7 },
	{ "Auml", 0xc4 },
	{ "Ouml", 0xd6 },
	{ "Uuml", 0xdc },
	{ "auml", 0xe4 },
	{ "ouml", 0xf6 },
	{ "uuml", 0xfc },
	{ "szlig", 0xdf },
	{ "agrave", 0xe0 },
	{ "aacute", 0xe1 },
	{ "acirc", 0xe2 },
	{ "atilde", 0xe3 },
	{ "aring", 0xe5 },
	{ "aelig", 0xe6 },
	{ "ccedil", 0xe7 },
	{ "egrave", 0xe8 },
	{ "eacute", 0xe9 },
	{ "Eacute", 0xc9 },
	{ "ecirc", 0xea },
	{ "euml", 0xeb },
	{ "iacute", 0xed },
	{ "icirc", 0xee },
	{ "ntilde", 0xf1 },
	{ "oacute", 0xf3 },
	{ "ocirc", 0xf4 },
	{ "otilde", 0xf5 },
	{ "oslash", 0xf8 },
	{ "ugrave", 0xf9 },
	{ "uacute", 0xfa },
	{ "ucirc", 0xfb },
};
#define ENTITY_COUNT (sizeof(entities) / sizeof(entities[0]))

/* The value of a digit, 99 if it is none. */
static uint32_t
digit_value(char c)
{
	char lower = str_lower(c);

	if (lower >= 'a' && lower <= 'f')
		return (uint32_t)(lower - 'a' + 10);
	return is_digit((unsigned char)c) ? (uint32_t)(c - '0') : 99;
}

/* "#123" or "#x1f600"; what is no character is U+FFFD. */
static bool
numeric(struct str name, uint32_t *ret_character)
{
	bool hex = name.n > 1 && str_lower(name.p[1]) == 'x';
	struct str digits = str_skip(name, hex ? 2 : 1);
	uint32_t base = hex ? 16 : 10, value = 0;

	if (digits.n == 0)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		uint32_t digit = digit_value(digits.p[i]);

		if (digit >= base)
			return false;
		if (value <= 0x10ffff)
			value = value * base + digit;
	}
	if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		value = 0xfffd;
	*ret_character = value;
	return true;
}

static bool
entity(struct str name, uint32_t *ret_character)
{
	if (name.n > 0 && name.p[0] == '#')
		return numeric(name, ret_character);
	for (size_t i = 0; i < ENTITY_COUNT; i++) {
		if (!str_eq(name, str_of(entities[i].name)))
			continue;
		*ret_character = entities[i].character;
		return true;
	}
	return false;
}

/* The entity is over; one that is not known is text, and false. */
static bool
end_entity(struct mime_preview *p)
{
	size_t n = p->name_n < MIME_PREVIEW_NAME_MAX ? p->name_n
						     : MIME_PREVIEW_NAME_MAX;
	uint32_t c;

	p->state = STATE_TEXT;
	if (entity(name_of(p), &c)) {
		show(p, c);
		return true;
	}
	show(p, '&');
	for (size_t i = 0; i < n; i++)
		show(p, (unsigned char)p->name[i]);
	return false;
}

/* -- tags -------------------------------------------------------------- */

/* Elements within a line of text; all others are set apart. */
static const char *const inline_elements[] = { "a", "abbr", "b", "big", "code",
	"em", "font", "i", "ins", "kbd", "mark", "s", "small", "span", "strike",
	"strong", "sub", "sup", "tt", "u", "wbr" };
#define INLINE_COUNT (sizeof(inline_elements) / sizeof(inline_elements[0]))

/* Elements whose text is not shown. */
static const char *const hidden_elements[] = { "script", "style", "template",
	"title" };
#define HIDDEN_COUNT (sizeof(hidden_elements) / sizeof(hidden_elements[0]))

/* ">" */
static void
end_tag(struct mime_preview *p)
{
	struct str name = name_of(p);

	p->state = STATE_TEXT;
	if (!is_one_of(name, inline_elements, INLINE_COUNT))
		p->space = true;
	if (p->closing || !is_one_of(name, hidden_elements, HIDDEN_COUNT))
		return;
	p->state = STATE_HIDDEN;
	p->hidden_n = p->name_n;
	memcpy(p->hidden, p->name, sizeof(p->hidden));
}

static void
begin_name(struct mime_preview *p, enum state state)
{
	p->state = (uint8_t)state;
	p->name_n = 0;
}

static void
take_open(struct mime_preview *p, uint32_t c)
{
	if (c == '/' && !p->closing) {
		p->closing = true;
	} else if (is_alpha(c)) {
		begin_name(p, STATE_NAME);
		add_name(p, c);
	} else if (c == '!' && !p->closing) {
		p->dashes = 0;
		p->state = STATE_MARKUP;
	} else if (c == '?' || p->closing) {
		begin_name(p, STATE_MARKUP);
		p->dashes = 3; /* no comment any more */
	} else {
		p->state = STATE_TEXT;
		show(p, '<');
		if (c == '<')
			p->state = STATE_OPEN;
		else
			show(p, c);
	}
}

static void
take_in_tag(struct mime_preview *p, uint32_t c)
{
	if (c == '>')
		end_tag(p);
	else if (c == '"')
		p->state = STATE_DOUBLE;
	else if (c == '\'')
		p->state = STATE_SINGLE;
	else if (p->state == STATE_NAME && !is_space(c) && c != '/')
		add_name(p, c < 0x80 ? c : '?');
	else
		p->state = STATE_TAG;
}

static void
take_markup(struct mime_preview *p, uint32_t c)
{
	if (c == '>')
		p->state = STATE_TEXT;
	else if (c != '-' || p->dashes > 1)
		p->dashes = 3;
	else if (++p->dashes == 2)
		p->state = STATE_COMMENT;
}

static void
take_comment(struct mime_preview *p, uint32_t c)
{
	if (c == '>' && p->dashes >= 2)
		p->state = STATE_TEXT;
	else if (c != '-')
		p->dashes = 0;
	else if (p->dashes < 2)
		p->dashes++;
}

/* -- what is not shown ------------------------------------------------- */

static bool
ends_hidden(const struct mime_preview *p)
{
	return str_eq_nocase(
	    name_of(p), (struct str){ p->hidden, p->hidden_n });
}

/* In "</style" as far as it goes. */
static void
take_hidden(struct mime_preview *p, uint32_t c)
{
	if (p->state == STATE_HIDDEN_OPEN && c == '/') {
		begin_name(p, STATE_HIDDEN_NAME);
	} else if (p->state == STATE_HIDDEN_NAME && is_alpha(c)) {
		add_name(p, c);
	} else if (p->state == STATE_HIDDEN_NAME && ends_hidden(p)) {
		p->closing = true;
		p->state = STATE_TAG;
		take_in_tag(p, c);
	} else {
		p->state = c == '<' ? STATE_HIDDEN_OPEN : STATE_HIDDEN;
	}
}

/* -- the machine ------------------------------------------------------- */

static void
take_html_text(struct mime_preview *p, uint32_t c)
{
	if (c == '<') {
		p->closing = false;
		p->state = STATE_OPEN;
	} else if (c == '&') {
		begin_name(p, STATE_ENTITY);
	} else {
		show(p, c);
	}
}

static void
take_entity(struct mime_preview *p, uint32_t c)
{
	bool good = is_alpha(c) || is_digit(c) || (c == '#' && p->name_n == 0);

	if (good && p->name_n < MIME_PREVIEW_NAME_MAX) {
		add_name(p, c);
		return;
	}
	if (!end_entity(p) || c != ';')
		take_html_text(p, c);
}

static void
take_plain(struct mime_preview *p, uint32_t c)
{
	if (p->state == STATE_LINE && c == '>')
		p->state = STATE_QUOTED;
	else if (c == '\n')
		p->state = STATE_LINE;
	else if (p->state == STATE_LINE)
		p->state = STATE_TEXT;
	if (p->state != STATE_QUOTED)
		show(p, c);
}

static void
take_html(struct mime_preview *p, uint32_t c)
{
	switch (p->state) {
	case STATE_OPEN:
		take_open(p, c);
		break;
	case STATE_NAME:
	case STATE_TAG:
		take_in_tag(p, c);
		break;
	case STATE_SINGLE:
		p->state = c == '\'' ? STATE_TAG : STATE_SINGLE;
		break;
	case STATE_DOUBLE:
		p->state = c == '"' ? STATE_TAG : STATE_DOUBLE;
		break;
	case STATE_MARKUP:
		take_markup(p, c);
		break;
	case STATE_COMMENT:
		take_comment(p, c);
		break;
	case STATE_HIDDEN:
	case STATE_HIDDEN_OPEN:
	case STATE_HIDDEN_NAME:
		take_hidden(p, c);
		break;
	case STATE_ENTITY:
		take_entity(p, c);
		break;
	default:
		take_html_text(p, c);
		break;
	}
}

void
mime_preview_init(struct mime_preview *p, bool html)
{
	memset(p, 0, sizeof(*p));
	p->html = html;
	p->state = html ? STATE_TEXT : STATE_LINE;
}

bool
mime_preview_write(struct mime_preview *p, struct str text)
{
	struct cursor c = str_cursor(text);
	uint32_t character;

	while (p->count < MIME_PREVIEW_CHARACTERS_MAX &&
	       utf8_next(&c, &character)) {
		if (p->html)
			take_html(p, character);
		else
			take_plain(p, character);
	}
	return p->count < MIME_PREVIEW_CHARACTERS_MAX;
}

struct str
mime_preview_finish(struct mime_preview *p)
{
	if (p->html && p->state == STATE_ENTITY)
		(void)end_entity(p);
	return (struct str){ p->text, p->n };
}
