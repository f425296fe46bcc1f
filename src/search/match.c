/* SPDX-License-Identifier: MIT
 *
 * Finding strings in text that comes in pieces.
 *
 * Text goes through two buffers: raw bytes until it is certain that folding
 * them does not depend on what follows, then folded text, of which enough is
 * kept that a needle may begin there.
 */
#include "search/match.h"

#include "base/utf8.h"

#include <assert.h>
#include <string.h>

/* How much is folded at once, and how much may be held back. */
#define SLICE_BYTES 8192
#define TAIL_BYTES  64

/* The window is cut when so much more than the longest needle is in it. */
#define WINDOW_SPARE_BYTES (32 * 1024)

/* No character's folding has more than 18 characters of 4 bytes each, and
 * none that grows has less than 2 bytes. */
#define FOLD_GROWTH_MAX 36

void
match_init(struct match *m, struct match_needle *needles, size_t count)
{
	m->needles = needles;
	m->count = count;
	m->longest = 0;
	for (size_t i = 0; i < count; i++) {
		assert(needles[i].folded.n > 0);
		if (needles[i].folded.n > m->longest)
			m->longest = needles[i].folded.n;
	}
	buf_init(&m->raw, SLICE_BYTES + TAIL_BYTES);
	buf_init(&m->window, m->longest + WINDOW_SPARE_BYTES +
				 FOLD_GROWTH_MAX * (SLICE_BYTES + TAIL_BYTES));
	match_reset(m);
}

void
match_fini(struct match *m)
{
	buf_fini(&m->raw);
	buf_fini(&m->window);
}

void
match_reset(struct match *m)
{
	for (size_t i = 0; i < m->count; i++)
		m->needles[i].found = false;
	buf_clear(&m->raw);
	buf_clear(&m->window);
}

static bool
is_ascii(char byte)
{
	return (unsigned char)byte < 0x80;
}

/* The length of the first run of bytes that are all ASCII or all not. */
static size_t
run_length(struct str s)
{
	bool ascii = is_ascii(s.p[0]);
	size_t n = 1;

	while (n < s.n && is_ascii(s.p[n]) == ascii)
		n++;
	return n;
}

/* Fold run by run: ASCII letters neither join nor reorder, so the result is
 * that of the whole, and most text takes the short way. */
static void
fold(struct str s, struct buf *to)
{
	while (s.n > 0) {
		size_t n = run_length(s);

		utf8_fold(str_head(s, n), to);
		s = str_skip(s, n);
	}
}

/* How much of ${s} can be folded before what follows is known: all up to the
 * last ASCII byte, since marks behind it may yet be reordered; in a long run
 * without any, all but the last character. */
static size_t
settled_length(struct str s)
{
	size_t n = s.n;

	while (n > 0 && s.n - n < TAIL_BYTES && !is_ascii(s.p[n - 1]))
		n--;
	if (n == 0 || is_ascii(s.p[n - 1]))
		return n;
	n = s.n - 1;
	while (n > 0 && s.n - n < 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Look for needles in the window, in matches that end behind ${before}. */
static bool
look(struct match *m, unsigned scopes, size_t before)
{
	bool news = false;

	for (size_t i = 0; i < m->count; i++) {
		struct match_needle *needle = &m->needles[i];
		size_t reach = needle->folded.n - 1;
		size_t from = before > reach ? before - reach : 0;

		if (needle->found || (needle->scopes & scopes) == 0 ||
		    m->window.n - from < needle->folded.n)
			continue;
		if (memmem(m->window.p + from, m->window.n - from,
			needle->folded.p, needle->folded.n) == NULL)
			continue;
		needle->found = true;
		news = true;
	}
	return news;
}

/* Fold the first ${count} raw bytes into the window and look there. */
static bool
settle(struct match *m, unsigned scopes, size_t count)
{
	size_t before;

	if (count == 0)
		return false;
	if (m->window.n > m->longest + WINDOW_SPARE_BYTES)
		buf_consume(&m->window, m->window.n - m->longest);
	before = m->window.n;
	fold(str_head(buf_str(&m->raw), count), &m->window);
	assert(!m->window.overflowed);
	buf_consume(&m->raw, count);
	return look(m, scopes, before);
}

bool
match_feed(struct match *m, unsigned scopes, struct str piece)
{
	bool news = false;

	while (piece.n > 0) {
		struct str slice = str_head(piece, SLICE_BYTES);

		buf_add_str(&m->raw, slice);
		news |= settle(m, scopes, settled_length(buf_str(&m->raw)));
		piece = str_skip(piece, slice.n);
	}
	return news;
}

bool
match_break(struct match *m, unsigned scopes)
{
	bool news = settle(m, scopes, m->raw.n);

	buf_clear(&m->raw);
	buf_clear(&m->window);
	return news;
}
