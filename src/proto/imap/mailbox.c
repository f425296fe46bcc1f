/* SPDX-License-Identifier: MIT
 *
 * Mailbox names and LIST patterns: RFC 9051 sections 5.1, 6.3.9 and 9.
 */
#include "proto/imap/mailbox.h"

#include <string.h>

#include "base/utf8.h"
#include "proto/imap/string.h"
#include "proto/imap/utf7.h"
#include "proto/imap/write.h"

/* No name that can exist is longer, on the wire or decoded. */
#define WIRE_BYTES_MAX (4 * MAILBOX_NAME_BYTES_MAX)

/* -- names --------------------------------------------------------------- */

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* Is ${name} INBOX, or below it? */
static bool
is_inbox(struct str name)
{
	return str_eq_nocase(name, STR("INBOX")) ||
	       str_begins_nocase(name, STR("INBOX/"));
}

static bool
is_utf8(const struct parser *p)
{
	return p->options.utf8 || p->options.rev2;
}

/* Decode ${wire} into ${to}, in normal form. */
static bool
decode(struct parser *p, struct str wire, struct buf *to)
{
	struct buf utf8;
	bool done;

	if (wire.n > WIRE_BYTES_MAX)
		return false;
	if (is_utf8(p))
		return !has_control(wire) && utf8_nfc(wire, to);
	buf_init(&utf8, WIRE_BYTES_MAX);
	done = utf7_decode(wire, &utf8) && !has_control(buf_str(&utf8)) &&
	       utf8_nfc(buf_str(&utf8), to);
	buf_fini(&utf8);
	return done;
}

/* Make a name of what came. */
static bool
make_name(struct parser *p, struct str wire, struct mailbox_name *ret_name)
{
	struct mailbox_name name = { .utf8 = wire };
	struct buf text;
	bool fits = true;

	buf_init(&text, WIRE_BYTES_MAX);
	name.valid = decode(p, wire, &text);
	if (name.valid) {
		if (is_utf8(p) && !str_eq(wire, buf_str(&text)))
			name.given = wire;
		if (is_inbox(buf_str(&text)))
			memcpy(text.p, "INBOX", 5);
		fits = parser_copy(p, buf_str(&text), &name.utf8);
	}
	buf_fini(&text);
	if (fits)
		*ret_name = name;
	return fits;
}

bool
parse_mailbox(struct parser *p, struct mailbox_name *ret_name)
{
	const char *from = p->c.at;
	struct mailbox_name name;
	struct str wire;

	if (!parse_astring(p, &wire) || !make_name(p, wire, &name))
		return parser_expected(p, from, "mailbox");
	if (name.valid && str_ends(name.utf8, STR("/")))
		name.utf8.n--;
	*ret_name = name;
	return true;
}

bool
parse_list_reference(struct parser *p, struct mailbox_name *ret_name)
{
	const char *from = p->c.at;
	struct str wire;

	if (!parse_astring(p, &wire) || !make_name(p, wire, ret_name))
		return parser_expected(p, from, "mailbox");
	return true;
}

bool
parse_list_pattern(struct parser *p, struct mailbox_name *ret_pattern)
{
	const char *from = p->c.at;
	struct str wire;

	if (!parse_list_mailbox(p, &wire) || !make_name(p, wire, ret_pattern))
		return parser_expected(p, from, "mailbox pattern");
	return true;
}

void
write_mailbox(struct buf *to, struct str name, bool utf8)
{
	struct buf wire;

	buf_init(&wire, name.n * 4 + 8);
	if (!utf8 && utf7_encode(name, &wire))
		write_quoted(to, buf_str(&wire), false);
	else
		write_quoted(to, name, utf8);
	buf_fini(&wire);
}

/* -- patterns ------------------------------------------------------------ */

static bool
bytes_match(char a, char b, bool nocase)
{
	return a == b || (nocase && str_lower(a) == str_lower(b));
}

/* reach[i]: the pattern so far matches the first i bytes of the name.  Follow
 * one wildcard: what was reached reaches on, "%" up to the next "/". */
static void
match_wildcard(bool *reach, struct str name, char wildcard)
{
	for (size_t i = 0; i < name.n; i++)
		if (reach[i] && (wildcard == '*' || name.p[i] != '/'))
			reach[i + 1] = true;
}

/* Follow one byte that stands for itself. */
static void
match_byte(bool *reach, struct str name, size_t inbox, char byte)
{
	for (size_t i = name.n; i > 0; i--)
		reach[i] = reach[i - 1] &&
			   bytes_match(name.p[i - 1], byte, i <= inbox);
	reach[0] = false;
}

bool
list_pattern_matches(struct str pattern, struct str name)
{
	bool reach[MAILBOX_NAME_BYTES_MAX + 1] = { true };
	size_t inbox = is_inbox(name) ? 5 : 0;

	if (name.n > MAILBOX_NAME_BYTES_MAX)
		return false;
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] == '*' || pattern.p[i] == '%')
			match_wildcard(reach, name, pattern.p[i]);
		else
			match_byte(reach, name, inbox, pattern.p[i]);
	return reach[name.n];
}

void
list_pattern_join(struct buf *to, struct str reference, struct str pattern)
{
	if (!str_begins(pattern, STR("/")))
		buf_add_str(to, reference);
	buf_add_str(to, pattern);
}
