/* SPDX-License-Identifier: MIT
 *
 * IMAP strings from the text of header fields (RFC 9051 section 9: string,
 * nstring).  What is written is ASCII without NUL, CR and LF but for those of
 * a literal's start.
 */
#include "base/base64.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mime/charset.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

/* Longer strings go as literals: some clients read lines into fixed room. */
#define QUOTED_BYTES_MAX 900

/* So many octets make an encoded-word of at most 75 (RFC 2047 section 2). */
#define WORD_BYTES_MAX 45

/* Every octet three in UTF-8, then base64, then the words around it. */
#define ASCII_GROWTH 6

/* -- 8-bit text as encoded-words ---------------------------------------- */

/* Take whole characters of at most WORD_BYTES_MAX. */
static struct str
take_characters(struct cursor *c)
{
	const char *from = c->at;
	uint32_t character;

	while (c->at < c->end) {
		struct cursor probe = *c;

		if (!utf8_next(&probe, &character))
			probe.at++;
		if (probe.at - from > WORD_BYTES_MAX)
			break;
		*c = probe;
	}
	return str_until(from, c);
}

static void
write_words(struct str utf8, struct buf *to)
{
	struct cursor c = str_cursor(utf8);

	while (c.at < c.end) {
		if (c.at > utf8.p)
			buf_add_byte(to, ' ');
		buf_add_text(to, "=?utf-8?B?");
		base64_encode(take_characters(&c), to);
		buf_add_text(to, "?=");
	}
}

/* The next run of bytes that are all spaces, or all not. */
static struct str
take_run(struct cursor *c)
{
	const char *from = c->at;
	bool space = mime_is_wsp(*from);

	while (c->at < c->end && mime_is_wsp(*c->at) == space)
		c->at++;
	return str_until(from, c);
}

static bool
is_encoded_word(struct str word)
{
	return str_begins(word, STR("=?")) && str_ends(word, STR("?="));
}

/* Take a run of words that are not ASCII, with the spaces between them. */
static struct str
take_8bit_words(struct cursor *c)
{
	const char *from = c->at;
	struct cursor probe = *c;

	while (probe.at < probe.end) {
		struct str run = take_run(&probe);

		if (mime_is_wsp(run.p[0]))
			continue;
		if (utf8_is_ascii(run))
			break;
		*c = probe;
	}
	return str_until(from, c);
}

/* Write ${utf8} with the words that need it encoded.  A space between two
 * encoded-words is not text to who reads them, so it is encoded too. */
static void
encode_text(struct str utf8, struct buf *to)
{
	struct cursor c = str_cursor(utf8);
	struct str space = STR("");
	bool after_word = false;

	while (c.at < c.end) {
		struct cursor probe = c;
		struct str run = take_run(&probe);

		if (mime_is_wsp(run.p[0])) {
			buf_add_str(to, run);
			space = run;
			c = probe;
		} else if (utf8_is_ascii(run)) {
			buf_add_str(to, run);
			after_word = is_encoded_word(run);
			c = probe;
		} else {
			run = take_8bit_words(&c);
			if (after_word)
				run = (struct str){ run.p - space.n,
					run.n + space.n };
			write_words(run, to);
			after_word = true;
		}
	}
}

void
mime_write_ascii(struct str raw, struct buf *to)
{
	struct mime_charset *charset;
	char room[MIME_TEXT_ROOM];
	struct buf text, utf8;

	buf_init_room(&text, raw.n + 1, room, sizeof(room));
	mime_unfold(raw, &text);
	if (utf8_is_ascii(buf_str(&text))) {
		buf_add_str(to, buf_str(&text));
		buf_fini(&text);
		return;
	}
	charset = mime_charset_new(STR(""));
	buf_init(&utf8,
	    text.n * MIME_CHARSET_GROWTH + 2 * (size_t)MIME_CHARSET_HELD);
	mime_charset_write(charset, buf_str(&text), &utf8);
	mime_charset_finish(charset, &utf8);
	encode_text(buf_str(&utf8), to);
	mime_charset_free(charset);
	buf_fini(&utf8);
	buf_fini(&text);
}

/* -- strings ------------------------------------------------------------ */

/* literal = "{" number64 ["+"] "}" CRLF *CHAR8    RFC 9051 section 9 */
static void
write_literal(struct str ascii, struct buf *to)
{
	buf_add_byte(to, '{');
	buf_add_number(to, ascii.n);
	buf_add_text(to, "}\r\n");
	buf_add_str(to, ascii);
}

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE             RFC 9051 section 9 */
static void
write_quoted(struct str ascii, struct buf *to)
{
	buf_add_byte(to, '"');
	for (size_t i = 0; i < ascii.n; i++) {
		if (ascii.p[i] == '"' || ascii.p[i] == '\\')
			buf_add_byte(to, '\\');
		buf_add_byte(to, ascii.p[i]);
	}
	buf_add_byte(to, '"');
}

void
mime_write_string(struct str ascii, struct buf *to)
{
	if (ascii.n > QUOTED_BYTES_MAX)
		write_literal(ascii, to);
	else
		write_quoted(ascii, to);
}

void
mime_write_nstring(struct str ascii, struct buf *to)
{
	if (ascii.n == 0)
		buf_add_text(to, "NIL");
	else
		mime_write_string(ascii, to);
}

/* Cut so that what it is written as keeps to the limit. */
static struct str
cut_raw(struct str raw)
{
	size_t n = MIME_STRING_BYTES_MAX / ASCII_GROWTH;

	raw = str_head(raw, MIME_STRING_BYTES_MAX);
	if (raw.n <= n || utf8_is_ascii(raw))
		return raw;
	while (n > 0 && (raw.p[n] & 0xc0) == 0x80)
		n--;
	return str_head(raw, n);
}

/* Does it stand in a quoted string as it is? */
static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '"' ||
		    s.p[i] == '\\')
			return false;
	}
	return s.n <= QUOTED_BYTES_MAX;
}

void
mime_write_raw_string(struct str raw, struct buf *to)
{
	struct str plain = str_trim(raw), cut;
	char room[MIME_TEXT_ROOM];
	struct buf ascii;

	/* Most are, and need no buffer of their own. */
	if (is_plain(plain)) {
		buf_add_byte(to, '"');
		buf_add_str(to, plain);
		buf_add_byte(to, '"');
		return;
	}
	cut = cut_raw(raw);
	buf_init_room(&ascii, cut.n * ASCII_GROWTH + 64, room, sizeof(room));
	mime_write_ascii(cut, &ascii);
	mime_write_string(buf_str(&ascii), to);
	buf_fini(&ascii);
}

void
mime_write_raw_nstring(struct str raw, struct buf *to)
{
	if (str_trim(raw).n == 0)
		buf_add_text(to, "NIL");
	else
		mime_write_raw_string(raw, to);
}
