/* SPDX-License-Identifier: MIT
 *
 * Levels of mailboxes' names.
 */
#include "foreign/levels.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "proto/imap/utf7.h"

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
add_byte(struct str rest, bool escaped, struct buf *to)
{
	unsigned char byte = (unsigned char)rest.p[0];

	for (size_t i = 0; escaped && i < ESCAPE_COUNT; i++) {
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
add_level(struct str level, bool escaped, struct buf *to)
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
		i += add_byte(str_skip(buf_str(&text), i), escaped, to);
	buf_fini(&text);
	if (good &&
	    (to->n == begin || str_eq(str_skip(buf_str(to), begin), STR(".")) ||
		str_eq(str_skip(buf_str(to), begin), STR(".."))))
		buf_add_byte(to, '_');
	return good;
}

bool
levels_add(struct str name, char separator, bool escaped, struct buf *to)
{
	size_t begin = to->n;

	for (;;) {
		size_t end =
		    separator != '\0' ? str_find(name, separator) : name.n;

		if (to->n > begin)
			buf_add_byte(to, '/');
		if (!add_level(str_head(name, end), escaped, to) ||
		    to->overflowed) {
			buf_truncate(to, begin);
			return false;
		}
		if (end == name.n)
			return true;
		name = str_skip(name, end + 1);
	}
}
