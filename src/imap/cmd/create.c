/* SPDX-License-Identifier: MIT
 *
 * CREATE (RFC 9051 section 6.3.4), with a special use (RFC 6154 section 3) and
 * MAILBOXID (RFC 8474).
 */
#include "imap/cmd/cmd.h"
#include "imap/lookup.h"
#include "imap/objectid.h"
#include "imap/respond_list.h"
#include "proto/imap/command.h"

#define CODE_BYTES_MAX 80

struct args {
	struct create_args create;
	enum special_use use;
};

bool
parse_cmd_create(struct parser *p, struct arena *a, void **ret_args)
{
	struct args *args = arena_alloc(a, sizeof(*args));

	*ret_args = args;
	return args != NULL && parse_create(p, &args->create);
}

/* What the USE parameter asks for.  \All and \Flagged are no mailboxes that
 * can be made: they would have to show the messages of others. */
static bool
use_of(struct str attribute, enum special_use *ret_use)
{
	for (int i = SPECIAL_NONE + 1; i < SPECIAL_COUNT; i++) {
		enum special_use use = (enum special_use)i;

		if (!str_eq_nocase(str_of(special_use_name(use)), attribute))
			continue;
		*ret_use = use;
		return use != SPECIAL_ALL && use != SPECIAL_FLAGGED;
	}
	return false;
}

static struct answer
check_use(struct imap_session *s, struct args *a)
{
	const struct create_args *c = &a->create;

	if (c->use_count == 0)
		return answer_proceed();
	if (!session_has(s, CAPABILITY_CREATE_SPECIAL_USE))
		return answer_bad("Unknown create parameter");
	if (c->use_count > 1)
		return answer_no("USEATTR", "A mailbox has one special use");
	if (!use_of(c->uses[0], &a->use))
		return answer_no("USEATTR", "No such use can be given");
	return answer_proceed();
}

/* There should not be a second mailbox for what one is there for, unless the
 * client says what else it is for. */
static struct answer
check_synonym(struct imap_session *s, const struct args *a)
{
	struct mailbox_info info;
	struct answer answer;

	if (a->create.use_count > 0)
		return answer_proceed();
	answer = lookup_meant(s, &a->create.mailbox, NULL, &info);
	if (answer.status == ANSWER_PROCEED &&
	    !str_eq(info.name, a->create.mailbox.utf8))
		return answer_no("ALREADYEXISTS",
		    "This is another name of the mailbox with this use");
	return answer_proceed();
}

struct answer
check_cmd_create(struct imap_session *s, void *args)
{
	struct args *a = args;
	struct answer answer;

	if (a->create.params.n > 0)
		return answer_bad("Unknown create parameter");
	answer = check_use(s, a);
	if (answer.status == ANSWER_PROCEED)
		answer = lookup_check_new(&a->create.mailbox);
	if (answer.status == ANSWER_PROCEED)
		answer = check_synonym(s, a);
	return answer;
}

/* The name that it really has (RFC 9051 section 6.3.4). */
static void
tell_normal_form(struct imap_session *s, const struct mailbox_name *name)
{
	/* It may be left out, and the mailbox has been made. */
	if (session_rev2(s) && name->given.n > 0)
		(void)!respond_list_of(s, name->utf8, name->given);
}

/* RFC 8474 section 4.1 */
static struct answer
answer_created(struct imap_session *s, uint32_t id)
{
	char room[CODE_BYTES_MAX];
	struct buf text;
	struct str code;

	if (!session_has(s, CAPABILITY_OBJECTID))
		return answer_ok("Created");
	buf_init_room(&text, sizeof(room), room, sizeof(room));
	buf_add_text(&text, "MAILBOXID ");
	objectid_write_mailbox(s, id, &text);
	code = arena_str(s->running->arena, buf_str(&text));
	buf_fini(&text);
	return answer_ok_code(code, "Created");
}

struct answer
cmd_create(struct imap_session *s, void *args)
{
	const struct args *a = args;
	uint32_t id;
	enum rc rc = mailbox_create(
	    s->mail, s->account, a->create.mailbox.utf8, a->use, &id);

	if (rc == RC_CONFLICT)
		return answer_no("USEATTR", "Another mailbox has this use");
	if (rc != RC_OK)
		return answer_failed(rc);
	tell_normal_form(s, &a->create.mailbox);
	return answer_created(s, id);
}
