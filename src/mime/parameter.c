/* SPDX-License-Identifier: MIT
 *
 * Parameters of Content-Type and Content-Disposition (RFC 2045 section 5.1)
 * with continuations and charsets (RFC 2231), as body-fld-param.
 *
 * "name*0" and its followers are joined to "name".  What is in the extended
 * form, and raw 8-bit text, is given as "name*" with the value in the extended
 * form again, in UTF-8 (UTF-8''caf%C3%A9): RFC 9051 section 7.5.2 wants UTF-8
 * there, but these texts also go to sessions that may not see 8-bit.  Encoded-
 * words stay as they are.  White space at either end of a value goes, as
 * boundaries want it (RFC 2046 section 5.1.1).  Of a name that comes twice the first counts.
 */
#include "base/limits.h"

#include <string.h>
#include "base/mem.h"
#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define NAME_BYTES_MAX	   100
#define TEXT_BYTES_MAX	   (16 * 1024)
#define BOUNDARY_ROOM	   MIME_BOUNDARY_BYTES_MAX
#define CHARSET_ROOM	   64
#define EXTENDED_BYTES_MAX 1024 /* nine times as many when written */
#define SECTION_NONE	   -1
#define SECTION_MAX	   999
#define SECTION_DIGITS	   3

struct parameter {
	struct str name; /* without "*", "*0" and the like */
	int section;	 /* of "name*0"; SECTION_NONE: not cut in sections */
	bool extended;	 /* "name*" */
	size_t value;	 /* where in list.values */
	size_t value_n;
};

struct list {
	struct parameter v[MIME_PARAMETERS_MAX];
	size_t n;
	struct buf values;
	char room[MIME_TEXT_ROOM]; /* for values */
};

/* -- reading ------------------------------------------------------------ */

/* Split "name*0*" into its parts. */
static struct parameter
split_name(struct str name)
{
	struct parameter p = { .name = name, .section = SECTION_NONE };
	size_t star;
	uint64_t section;

	if (name.n > 1 && name.p[name.n - 1] == '*') {
		p.extended = true;
		p.name.n--;
	}
	star = str_find(p.name, '*');
	if (star > 0 && p.name.n - star <= SECTION_DIGITS + 1 &&
	    str_number(str_skip(p.name, star + 1), SECTION_MAX, &section)) {
		p.section = (int)section;
		p.name.n = star;
	}
	return p;
}

/* Does "name=" begin at ${at}?  Then the ";" before it was forgotten. */
static bool
begins_parameter(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && mime_is_token(*at))
		at++;
	return at > from && at < end && *at == '=';
}

/* The value of a parameter that is not quoted goes on to the ";", for file
 * names with spaces are often not quoted. */
static void
take_unquoted(struct cursor *c, struct buf *to)
{
	const char *from = c->at, *end;

	while (c->at < c->end && *c->at != ';') {
		bool space = mime_is_space(*c->at++);

		if (space && begins_parameter(c->at, c->end))
			break;
	}
	end = c->at;
	while (end > from && mime_is_space(end[-1]))
		end--;
	if (end > from && end[-1] == ')') {
		const char *open = memchr(from, '(', (size_t)(end - from));

		if (open != NULL)
			end = open;
	}
	mime_unfold((struct str){ from, (size_t)(end - from) }, to);
}

static void
take_value(struct cursor *c, struct buf *to)
{
	char room[MIME_TEXT_ROOM];
	struct buf raw;

	mime_skip_cfws(c);
	buf_init_room(&raw, (size_t)(c->end - c->at), room, sizeof(room));
	if (mime_take_quoted(c, &raw)) {
		mime_unfold(buf_str(&raw), to);
	} else {
		if (c->at < c->end && *c->at == '"')
			c->at++;
		take_unquoted(c, to);
	}
	buf_fini(&raw);
}

