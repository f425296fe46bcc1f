/* SPDX-License-Identifier: MIT
 *
 * Views of bytes.  A struct str never owns what it points at, is not
 * terminated and may hold NUL.  A struct cursor is what a parser advances.
 */
#ifndef AVOCET_BASE_STR_H
#define AVOCET_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p; /* may be NULL when n is 0 */
	size_t n;
};

struct cursor {
	const char *at;
	const char *end;
};

/* A view of a string literal. */
#define STR(literal) \
	((struct str){ .p = "" literal, .n = sizeof("" literal) - 1 })

/* For printf's "%.*s". */
#define STR_ARG(s) (int)(s).n, ((s).n > 0 ? (s).p : "")

/* A view of the terminated string ${text}; NULL gives the empty view. */
struct str str_of(const char *text);

/* A cursor over the bytes of ${s}. */
struct cursor str_cursor(struct str s);

/* The bytes from ${from} up to the cursor's place. */
struct str str_until(const char *from, const struct cursor *c);

/* The same bytes? */
bool str_eq(struct str a, struct str b);

/* The same but for the case of ASCII letters? */
bool str_eq_nocase(struct str a, struct str b);

/* Order by bytes, as unsigned; the shorter first.  <0, 0, >0. */
int str_cmp(struct str a, struct str b);

/* The same for ASCII letters folded to lower case. */
int str_cmp_nocase(struct str a, struct str b);

/* Does ${s} begin (end) with ${part}? */
bool str_begins(struct str s, struct str part);
bool str_begins_nocase(struct str s, struct str part);
bool str_ends(struct str s, struct str part);

/* Where ${byte} stands first in ${s}; s.n when nowhere. */
size_t str_find(struct str s, char byte);

/* ${s} without its first ${count} bytes (all of them when it is shorter). */
struct str str_skip(struct str s, size_t count);

/* At most the first ${count} bytes of ${s}. */
struct str str_head(struct str s, size_t count);

/* ${s} without spaces, tabs, CR and LF at either end. */
struct str str_trim(struct str s);

/* All of ${s} as a decimal number without sign, at most ${max}. */
bool str_number(struct str s, uint64_t max, uint64_t *ret_number);

/* ${number} as decimal digits, which lie in ${room}. */
#define STR_DIGITS_MAX 20
struct str str_of_number(uint64_t number, char room[STR_DIGITS_MAX]);

/* ASCII letter to lower (upper) case; other bytes unchanged.  No locale. */
char str_lower(char byte);
char str_upper(char byte);

#endif
