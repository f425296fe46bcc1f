/* SPDX-License-Identifier: MIT
 *
 * Flags: RFC 9051 sections 2.3.2 and 9, RFC 3501 section 9 (\Recent).
 */
#include "proto/imap/flag.h"

#include "base/cursor.h"
#include "proto/imap/string.h"

static const struct {
	unsigned bit;
	const char *name;
} system_flags[] = {
	{ IMAP_FLAG_ANSWERED, "\\Answered" },
	{ IMAP_FLAG_FLAGGED, "\\Flagged" },
	{ IMAP_FLAG_DELETED, "\\Deleted" },
	{ IMAP_FLAG_SEEN, "\\Seen" },
	{ IMAP_FLAG_DRAFT, "\\Draft" },
	{ IMAP_FLAG_RECENT, "\\Recent" },
};
#define SYSTEM_FLAG_COUNT (sizeof(system_flags) / sizeof(system_flags[0]))

/* "\" atom: a system flag, or flag-extension      RFC 9051 section 9 */
static bool
parse_system_flag(struct parser *p, struct flag_list *flags)
{
	const char *from = p->c.at;
	struct str name;

	if (!take_byte(p, '\\') || take_atom_chars(p).n == 0)
		return parser_expected(p, from, "flag");
	name = str_until(from, &p->c);
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++) {
		if (!str_eq_nocase(name, str_of(system_flags[i].name)))
			continue;
		flags->system |= system_flags[i].bit;
		return true;
	}
	flags->unknown = true;
	return true;
}

bool
parse_flag_keyword(struct parser *p, struct str *ret_keyword)
{
	const char *from = p->c.at;

	if (take_atom_chars(p).n > KEYWORD_BYTES_MAX) {
		p->c.at = from;
		return parser_refuse(p, "Keyword too long");
	}
	p->c.at = from;
	return parse_atom(p, ret_keyword) || parser_expected(p, from, "flag");
}

static void
add_keyword(struct flag_list *flags, struct str keyword)
{
	for (size_t i = 0; i < flags->keyword_count; i++)
		if (str_eq_nocase(flags->keywords[i], keyword))
			return;
	flags->keywords[flags->keyword_count++] = keyword;
}

/* flag = "\Answered" / ... / flag-keyword / flag-extension
 *                                                 RFC 9051 section 9 */
static bool
parse_flag(struct parser *p, struct flag_list *flags)
{
	struct str keyword;

	if (cursor_sees(&p->c, '\\'))
		return parse_system_flag(p, flags);
	if (!parse_flag_keyword(p, &keyword))
		return false;
	add_keyword(flags, keyword);
	return true;
}

/* flag *(SP flag) */
static bool
parse_flags(struct parser *p, struct flag_list *ret_flags)
{
	const char *from = p->c.at;
	struct flag_list flags = { 0 };
	size_t count = parser_count(p, ' ', ')');

	if (count > FLAGS_MAX)
		return parser_refuse(p, "Too many flags");
	flags.keywords = parser_alloc(p, count, sizeof(*flags.keywords));
	if (flags.keywords == NULL)
		return false;
	do {
		if (!parse_flag(p, &flags)) {
			p->c.at = from;
			return false;
		}
	} while (take_byte(p, ' '));
	*ret_flags = flags;
	return true;
}

bool
parse_flag_list(struct parser *p, struct flag_list *ret_flags)
{
	const char *from = p->c.at;
	struct flag_list flags = { 0 };

	if (!take_byte(p, '('))
		return parser_expected(p, from, "flag-list");
	if (!take_byte(p, ')')) {
		if (!parse_flags(p, &flags))
			return parser_expected(p, from, "flag-list");
		if (!take_byte(p, ')')) {
			(void)parser_expected(p, p->c.at, "flag or \")\"");
			return parser_expected(p, from, "flag-list");
		}
	}
	*ret_flags = flags;
	return true;
}

bool
parse_store_flags(struct parser *p, struct flag_list *ret_flags)
{
	if (cursor_sees(&p->c, '('))
		return parse_flag_list(p, ret_flags);
	return parse_flags(p, ret_flags);
}

/* -- writing ------------------------------------------------------------- */

const char *
system_flag_name(unsigned bit)
{
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++)
		if (system_flags[i].bit == bit)
			return system_flags[i].name;
	return "";
}

void
write_flags(struct buf *to, unsigned system, const struct str *keywords,
    size_t keyword_count)
{
	const char *before = "";

	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++) {
		if ((system & system_flags[i].bit) == 0)
			continue;
		buf_add_text(to, before);
		buf_add_text(to, system_flags[i].name);
		before = " ";
	}
	for (size_t i = 0; i < keyword_count; i++) {
		buf_add_text(to, before);
		buf_add_str(to, keywords[i]);
		before = " ";
	}
}

void
write_flag_list(struct buf *to, const struct flag_list *flags)
{
	buf_add_byte(to, '(');
	write_flags(to, flags->system, flags->keywords, flags->keyword_count);
	buf_add_byte(to, ')');
}
