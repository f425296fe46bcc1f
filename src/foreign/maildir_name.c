/* SPDX-License-Identifier: MIT
 *
 * Maildir's names, taken apart and put together.
 */
#include "foreign/maildir_name.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "foreign/flags.h"
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

/* What a dot, a slash and the backslash itself are within a level. */
static const struct {
	struct str text;
	char byte;
} escapes[] = {
	{ { "\\2e", 3 }, '.' },
	{ { "\\2f", 3 }, '_' }, /* not in a name here */
	{ { "\\5c", 3 }, '\\' },
};
#define ESCAPE_COUNT (sizeof(escapes) / sizeof(escapes[0]))

/* Append the byte at the beginning of ${rest} as it shall be; how many bytes
 * that took. */
static size_t
add_byte(struct str rest, struct buf *to)
{
	unsigned char byte = (unsigned char)rest.p[0];

	for (size_t i = 0; i < ESCAPE_COUNT; i++) {
		if (str_begins_nocase(rest, escapes[i].text)) {
			buf_add_byte(to, escapes[i].byte);
			return escapes[i].text.n;
		}
	}
	buf_add_byte(to, byte < ' ' || byte == 0x7f || byte == '%' ||
				 byte == '*' || byte == '/'
			     ? '_'
			     : (char)byte);
	return 1;
}

static bool
add_level(struct str level, struct buf *to)
{
	size_t begin = to->n;
	struct buf text;
	bool good;

	buf_init(&text, 4 * MAILBOX_NAME_BYTES_MAX);
	good = utf7_decode(level, &text);
	if (!good && utf8_valid(level)) {
		buf_add_str(&text, level);
		good = buf_check(&text) == RC_OK;
	}
	for (size_t i = 0; good && i < text.n;)
		i += add_byte(str_skip(buf_str(&text), i), to);
	buf_fini(&text);
	if (good &&
	    (to->n == begin || str_eq(str_skip(buf_str(to), begin), STR(".")) ||
		str_eq(str_skip(buf_str(to), begin), STR(".."))))
		buf_add_byte(to, '_');
	return good;
}

bool
maildir_name_to_mailbox(struct str name, char separator, struct buf *to)
{
	size_t begin = to->n;

	for (;;) {
		size_t end = str_find(name, separator);

		if (to->n > begin)
			buf_add_byte(to, '/');
		if (!add_level(str_head(name, end), to) || to->overflowed) {
			buf_truncate(to, begin);
			return false;
		}
		if (end == name.n)
			return true;
		name = str_skip(name, end + 1);
	}
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
