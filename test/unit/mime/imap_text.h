/* SPDX-License-Identifier: MIT
 *
 * A strict reader of the texts that the parser makes: envelope and body of RFC
 * 9051 section 9, to the letter and a little stricter (one space and no more,
 * upper-case NIL, no literal that could have been quoted).  For tests.
 */
#ifndef AVOCET_TEST_IMAP_TEXT_H
#define AVOCET_TEST_IMAP_TEXT_H

#include "base/cursor.h"

static inline bool
text_word(struct cursor *c, struct str word)
{
	struct str rest = { c->at, (size_t)(c->end - c->at) };

	if (!str_begins(rest, word))
		return false;
	c->at += word.n;
	return true;
}

static inline bool
text_number(struct cursor *c)
{
	const char *from = c->at;

	while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
		c->at++;
	return c->at > from && (*from != '0' || c->at == from + 1);
}

/* Characters of strings: ASCII, no NUL, CR or LF. */
static inline bool
text_clean(char byte)
{
	return byte != 0 && byte != '\r' && byte != '\n' &&
	       (unsigned char)byte < 0x80;
}

static inline bool
text_quoted(struct cursor *c, struct str *ret_raw)
{
	const char *from = c->at + 1;

	if (!cursor_takes(c, '"'))
		return false;
	while (c->at < c->end && *c->at != '"') {
		if (*c->at == '\\') {
			c->at++;
			if (c->at == c->end ||
			    (*c->at != '"' && *c->at != '\\'))
				return false;
		} else if (!text_clean(*c->at)) {
			return false;
		}
		c->at++;
	}
	*ret_raw = str_until(from, c);
	return cursor_takes(c, '"') && ret_raw->n < 2000;
}

static inline bool
text_literal(struct cursor *c, struct str *ret_raw)
{
	const char *from;
	uint64_t count;

	if (!cursor_takes(c, '{'))
		return false;
	from = c->at;
	if (!text_number(c) ||
	    !str_number(str_until(from, c), SIZE_MAX, &count) ||
	    !text_word(c, STR("}\r\n")) || (size_t)(c->end - c->at) < count ||
	    count <= 900)
		return false;
	*ret_raw = (struct str){ c->at, count };
	for (c->at += count, from = ret_raw->p; from < c->at; from++) {
		if (!text_clean(*from))
			return false;
	}
	return true;
}

static inline bool
text_string(struct cursor *c)
{
	struct str raw;

	if (cursor_sees(c, '{'))
		return text_literal(c, &raw);
	return text_quoted(c, &raw);
}

static inline bool
text_nstring(struct cursor *c)
{
	return text_word(c, STR("NIL")) || text_string(c);
}

/* address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")" */
static inline bool
text_address(struct cursor *c)
{
	return cursor_takes(c, '(') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_nstring(c) && cursor_takes(c, ')');
}

/* env-from = "(" 1*address ")" / nil */
static inline bool
text_addresses(struct cursor *c)
{
	if (text_word(c, STR("NIL")))
		return true;
	if (!cursor_takes(c, '('))
		return false;
	do {
		if (!text_address(c))
			return false;
	} while (!cursor_takes(c, ')'));
	return true;
}

static inline bool
text_envelope(struct cursor *c)
{
	if (!cursor_takes(c, '(') || !text_nstring(c) ||
	    !cursor_takes(c, ' ') || !text_nstring(c))
		return false;
	for (int i = 0; i < 6; i++) {
		if (!cursor_takes(c, ' ') || !text_addresses(c))
			return false;
	}
	return cursor_takes(c, ' ') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_nstring(c) && cursor_takes(c, ')');
}

/* body-fld-param = "(" string SP string *(SP string SP string) ")" / nil */
static inline bool
text_params(struct cursor *c)
{
	if (text_word(c, STR("NIL")))
		return true;
	if (!cursor_takes(c, '('))
		return false;
	do {
		if (!text_string(c) || !cursor_takes(c, ' ') || !text_string(c))
			return false;
	} while (cursor_takes(c, ' '));
	return cursor_takes(c, ')');
}

