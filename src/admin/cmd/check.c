/* SPDX-License-Identifier: MIT
 *
 * avocet check
 */
#include "admin/cmd/cmd.h"
#include "admin/perform.h"
#include "mail/mail.h"
#include "store/store.h"

int
cmd_check(struct admin *a)
{
	bool repair = (a->args.given & ARGS_REPAIR) != 0;
	struct perform_request request = {
		.words = { STR("check"), repair ? STR("repair") : STR("look") },
		.word_count = 2,
		.repair = repair,
	};

	return perform(a->config, &request);
}

static void
say(void *arg, const char *line)
{
	struct operation *o = arg;

	operation_say(o, "%s", line);
}

enum rc
op_check(struct operation *o)
{
	bool repair = str_eq(o->words[1], STR("repair"));
	enum rc store, mail;

	/* Sessions of a running server would see UIDVALIDITY change. */
	if (repair && !mail_is_for_repair(o->mail))
		return operation_fail(
		    o, RC_INUSE, "the server is running: stop it for a repair");
	store = store_check(mail_store(o->mail), say, o);
	mail = mail_check(o->mail, repair, say, o);
	if (store == RC_OK && mail == RC_OK)
		operation_say(o, "everything is whole");
	else if (store == RC_CORRUPT || mail == RC_CORRUPT)
		return operation_fail(o, RC_CORRUPT,
		    repair ? "some damage cannot be repaired: what can be read "
			     "is kept"
			   : "there is damage: stop the server, make a copy of "
			     "the data, then run `avocet check --repair`");
	return store != RC_OK ? store : mail;
}
