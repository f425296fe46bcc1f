/* SPDX-License-Identifier: MIT
 *
 * Charsets to UTF-8.  iconv knows the charsets; this file knows under which
 * names mail speaks of them, and what to do with text that is not in the
 * charset it claims.
 */
#include "mime/charset.h"

#include "mime/mime_internal.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define NAME_BYTES_MAX	40
#define REPLACEMENT	0xfffd
#define NOT_OPEN	((iconv_t)-1)
#define CHUNK_OUT_BYTES 1024

struct mime_charset {
	iconv_t iconv;		      /* NOT_OPEN: UTF-8, else Windows-1252 */
	bool single_byte;	      /* NOT_OPEN: always Windows-1252 */
	char held[MIME_CHARSET_HELD]; /* the start of a character */
	size_t held_count;
};

/* Names that iconv does not know, or knows as something narrower than what
 * text under this name really holds. */
static const struct {
	struct str name;
	const char *iconv;
} names[] = {
	{ MIME_STR("ks_c_5601-1987"), "CP949" },
	{ MIME_STR("ks_c_5601"), "CP949" },
	{ MIME_STR("euc-kr"), "CP949" },
	{ MIME_STR("gb2312"), "GB18030" },
	{ MIME_STR("gb_2312-80"), "GB18030" },
	{ MIME_STR("gbk"), "GB18030" },
	{ MIME_STR("x-gbk"), "GB18030" },
	{ MIME_STR("big5"), "CP950" },
	{ MIME_STR("shift_jis"), "CP932" },
	{ MIME_STR("shift-jis"), "CP932" },
	{ MIME_STR("x-sjis"), "CP932" },
	{ MIME_STR("windows-31j"), "CP932" },
	{ MIME_STR("iso-2022-jp"), "ISO-2022-JP-2" },
	{ MIME_STR("iso-8859-8-i"), "ISO-8859-8" },
	{ MIME_STR("iso-8859-8-e"), "ISO-8859-8" },
	{ MIME_STR("unicode-1-1-utf-7"), "UTF-7" },
	{ MIME_STR("x-mac-roman"), "MACINTOSH" },
};

/* Charsets that are no more than what is assumed of text without one. */
static const struct str as_none[] = { MIME_STR(""), MIME_STR("us-ascii"),
	MIME_STR("ascii"), MIME_STR("ansi_x3.4-1968"), MIME_STR("utf-8"),
	MIME_STR("utf8"), MIME_STR("unicode-1-1-utf-8"), MIME_STR("x-unknown"),
	MIME_STR("unknown-8bit") };

/* Those of them that name no charset. */
static const struct str unknown[] = { MIME_STR("x-unknown"),
	MIME_STR("unknown-8bit") };

/* Charsets taken as Windows-1252, which holds more than they do. */
static const struct str as_1252[] = { MIME_STR("iso-8859-1"),
	MIME_STR("iso8859-1"), MIME_STR("iso_8859-1"), MIME_STR("latin1"),
	MIME_STR("windows-1252"), MIME_STR("cp1252"), MIME_STR("x-ansi") };

/* Windows-1252 from 0x80 to 0x9f; the five that are not assigned are the
 * control characters of ISO 8859-1. */
static const uint16_t windows_1252[32] = { 0x20ac, 0x81, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
	0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013,
	0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178 };

static bool
is_among(struct str name, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(list[i], name))
			return true;
	}
	return false;
}

#define IS_AMONG(name, list) \
	is_among(name, list, sizeof(list) / sizeof((list)[0]))

/* Only what names of charsets are made of reaches iconv, which gives a
 * meaning to "/" and ",". */
static bool
is_name_byte(char byte)
{
	char low = str_lower(byte);

	return (low >= 'a' && low <= 'z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '_' || byte == '.' || byte == ':' ||
	       byte == '+';
}

static iconv_t
open_iconv(struct str name)
{
	char text[NAME_BYTES_MAX + 1] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_eq_nocase(names[i].name, name))
			return iconv_open("UTF-8", names[i].iconv);
	}
	if (name.n == 0 || name.n > NAME_BYTES_MAX)
		return NOT_OPEN;
	for (size_t i = 0; i < name.n; i++) {
		if (!is_name_byte(name.p[i]))
			return NOT_OPEN;
		text[i] = name.p[i];
	}
	return iconv_open("UTF-8", text);
}

bool
mime_charset_known(struct str name)
{
	iconv_t iconv;

	if (IS_AMONG(name, as_none) || IS_AMONG(name, as_1252))
		return true;
	iconv = open_iconv(name);
	if (iconv == NOT_OPEN)
		return false;
	(void)iconv_close(iconv);
	return true;
}

bool
mime_charset_definite(struct str name)
{
	return !IS_AMONG(name, unknown) && mime_charset_known(name);
}

