/* SPDX-License-Identifier: MIT
 *
 * avocet user add | passwd | del | list.  Credentials are made by the tool:
 * the password does not go over the control socket.
 */
#include <stdio.h>

#include "admin/cmd/cmd.h"
#include "admin/password.h"
#include "admin/perform.h"
#include "auth/credentials.h"
#include "base/clock.h"
#include "mail/account.h"

/* Append the credentials that a user is to have; none with --no-password. */
static bool
read_credentials(const struct args *args, struct buf *to)
{
	bool hash = (args->given & ARGS_HASH) != 0;

	if ((args->given & ARGS_NO_PASSWORD) == 0)
		return password_read_credentials(hash, to);
	if (hash)
		(void)fprintf(stderr,
		    "avocet: --hash and --no-password exclude each "
		    "other\n");
	return !hash;
}

/* An operation on a user with new credentials. */
static int
perform_with_password(struct admin *a, const char *operation)
{
	struct perform_request request = { .word_count = 3 };
	struct buf credentials;
	int code = ADMIN_REFUSED;

	buf_init(&credentials, CREDENTIALS_PACKED_BYTES_MAX);
	if (read_credentials(&a->args, &credentials)) {
		request.words[0] = str_of(operation);
		request.words[1] = str_of(a->args.words[0]);
		request.words[2] = buf_str(&credentials);
		code = perform(a->config, &request);
	}
	buf_fini(&credentials);
	return code;
}

int
cmd_user_add(struct admin *a)
{
	if (!account_name_valid(str_of(a->args.words[0]))) {
		(void)fprintf(stderr,
		    "avocet: a user name is 1 to %d bytes of UTF-8 without "
		    "spaces and / * %% \" \\ +, and of @ but one between "
		    "others\n",
		    USER_NAME_BYTES_MAX);
		return ADMIN_REFUSED;
	}
	return perform_with_password(a, "user-add");
}

enum rc
op_user_add(struct operation *o)
{
	uint64_t id;
	enum rc rc = account_create(o->mail, o->words[1], o->words[2], &id);

	if (rc == RC_EXISTS)
		return operation_fail(o, rc,
		    "there is a user or an alias %.*s already: `avocet user "
		    "passwd` changes a password",
		    STR_ARG(o->words[1]));
	if (rc == RC_INVALID)
		return operation_fail(o, rc, "this is not a user name");
	return rc;
}

int
cmd_user_passwd(struct admin *a)
{
	return perform_with_password(a, "user-passwd");
}

enum rc
op_user_passwd(struct operation *o)
{
	uint64_t id;
	enum rc rc = operation_account(o, 1, &id);

	if (rc != RC_OK)
		return rc;
	return account_set_credentials(o->mail, o->words[1], o->words[2]);
}

int
cmd_user_del(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("user-del"), str_of(a->args.words[0]) },
		.word_count = 2,
	};

	return perform(a->config, &request);
}

enum rc
op_user_del(struct operation *o)
{
	uint64_t id;
	enum rc rc = operation_account(o, 1, &id);

	return rc != RC_OK ? rc : account_delete(o->mail, o->words[1]);
}

int
cmd_user_list(struct admin *a)
{
	struct perform_request request = {
		.words = { STR("user-list") },
		.word_count = 1,
	};

	return perform(a->config, &request);
}

enum rc
op_user_list(struct operation *o)
{
	struct account_info *infos;
	size_t count;
	enum rc rc = account_list(o->mail, o->arena, &infos, &count);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < count; i++) {
		struct clock_civil made = clock_civil_of(infos[i].created);

		operation_say(o, "%.*s\tmade %04d-%02d-%02d",
		    STR_ARG(infos[i].name), made.year, made.month, made.day);
	}
	return RC_OK;
}