/* body-fld-dsp = "(" string SP body-fld-param ")" / nil */
static inline bool
text_disposition(struct cursor *c)
{
	return text_word(c, STR("NIL")) ||
	       (cursor_takes(c, '(') && text_string(c) &&
		   cursor_takes(c, ' ') && text_params(c) &&
		   cursor_takes(c, ')'));
}

/* body-fld-lang = nstring / "(" string *(SP string) ")" */
static inline bool
text_language(struct cursor *c)
{
	if (!cursor_takes(c, '('))
		return text_nstring(c);
	do {
		if (!text_string(c))
			return false;
	} while (cursor_takes(c, ' '));
	return cursor_takes(c, ')');
}

/* body-ext-1part and body-ext-mpart, whole; ${many}: the latter. */
static inline bool
text_extension(struct cursor *c, bool many)
{
	return cursor_takes(c, ' ') &&
	       (many ? text_params(c) : text_nstring(c)) &&
	       cursor_takes(c, ' ') && text_disposition(c) &&
	       cursor_takes(c, ' ') && text_language(c) &&
	       cursor_takes(c, ' ') && text_nstring(c);
}

static inline bool text_body(struct cursor *c, bool extended);

static inline bool
text_body_fields(struct cursor *c)
{
	return text_params(c) && cursor_takes(c, ' ') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_nstring(c) &&
	       cursor_takes(c, ' ') && text_string(c) && cursor_takes(c, ' ') &&
	       text_number(c);
}

/* body-type-basic, -msg and -text: which, the type says. */
static inline bool
text_single(struct cursor *c, bool extended)
{
	struct str type, subtype;
	bool message;

	if (!text_quoted(c, &type) || !cursor_takes(c, ' ') ||
	    !text_quoted(c, &subtype) || !cursor_takes(c, ' ') ||
	    !text_body_fields(c) || type.n == 0 || subtype.n == 0 ||
	    str_eq_nocase(type, STR("MULTIPART")))
		return false;
	message = str_eq_nocase(type, STR("MESSAGE")) &&
		  (str_eq_nocase(subtype, STR("RFC822")) ||
		      str_eq_nocase(subtype, STR("GLOBAL")));
	if (message && (!cursor_takes(c, ' ') || !text_envelope(c) ||
			   !cursor_takes(c, ' ') || !text_body(c, extended)))
		return false;
	if ((message || str_eq_nocase(type, STR("TEXT"))) &&
	    (!cursor_takes(c, ' ') || !text_number(c)))
		return false;
	return !extended || text_extension(c, false);
}

/* body-type-mpart = 1*body SP media-subtype */
static inline bool
text_multipart(struct cursor *c, bool extended)
{
	struct str subtype;

	do {
		if (!text_body(c, extended))
			return false;
	} while (cursor_sees(c, '('));
	return cursor_takes(c, ' ') && text_quoted(c, &subtype) &&
	       subtype.n > 0 && (!extended || text_extension(c, true));
}

/* body = "(" (body-type-1part / body-type-mpart) ")" */
static inline bool
text_body(struct cursor *c, bool extended)
{
	if (!cursor_takes(c, '('))
		return false;
	if (cursor_sees(c, '(')) {
		if (!text_multipart(c, extended))
			return false;
	} else if (!text_single(c, extended)) {
		return false;
	}
	return cursor_takes(c, ')');
}

/* Is all of ${text} an envelope? */
static inline bool
text_is_envelope(struct str text)
{
	struct cursor c = str_cursor(text);

	return text_envelope(&c) && c.at == c.end;
}

/* Is all of ${text} a body, with or without extension data? */
static inline bool
text_is_body(struct str text, bool extended)
{
	struct cursor c = str_cursor(text);

	return text_body(&c, extended) && c.at == c.end;
}

#endif