/* Take one parameter, or pass over what is none. */
static void
take_parameter(struct list *l, struct cursor *c)
{
	const char *from = c->at;
	struct parameter p;
	struct str name;

	while (c->at < c->end && mime_is_token(*c->at))
		c->at++;
	name = str_until(from, c);
	mime_skip_cfws(c);
	if (name.n == 0 || c->at == c->end || *c->at != '=') {
		/* A word alone is passed over; a stray byte too. */
		if (name.n == 0 && c->at < c->end)
			c->at++;
		return;
	}
	c->at++;
	p = split_name(name);
	p.value = l->values.n;
	take_value(c, &l->values);
	p.value_n = l->values.n - p.value;
	if (l->n < MIME_PARAMETERS_MAX && p.name.n <= NAME_BYTES_MAX &&
	    utf8_is_ascii(p.name))
		l->v[l->n++] = p;
}

static void
take_parameters(struct list *l, struct str text)
{
	struct cursor c = str_cursor(text);

	for (;;) {
		mime_skip_cfws(&c);
		while (c.at < c.end && (*c.at == ';' || *c.at == ',')) {
			c.at++;
			mime_skip_cfws(&c);
		}
		if (c.at == c.end)
			return;
		take_parameter(l, &c);
	}
}

/* -- joining ------------------------------------------------------------ */

static struct str
value_of(const struct list *l, const struct parameter *p)
{
	return str_head(str_skip(buf_str(&l->values), p->value), p->value_n);
}

/* The first parameter of this name and section, in either form. */
static const struct parameter *
find(const struct list *l, struct str name, int section)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].section == section &&
		    str_eq_nocase(l->v[i].name, name))
			return &l->v[i];
	}
	return NULL;
}

/* Undo the percent encoding                       RFC 2231 section 4 */
static void
add_percent_decoded(struct str value, struct buf *to)
{
	for (size_t i = 0; i < value.n; i++) {
		int high = -1, low = -1;

		if (value.p[i] == '%' && value.n - i > 2) {
			high = mime_hex(value.p[i + 1]);
			low = mime_hex(value.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			buf_add_byte(to, (char)(high << 4 | low));
			i += 2;
		} else {
			buf_add_byte(to, value.p[i]);
		}
	}
}

/* Take "charset'language'" off the front of an extended value. */
static struct str
take_charset(struct str *value)
{
	size_t first = str_find(*value, '\'');
	struct str rest = str_skip(*value, first + 1);
	struct str charset = str_head(*value, first);
	size_t second = str_find(rest, '\'');

	if (first == value->n || second == rest.n)
		return STR("");
	*value = str_skip(rest, second + 1);
	return charset;
}

/* One value: joined, and in UTF-8 when it was in the extended form. */
struct joined {
	struct buf bytes;
	char room[MIME_TEXT_ROOM];
	struct str charset;
	bool extended;
};

static void
add_piece(
    const struct list *l, const struct parameter *p, struct joined *joined)
{
	struct str value = value_of(l, p);

	if (!p->extended) {
		buf_add_str(&joined->bytes, value);
		return;
	}
	if (p->section <= 0)
		joined->charset = take_charset(&value);
	joined->extended = true;
	add_percent_decoded(value, &joined->bytes);
}

static void
join(const struct list *l, const struct parameter *first, struct joined *joined)
{
	const struct parameter *p = first;

	joined->charset = STR("");
	joined->extended = false;
	buf_init_room(&joined->bytes, l->values.n + 1, joined->room,
	    sizeof(joined->room));
	do {
		add_piece(l, p, joined);
		p = p->section == SECTION_NONE
			? NULL
			: find(l, p->name, p->section + 1);
	} while (p != NULL);
}

/* -- writing ------------------------------------------------------------ */

/* attribute-char                                  RFC 2231 section 7 */
static bool
is_attribute_char(char byte)
{
	return (unsigned char)byte < 0x80 && mime_is_token(byte) &&
	       byte != '*' && byte != '\'' && byte != '%';
}

static void
add_extended(struct str utf8, struct buf *to)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_add_text(to, "UTF-8''");
	for (size_t i = 0; i < utf8.n; i++) {
		unsigned char byte = (unsigned char)utf8.p[i];

		if (is_attribute_char(utf8.p[i])) {
			buf_add_byte(to, utf8.p[i]);
		} else {
			buf_add_byte(to, '%');
			buf_add_byte(to, digits[byte >> 4]);
			buf_add_byte(to, digits[byte & 15]);
		}
	}
}

