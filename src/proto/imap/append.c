/* SPDX-License-Identifier: MIT
 *
 * APPEND: RFC 9051 section 9, RFC 3502 section 6.3.11 (several messages), RFC
 * 4466 section 3 (literal8), RFC 6855 section 4 (UTF8).  REPLACE: RFC 8508
 * section 5.
 */
#include "proto/imap/append.h"

#include "base/cursor.h"
#include "proto/imap/date.h"
#include "proto/imap/string.h"

bool
parse_append(struct parser *p, struct mailbox_name *ret_mailbox)
{
	const char *from = p->c.at;

	if (take_sp(p) && parse_mailbox(p, ret_mailbox))
		return true;
	p->c.at = from;
	return false;
}

bool
parse_replace(struct parser *p, struct seq_set *ret_replaced,
    struct mailbox_name *ret_mailbox)
{
	const char *from = p->c.at;
	struct seq_set replaced;

	if (!take_sp(p) || !parse_one_number(p, &replaced) ||
	    !parse_append(p, ret_mailbox)) {
		p->c.at = from;
		return false;
	}
	*ret_replaced = replaced;
	return true;
}

/* append-opts = [SP flag-list] [SP date-time]     RFC 4466 section 3
 * and the space that follows.  No append-ext is known. */
static bool
take_options(struct parser *p, struct append_message *m)
{
	if (!take_sp(p))
		return false;
	if (cursor_sees(&p->c, '(')) {
		if (!parse_flag_list(p, &m->flags) || !take_sp(p))
			return false;
		m->has_flags = true;
	}
	if (cursor_sees(&p->c, '"')) {
		if (!parse_date_time(p, &m->date) || !take_sp(p))
			return false;
		m->has_date = true;
	}
	return true;
}

/* append-data = literal / literal8 / "UTF8" SP "(" literal8
 * as far as it is announced; the line ends behind it. */
static bool
take_data(struct parser *p, struct append_message *m)
{
	const char *from = p->c.at;

	m->utf8 = take_word(p, "UTF8");
	if (m->utf8 && (!take_sp(p) || !take_byte(p, '(')))
		return parser_expected(p, p->c.at, "\"(\" and literal8");
	m->literal8 = take_byte(p, '~');
	if (m->utf8 && !m->literal8)
		return parser_expected(p, p->c.at, "literal8");
	if (!take_byte(p, '{') || !parse_number64(p, &m->octets))
		return parser_expected(p, from,
		    "flag-list, date-time or "
		    "literal");
	m->waits = !take_byte(p, '+');
	return take_byte(p, '}') || parser_expected(p, p->c.at, "\"}\"");
}

/* The ")" of the message in front. */
static bool
take_last(struct parser *p, const struct append_message *last)
{
	return last == NULL || !last->utf8 || take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "\")\"");
}

bool
parse_append_message(struct parser *p, const struct append_message *last,
    struct append_message *ret_message)
{
	const char *from = p->c.at;
	struct append_message m = { 0 };

	if (!take_last(p, last) || !take_options(p, &m) || !take_data(p, &m) ||
	    !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_message = m;
	return true;
}

bool
parse_append_end(struct parser *p, const struct append_message *last)
{
	const char *from = p->c.at;

	if (take_last(p, last) && parse_end(p))
		return true;
	p->c.at = from;
	return false;
}

void
write_append_message(struct buf *to, const struct append_message *m)
{
	if (m->has_flags) {
		buf_add_byte(to, ' ');
		write_flag_list(to, &m->flags);
	}
	if (m->has_date) {
		buf_add_byte(to, ' ');
		write_date_time(to, m->date);
	}
	buf_add_text(to, m->utf8 ? " UTF8 (" : " ");
	buf_add_text(to, m->literal8 ? "~{" : "{");
	buf_add_number(to, m->octets);
	buf_add_text(to, m->waits ? "}" : "+}");
}
