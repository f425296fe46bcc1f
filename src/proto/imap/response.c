/* SPDX-License-Identifier: MIT
 *
 * The response grammar's small parts: characters, numbers, sets, strings, lists
 * (RFC 9051 section 9).
 */
#include "proto/imap/response_internal.h"

#include <string.h>

#include "base/cursor.h"
#include "base/utf8.h"

#define NUMBER64_MAX INT64_MAX /* RFC 9051 section 9, number64 */

bool
response_expected(struct response *r, const char *what)
{
	r->expected = what;
	return false;
}

bool
response_sees(const struct response *r, char byte)
{
	return cursor_sees(&r->c, byte);
}

bool
response_takes(struct response *r, char byte)
{
	return cursor_takes(&r->c, byte);
}

bool
response_text(struct response *r, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(r->c.end - r->c.at) < n || memcmp(r->c.at, text, n) != 0)
		return response_expected(r, text);
	r->c.at += n;
	return true;
}

bool
response_sp(struct response *r)
{
	return response_takes(r, ' ') || response_expected(r, "SP");
}

/* -- lists --------------------------------------------------------------- */

bool
response_list(struct response *r, response_fn *item)
{
	if (!response_text(r, "("))
		return false;
	do
		if (!item(r))
			return false;
	while (response_takes(r, ' '));
	return response_takes(r, ')') || response_expected(r, "SP or \")\"");
}

bool
response_list_or_empty(struct response *r, response_fn *item)
{
	const char *from = r->c.at;

	if (response_takes(r, '(') && response_takes(r, ')'))
		return true;
	r->c.at = from;
	return response_list(r, item);
}

bool
response_or_nil(struct response *r, response_fn *item)
{
	return response_sees(r, 'N') ? response_text(r, "NIL") : item(r);
}

/* -- words --------------------------------------------------------------- */

static bool
is_of_atom(char byte)
{
	return byte > ' ' && byte < 0x7f && strchr("(){%*\"\\]", byte) == NULL;
}

