/* SPDX-License-Identifier: MIT
 *
 * avocet mailbox list | create | delete
 */
#include "mail/mailbox.h"

#include <inttypes.h>

#include "admin/cmd/cmd.h"
#include "admin/perform.h"

static int
perform_words(struct admin *a, const char *operation)
{
	struct perform_request request = {
		.words = { str_of(operation) },
		.word_count = 1 + a->args.word_count,
	};

	for (size_t i = 0; i < a->args.word_count; i++)
		request.words[1 + i] = str_of(a->args.words[i]);
	return perform(a->config, &request);
}

int
cmd_mailbox_list(struct admin *a)
{
	return perform_words(a, "mailbox-list");
}

int
cmd_mailbox_create(struct admin *a)
{
	return perform_words(a, "mailbox-create");
}

int
cmd_mailbox_delete(struct admin *a)
{
	return perform_words(a, "mailbox-delete");
}

enum rc
op_mailbox_list(struct operation *o)
{
	struct mailbox_info *infos;
	uint64_t account;
	size_t count;
	enum rc rc = operation_account(o, 1, &account);

	if (rc == RC_OK)
		rc = mailbox_list(o->mail, account, o->arena, &infos, &count);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		operation_say(o,
		    "%8" PRIu32 " %8" PRIu32 " %12" PRIu64 "  %.*s%s%s",
		    infos[i].messages, infos[i].unseen, infos[i].size,
		    STR_ARG(infos[i].name),
		    infos[i].use != SPECIAL_NONE ? "  " : "",
		    special_use_name(infos[i].use));
	return RC_OK;
}

enum rc
op_mailbox_create(struct operation *o)
{
	const char *why = "";
	uint64_t account;
	uint32_t id;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!mailbox_name_valid(o->words[2], &why))
		return operation_fail(o, RC_INVALID, "%s", why);
	rc = mailbox_create(o->mail, account, o->words[2], SPECIAL_NONE, &id);
	if (rc == RC_EXISTS)
		return operation_fail(o, rc, "there is such a mailbox already");
	if (rc == RC_LIMIT)
		return operation_fail(o, rc, "there are too many mailboxes");
	return rc;
}

enum rc
op_mailbox_delete(struct operation *o)
{
	uint64_t account;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	rc = mailbox_delete(o->mail, account, o->words[2]);
	if (rc == RC_NOTFOUND)
		return operation_fail(o, rc,
		    "there is no such mailbox: see `avocet mailbox list`");
	if (rc == RC_REFUSED)
		return operation_fail(o, rc, "INBOX cannot be deleted");
	return rc;
}
