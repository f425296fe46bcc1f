/* SPDX-License-Identifier: MIT
 *
 * POP3 command lines.
 */
#include "proto/pop3/command.h"

#include <string.h>

const struct pop3_row pop3_table[] = {
	{ "USER", POP3_USER, POP3_SHAPE_TEXT, POP3_AUTHORIZATION, 1939 },
	{ "PASS", POP3_PASS, POP3_SHAPE_TEXT, POP3_AUTHORIZATION, 1939 },
	{ "AUTH", POP3_AUTH, POP3_SHAPE_AUTH, POP3_AUTHORIZATION, 5034 },
	/* Wants passwords that the server can read; the greeting has no
	 * timestamp, which says the same. */
	{ "APOP", POP3_APOP, POP3_SHAPE_TEXT, 0, 1939 },
	{ "STLS", POP3_STLS, POP3_SHAPE_NONE, POP3_AUTHORIZATION, 2595 },
	{ "UTF8", POP3_UTF8, POP3_SHAPE_NONE, POP3_AUTHORIZATION, 6856 },
	{ "CAPA", POP3_CAPA, POP3_SHAPE_NONE,
	    POP3_AUTHORIZATION | POP3_TRANSACTION, 2449 },
	{ "STAT", POP3_STAT, POP3_SHAPE_NONE, POP3_TRANSACTION, 1939 },
	{ "LIST", POP3_LIST, POP3_SHAPE_ANY_MESSAGE, POP3_TRANSACTION, 1939 },
	{ "UIDL", POP3_UIDL, POP3_SHAPE_ANY_MESSAGE, POP3_TRANSACTION, 1939 },
	{ "RETR", POP3_RETR, POP3_SHAPE_MESSAGE, POP3_TRANSACTION, 1939 },
	{ "TOP", POP3_TOP, POP3_SHAPE_TOP, POP3_TRANSACTION, 1939 },
	{ "DELE", POP3_DELE, POP3_SHAPE_MESSAGE, POP3_TRANSACTION, 1939 },
	{ "NOOP", POP3_NOOP, POP3_SHAPE_NONE, POP3_TRANSACTION, 1939 },
	{ "RSET", POP3_RSET, POP3_SHAPE_NONE, POP3_TRANSACTION, 1939 },
	{ "QUIT", POP3_QUIT, POP3_SHAPE_NONE,
	    POP3_AUTHORIZATION | POP3_TRANSACTION, 1939 },
	{ .name = NULL },
};

/* -- pieces ------------------------------------------------------------- */

static struct str
rest_of(const struct cursor *c)
{
	return (struct str){ c->at, (size_t)(c->end - c->at) };
}

static bool
take_space(struct cursor *c)
{
	if (c->at == c->end || *c->at != ' ')
		return false;
	c->at++;
	return true;
}

/* param = 1*VCHAR                                RFC 2449 section 3 */
static bool
parse_param(struct cursor *c, struct str *ret_param)
{
	const char *from = c->at;

	while (c->at<c->end && * c->at> ' ' && *c->at < 0x7f)
		c->at++;
	*ret_param = str_until(from, c);
	return ret_param->n > 0;
}

/* SP and a number of at least ${least}. */
static bool
parse_number(struct cursor *c, uint32_t least, uint32_t *ret_number)
{
	struct str digits;
	uint64_t number;

	if (!take_space(c) || !parse_param(c, &digits) ||
	    !str_number(digits, UINT32_MAX, &number) || number < least)
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

/* SP and the rest of the line: spaces may be part of a password (RFC 1939
 * section 7). */
static bool
parse_text(struct cursor *c, struct str *ret_text)
{
	if (!take_space(c) || c->at == c->end)
		return false;
	*ret_text = rest_of(c);
	c->at = c->end;
	return true;
}

/* auth-command = "AUTH" SP sasl-mech [SP initial-response]
 *                                                RFC 5034 section 5
 * With nothing, or only a space as one client sends it, it asks for the names
 * of the mechanisms. */
static bool
parse_auth(struct cursor *c, struct pop3_command *m)
{
	if (c->at == c->end)
		return true;
	if (!take_space(c))
		return false;
	if (c->at == c->end)
		return true;
	if (!parse_param(c, &m->mechanism))
		return false;
	return !take_space(c) || parse_param(c, &m->initial);
}

static bool
parse_arguments(struct cursor *c, struct pop3_command *m)
{
	switch (m->row->shape) {
	case POP3_SHAPE_NONE:
		return true;
	case POP3_SHAPE_TEXT:
		return parse_text(c, &m->text);
	case POP3_SHAPE_AUTH:
		return parse_auth(c, m);
	case POP3_SHAPE_ANY_MESSAGE:
		return c->at == c->end || parse_number(c, 1, &m->message);
	case POP3_SHAPE_MESSAGE:
		return parse_number(c, 1, &m->message);
	case POP3_SHAPE_TOP:
		return parse_number(c, 1, &m->message) &&
		       parse_number(c, 0, &m->lines);
	}
	return false;
}

static const struct pop3_row *
row_of(struct str name)
{
	for (const struct pop3_row *row = pop3_table; row->name != NULL; row++)
		if (str_eq_nocase(name, str_of(row->name)))
			return row;
	return NULL;
}

/* -- commands ----------------------------------------------------------- */

/* Octets that no line may hold: a CR or LF in it is nobody's line end. */
static bool
has_forbidden(struct str line)
{
	return str_find(line, '\0') < line.n || str_find(line, '\r') < line.n ||
	       str_find(line, '\n') < line.n;
}

/* command = keyword *(SP param) CRLF             RFC 2449 section 3
 * keyword = 3*4VCHAR, whatever the case of its letters */
bool
pop3_parse_command(struct str line, struct pop3_command *ret_command,
    enum pop3_fault *ret_fault)
{
	struct cursor c = str_cursor(line);
	struct pop3_command m = { 0 };
	struct str name;

	*ret_fault = POP3_FAULT_VERB;
	if (has_forbidden(line) || !parse_param(&c, &name))
		return false;
	m.row = row_of(name);
	if (m.row == NULL)
		return false;
	*ret_fault = POP3_FAULT_ARGUMENT;
	if (!parse_arguments(&c, &m) || c.at != c.end)
		return false;
	*ret_command = m;
	return true;
}