static bool
is_letter(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_of_name(char byte)
{
	return is_letter(byte) || is_digit(byte) || byte == '.' || byte == '-';
}

static bool
is_of_objectid(char byte)
{
	return is_letter(byte) || is_digit(byte) || byte == '_' || byte == '-';
}

/* 1*${is} */
static bool
run_of(struct response *r, bool (*is)(char byte), const char *what,
    struct str *ret_run)
{
	const char *from = r->c.at;

	while (r->c.at < r->c.end && is(*r->c.at))
		r->c.at++;
	if (r->c.at == from)
		return response_expected(r, what);
	*ret_run = str_until(from, &r->c);
	return true;
}

bool
response_atom(struct response *r, struct str *ret_atom)
{
	return run_of(r, is_of_atom, "atom", ret_atom);
}

bool
response_name(struct response *r, struct str *ret_name)
{
	return run_of(r, is_of_name, "name", ret_name);
}

bool
response_objectid(struct response *r)
{
	struct str id;

	if (!response_text(r, "(") ||
	    !run_of(r, is_of_objectid, "objectid", &id))
		return false;
	if (id.n > 255)
		return response_expected(r, "objectid of 255 octets");
	return response_text(r, ")");
}

/* -- numbers --------------------------------------------------------------- */

static bool
number(struct response *r, uint64_t min, uint64_t max, uint64_t *ret_number)
{
	const char *from = r->c.at;
	struct str digits;
	uint64_t n;

	if (!run_of(r, is_digit, "number", &digits))
		return false;
	if ((digits.n == 1 || digits.p[0] != '0') &&
	    str_number(digits, max, &n) && n >= min) {
		*ret_number = n;
		return true;
	}
	r->c.at = from;
	return response_expected(r, min > 0 ? "nz-number" : "number");
}

bool
response_number32(struct response *r, uint32_t min, uint32_t *ret_number)
{
	uint64_t n;

	if (!number(r, min, UINT32_MAX, &n))
		return false;
	*ret_number = (uint32_t)n;
	return true;
}

bool
response_number64(struct response *r, uint64_t min)
{
	uint64_t n;

	return number(r, min, NUMBER64_MAX, &n);
}

/* nz-number / nz-number ":" nz-number, the second greater */
static bool
range(struct response *r, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t first, last;

	if (!response_number32(r, 1, &first))
		return false;
	last = first;
	if (response_takes(r, ':') && !response_number32(r, 1, &last))
		return false;
	*ret_first = first;
	*ret_last = last;
	return true;
}

bool
response_set(struct response *r, bool ascending, uint64_t *ret_count)
{
	uint32_t first, last, before = 0;
	uint64_t count = 0;

	do {
		const char *from = r->c.at;

		if (!range(r, &first, &last))
			return false;
		if (last < first || (ascending && first <= before)) {
			r->c.at = from;
			return response_expected(r, "greater number");
		}
		count += (uint64_t)last - first + 1;
		before = last;
	} while (response_takes(r, ','));
	*ret_count = count;
	return true;
}

/* -- strings --------------------------------------------------------------- */

/* QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials /
 *               UTF8-2 / UTF8-3 / UTF8-4          RFC 9051 section 9 */
static bool
quoted_char(struct response *r)
{
	if (response_takes(r, '\\'))
		return response_takes(r, '"') || response_takes(r, '\\') ||
		       response_expected(r, "quoted-specials");
	if (r->c.at == r->c.end || *r->c.at == '\0' || *r->c.at == '\r' ||
	    *r->c.at == '\n' || ((*r->c.at & 0x80) && !r->facts->utf8))
		return response_expected(r, "QUOTED-CHAR");
	r->c.at++;
	return true;
}

bool
response_quoted(struct response *r, struct str *ret_text)
{
	const char *from;

	if (!response_text(r, "\""))
		return false;
	from = r->c.at;
	while (!response_sees(r, '"'))
		if (!quoted_char(r))
			return false;
	*ret_text = str_until(from, &r->c);
	if (!utf8_valid(*ret_text)) {
		r->c.at = from;
		return response_expected(r, "UTF-8");
	}
	r->c.at++;
	return true;
}

/* "{" number64 "}" CRLF, never of nothing */
static bool
literal(struct response *r)
{
	return response_text(r, "{") && response_number64(r, 1) &&
	       response_text(r, "}\r\n");
}

bool
response_literal8(struct response *r)
{
	(void)response_takes(r, '~');
	return literal(r);
}

bool
response_string(struct response *r)
{
	struct str text;

	if (response_sees(r, '{'))
		return literal(r);
	return response_sees(r, '"') ? response_quoted(r, &text)
				     : response_expected(r, "string");
}

bool
response_nstring(struct response *r)
{
	return response_or_nil(r, response_string);
}

/* -- flags ----------------------------------------------------------------- */

static bool
system_flag(struct response *r, bool recent)
{
	static const char *const names[] = { "Answered", "Flagged", "Deleted",
		"Seen", "Draft" };
	const char *from = r->c.at;
	struct str name;

	if (!response_text(r, "\\") || !response_atom(r, &name))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (str_eq(name, str_of(names[i])))
			return true;
	if (recent && !r->facts->rev2 && str_eq(name, STR("Recent")))
		return true;
	r->c.at = from;
	return response_expected(r, "system flag");
}

/* flag = "\Answered" / ... / flag-keyword         RFC 9051 section 9 */
static bool
flag(struct response *r)
{
	struct str keyword;

	return response_sees(r, '\\') ? system_flag(r, false)
				      : response_atom(r, &keyword);
}

/* flag-perm = flag / "\*"                         RFC 9051 section 9 */
static bool
flag_perm(struct response *r)
{
	const char *from = r->c.at;

	if (response_takes(r, '\\') && response_takes(r, '*'))
		return true;
	r->c.at = from;
	return flag(r);
}

/* flag-fetch = flag / "\Recent"                   RFC 3501 section 9 */
static bool
flag_fetch(struct response *r)
{
	return response_sees(r, '\\') ? system_flag(r, true) : flag(r);
}

bool
response_flags(struct response *r)
{
	return response_list_or_empty(r, flag);
}

bool
response_permanent_flags(struct response *r)
{
	return response_list_or_empty(r, flag_perm);
}

bool
response_fetch_flags(struct response *r)
{
	return response_list_or_empty(r, flag_fetch);
}

/* -- capabilities ---------------------------------------------------------- */

/* "IMAP4rev1" is always among them, for the clients that look for it. */
bool
response_capabilities(struct response *r)
{
	bool rev1 = false;

	while (response_takes(r, ' ')) {
		struct str name;

		if (r->c.at < r->c.end && !is_letter(*r->c.at))
			return response_expected(r, "capability");
		if (!response_atom(r, &name))
			return false;
		rev1 |= str_eq(name, STR("IMAP4rev1"));
	}
	return rev1 || response_expected(r, "IMAP4rev1 among the names");
}
