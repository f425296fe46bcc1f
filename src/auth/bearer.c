/* SPDX-License-Identifier: MIT
 *
 * Taking apart what a client with a token sends.
 */
#include "auth/bearer.h"

#define SEPARATOR '\1'

/* Take what stands before ${mark}, and the mark. */
static bool
take_until(struct str *left, char mark, struct str *ret_part)
{
	size_t end = str_find(*left, mark);

	if (end == left->n)
		return false;
	*ret_part = str_head(*left, end);
	*left = str_skip(*left, end + 1);
	return true;
}

/* saslname = 1*(value-safe-char / "=2C" / "=3D")   RFC 5801 section 4 */
static bool
add_saslname(struct str text, struct buf *to)
{
	for (size_t i = 0; i < text.n; i++) {
		struct str left = str_skip(text, i);

		if (text.p[i] != '=') {
			buf_add_byte(to, text.p[i]);
			continue;
		}
		if (str_begins_nocase(left, STR("=2C")))
			buf_add_byte(to, ',');
		else if (str_begins_nocase(left, STR("=3D")))
			buf_add_byte(to, '=');
		else
			return false;
		i += 2;
	}
	return buf_check(to) == RC_OK;
}

/* gs2-header = gs2-cb-flag "," [ "a=" saslname ] ","
 *                                               RFC 5801 section 4
 * where the flag is "n" or "y". */
static bool
take_header(struct str *left, struct buf *user)
{
	struct str flag, name;

	if (!take_until(left, ',', &flag) || !take_until(left, ',', &name) ||
	    (!str_eq(flag, STR("n")) && !str_eq(flag, STR("y"))))
		return false;
	if (name.n == 0)
		return true;
	return str_begins(name, STR("a=")) &&
	       add_saslname(str_skip(name, 2), user);
}

/* The token of "auth=Bearer token", if the pair is that. */
static void
look_for_token(struct str pair, struct str *token)
{
	static const struct str scheme = { "auth=Bearer ", 12 };

	if (str_begins_nocase(pair, scheme))
		*token = str_trim(str_skip(pair, scheme.n));
}

bool
bearer_parse(enum bearer_kind kind, struct str message, struct buf *user,
    struct str *ret_token)
{
	struct str left = message, pair, token = { 0 };
	size_t before = user->n;

	if (kind == BEARER_XOAUTH2) {
		if (!take_until(&left, SEPARATOR, &pair) ||
		    !str_begins_nocase(pair, STR("user=")))
			return false;
		buf_add_str(user, str_skip(pair, 5));
	} else if (!take_header(&left, user) ||
		   !take_until(&left, SEPARATOR, &pair) || pair.n != 0) {
		buf_truncate(user, before);
		return false;
	}
	/* Pairs that are not known (host, port) are passed over; an empty one
	 * is the end. */
	while (take_until(&left, SEPARATOR, &pair) && pair.n > 0)
		look_for_token(pair, &token);
	if (pair.n == 0 && left.n == 0 && token.n > 0 &&
	    buf_check(user) == RC_OK) {
		*ret_token = token;
		return true;
	}
	buf_truncate(user, before);
	return false;
}

void
bearer_write_failure(enum bearer_kind kind, struct buf *to)
{
	buf_add_text(to, kind == BEARER_XOAUTH2
			     ? "{\"status\":\"401\",\"schemes\":\"bearer\"}"
			     : "{\"status\":\"invalid_token\"}");
}
