/* SPDX-License-Identifier: MIT
 *
 * STATUS: RFC 9051 section 9, RFC 3501 section 9 (RECENT), RFC 8438 section 5
 * (SIZE), RFC 7889 section 5 (APPENDLIMIT), RFC 7162 section 7
 * (HIGHESTMODSEQ), RFC 8474 section 7 (MAILBOXID).
 */
#include "proto/imap/status.h"

#include "proto/imap/string.h"

static const struct {
	const char *name;
	unsigned bit;
} atts[] = {
	{ "MESSAGES", STATUS_MESSAGES },
	{ "RECENT", STATUS_RECENT },
	{ "UIDNEXT", STATUS_UIDNEXT },
	{ "UIDVALIDITY", STATUS_UIDVALIDITY },
	{ "UNSEEN", STATUS_UNSEEN },
	{ "DELETED", STATUS_DELETED },
	{ "SIZE", STATUS_SIZE },
	{ "APPENDLIMIT", STATUS_APPENDLIMIT },
	{ "HIGHESTMODSEQ", STATUS_HIGHESTMODSEQ },
	{ "MAILBOXID", STATUS_MAILBOXID },
};
#define ATT_COUNT (sizeof(atts) / sizeof(atts[0]))

/* status-att                                      RFC 9051 section 9 */
static bool
take_att(struct parser *p, unsigned *items)
{
	const char *from = p->c.at;
	struct str name = take_atom_chars(p);

	for (size_t i = 0; i < ATT_COUNT; i++) {
		if (!str_eq_nocase(name, str_of(atts[i].name)))
			continue;
		*items |= atts[i].bit;
		return true;
	}
	return parser_expected(p, from, "status-att");
}

/* status-att *(SP status-att) ")", behind the "(" */
static bool
take_atts(struct parser *p, unsigned *items)
{
	do
		if (!take_att(p, items))
			return false;
	while (take_byte(p, ' '));
	return take_byte(p, ')') ||
	       parser_expected(p, p->c.at, "status-att or \")\"");
}

bool
parse_status_atts(struct parser *p, unsigned *ret_items)
{
	const char *from = p->c.at;
	unsigned items = 0;

	if (!take_byte(p, '(') || !take_atts(p, &items))
		return parser_expected(p, from, "list of status-att");
	*ret_items = items;
	return true;
}

bool
parse_status(struct parser *p, struct status_args *ret_args)
{
	const char *from = p->c.at;
	struct status_args args;

	if (!take_sp(p) || !parse_mailbox(p, &args.mailbox) || !take_sp(p) ||
	    !parse_status_atts(p, &args.items) || !parse_end(p)) {
		p->c.at = from;
		return false;
	}
	*ret_args = args;
	return true;
}

const char *
status_att_name(unsigned bit)
{
	for (size_t i = 0; i < ATT_COUNT; i++)
		if (atts[i].bit == bit)
			return atts[i].name;
	return "";
}

void
write_status_atts(struct buf *to, unsigned items)
{
	const char *before = "";

	buf_add_byte(to, '(');
	for (size_t i = 0; i < ATT_COUNT; i++) {
		if ((items & atts[i].bit) == 0)
			continue;
		buf_add_text(to, before);
		buf_add_text(to, atts[i].name);
		before = " ";
	}
	buf_add_byte(to, ')');
}

void
write_status(struct buf *to, const struct status_args *args, bool utf8)
{
	buf_add_byte(to, ' ');
	write_mailbox(to, args->mailbox.utf8, utf8);
	buf_add_byte(to, ' ');
	write_status_atts(to, args->items);
}
