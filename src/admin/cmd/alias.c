/* SPDX-License-Identifier: MIT
 *
 * avocet alias add | remove | list
 */
#include "mail/alias.h"

#include "admin/cmd/cmd.h"
#include "admin/perform.h"

/* Of an address and a user, who may be left out. */
static int
perform_pair(struct admin *a, const char *operation)
{
	struct perform_request request = {
		.words = { str_of(operation), str_of(a->args.words[0]),
		    a->args.word_count > 1 ? str_of(a->args.words[1])
					   : STR("") },
		.word_count = 3,
	};

	return perform(a->config, &request);
}

int
cmd_alias_add(struct admin *a)
{
	return perform_pair(a, "alias-add");
}

enum rc
op_alias_add(struct operation *o)
{
	uint64_t account;
	enum rc rc = RC_INVALID;

	if (alias_address_valid(o->words[1])) {
		rc = operation_account(o, 2, &account);
		if (rc != RC_OK)
			return rc;
		rc = alias_add(o->mail, o->words[1], o->words[2]);
	}
	switch (rc) {
	case RC_INVALID:
		return operation_fail(o, rc,
		    "an address is \"local@domain\", \"local\" or \"@domain\", "
		    "without spaces and / * %% \" \\ +");
	case RC_CONFLICT:
		return operation_fail(
		    o, rc, "%.*s is a user", STR_ARG(o->words[1]));
	case RC_EXISTS:
		return operation_fail(
		    o, rc, "%.*s gets that mail already", STR_ARG(o->words[2]));
	case RC_LIMIT:
		return operation_fail(o, rc,
		    "an alias leads to no more than %d users",
		    ALIAS_ACCOUNTS_MAX);
	default:
		return rc;
	}
}

int
cmd_alias_remove(struct admin *a)
{
	return perform_pair(a, "alias-remove");
}

enum rc
op_alias_remove(struct operation *o)
{
	enum rc rc = alias_remove(o->mail, o->words[1], o->words[2]);

	if (rc == RC_NOTFOUND)
		return operation_fail(
		    o, rc, "there is no such alias: see `avocet alias list`");
	return rc;
}

int
cmd_alias_list(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("alias-list") },
		.word_count = 1,
	};

	return perform(a->config, &request);
}

enum rc
op_alias_list(struct operation *o)
{
	struct alias_info *infos;
	size_t count;
	enum rc rc = alias_list(o->mail, o->arena, &infos, &count);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < infos[i].count; k++)
			operation_say(o, "%.*s\t%.*s",
			    STR_ARG(infos[i].address),
			    STR_ARG(infos[i].accounts[k]));
	return RC_OK;
}
