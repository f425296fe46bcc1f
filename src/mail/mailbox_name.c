/* SPDX-License-Identifier: MIT
 *
 * Mailbox names: their one form, and which may be made.  RFC 9051 section
 * 5.1 leaves most of it to the server; RFC 5198 says what text is fit for
 * the network.
 */
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/mail_internal.h"

#define INBOX	  STR("INBOX")
#define SEPARATOR '/'

const char *
special_use_name(enum special_use use)
{
	static const char *const names[SPECIAL_COUNT] = {
		[SPECIAL_NONE] = "",
		[SPECIAL_ALL] = "\\All",
		[SPECIAL_ARCHIVE] = "\\Archive",
		[SPECIAL_DRAFTS] = "\\Drafts",
		[SPECIAL_FLAGGED] = "\\Flagged",
		[SPECIAL_JUNK] = "\\Junk",
		[SPECIAL_SENT] = "\\Sent",
		[SPECIAL_TRASH] = "\\Trash",
	};

	return use < SPECIAL_COUNT ? names[use] : "";
}

bool
mailbox_name_normal(struct str name, struct buf *to)
{
	size_t at = to->n;
	struct str added;

	if (name.n == 0 || name.n > 4 * MAILBOX_NAME_BYTES_MAX ||
	    !utf8_nfc(name, to))
		return false;
	added = (struct str){ .p = to->p + at, .n = to->n - at };
	if (added.n > MAILBOX_NAME_BYTES_MAX) {
		buf_truncate(to, at);
		return false;
	}
	/* INBOX without case, also where it has inferiors. */
	if (str_begins_nocase(added, INBOX) &&
	    (added.n == INBOX.n || added.p[INBOX.n] == SEPARATOR))
		for (size_t i = 0; i < INBOX.n; i++)
			to->p[at + i] = INBOX.p[i];
	return true;
}

/* Not fit for a line of text (RFC 5198 section 2). */
static bool
is_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
	       character == 0x2028 || character == 0x2029;
}

static const char *
check_characters(struct str name)
{
	struct cursor c = str_cursor(name);
	uint32_t character;

	while (utf8_next(&c, &character)) {
		if (is_control(character))
			return "a mailbox name has no control characters";
		if (character == '%' || character == '*')
			return "a mailbox name has no % or *";
	}
	return NULL;
}

static const char *
check_levels(struct str name)
{
	unsigned levels = 0;

	for (;;) {
		struct str level = str_head(name, str_find(name, SEPARATOR));

		if (level.n == 0)
			return "no level of a mailbox name is empty";
		if (str_eq(level, STR(".")) || str_eq(level, STR("..")))
			return "no level of a mailbox name is . or ..";
		if (++levels > MAILBOX_LEVELS_MAX)
			return "the mailbox name has too many levels";
		if (level.n == name.n)
			return NULL;
		name = str_skip(name, level.n + 1);
	}
}

static const char *
check_name(struct str name)
{
	const char *why = check_characters(name);

	if (why == NULL)
		why = check_levels(name);
	/* Many a client shows INBOX's inferiors beside it, and would have two
	 * of the name. */
	if (why == NULL && str_begins_nocase(name, STR("INBOX/INBOX")) &&
	    (name.n == 11 || name.p[11] == SEPARATOR))
		why = "INBOX has no mailbox INBOX below it";
	return why;
}

bool
mailbox_name_valid(struct str name, const char **ret_why)
{
	struct buf normal;
	const char *why;

	buf_init(&normal, 8 * MAILBOX_NAME_BYTES_MAX);
	if (name.n == 0)
		why = "a mailbox name is not empty";
	else if (!utf8_valid(name))
		why = "the mailbox name is not UTF-8";
	else if (!mailbox_name_normal(name, &normal))
		why = "the mailbox name is too long";
	else
		why = check_name(buf_str(&normal));
	buf_fini(&normal);
	if (why != NULL)
		*ret_why = why;
	return why == NULL;
}
