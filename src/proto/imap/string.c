/* SPDX-License-Identifier: MIT
 *
 * Characters, atoms, strings and numbers: RFC 9051 sections 4 and 9.
 */
#include "proto/imap/string.h"

#include <string.h>

#include "base/utf8.h"

/* -- characters ---------------------------------------------------------- */

/* Is ${byte} a printable ASCII character other than space and ${specials}? */
static bool
is_printable_but(char byte, const char *specials)
{
	return byte > ' ' && byte < 0x7f && strchr(specials, byte) == NULL;
}

/* ATOM-CHAR = <any CHAR except atom-specials>     RFC 9051 section 9 */
bool
is_atom_char(char byte)
{
	return is_printable_but(byte, "(){%*\"\\]");
}

/* ASTRING-CHAR = ATOM-CHAR / resp-specials        RFC 9051 section 9 */
bool
is_astring_char(char byte)
{
	return is_printable_but(byte, "(){%*\"\\");
}

/* list-char = ATOM-CHAR / list-wildcards / resp-specials
 *                                                 RFC 9051 section 9 */
bool
is_list_char(char byte)
{
	return is_printable_but(byte, "(){\"\\");
}

/* <any ASTRING-CHAR except "+">                   RFC 9051 section 9 */
bool
is_tag_char(char byte)
{
	return is_printable_but(byte, "(){%*\"\\+");
}

static struct str
take_while(struct parser *p, bool (*is_wanted)(char))
{
	const char *from = p->c.at;

	while (p->c.at < p->c.end && is_wanted(*p->c.at))
		p->c.at++;
	return str_until(from, &p->c);
}

struct str
take_atom_chars(struct parser *p)
{
	return take_while(p, is_atom_char);
}

/* 1*<characters of one kind> */
static bool
parse_run(struct parser *p, bool (*is_wanted)(char), const char *what,
    struct str *ret_run)
{
	const char *from = p->c.at;
	struct str run = take_while(p, is_wanted);

	if (run.n == 0 || !parser_copy(p, run, ret_run))
		return parser_expected(p, from, what);
	return true;
}

bool
parse_tag(struct parser *p, struct str *ret_tag)
{
	const char *from = p->c.at;

	if (take_while(p, is_tag_char).n > TAG_BYTES_MAX)
		return parser_expected(p, from, "shorter tag");
	p->c.at = from;
	return parse_run(p, is_tag_char, "tag", ret_tag);
}

bool
parse_atom(struct parser *p, struct str *ret_atom)
{
	return parse_run(p, is_atom_char, "atom", ret_atom);
}

/* -- strings ------------------------------------------------------------- */

/* QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> /
 *               "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4
 *                                                 RFC 9051 section 9 */
static bool
take_quoted_char(struct parser *p)
{
	struct cursor probe = p->c;
	uint32_t character;

	if (!utf8_next(&probe, &character) || character == 0 ||
	    character == '\r' || character == '\n' || character == '"')
		return false;
	if (character == '\\') {
		if (probe.at == probe.end ||
		    (*probe.at != '"' && *probe.at != '\\'))
			return false;
		probe.at++;
	}
	p->c = probe;
	return true;
}

/* What ${inside}, which is well-formed, means. */
static bool
unescape(struct parser *p, struct str inside, struct str *ret_string)
{
	char *to = parser_alloc(p, inside.n + 1, 1);
	size_t n = 0;

	if (to == NULL)
		return false;
	for (size_t i = 0; i < inside.n; i++) {
		if (inside.p[i] == '\\')
			i++;
		to[n++] = inside.p[i];
	}
	*ret_string = (struct str){ to, n };
	return true;
}

#define OBJECTID_BYTES_MAX 255

