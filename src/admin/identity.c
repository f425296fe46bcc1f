/* SPDX-License-Identifier: MIT
 *
 * Becoming another user, in the one order that works: groups first.
 */
#include "admin/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
must_change(const struct config *c)
{
	return geteuid() == 0 && *c->user != '\0';
}

static enum rc
explain_errno(char ret_why[IDENTITY_WHY_BYTES], const char *what)
{
	(void)snprintf(
	    ret_why, IDENTITY_WHY_BYTES, "%s: %s", what, strerror(errno));
	return RC_IO;
}

/* The configured user; the struct is libc's, until the next call. */
static enum rc
look_up(const struct config *c, const struct passwd **ret_user,
    char ret_why[IDENTITY_WHY_BYTES])
{
	const struct passwd *user = getpwnam(c->user);

	if (user == NULL) {
		(void)snprintf(ret_why, IDENTITY_WHY_BYTES,
		    "there is no user \"%s\": make it (useradd --system %s), "
		    "or set \"user\"",
		    c->user, c->user);
		return RC_NOTFOUND;
	}
	*ret_user = user;
	return RC_OK;
}

enum rc
identity_prepare_data(const struct config *c, char ret_why[IDENTITY_WHY_BYTES])
{
	const struct passwd *user = NULL;
	enum rc rc = RC_OK;

	if (must_change(c))
		rc = look_up(c, &user, ret_why);
	if (rc != RC_OK)
		return rc;
	if (mkdir(c->data, 0700) != 0)
		return errno == EEXIST ? RC_OK
				       : explain_errno(ret_why, c->data);
	if (user != NULL && chown(c->data, user->pw_uid, user->pw_gid) != 0)
		return explain_errno(ret_why, c->data);
	return RC_OK;
}

enum rc
identity_become(const struct config *c, char ret_why[IDENTITY_WHY_BYTES])
{
	const struct passwd *user;
	enum rc rc;

	if (!must_change(c))
		return RC_OK;
	rc = look_up(c, &user, ret_why);
	if (rc != RC_OK)
		return rc;
	if (initgroups(user->pw_name, user->pw_gid) != 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
		return explain_errno(ret_why, "cannot become the user");
	return RC_OK;
}

void
identity_name(char *ret_name, size_t size)
{
	const struct passwd *user = getpwuid(geteuid());

	if (user != NULL)
		(void)snprintf(ret_name, size, "%s", user->pw_name);
	else
		(void)snprintf(ret_name, size, "%u", (unsigned)geteuid());
}
