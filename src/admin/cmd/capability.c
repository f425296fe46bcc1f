/* SPDX-License-Identifier: MIT
 *
 * avocet capability off | on | list: what is not announced to one user.
 */
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/perform.h"
#include "mail/account.h"

static int
switch_one(struct admin *a, const char *how)
{
	struct perform_request request = {
		.words = { STR("capability-switch"), str_of(a->args.words[0]),
		    str_of(a->args.words[1]), str_of(how) },
		.word_count = 4,
	};

	if (a->server->knows_capability(str_of(a->args.words[1])))
		return perform(a->config, &request);
	(void)fprintf(stderr,
	    "avocet: %s is no capability that can be switched off: see "
	    "`avocet help protocol`\n",
	    a->args.words[1]);
	return ADMIN_REFUSED;
}

int
cmd_capability_off(struct admin *a)
{
	return switch_one(a, "off");
}

int
cmd_capability_on(struct admin *a)
{
	return switch_one(a, "on");
}

enum rc
op_capability_switch(struct operation *o)
{
	uint64_t id;
	enum rc rc = operation_account(o, 1, &id);

	if (rc != RC_OK)
		return rc;
	return account_switch(
	    o->mail, id, o->words[2], str_eq(o->words[3], STR("off")));
}

int
cmd_capability_list(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("capability-list"), str_of(a->args.words[0]) },
		.word_count = 2,
	};

	return perform(a->config, &request);
}

static void
say_name(void *operation, struct str name)
{
	operation_say(operation, "%.*s", STR_ARG(name));
}

enum rc
op_capability_list(struct operation *o)
{
	uint64_t id;
	enum rc rc = operation_account(o, 1, &id);

	return rc != RC_OK ? rc : account_each_off(o->mail, id, say_name, o);
}