static bool
is_objectid_char(char byte)
{
	char upper = str_upper(byte);

	return (upper >= 'A' && upper <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '_' || byte == '-';
}

bool
parse_objectid(struct parser *p, struct str *ret_id)
{
	const char *from = p->c.at;
	struct str id;

	while (p->c.at < p->c.end && is_objectid_char(*p->c.at))
		p->c.at++;
	id = str_until(from, &p->c);
	if (id.n == 0 || id.n > OBJECTID_BYTES_MAX)
		return parser_expected(p, from, "objectid");
	if (parser_copy(p, id, ret_id))
		return true;
	p->c.at = from;
	return false;
}

bool
parse_quoted(struct parser *p, struct str *ret_string)
{
	const char *from = p->c.at;
	struct str inside;

	if (!take_byte(p, '"'))
		return parser_expected(p, from, "quoted string");
	while (take_quoted_char(p))
		;
	inside = str_until(from + 1, &p->c);
	if (!take_byte(p, '"'))
		(void)parser_expected(p, p->c.at, "end of quoted string");
	else if (unescape(p, inside, ret_string))
		return true;
	return parser_expected(p, from, "quoted string");
}

/* "{" number64 ["+"] "}" CRLF */
static bool
take_announcement(struct parser *p, uint64_t *ret_octets)
{
	if (!take_byte(p, '{') || !parse_number64(p, ret_octets))
		return false;
	(void)take_byte(p, '+');
	return take_byte(p, '}') && take_byte(p, '\r') && take_byte(p, '\n');
}

bool
parse_literal(struct parser *p, struct str *ret_string)
{
	const char *from = p->c.at;
	uint64_t octets;
	struct str inside;

	if (!take_announcement(p, &octets) ||
	    octets > (uint64_t)(p->c.end - p->c.at))
		return parser_expected(p, from, "literal");
	inside = (struct str){ p->c.at, (size_t)octets };
	if (str_find(inside, '\0') < inside.n ||
	    !parser_copy(p, inside, ret_string))
		return parser_expected(p, from, "literal");
	p->c.at += octets;
	return true;
}

bool
parse_string(struct parser *p, struct str *ret_string)
{
	return parse_quoted(p, ret_string) || parse_literal(p, ret_string) ||
	       parser_expected(p, p->c.at, "string");
}

bool
parse_nstring(struct parser *p, struct str *ret_string)
{
	if (take_word(p, "NIL")) {
		*ret_string = (struct str){ NULL, 0 };
		return true;
	}
	return parse_string(p, ret_string) ||
	       parser_expected(p, p->c.at, "string or NIL");
}

/* A run of characters, or a string. */
static bool
parse_run_or_string(struct parser *p, bool (*is_wanted)(char), const char *what,
    struct str *ret_string)
{
	return parse_run(p, is_wanted, what, ret_string) ||
	       parse_string(p, ret_string) || parser_expected(p, p->c.at, what);
}

bool
parse_astring(struct parser *p, struct str *ret_string)
{
	return parse_run_or_string(p, is_astring_char, "astring", ret_string);
}

bool
parse_list_mailbox(struct parser *p, struct str *ret_string)
{
	return parse_run_or_string(
	    p, is_list_char, "mailbox pattern", ret_string);
}

/* -- numbers ------------------------------------------------------------- */

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* 1*DIGIT, or digit-nz *DIGIT if ${nz}, up to ${max} */
static bool
parse_digits(struct parser *p, uint64_t max, bool nz, uint64_t *ret_number)
{
	const char *from = p->c.at;
	struct str digits = take_while(p, is_digit);

	if (digits.n == 0 || (nz && *from == '0') ||
	    !str_number(digits, max, ret_number))
		return parser_expected(
		    p, from, nz ? "number above 0" : "number");
	return true;
}

bool
parse_number(struct parser *p, uint32_t *ret_number)
{
	uint64_t number;

	if (!parse_digits(p, UINT32_MAX, false, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool
parse_nz_number(struct parser *p, uint32_t *ret_number)
{
	uint64_t number;

	if (!parse_digits(p, UINT32_MAX, true, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool
parse_number64(struct parser *p, uint64_t *ret_number)
{
	return parse_digits(p, INT64_MAX, false, ret_number);
}

bool
parse_nz_number64(struct parser *p, uint64_t *ret_number)
{
	return parse_digits(p, INT64_MAX, true, ret_number);
}
