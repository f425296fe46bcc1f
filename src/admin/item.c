/* SPDX-License-Identifier: MIT
 *
 * What a message is, as text.
 */
#include "admin/item.h"

#include <inttypes.h>

#include "base/limits.h"

void
item_write(struct buf *to, const struct item *item)
{
	buf_add_format(to,
	    "%" PRIu32 " %u %" PRId64 " %" PRIu64 " %" PRIu32 " ", item->uid,
	    item->flags, item->date, item->size, item->prefix);
	digest_write(to, item->digest);
	for (size_t i = 0; i < item->keyword_count; i++) {
		buf_add_byte(to, ' ');
		buf_add_str(to, item->keywords[i]);
	}
}

static struct str
take_word(struct str *rest)
{
	struct str word = str_head(*rest, str_find(*rest, ' '));

	*rest = str_skip(*rest, word.n + 1);
	return word;
}

static bool
take_number(struct str *rest, uint64_t max, uint64_t *ret_number)
{
	return str_number(take_word(rest), max, ret_number);
}

static bool
take_date(struct str *rest, int64_t *ret_date)
{
	struct str word = take_word(rest);
	bool negative = str_begins(word, STR("-"));
	uint64_t number;

	if (!str_number(str_skip(word, negative),
		(uint64_t)INT64_MAX + negative, &number))
		return false;
	*ret_date = (int64_t)(negative ? -number : number);
	return true;
}

static size_t
count_words(struct str text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == ' ';
	return count;
}

enum rc
item_parse(struct str text, struct arena *a, struct item *ret_item)
{
	struct item item = { 0 };
	uint64_t uid, flags, prefix;
	struct str *keywords;

	if (!take_number(&text, UINT32_MAX, &uid) ||
	    !take_number(&text, FLAG_ALL, &flags) ||
	    !take_date(&text, &item.date) ||
	    !take_number(&text, UINT64_MAX, &item.size) ||
	    !take_number(&text, UINT32_MAX, &prefix) ||
	    !digest_parse(take_word(&text), item.digest))
		return RC_SYNTAX;
	keywords = arena_array(a, count_words(text), sizeof(*keywords));
	if (keywords == NULL)
		return RC_LIMIT;
	while (text.n > 0) {
		struct str word = take_word(&text);

		if (word.n == 0 || item.keyword_count == FLAGS_MAX)
			return RC_SYNTAX;
		keywords[item.keyword_count++] = word;
	}
	item.uid = (uint32_t)uid;
	item.flags = (unsigned)flags;
	item.prefix = (uint32_t)prefix;
	item.keywords = keywords;
	*ret_item = item;
	return RC_OK;
}
