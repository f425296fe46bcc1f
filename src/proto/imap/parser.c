/* SPDX-License-Identifier: MIT
 *
 * The state of parsing one command, and its smallest steps.
 */
#include "proto/imap/parser.h"

#include "base/cursor.h"
#include "proto/imap/string.h"

/* CRLF, or LF alone, at the end goes. */
static struct str
without_line_end(struct str text)
{
	if (str_ends(text, STR("\n")))
		text.n--;
	else
		return text;
	if (str_ends(text, STR("\r")))
		text.n--;
	return text;
}

void
parser_init(struct parser *p, struct str text, struct arena *arena,
    struct parse_options options)
{
	struct cursor c = str_cursor(without_line_end(text));

	*p = (struct parser){
		.c = c,
		.arena = arena,
		.options = options,
		.begin = c.at,
		.furthest = c.at,
		.expected = "command",
	};
}

bool
parser_is_at_end(const struct parser *p)
{
	return p->c.at == p->c.end;
}

enum parser_fault
parser_fault(const struct parser *p)
{
	if (p->full)
		return PARSER_FULL;
	return p->limit != NULL ? PARSER_LIMIT : PARSER_SYNTAX;
}

void
parser_why(const struct parser *p, struct buf *to)
{
	switch (parser_fault(p)) {
	case PARSER_FULL:
		buf_add_text(to, "Command too complex");
		return;
	case PARSER_LIMIT:
		buf_add_text(to, p->limit);
		return;
	case PARSER_SYNTAX:
		break;
	}
	buf_add_text(to, "Expected ");
	buf_add_text(to, p->expected);
	if (p->furthest == p->c.end) {
		buf_add_text(to, " at the end");
	} else {
		buf_add_text(to, " at octet ");
		buf_add_number(to, (uint64_t)(p->furthest - p->begin) + 1);
	}
}

bool
parser_expected(struct parser *p, const char *from, const char *what)
{
	p->c.at = from;
	if (from >= p->furthest) {
		p->furthest = from;
		p->expected = what;
	}
	return false;
}

bool
parser_refuse(struct parser *p, const char *what)
{
	if (p->limit == NULL)
		p->limit = what;
	return false;
}

void *
parser_alloc(struct parser *p, size_t count, size_t size)
{
	void *memory = arena_array(p->arena, count, size);

	if (memory == NULL)
		p->full = true;
	return memory;
}

bool
parser_copy(struct parser *p, struct str s, struct str *ret_copy)
{
	struct str copy = arena_str(p->arena, s);

	if (copy.p == NULL) {
		p->full = true;
		return false;
	}
	*ret_copy = copy;
	return true;
}

bool
parser_copy_upper(struct parser *p, struct str s, struct str *ret_copy)
{
	char *copy = parser_alloc(p, s.n + 1, 1);

	if (copy == NULL)
		return false;
	for (size_t i = 0; i < s.n; i++)
		copy[i] = str_upper(s.p[i]);
	*ret_copy = (struct str){ copy, s.n };
	return true;
}

size_t
parser_count(const struct parser *p, char byte, char stop)
{
	size_t count = 1;

	for (const char *at = p->c.at; at < p->c.end && *at != stop; at++)
		count += *at == byte;
	return count;
}

size_t
parser_count_words(const struct parser *p, size_t max)
{
	size_t count = parser_count(p, ' ', '\0');

	return count < max ? count : max;
}

bool
parser_enter(struct parser *p)
{
	if (p->nesting == NESTING_MAX)
		return parser_refuse(p, "Nested too deeply");
	p->nesting++;
	return true;
}

void
parser_leave(struct parser *p)
{
	p->nesting--;
}

bool
take_byte(struct parser *p, char want)
{
	return cursor_takes(&p->c, want);
}

bool
take_sp(struct parser *p)
{
	if (!take_byte(p, ' '))
		return parser_expected(p, p->c.at, "space");
	while (p->options.lenient && take_byte(p, ' '))
		;
	return true;
}

bool
take_word(struct parser *p, const char *word)
{
	const char *from = p->c.at;

	if (str_eq_nocase(take_atom_chars(p), str_of(word)))
		return true;
	p->c.at = from;
	return false;
}

bool
parse_end(struct parser *p)
{
	return parser_is_at_end(p) ||
	       parser_expected(p, p->c.at, "end of command");
}
