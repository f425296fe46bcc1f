/* SPDX-License-Identifier: MIT
 *
 * Names in a Maildir and lines of the files in it: a folder's mailbox makes a
 * folder that means the same mailbox; line ends come back.
 */
#include <assert.h>

#include "base/limits.h"
#include "foreign/dovecot.h"
#include "foreign/line_end.h"
#include "foreign/maildir_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
folders(struct str name, char separator)
{
	struct buf mailbox, folder, again;

	buf_init(&mailbox, 8 * MAILBOX_NAME_BYTES_MAX);
	buf_init(&folder, 64 * MAILBOX_NAME_BYTES_MAX);
	buf_init(&again, 8 * MAILBOX_NAME_BYTES_MAX);
	if (name.n < MAILBOX_NAME_BYTES_MAX &&
	    maildir_name_to_mailbox(name, separator, &mailbox)) {
		maildir_name_of_mailbox(buf_str(&mailbox), &folder);
		assert(folder.p[0] == '.' &&
		       str_find(buf_str(&folder), '/') == folder.n);
		(void)maildir_name_to_mailbox(
		    str_skip(buf_str(&folder), 1), '.', &again);
	}
	buf_fini(&mailbox);
	buf_fini(&folder);
	buf_fini(&again);
}

static void
line_ends(struct str message)
{
	struct line_end_out out = { 0 };
	struct line_end_in in = { 0 };
	struct buf file, again;

	buf_init(&file, message.n + 1);
	buf_init(&again, 2 * message.n + 1);
	if (line_end_out(&out, message, &file)) {
		line_end_out_finish(&out, &file);
		line_end_in(&in, buf_str(&file), &again);
		assert(str_eq(buf_str(&again), message));
	}
	buf_fini(&file);
	buf_fini(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .p = (const char *)data, .n = size };
	struct dovecot_subscriptions s = { .separator = '.' };
	struct dovecot_uidlist uidlist;
	struct maildir_name name;
	struct str base;
	struct buf to;
	uint32_t uid;
	unsigned place;

	maildir_name_parse(text, &name);
	assert(name.base.n <= text.n);
	if (dovecot_uidlist_parse(text, &uidlist))
		assert(uidlist.uidvalidity > 0);
	if (dovecot_uid_parse(text, &uid, &base))
		assert(uid > 0 && base.n > 0);
	if (dovecot_keyword_parse(text, &place, &base))
		assert(place < MAILDIR_KEYWORDS_MAX && base.n > 0);
	buf_init(&to, 8 * MAILBOX_NAME_BYTES_MAX);
	(void)dovecot_subscription_parse(&s, text, &to);
	buf_fini(&to);
	folders(text, '.');
	folders(text, '/');
	line_ends(text);
	return 0;
}
