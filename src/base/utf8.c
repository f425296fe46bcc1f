/* SPDX-License-Identifier: MIT
 *
 * UTF-8.  RFC 3629 sections 3 and 4.
 */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static bool
is_tail(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* How many bytes a character with this first byte has; 0 for none.  The
 * smallest value that needs so many bytes goes to ${ret_least}. */
static size_t
length_of(unsigned char first, uint32_t *ret_bits, uint32_t *ret_least)
{
	if (first < 0x80) {
		*ret_bits = first;
		*ret_least = 0;
		return 1;
	}
	if ((first & 0xe0) == 0xc0) {
		*ret_bits = first & 0x1f;
		*ret_least = 0x80;
		return 2;
	}
	if ((first & 0xf0) == 0xe0) {
		*ret_bits = first & 0x0f;
		*ret_least = 0x800;
		return 3;
	}
	if ((first & 0xf8) == 0xf0) {
		*ret_bits = first & 0x07;
		*ret_least = 0x10000;
		return 4;
	}
	return 0;
}

bool
utf8_next(struct cursor *c, uint32_t *ret_char)
{
	const unsigned char *at = (const unsigned char *)c->at;
	size_t left = (size_t)(c->end - c->at);
	uint32_t bits = 0, least = 0;
	size_t length;

	if (left == 0)
		return false;
	length = length_of(at[0], &bits, &least);
	if (length == 0 || length > left)
		return false;
	for (size_t i = 1; i < length; i++) {
		if (!is_tail(at[i]))
			return false;
		bits = bits << 6 | (at[i] & 0x3f);
	}
	if (bits < least || bits > 0x10ffff ||
	    (bits >= 0xd800 && bits <= 0xdfff))
		return false;
	c->at += length;
	*ret_char = bits;
	return true;
}

bool
utf8_valid(struct str s)
{
	struct cursor c = str_cursor(s);
	uint32_t character;

	while (c.at < c.end) {
		if (!utf8_next(&c, &character))
			return false;
	}
	return true;
}

bool
utf8_is_ascii(struct str s)
{
	uint64_t eight, any = 0;

	for (; s.n >= sizeof(eight); s = str_skip(s, sizeof(eight))) {
		memcpy(&eight, s.p, sizeof(eight));
		any |= eight;
	}
	for (size_t i = 0; i < s.n; i++)
		any |= (unsigned char)s.p[i];
	return (any & 0x8080808080808080u) == 0;
}

void
utf8_add(struct buf *to, uint32_t character)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t count =
	    utf8proc_encode_char((utf8proc_int32_t)character, bytes);

	buf_add(to, bytes, (size_t)count);
}

/* Map ${s} with utf8proc's ${options} and append it. */
static bool
map_into(struct str s, utf8proc_option_t options, struct buf *to)
{
	utf8proc_uint8_t *mapped = NULL;
	utf8proc_ssize_t count;
	size_t before = to->n;

	if (s.n == 0)
		return true;
	count = utf8proc_map((const utf8proc_uint8_t *)s.p,
	    (utf8proc_ssize_t)s.n, &mapped, options);
	if (count < 0)
		return false;
	buf_add(to, mapped, (size_t)count);
	free(mapped);
	return count == 0 || to->n > before;
}

bool
utf8_nfc(struct str s, struct buf *to)
{
	if (utf8_is_ascii(s)) {
		buf_add_str(to, s);
		return !to->overflowed;
	}
	return utf8_valid(s) &&
	       map_into(s, UTF8PROC_STABLE | UTF8PROC_COMPOSE, to);
}

static void
fold_ascii(struct str s, struct buf *to)
{
	char *at = buf_reserve(to, s.n);

	if (at == NULL)
		return;
	for (size_t i = 0; i < s.n; i++)
		at[i] = str_lower(s.p[i]);
	buf_added(to, s.n);
}

void
utf8_fold(struct str s, struct buf *to)
{
	struct buf clean;
	struct cursor c = str_cursor(s);
	uint32_t character;

	if (utf8_is_ascii(s)) {
		fold_ascii(s, to);
		return;
	}
	buf_init(&clean, s.n * 3);
	while (c.at < c.end) {
		if (!utf8_next(&c, &character)) {
			character = 0xfffd;
			c.at++;
		}
		utf8_add(&clean, character);
	}
	/* Well-formed by now; only the lack of room can refuse it, and the
	 * buffer remembers that. */
	(void)map_into(buf_str(&clean),
	    UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
		UTF8PROC_CASEFOLD,
	    to);
	buf_fini(&clean);
}