static void
write_extended(const struct joined *joined, struct buf *to)
{
	struct mime_charset *c = mime_charset_new(joined->charset);
	struct str bytes =
	    str_head(buf_str(&joined->bytes), EXTENDED_BYTES_MAX);
	struct buf utf8, text;

	buf_init(&utf8, bytes.n * MIME_CHARSET_GROWTH + MIME_CHARSET_HELD);
	mime_charset_write(c, bytes, &utf8);
	mime_charset_finish(c, &utf8);
	mime_charset_free(c);
	buf_init(&text, utf8.n * 3 + 16);
	add_extended(buf_str(&utf8), &text);
	mime_write_string(buf_str(&text), to);
	buf_fini(&text);
	buf_fini(&utf8);
}

/* ${name} in upper case, with "*" when ${extended}. */
static void
write_name(struct str name, bool extended, struct buf *to)
{
	buf_add_byte(to, '"');
	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(to, str_upper(name.p[i]));
	buf_add_text(to, extended ? "*\" " : "\" ");
}

static void
write_parameter(const struct list *l, const struct parameter *p, struct buf *to)
{
	struct joined joined;
	bool extended;

	join(l, p, &joined);
	extended = joined.extended || !utf8_is_ascii(buf_str(&joined.bytes));
	buf_add_byte(to, to->n == 0 ? '(' : ' ');
	write_name(p->name, extended, to);
	if (extended)
		write_extended(&joined, to);
	else
		mime_write_string(
		    str_head(buf_str(&joined.bytes), MIME_STRING_BYTES_MAX),
		    to);
	buf_fini(&joined.bytes);
}

/* Is it the first of what would be written under its name? */
static bool
is_first(const struct list *l, size_t index)
{
	const struct parameter *p = &l->v[index];

	if (p->section > 0)
		return false;
	for (size_t i = 0; i < index; i++) {
		if (l->v[i].section <= 0 && l->v[i].extended == p->extended &&
		    str_eq_nocase(l->v[i].name, p->name))
			return false;
	}
	return true;
}

/* body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
 *                                                RFC 9051 section 9
 * What there is no room for is left out. */
static void
write_parameters(const struct list *l, struct buf *to)
{
	buf_clear(to);
	for (size_t i = 0; i < l->n; i++) {
		size_t before = to->n;

		if (!is_first(l, i))
			continue;
		write_parameter(l, &l->v[i], to);
		if (to->overflowed || to->n == to->max) {
			buf_truncate(to, before);
			to->overflowed = false;
			break;
		}
	}
	buf_add_text(to, to->n > 0 ? ")" : "NIL");
}

/* Append the value of ${name} if it fits. */
static void
add_plain(const struct list *l, struct str name, struct buf *to)
{
	struct joined joined;
	const struct parameter *p = find(l, name, SECTION_NONE);

	if (p == NULL)
		p = find(l, name, 0);
	if (p == NULL)
		return;
	join(l, p, &joined);
	buf_add_str(to, buf_str(&joined.bytes));
	buf_fini(&joined.bytes);
}

void
mime_parameters_init(struct mime_parameters *p)
{
	buf_init(&p->text, TEXT_BYTES_MAX);
	buf_init(&p->charset, CHARSET_ROOM);
	buf_init(&p->boundary, BOUNDARY_ROOM);
}

void
mime_parameters_fini(struct mime_parameters *p)
{
	buf_fini(&p->text);
	buf_fini(&p->charset);
	buf_fini(&p->boundary);
}

void
mime_parameters_read(struct mime_parameters *p, struct str text)
{
	struct list *l = mem_resize(NULL, sizeof(*l));

	l->n = 0;
	buf_init_room(&l->values, text.n + 1, l->room, sizeof(l->room));
	take_parameters(l, text);
	write_parameters(l, &p->text);
	buf_clear(&p->charset);
	add_plain(l, STR("charset"), &p->charset);
	buf_clear(&p->boundary);
	add_plain(l, STR("boundary"), &p->boundary);
	buf_fini(&l->values);
	mem_free(l);
}
