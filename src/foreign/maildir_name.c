/* SPDX-License-Identifier: MIT
 *
 * Maildir's names, taken apart and put together.
 */
#include "foreign/maildir_name.h"

#include "base/limits.h"
#include "foreign/flags.h"
#include "foreign/levels.h"
#include "proto/imap/utf7.h"

static const struct {
	char letter;
	unsigned flag;
} letters[] = {
	{ 'D', FOREIGN_DRAFT },
	{ 'F', FOREIGN_FLAGGED },
	{ 'P', FOREIGN_FORWARDED },
	{ 'R', FOREIGN_ANSWERED },
	{ 'S', FOREIGN_SEEN },
	{ 'T', FOREIGN_DELETED },
};
#define LETTER_COUNT (sizeof(letters) / sizeof(letters[0]))

static void
take_letter(struct maildir_name *n, char letter)
{
	if (letter >= 'a' && letter <= 'z')
		n->keywords |= UINT32_C(1) << (letter - 'a');
	for (size_t i = 0; i < LETTER_COUNT; i++)
		if (letters[i].letter == letter)
			n->flags |= letters[i].flag;
}

void
maildir_name_parse(struct str name, struct maildir_name *ret_name)
{
	size_t colon = str_find(name, ':');
	struct maildir_name n = { .base = str_head(name, colon),
		.seconds = INT64_MIN };
	struct str info = str_skip(name, colon);
	uint64_t seconds;

	if (str_begins(info, STR(":2,"))) {
		/* Other programs' fields may follow a second comma. */
		info = str_skip(info, 3);
		info = str_head(info, str_find(info, ','));
		for (size_t i = 0; i < info.n; i++)
			take_letter(&n, info.p[i]);
	}
	if (str_number(
		str_head(n.base, str_find(n.base, '.')), UINT32_MAX, &seconds))
		n.seconds = (int64_t)seconds;
	*ret_name = n;
}

void
maildir_name_add_flags(struct buf *to, unsigned flags, uint32_t keywords)
{
	buf_add_text(to, ":2,");
	for (size_t i = 0; i < LETTER_COUNT; i++)
		if ((flags & letters[i].flag) != 0)
			buf_add_byte(to, letters[i].letter);
	for (unsigned i = 0; i < MAILDIR_KEYWORDS_MAX; i++)
		if ((keywords >> i & 1) != 0)
			buf_add_byte(to, (char)('a' + i));
}

/* -- folders ------------------------------------------------------------- */

bool
maildir_name_to_mailbox(struct str name, char separator, struct buf *to)
{
	return levels_add(name, separator, true, to);
}

void
maildir_name_of_mailbox(struct str mailbox, struct buf *to)
{
	struct buf text;

	buf_init(&text, 8 * MAILBOX_NAME_BYTES_MAX);
	if (!utf7_encode(mailbox, &text))
		buf_add_str(&text, mailbox);
	buf_add_byte(to, '.');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '/')
			buf_add_byte(to, '.');
		else if (text.p[i] == '.')
			buf_add_text(to, "\\2e");
		else if (text.p[i] == '\\')
			buf_add_text(to, "\\5c");
		else
			buf_add_byte(to, text.p[i]);
	}
	buf_fini(&text);
}
