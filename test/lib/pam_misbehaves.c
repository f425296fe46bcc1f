/* SPDX-License-Identifier: MIT
 *
 * A module of PAM that does, by the name of the user, what no module should.  The
 * tests compile it.
 */
#include <security/pam_modules.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
misbehave(const char *how)
{
	static const char lie[] =
	    "time=2026-01-31T12:00:00.000Z level=info event=login-failed "
	    "protocol=imap peer=192.0.2.66 reason=password user=lie\n";

	if (strncmp(how, "exit", 4) == 0)
		exit(atoi(how + 4));
	if (strcmp(how, "abort") == 0)
		abort();
	if (strcmp(how, "crash") == 0)
		*(volatile int *)0 = 1;
	if (strcmp(how, "close") == 0)
		closefrom(0);
	if (strcmp(how, "write") == 0)
		for (int fd = 1; fd < 1024; fd++)
			(void)!write(fd, lie, sizeof(lie) - 1);
	if (strcmp(how, "fork") == 0 && fork() == 0)
		return PAM_SUCCESS; /* goes on as its parent does */
	if (strcmp(how, "leave") == 0 && fork() == 0)
		for (;;)
			(void)sleep(600);
	return strcmp(how, "fork") == 0 ? PAM_AUTH_ERR : PAM_SUCCESS;
}

int
pam_sm_authenticate(pam_handle_t *pam, int flags, int count, const char **words)
{
	const char *user = NULL;

	(void)flags;
	(void)count;
	(void)words;
	if (pam_get_user(pam, &user, NULL) != PAM_SUCCESS)
		return PAM_AUTH_ERR;
	return misbehave(user);
}

int
pam_sm_setcred(pam_handle_t *pam, int flags, int count, const char **words)
{
	(void)pam;
	(void)flags;
	(void)count;
	(void)words;
	return PAM_SUCCESS;
}
