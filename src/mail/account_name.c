/* SPDX-License-Identifier: MIT
 *
 * Account names: which are valid, and when two are the same.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/account.h"
#include "mail/mail_internal.h"

/* Of the name and of what it folds to: a compatibility character may stand
 * for one that is not allowed. */
static bool
characters_valid(struct str name)
{
	struct cursor c = str_cursor(name);
	size_t at = str_find(name, '@');
	uint32_t character;

	if (name.n == 0 || str_eq(name, STR(".")) || str_eq(name, STR("..")))
		return false;
	/* As an address: something before it, a domain behind it. */
	if (at == 0 || at + 1 == name.n ||
	    str_find(str_skip(name, at + 1), '@') + at + 1 < name.n)
		return false;
	while (c.at < c.end) {
		if (!utf8_next(&c, &character) || character <= ' ' ||
		    (character >= 0x7f && character < 0xa0))
			return false;
		if (character < 0x7f &&
		    memchr("/*%\"\\+", (int)character, 6) != NULL)
			return false;
	}
	return true;
}

bool
account_name_fold(struct str name, struct buf *to)
{
	struct buf folded;
	bool valid;

	if (name.n > USER_NAME_BYTES_MAX || !characters_valid(name))
		return false;
	/* Some characters fold to many; a key holds no more than this. */
	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	utf8_fold(name, &folded);
	valid = !folded.overflowed && characters_valid(buf_str(&folded));
	if (valid)
		buf_add_str(to, buf_str(&folded));
	buf_fini(&folded);
	return valid && !to->overflowed;
}

bool
account_name_valid(struct str name)
{
	struct buf folded;
	bool valid;

	buf_init(&folded, MAILBOX_NAME_BYTES_MAX);
	valid = account_name_fold(name, &folded);
	buf_fini(&folded);
	return valid;
}
