/* SPDX-License-Identifier: MIT
 *
 * Strings and status responses: RFC 9051 sections 4.3, 7.1 and 9, RFC 4315
 * section 3 (APPENDUID, COPYUID).
 */
#include "proto/imap/write.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "proto/imap/string.h"

/* -- strings ------------------------------------------------------------- */

/* The octet as a quoted string can hold it, with octets above 0x7f or not. */
static char
quotable(char byte, bool high)
{
	if (byte == '\0' || byte == '\r' || byte == '\n')
		return '?';
	return !high && (unsigned char)byte >= 0x80 ? '?' : byte;
}

void
write_quoted(struct buf *to, struct str s, bool utf8)
{
	bool high = utf8 && utf8_valid(s);

	buf_add_byte(to, '"');
	for (size_t i = 0; i < s.n; i++) {
		char byte = quotable(s.p[i], high);

		if (byte == '"' || byte == '\\')
			buf_add_byte(to, '\\');
		buf_add_byte(to, byte);
	}
	buf_add_byte(to, '"');
}

/* Can a quoted string hold ${s} as it is?  Control characters may stand in
 * one, but not all clients know; NUL is replaced either way. */
static bool
is_quotable(struct str s, bool utf8)
{
	if (s.n > QUOTED_BYTES_MAX || (!utf8 && !utf8_is_ascii(s)))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') ||
		    s.p[i] == 0x7f)
			return false;
	return utf8_valid(s);
}

static void
write_literal(struct buf *to, struct str s)
{
	write_literal_start(to, s.n);
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(to, s.p[i] == '\0' ? '?' : s.p[i]);
}

void
write_string(struct buf *to, struct str s, bool utf8)
{
	if (is_quotable(s, utf8))
		write_quoted(to, s, utf8);
	else
		write_literal(to, s);
}

void
write_nstring(struct buf *to, struct str s, bool utf8)
{
	if (s.p == NULL)
		buf_add_text(to, "NIL");
	else
		write_string(to, s, utf8);
}

void
write_astring(struct buf *to, struct str s, bool utf8)
{
	bool bare = s.n > 0;

	for (size_t i = 0; i < s.n; i++)
		bare = bare && is_astring_char(s.p[i]);
	/* "NIL" would be read as nstring by some. */
	if (bare && !str_eq_nocase(s, STR("NIL")))
		buf_add_str(to, s);
	else
		write_string(to, s, utf8);
}

void
write_literal_start(struct buf *to, uint64_t octets)
{
	if (octets == 0) {
		buf_add_text(to, "\"\"");
		return;
	}
	buf_add_byte(to, '{');
	buf_add_number(to, octets);
	buf_add_text(to, "}\r\n");
}

void
write_literal8_start(struct buf *to, uint64_t octets)
{
	if (octets > 0)
		buf_add_byte(to, '~');
	write_literal_start(to, octets);
}

/* -- responses ------------------------------------------------------------ */

/* Append ${s} with what a line cannot hold, and ${special}, replaced; without
 * spaces at its end. */
static void
write_line(struct buf *to, struct str s, char special)
{
	while (s.n > 0 && s.p[s.n - 1] == ' ')
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(to,
		    s.p[i] >= ' ' && s.p[i] <= '~' && s.p[i] != special ? s.p[i]
									: '?');
}

/* text = 1*TEXT-CHAR                              RFC 9051 section 9
 * A "[" in front would begin a response code. */
static void
write_text(struct buf *to, struct str text, bool code)
{
	struct str trimmed = str_trim(text);

	if (trimmed.n == 0)
		trimmed = STR("Done");
	if (!code && trimmed.p[0] == '[') {
		buf_add_byte(to, '?');
		trimmed = str_skip(trimmed, 1);
	}
	write_line(to, trimmed, '\0');
}

/* resp-text = ["[" resp-text-code "]" SP] [text]  RFC 9051 section 9 */
void
write_state(struct buf *to, struct str tag, const char *state, struct str code,
    struct str text)
{
	buf_add_str(to, tag);
	buf_add_byte(to, ' ');
	buf_add_text(to, state);
	buf_add_byte(to, ' ');
	if (code.n > 0) {
		buf_add_byte(to, '[');
		write_line(to, code, ']');
		buf_add_text(to, "] ");
	}
	write_text(to, text, code.n > 0);
}

/* continue-req = "+" SP (resp-text / base64)      RFC 9051 section 9 */
void
write_continue(struct buf *to, struct str text)
{
	buf_add_text(to, "+ ");
	write_text(to, text, false);
}

void
write_code_appenduid(
    struct buf *to, uint32_t uidvalidity, const struct seq_ranges *uids)
{
	buf_add_text(to, "APPENDUID ");
	buf_add_number(to, uidvalidity);
	buf_add_byte(to, ' ');
	write_sequence_set(to, uids->v, uids->n);
}

void
write_code_copyuid(struct buf *to, uint32_t uidvalidity,
    const struct seq_ranges *from, const struct seq_ranges *uids)
{
	buf_add_text(to, "COPYUID ");
	buf_add_number(to, uidvalidity);
	buf_add_byte(to, ' ');
	write_sequence_set(to, from->v, from->n);
	buf_add_byte(to, ' ');
	write_sequence_set(to, uids->v, uids->n);
}
