/* SPDX-License-Identifier: MIT
 *
 * Views of bytes: comparison and cutting, without locale.
 */
#include "base/str.h"

#include <string.h>

struct str
str_of(const char *text)
{
	if (text == NULL)
		return (struct str){ NULL, 0 };
	return (struct str){ text, strlen(text) };
}

struct cursor
str_cursor(struct str s)
{
	/* Keeps at == end comparisons defined for an empty view. */
	const char *start = s.p != NULL ? s.p : "";

	return (struct cursor){ start, start + s.n };
}

struct str
str_until(const char *from, const struct cursor *c)
{
	return (struct str){ from, (size_t)(c->at - from) };
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && str_cmp_nocase(a, b) == 0;
}

static int
compare_lengths(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

int
str_cmp(struct str a, struct str b)
{
	size_t common = a.n < b.n ? a.n : b.n;
	int order = common > 0 ? memcmp(a.p, b.p, common) : 0;

	return order != 0 ? order : compare_lengths(a.n, b.n);
}

int
str_cmp_nocase(struct str a, struct str b)
{
	size_t common = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < common; i++) {
		unsigned char left = (unsigned char)str_lower(a.p[i]);
		unsigned char right = (unsigned char)str_lower(b.p[i]);

		if (left != right)
			return left < right ? -1 : 1;
	}
	return compare_lengths(a.n, b.n);
}

bool
str_begins(struct str s, struct str part)
{
	return s.n >= part.n && str_eq(str_head(s, part.n), part);
}

bool
str_begins_nocase(struct str s, struct str part)
{
	return s.n >= part.n && str_eq_nocase(str_head(s, part.n), part);
}

bool
str_ends(struct str s, struct str part)
{
	return s.n >= part.n && str_eq(str_skip(s, s.n - part.n), part);
}

size_t
str_find(struct str s, char byte)
{
	const char *found = s.n > 0 ? memchr(s.p, byte, s.n) : NULL;

	return found != NULL ? (size_t)(found - s.p) : s.n;
}

struct str
str_skip(struct str s, size_t count)
{
	if (count >= s.n)
		return (struct str){ s.n > 0 ? s.p + s.n : s.p, 0 };
	return (struct str){ s.p + count, s.n - count };
}

struct str
str_head(struct str s, size_t count)
{
	return (struct str){ s.p, count < s.n ? count : s.n };
}

static bool
is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_skip(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
str_number(struct str s, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || number > max / 10 ||
		    number * 10 > max - (digit < max ? digit : max))
			return false;
		number = number * 10 + digit;
	}
	if (number > max)
		return false;
	*ret_number = number;
	return true;
}

struct str
str_of_number(uint64_t number, char room[STR_DIGITS_MAX])
{
	size_t at = STR_DIGITS_MAX;

	do {
		room[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return (struct str){ room + at, STR_DIGITS_MAX - at };
}

char
str_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

char
str_upper(char byte)
{
	return byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
}
