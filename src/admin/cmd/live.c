/* SPDX-License-Identifier: MIT
 *
 * avocet who | kick | trace | reload | log level: what only a running server can
 * do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "admin/cmd/cmd.h"
#include "admin/perform.h"
#include "base/log.h"
#include "base/vec.h"
#include "mail/mailbox.h"

static int
perform_live(struct admin *a, const char *operation)
{
	struct perform_request request = {
		.words = { str_of(operation) },
		.word_count = 1 + a->args.word_count,
		.live = true,
	};

	for (size_t i = 0; i < a->args.word_count; i++)
		request.words[1 + i] = str_of(a->args.words[i]);
	return perform(a->config, &request);
}

int
cmd_who(struct admin *a)
{
	return perform_live(a, "who");
}

int
cmd_kick(struct admin *a)
{
	return perform_live(a, "kick");
}

/* Lines come for as long as nobody ends it: each is for at once. */
int
cmd_trace(struct admin *a)
{
	const struct perform_request request = {
		.words = { STR("trace"), str_of(a->args.words[0]),
		    a->args.given & ARGS_CONTENTS ? STR("contents")
						  : STR("sizes") },
		.word_count = 3,
		.live = true,
	};

	if (setvbuf(stdout, NULL, _IOLBF, BUFSIZ) != 0)
		return ADMIN_UNREACHABLE;
	return perform(a->config, &request);
}

int
cmd_reload(struct admin *a)
{
	return perform_live(a, "reload");
}

int
cmd_log_level(struct admin *a)
{
	return perform_live(a, "log-level");
}

static enum rc
no_server(struct operation *o)
{
	return operation_fail(o, RC_REFUSED, "no server is running");
}

/* -- who --------------------------------------------------------------- */

/* The sessions, copied while they cannot go. */
struct sessions {
	struct arena *arena;
	VEC(struct operation_session) v;
};

static const char *
copy(struct arena *a, const char *text)
{
	const char *kept = arena_text(a, str_of(text));

	return kept != NULL ? kept : "";
}

static void
add_session(void *arg, const struct operation_session *s)
{
	struct sessions *all = arg;
	struct operation_session kept = *s;

	kept.user = copy(all->arena, s->user);
	kept.peer = copy(all->arena, s->peer);
	kept.client = copy(all->arena, s->client);
	vec_push(&all->v, kept);
}

/* The mailbox's name as it is now; empty when it cannot be found out. */
static struct str
mailbox_name(struct operation *o, const struct operation_session *s)
{
	struct mailbox_info *infos;
	size_t count;

	if (s->mailbox == 0 || mailbox_list(o->mail, s->account, o->arena,
				   &infos, &count) != RC_OK)
		return STR("");
	for (size_t i = 0; i < count; i++)
		if (infos[i].id == s->mailbox)
			return infos[i].name;
	return STR("");
}

static void
say_session(struct operation *o, const struct operation_session *s)
{
	struct arena_mark mark = arena_save(o->arena);
	struct str mailbox = mailbox_name(o, s);
	time_t since = (time_t)s->since;
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&since, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	operation_say(o,
	    "%" PRIu64 "\t%s\t%s\t%s\t%s\t%s\t%s\t%" PRIu64 "\t%" PRIu64
	    "\t%.*s\t%s",
	    s->id, s->user, s->protocol, s->peer, s->tls ? "tls" : "plain",
	    s->doing, when, s->bytes_in, s->bytes_out, STR_ARG(mailbox),
	    s->client);
	arena_restore(o->arena, mark);
}

enum rc
op_who(struct operation *o)
{
	struct sessions all = { .arena = o->arena };

	if (o->server == NULL)
		return no_server(o);
	o->server->sessions(o->server->arg, add_session, &all);
	for (size_t i = 0; i < all.v.n; i++)
		say_session(o, &all.v.v[i]);
	vec_fini(&all.v);
	return RC_OK;
}

/* -- kick -------------------------------------------------------------- */

enum rc
op_kick(struct operation *o)
{
	uint64_t account = 0, id = 0;
	unsigned count;
	enum rc rc = RC_OK;

	if (o->server == NULL)
		return no_server(o);
	/* A number is a session's, unless a user is called so. */
	if (!str_number(o->words[1], UINT64_MAX, &id) || id == 0 ||
	    operation_account(o, 1, &account) == RC_OK) {
		id = 0;
		rc = operation_account(o, 1, &account);
	}
	if (rc != RC_OK)
		return rc;
	o->why[0] = '\0';
	count = o->server->kick(o->server->arg, account, id);
	if (count == 0 && id != 0)
		return operation_fail(o, RC_NOTFOUND,
		    "there is no session %" PRIu64 ": see `avocet who`", id);
	operation_say(o, "sessions told to end: %u", count);
	return RC_OK;
}

/* -- trace ------------------------------------------------------------- */

enum rc
op_trace(struct operation *o)
{
	uint64_t account;
	enum rc rc;

	if (o->server == NULL)
		return no_server(o);
	rc = operation_account(o, 1, &account);
	if (rc == RC_OK)
		o->trace = (struct operation_trace){
			.account = account,
			.contents = str_eq(o->words[2], STR("contents")),
		};
	return rc;
}

/* -- the server itself ------------------------------------------------- */

enum rc
op_reload(struct operation *o)
{
	enum rc rc;

	if (o->server == NULL)
		return no_server(o);
	rc = o->server->reload(o->server->arg, o->why, sizeof(o->why));
	if (rc == RC_OK && o->why[0] != '\0')
		operation_say(o, "%s", o->why);
	return rc;
}

enum rc
op_log_level(struct operation *o)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {
		{ "debug", LOG_DEBUG },
		{ "info", LOG_INFO },
		{ "warn", LOG_WARN },
		{ "error", LOG_ERROR },
	};

	if (o->server == NULL)
		return no_server(o);
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (!str_eq(o->words[1], str_of(levels[i].name)))
			continue;
		log_set_level(levels[i].level);
		return RC_OK;
	}
	return operation_fail(
	    o, RC_INVALID, "a level is debug, info, warn or error");
}
