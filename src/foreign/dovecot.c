/* SPDX-License-Identifier: MIT
 *
 * Dovecot's files, line by line.
 */
#include "foreign/dovecot.h"

#include "base/limits.h"
#include "foreign/maildir_name.h"
#include "proto/imap/utf7.h"

/* Take the word up to the next space. */
static struct str
take_word(struct str *line)
{
	struct str word = str_head(*line, str_find(*line, ' '));

	*line = str_skip(*line, word.n + 1);
	return word;
}

static bool
number32(struct str word, uint32_t *ret_number)
{
	uint64_t number;

	if (!str_number(word, UINT32_MAX, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

bool
dovecot_uidlist_parse(struct str line, struct dovecot_uidlist *ret_uidlist)
{
	struct dovecot_uidlist u = { 0 };
	struct str version = take_word(&line);

	if (str_eq(version, STR("1"))) {
		if (!number32(take_word(&line), &u.uidvalidity) ||
		    !number32(take_word(&line), &u.uidnext))
			return false;
	} else if (str_eq(version, STR("3"))) {
		while (line.n > 0) {
			struct str word = take_word(&line);
			uint32_t *number =
			    str_begins(word, STR("V"))	 ? &u.uidvalidity
			    : str_begins(word, STR("N")) ? &u.uidnext
							 : NULL;

			if (number != NULL &&
			    !number32(str_skip(word, 1), number))
				return false;
		}
	}
	if (u.uidvalidity == 0)
		return false;
	*ret_uidlist = u;
	return true;
}

void
dovecot_uidlist_add(struct buf *to, const struct dovecot_uidlist *uidlist)
{
	buf_add_format(to, "3 V%u N%u\n", (unsigned)uidlist->uidvalidity,
	    (unsigned)uidlist->uidnext);
}

bool
dovecot_uid_parse(struct str line, uint32_t *ret_uid, struct str *ret_base)
{
	struct maildir_name name;
	uint32_t uid;

	if (!number32(take_word(&line), &uid) || uid == 0)
		return false;
	/* In version 3, fields may stand before the name, after a colon. */
	while (line.n > 0 && line.p[0] != ':' && str_find(line, ' ') < line.n)
		(void)take_word(&line);
	if (str_begins(line, STR(":")))
		line = str_skip(line, 1);
	maildir_name_parse(line, &name);
	if (name.base.n == 0)
		return false;
	*ret_uid = uid;
	*ret_base = name.base;
	return true;
}

bool
dovecot_keyword_parse(
    struct str line, unsigned *ret_place, struct str *ret_name)
{
	uint64_t place;

	if (!str_number(take_word(&line), MAILDIR_KEYWORDS_MAX - 1, &place) ||
	    line.n == 0)
		return false;
	*ret_place = (unsigned)place;
	*ret_name = line;
	return true;
}

bool
dovecot_subscription_parse(
    struct dovecot_subscriptions *s, struct str line, struct buf *to)
{
	bool first = !s->begun;

	s->begun = true;
	if (first && str_eq(line, STR("V\t2"))) {
		s->version_2 = true;
		return false;
	}
	return line.n > 0 && maildir_name_to_mailbox(
				 line, s->version_2 ? '\t' : s->separator, to);
}

void
dovecot_subscriptions_begin(struct buf *to)
{
	buf_add_text(to, "V\t2\n\n");
}

void
dovecot_subscription_add(struct buf *to, struct str mailbox)
{
	size_t begin = to->n;

	if (!utf7_encode(mailbox, to))
		buf_add_str(to, mailbox);
	for (size_t i = begin; i < to->n; i++)
		if (to->p[i] == '/')
			to->p[i] = '\t';
	buf_add_byte(to, '\n');
}
