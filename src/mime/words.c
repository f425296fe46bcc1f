/* SPDX-License-Identifier: MIT
 *
 * Encoded-words (RFC 2047) to UTF-8.
 *
 * Words of one charset that follow each other are converted as one text, for
 * many programs cut characters in two between words.  A word is recognised
 * wherever it stands, and its text may hold spaces, for the same reason: many
 * programs write them so.
 */
#include "mime/charset.h"

#include <string.h>

#include "base/cursor.h"
#include "base/utf8.h"
#include "mime/fields.h"
#include "mime/mime_internal.h"

#define CHARSET_NAME_MAX 60

/* encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
 *                                                RFC 2047 section 2
 * The charset may carry a language: "*en" (RFC 2231 section 5). */
struct word {
	struct str charset;
	char encoding; /* 'b' or 'q' */
	struct str text;
};

/* Take what is before the next "?", and the "?". */
static bool
take_field(struct cursor *c, size_t max, struct str *ret_field)
{
	size_t left = (size_t)(c->end - c->at);
	const char *end = left > 0 ? memchr(c->at, '?', left) : NULL;

	if (end == NULL || (size_t)(end - c->at) > max)
		return false;
	*ret_field = (struct str){ c->at, (size_t)(end - c->at) };
	c->at = end + 1;
	return true;
}

static bool
parse_word(struct cursor *c, struct word *ret_word)
{
	struct cursor probe = *c;
	struct word w;
	struct str encoding;

	if (!cursor_takes(&probe, '=') || !cursor_takes(&probe, '?') ||
	    !take_field(&probe, CHARSET_NAME_MAX, &w.charset) ||
	    !take_field(&probe, 1, &encoding) || encoding.n != 1 ||
	    !take_field(&probe, SIZE_MAX, &w.text) ||
	    !cursor_takes(&probe, '='))
		return false;
	w.encoding = str_lower(encoding.p[0]);
	w.charset = str_head(w.charset, str_find(w.charset, '*'));
	if (w.encoding != 'b' && w.encoding != 'q')
		return false;
	if (!mime_charset_known(w.charset))
		return false;
	*c = probe;
	*ret_word = w;
	return true;
}

/* The "Q" encoding                               RFC 2047 section 4.2 */
static void
decode_q(struct str text, struct buf *to)
{
	for (size_t i = 0; i < text.n; i++) {
		char byte = text.p[i];

		if (byte == '=' && text.n - i > 2 &&
		    mime_hex(text.p[i + 1]) >= 0 &&
		    mime_hex(text.p[i + 2]) >= 0) {
			buf_add_byte(to, (char)(mime_hex(text.p[i + 1]) << 4 |
						mime_hex(text.p[i + 2])));
			i += 2;
		} else {
			buf_add_byte(to, byte == '_' ? ' ' : byte);
		}
	}
}

static void
decode_word(const struct word *w, struct mime_charset *charset, struct buf *to)
{
	struct mime_decoder d;
	struct buf bytes;

	buf_init(&bytes, w->text.n + 2 * (size_t)MIME_DECODER_HELD);
	if (w->encoding == 'q') {
		decode_q(w->text, &bytes);
	} else {
		mime_decoder_init(&d, MIME_ENCODING_BASE64);
		mime_decoder_write(&d, w->text, &bytes);
		mime_decoder_finish(&d, &bytes);
	}
	mime_charset_write(charset, buf_str(&bytes), to);
	buf_fini(&bytes);
}

/* Take white space if another word follows it. */
static bool
next_word(struct cursor *c, struct word *ret_word)
{
	struct cursor probe = *c;

	while (probe.at < probe.end && mime_is_space(*probe.at))
		probe.at++;
	if (!parse_word(&probe, ret_word))
		return false;
	*c = probe;
	return true;
}

/* Take a row of words; white space between them is not text. */
static bool
decode_words(struct cursor *c, struct buf *to)
{
	struct word w;
	struct str name;
	bool more;

	if (!parse_word(c, &w))
		return false;
	do {
		struct mime_charset *charset = mime_charset_new(w.charset);

		name = w.charset;
		do {
			decode_word(&w, charset, to);
			more = next_word(c, &w);
		} while (more && str_eq_nocase(w.charset, name));
		mime_charset_finish(charset, to);
		mime_charset_free(charset);
	} while (more);
	return true;
}

/* Take text up to what may be a word, at least one byte. */
static void
decode_raw(struct cursor *c, struct mime_charset *raw, struct buf *to)
{
	const char *from = c->at++;

	while (c->at < c->end &&
	       !(*c->at == '=' && c->end - c->at > 1 && c->at[1] == '?'))
		c->at++;
	mime_charset_write(raw, str_until(from, c), to);
}

/* What came out of words may hold control characters; NUL ends strings
 * elsewhere, so it goes. */
static void
remove_nul(struct buf *b, size_t from)
{
	size_t kept = from;

	for (size_t i = from; i < b->n; i++) {
		if (b->p[i] != 0)
			b->p[kept++] = b->p[i];
	}
	b->n = kept;
}

static void
decode_unfolded(struct str text, struct buf *to)
{
	struct mime_charset *raw = mime_charset_new(STR(""));
	struct cursor c = str_cursor(text);
	size_t from = to->n;

	while (c.at < c.end) {
		if (decode_words(&c, to))
			continue;
		decode_raw(&c, raw, to);
		if (c.at == c.end || *c.at == '=')
			mime_charset_finish(raw, to);
	}
	remove_nul(to, from);
	mime_charset_free(raw);
}

void
mime_decode_text(struct str value, struct buf *to)
{
	char room[MIME_TEXT_ROOM];
	struct buf text;

	buf_init_room(&text, value.n + 1, room, sizeof(room));
	mime_unfold(value, &text);
	if (!utf8_is_ascii(buf_str(&text)) ||
	    (text.n > 0 && memmem(text.p, text.n, "=?", 2) != NULL))
		decode_unfolded(buf_str(&text), to);
	else
		buf_add_str(to, buf_str(&text));
	buf_fini(&text);
}
