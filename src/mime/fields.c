/* SPDX-License-Identifier: MIT
 *
 * Header fields and the bytes they are made of.  RFC 5322 sections 2.2 and
 * 3.2.  (mime_decode_text() is in words.c.)
 */
#include "mime/fields.h"

#include <string.h>

#include "mime/mime_internal.h"

bool
mime_is_wsp(char byte)
{
	return byte == ' ' || byte == '\t';
}

bool
mime_is_space(char byte)
{
	return mime_is_wsp(byte) || byte == '\r' || byte == '\n';
}

bool
mime_is_token(char byte)
{
	if (byte == 0 || byte == 0x7f)
		return false;
	return (unsigned char)byte > ' ' &&
	       memchr("()<>@,;:\\\"/[]?=", byte, 15) == NULL;
}

int
mime_hex(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte = str_upper(byte);
	return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* -- walking ------------------------------------------------------------ */

/* Take a line with its end. */
static struct str
take_line(struct cursor *c)
{
	const char *from = c->at;
	const char *end = memchr(from, '\n', (size_t)(c->end - from));

	c->at = end != NULL ? end + 1 : c->end;
	return str_until(from, c);
}

static struct str
without_line_end(struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* field-name = 1*ftext, ftext = %d33-57 / %d59-126  RFC 5322 section 3.6.8;
 * white space before the colon is obsolete but allowed (section 4.5).  "" when
 * the line is no field; else ${ret_value} is where the value begins. */
static struct str
field_name(struct str line, size_t *ret_value)
{
	size_t colon = str_find(line, ':');
	struct str name = str_head(line, colon);

	if (colon == line.n)
		return STR("");
	while (name.n > 0 && mime_is_wsp(name.p[name.n - 1]))
		name.n--;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < 33 || name.p[i] > 126)
			return STR("");
	}
	*ret_value = colon + 1;
	return name;
}

bool
mime_is_field_line(struct str line)
{
	size_t value;

	return field_name(without_line_end(line), &value).n > 0;
}

bool
mime_field_next(struct cursor *header, struct mime_field *ret_field)
{
	const char *from = header->at;
	struct str line;
	size_t value = 0;

	if (from == header->end)
		return false;
	line = take_line(header);
	if (without_line_end(line).n == 0) {
		header->at = from;
		return false;
	}
	while (header->at < header->end && mime_is_wsp(*header->at))
		(void)take_line(header);
	ret_field->name = field_name(without_line_end(line), &value);
	ret_field->whole = str_until(from, header);
	ret_field->value = str_skip(without_line_end(ret_field->whole), value);
	return true;
}

static bool
is_named(struct str name, const struct str *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(name, names[i]))
			return true;
	}
	return false;
}

void
mime_fields_choose(struct str header, const struct str *names, size_t count,
    bool except, struct buf *to)
{
	struct cursor c = str_cursor(header);
	struct mime_field field;

	while (mime_field_next(&c, &field)) {
		if (is_named(field.name, names, count) != except)
			buf_add_str(to, field.whole);
	}
	buf_add(to, c.at, (size_t)(c.end - c.at));
}

void
mime_unfold(struct str value, struct buf *to)
{
	struct cursor c = str_cursor(str_trim(value));
	size_t run;

	while (c.at < c.end) {
		const char *from = c.at;

		while (c.at < c.end && *c.at != '\r' && *c.at != '\n' &&
		       *c.at != 0)
			c.at++;
		run = (size_t)(c.at - from);
		buf_add(to, from, run);
		if (c.at == c.end)
			return;
		if (*c.at == '\r' && !(c.end - c.at > 1 && c.at[1] == '\n'))
			buf_add_byte(to, ' ');
		c.at++;
	}
}

/* -- structured fields -------------------------------------------------- */

void
mime_skip_comment(struct cursor *c, struct buf *to)
{
	unsigned depth = 0;

	while (c->at < c->end) {
		char byte = *c->at++;

		if (byte == '(' && depth++ == 0)
			continue;
		if (byte == ')' && --depth == 0)
			return;
		if (byte == '\\' && c->at < c->end)
			byte = *c->at++;
		if (to != NULL)
			buf_add_byte(to, byte);
	}
}

void
mime_skip_cfws(struct cursor *c)
{
	while (c->at < c->end) {
		if (*c->at == '(')
			mime_skip_comment(c, NULL);
		else if (mime_is_space(*c->at))
			c->at++;
		else
			return;
	}
}

/* Where the quoted-string at ${c} ends (at its last quote); NULL: nowhere. */
static const char *
quoted_end(const struct cursor *c)
{
	const char *at = c->at + 1;

	while (at < c->end && *at != '"') {
		if (*at == '\\' && c->end - at > 1)
			at++;
		at++;
	}
	return at < c->end ? at : NULL;
}

bool
mime_take_quoted(struct cursor *c, struct buf *to)
{
	const char *end;

	if (c->at == c->end || *c->at != '"')
		return false;
	end = quoted_end(c);
	if (end == NULL)
		return false;
	for (c->at++; c->at < end; c->at++) {
		if (*c->at == '\\' && c->at + 1 < end)
			c->at++;
		buf_add_byte(to, *c->at);
	}
	c->at++;
	return true;
}
