/* SPDX-License-Identifier: MIT
 *
 * avocet password add | remove | list: passwords of applications.  The tool
 * makes them; what goes over the control socket is the secret that is kept.
 */
#include "mail/password.h"

#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/moment.h"
#include "admin/perform.h"
#include "auth/app_password.h"
#include "auth/user.h"
#include "base/clock.h"
#include "base/mem.h"

static const struct {
	const char *name;
	unsigned bit;
} protocols[] = {
	{ "imap", AUTH_SCOPE_IMAP },
	{ "pop3", AUTH_SCOPE_POP3 },
};
#define PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

/* -- adding --------------------------------------------------------------- */

/* Names with "," between; 0 for anything else. */
static unsigned
parse_scope(struct str text)
{
	unsigned scope = 0;

	while (text.n > 0) {
		size_t end = str_find(text, ',');
		unsigned before = scope;

		for (size_t i = 0; i < PROTOCOLS; i++)
			if (str_eq(
				str_head(text, end), str_of(protocols[i].name)))
				scope |= protocols[i].bit;
		if (scope == before)
			return 0;
		text = str_skip(text, end + 1);
	}
	return scope;
}

/* NULL, or what is wrong with the command line. */
static const char *
read_options(const struct args *args, struct password_info *info)
{
	info->scope = args->scope != NULL ? parse_scope(str_of(args->scope))
					  : AUTH_SCOPE_ALL;
	if (info->scope == 0)
		return "--scope is \"imap\", \"pop3\" or \"imap,pop3\"";
	if (args->expires != NULL &&
	    !moment_parse(args->expires, MOMENT_AHEAD, &info->expires))
		return "--expires is a time such as \"90d\" or \"2026-12-31\"";
	if (args->expires != NULL && info->expires <= clock_wall())
		return "--expires is in the past";
	return NULL;
}

/* Have it kept. */
static int
perform_add(struct admin *a, const struct password_info *info)
{
	char scope[STR_DIGITS_MAX], expires[STR_DIGITS_MAX];
	struct perform_request request = {
		.words = { STR("password-add"), str_of(a->args.words[0]),
		    info->name, str_of_number(info->scope, scope),
		    str_of_number((uint64_t)info->expires, expires),
		    info->secret },
		.word_count = 6,
	};

	return perform(a->config, &request);
}

int
cmd_password_add(struct admin *a)
{
	struct password_info info = { .name = str_of(a->args.words[1]) };
	unsigned char secret[APP_PASSWORD_SECRET_BYTES];
	char text[APP_PASSWORD_TEXT_BYTES + 1];
	const char *why = read_options(&a->args, &info);
	int code;

	if (why != NULL) {
		(void)fprintf(stderr, "avocet: %s\n", why);
		return ADMIN_USAGE;
	}
	if (!app_password_make(text, secret)) {
		(void)fprintf(stderr, "avocet: this system has no SHA-256\n");
		return ADMIN_REFUSED;
	}
	info.secret = (struct str){ (char *)secret, sizeof(secret) };
	code = perform_add(a, &info);
	if (code == ADMIN_OK)
		(void)printf("%s\n", text);
	mem_wipe(text, sizeof(text));
	return code;
}

enum rc
op_password_add(struct operation *o)
{
	struct password_info info = { .name = o->words[2],
		.secret = o->words[5] };
	uint64_t account, scope, expires;
	enum rc rc = operation_account(o, 1, &account);

	if (rc != RC_OK)
		return rc;
	if (!str_number(o->words[3], AUTH_SCOPE_ALL, &scope) ||
	    !str_number(o->words[4], INT64_MAX, &expires))
		return RC_INVALID;
	info.scope = (unsigned)scope;
	info.expires = (int64_t)expires;
	rc = password_add(o->mail, o->words[1], &info);
	switch (rc) {
	case RC_EXISTS:
		return operation_fail(o, rc,
		    "there is a password of that name: `avocet password "
		    "remove` takes it away");
	case RC_INVALID:
		return operation_fail(o, rc,
		    "the name of a password is 1 to %d bytes of UTF-8 without "
		    "control characters",
		    PASSWORD_NAME_BYTES_MAX);
	case RC_LIMIT:
		return operation_fail(o, rc,
		    "a user has no more than %d such passwords", PASSWORDS_MAX);
	default:
		return rc;
	}
}

/* -- removing ------------------------------------------------------------- */

int
cmd_password_remove(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("password-remove"), str_of(a->args.words[0]),
		    str_of(a->args.words[1]) },
		.word_count = 3,
	};

	return perform(a->config, &request);
}

enum rc
op_password_remove(struct operation *o)
{
	uint64_t account;
	enum rc rc = operation_account(o, 1, &account);

	if (rc == RC_OK)
		rc = password_remove(o->mail, account, o->words[2]);
	else
		return rc;
	if (rc == RC_NOTFOUND)
		return operation_fail(o, rc,
		    "there is no such password: see `avocet password list`");
	return rc;
}

/* -- listing -------------------------------------------------------------- */

int
cmd_password_list(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("password-list"), str_of(a->args.words[0]) },
		.word_count = 2,
	};

	return perform(a->config, &request);
}

#define MOMENT_BYTES 32

static const char *
write_moment(int64_t seconds, const char *if_zero, char ret_text[MOMENT_BYTES])
{
	struct clock_civil c = clock_civil_of(seconds);

	if (seconds == 0)
		return if_zero;
	(void)snprintf(ret_text, MOMENT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    c.year, c.month, c.day, c.hour, c.minute, c.second);
	return ret_text;
}

static void
say_password(struct operation *o, const struct password_info *info)
{
	char made[MOMENT_BYTES], expires[MOMENT_BYTES], last[MOMENT_BYTES];
	struct buf scope;

	buf_init(&scope, 32);
	for (size_t i = 0; i < PROTOCOLS; i++)
		if ((info->scope & protocols[i].bit) != 0)
			buf_add_format(&scope, "%s%s", scope.n > 0 ? "," : "",
			    protocols[i].name);
	operation_say(o, "%.*s\t%.*s\tmade %s\tgood until %s\tused %s",
	    STR_ARG(info->name), STR_ARG(buf_str(&scope)),
	    write_moment(info->created, "-", made),
	    write_moment(info->expires, "removed", expires),
	    write_moment(info->used, "never", last));
	buf_fini(&scope);
}

enum rc
op_password_list(struct operation *o)
{
	struct password_info *infos;
	uint64_t account;
	size_t count;
	enum rc rc = operation_account(o, 1, &account);

	if (rc == RC_OK)
		rc = password_list(o->mail, account, o->arena, &infos, &count);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		say_password(o, &infos[i]);
	return RC_OK;
}
