/* SPDX-License-Identifier: MIT
 *
 * Becoming another user, in the one order that works: groups first.
 */
#include "admin/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

static bool
is_empty(int folder)
{
	int fd = dup(folder);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool empty = true;

	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
			strcmp(entry->d_name, "..") == 0;
	(void)closedir(d);
	return empty;
}

/* Give ${folder}, the data folder, to ${user}, if it is root's and nothing is
 * in it yet: so a service manager or an administrator leaves it. */
static enum rc
hand_over(const struct config *c, int folder, const struct passwd *user,
    char ret_why[IDENTITY_WHY_BYTES])
{
	struct stat st;

	if (fstat(folder, &st) != 0)
		return explain_errno(ret_why, c->data);
	if (st.st_uid == user->pw_uid)
		return RC_OK;
	if (st.st_uid != 0 || !is_empty(folder)) {
		(void)snprintf(ret_why, IDENTITY_WHY_BYTES,
		    "%s is not %s's: chown -R %s %s", c->data, c->user, c->user,
		    c->data);
		return RC_REFUSED;
	}
	if (fchown(folder, user->pw_uid, user->pw_gid) != 0)
		return explain_errno(ret_why, c->data);
	return RC_OK;
}

enum rc
identity_prepare_data(const struct config *c, char ret_why[IDENTITY_WHY_BYTES])
{
	const struct passwd *user = NULL;
	enum rc rc = RC_OK;
	int folder;

	if (must_change(c))
		rc = look_up(c, &user, ret_why);
	if (rc != RC_OK)
		return rc;
	if (mkdir(c->data, 0700) != 0 && errno != EEXIST)
		return explain_errno(ret_why, c->data);
	if (user == NULL)
		return RC_OK;
	folder = open(c->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return explain_errno(ret_why, c->data);
	rc = hand_over(c, folder, user, ret_why);
	(void)close(folder);
	return rc;
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
