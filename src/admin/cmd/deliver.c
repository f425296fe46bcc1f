/* SPDX-License-Identifier: MIT
 *
 * avocet deliver.  A message in a pipe has the system's line ends, which are
 * made into ours.
 */
#include <errno.h>
#include <unistd.h>

#include "admin/cmd/cmd.h"
#include "admin/perform.h"
#include "foreign/line_end.h"
#include "mail/mailbox.h"
#include "mail/message.h"

#define READ_BYTES 16384

struct reader {
	char in[READ_BYTES];
	struct buf out;
	struct line_end_in line_end;
};

static enum rc
read_message(void *arg, struct str *ret_piece)
{
	struct reader *r = arg;
	ssize_t count;

	do
		count = read(STDIN_FILENO, r->in, sizeof(r->in));
	while (count < 0 && errno == EINTR);
	if (count <= 0)
		return count == 0 ? RC_EOF : RC_IO;
	buf_clear(&r->out);
	line_end_in(&r->line_end,
	    (struct str){ .p = r->in, .n = (size_t)count }, &r->out);
	*ret_piece = buf_str(&r->out);
	return RC_OK;
}

int
cmd_deliver(struct admin *a)
{
	const char *mailbox = a->args.mailbox;
	struct reader r = { 0 };
	struct perform_request request = {
		.words = { STR("deliver"), str_of(a->args.words[0]),
		    str_of(mailbox != NULL ? mailbox : "INBOX") },
		.word_count = 3,
		.read = read_message,
		.arg = &r,
	};
	int code;

	buf_init(&r.out, 2 * READ_BYTES);
	code = perform(a->config, &request);
	buf_fini(&r.out);
	return code;
}

static enum rc
take_message(struct operation *o, struct incoming *in)
{
	struct str piece;
	enum rc rc;

	while ((rc = o->io->read(o->io->arg, &piece)) == RC_OK) {
		rc = incoming_write(in, piece);
		if (rc == RC_LIMIT)
			return operation_fail(o, rc, "the message is too big");
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_EOF ? incoming_finish(in) : rc;
}

enum rc
op_deliver(struct operation *o)
{
	struct mailbox_info mailbox;
	struct delivery d = { .mailbox = o->words[2] };
	enum rc rc = operation_account(o, 1, &d.account);

	if (rc != RC_OK)
		return rc;
	rc = mailbox_find(o->mail, d.account, o->words[2], o->arena, &mailbox);
	if (rc == RC_NOTFOUND)
		return operation_fail(o, rc,
		    "there is no such mailbox: see `avocet mailbox list`");
	if (rc != RC_OK)
		return rc;
	d.item.message = incoming_new(o->mail, d.account);
	d.item.internal_date = INT64_MIN;
	rc = take_message(o, d.item.message);
	if (rc == RC_OK) {
		message_deliver(o->mail, &d, 1);
		rc = d.result;
	}
	incoming_free(d.item.message);
	return rc;
}