struct mime_charset *
mime_charset_new(struct str name)
{
	struct mime_charset *c = mem_alloc(sizeof(*c));

	c->iconv = NOT_OPEN;
	c->single_byte = IS_AMONG(name, as_1252);
	if (!c->single_byte && !IS_AMONG(name, as_none))
		c->iconv = open_iconv(name);
	return c;
}

void
mime_charset_free(struct mime_charset *c)
{
	if (c == NULL)
		return;
	if (c->iconv != NOT_OPEN)
		(void)iconv_close(c->iconv);
	mem_free(c);
}

/* -- UTF-8 and Windows-1252 --------------------------------------------- */

static void
add_1252(struct buf *to, unsigned char byte)
{
	utf8_add(
	    to, byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
}

/* May the bytes at the cursor, which are no character, become one? */
static bool
is_unfinished(const struct cursor *c)
{
	const unsigned char *at = (const unsigned char *)c->at;
	size_t left = (size_t)(c->end - c->at);
	size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (at[0] < 0xc2 || at[0] > 0xf4 || left >= length)
		return false;
	for (size_t i = 1; i < left; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

static void
add_ascii_run(struct cursor *c, struct buf *to)
{
	const char *from = c->at;

	while (c->at < c->end && (unsigned char)*c->at < 0x80)
		c->at++;
	buf_add_str(to, str_until(from, c));
}

/* Convert what is complete; all of it when the text ends here. */
static void
convert_plain(
    struct mime_charset *c, struct cursor *in, bool final, struct buf *to)
{
	uint32_t character;

	while (in->at < in->end) {
		const char *from = in->at;

		add_ascii_run(in, to);
		if (in->at > from)
			continue;
		if (!c->single_byte && utf8_next(in, &character))
			buf_add_str(to, str_until(from, in));
		else if (!c->single_byte && !final && is_unfinished(in))
			return;
		else
			add_1252(to, (unsigned char)*in->at++);
	}
}

/* -- iconv -------------------------------------------------------------- */

/* One call of iconv.  False when only the start of a character is left. */
static bool
convert_some(struct mime_charset *c, struct cursor *in, struct buf *to)
{
	char chunk[CHUNK_OUT_BYTES];
	char *from = (char *)(uintptr_t)in->at; /* iconv does not write there */
	char *out = chunk;
	size_t left = (size_t)(in->end - in->at), room = sizeof(chunk);
	size_t result = iconv(c->iconv, &from, &left, &out, &room);
	int why = errno;

	buf_add(to, chunk, sizeof(chunk) - room);
	in->at = in->end - left;
	if (result != (size_t)-1 || why == E2BIG)
		return true;
	if (why == EINVAL)
		return false;
	utf8_add(to, REPLACEMENT);
	in->at++;
	return true;
}

static void
convert_iconv(
    struct mime_charset *c, struct cursor *in, bool final, struct buf *to)
{
	while (in->at < in->end && convert_some(c, in, to))
		continue;
	if (final && in->at < in->end) {
		utf8_add(to, REPLACEMENT);
		in->at = in->end;
	}
}

static void
convert(struct mime_charset *c, struct cursor *in, bool final, struct buf *to)
{
	if (c->iconv == NOT_OPEN)
		convert_plain(c, in, final, to);
	else
		convert_iconv(c, in, final, to);
}

/* -- pieces ------------------------------------------------------------- */

static void
keep(struct mime_charset *c, struct str rest)
{
	if (rest.n > 0)
		memmove(c->held, rest.p, rest.n);
	c->held_count = rest.n;
}

/* Give the held bytes one more at a time until they are a character. */
static void
finish_held(struct mime_charset *c, struct cursor *in, struct buf *to)
{
	while (c->held_count > 0 && in->at < in->end) {
		struct cursor held;

		c->held[c->held_count++] = *in->at++;
		held = str_cursor((struct str){ c->held, c->held_count });
		convert(c, &held, c->held_count == sizeof(c->held), to);
		keep(c, (struct str){ held.at, (size_t)(held.end - held.at) });
	}
}

void
mime_charset_write(struct mime_charset *c, struct str bytes, struct buf *to)
{
	struct cursor in = str_cursor(bytes);

	finish_held(c, &in, to);
	if (in.at == in.end)
		return;
	convert(c, &in, false, to);
	if ((size_t)(in.end - in.at) >= sizeof(c->held))
		convert(c, &in, true, to);
	keep(c, (struct str){ in.at, (size_t)(in.end - in.at) });
}

void
mime_charset_finish(struct mime_charset *c, struct buf *to)
{
	struct cursor held = str_cursor((struct str){ c->held, c->held_count });
	char chunk[CHUNK_OUT_BYTES];
	char *out = chunk;
	size_t room = sizeof(chunk);

	convert(c, &held, true, to);
	c->held_count = 0;
	if (c->iconv == NOT_OPEN)
		return;
	(void)iconv(c->iconv, NULL, NULL, &out, &room);
	buf_add(to, chunk, sizeof(chunk) - room);
	(void)iconv(c->iconv, NULL, NULL, NULL, NULL);
}
