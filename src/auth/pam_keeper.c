/* SPDX-License-Identifier: MIT
 *
 * The keeper: the process that the server forks, and that forks the helper.  It
 * has the powers that the server has given up, and does nothing with them but
 * start the helper again when something has killed it, and end what that has
 * left.  What was asked of the helper is then told to have come to nothing.
 *
 * The pause before that doubles each time, up to PAUSE_MS_MAX, and is the first
 * again when a helper has lived longer than that: what dies at once costs a
 * process now and then, and no more.
 */
#include "auth/pam_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define PROCESS_NAME   "avocet-pam"
#define DESCRIPTORS    1024 /* some programs close all that there may be */
#define PAUSE_MS_FIRST 1000
#define PAUSE_MS_MAX   16000
#define LOOK_MS	       50

/* -- children ------------------------------------------------------------- */

/* The next number of a file of numbers with spaces between. */
static bool
next_number(FILE *f, int *ret_number)
{
	int number = 0, digits = 0, byte;

	while ((byte = fgetc(f)) >= '0' && byte <= '9' && digits++ < 9)
		number = 10 * number + (byte - '0');
	*ret_number = number;
	return digits > 0;
}

void
pam_kill_children(bool (*which)(const void *arg, pid_t child), const void *arg)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int child;

	if (f == NULL)
		return;
	while (next_number(f, &child))
		if (which(arg, child))
			(void)kill(child, SIGKILL);
	(void)fclose(f);
}

static bool
is_child(const void *arg, pid_t child)
{
	(void)arg;
	return child > 0;
}

/* The helper was killed, and its children are ours. */
static void
end_orphans(void)
{
	do
		pam_kill_children(is_child, NULL);
	while (waitpid(-1, NULL, 0) > 0);
}

/* -- becoming the keeper --------------------------------------------------- */

/* Standard error, which is the log, and the sockets stay open. */
static void
close_others(const int *sockets, size_t count)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int last = STDERR_FILENO;

	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	for (size_t i = 0; i < count; i++)
		if (sockets[i] > last)
			last = sockets[i];
	for (int fd = STDERR_FILENO + 1; fd < last; fd++) {
		size_t i = 0;

		while (i < count && sockets[i] != fd)
			i++;
		if (i == count)
			(void)close(fd);
	}
	(void)close_range((unsigned)last + 1, ~0u, 0);
}

/* What the server ends by ends it alone: we go when it has gone. */
static void
ignore_signals(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void
become_keeper(const int *sockets, size_t count)
{
	struct rlimit limit;

	close_others(sockets, count);
	log_setup(STDERR_FILENO, LOG_ERROR); /* what it had open is closed */
	ignore_signals();
	(void)prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur > DESCRIPTORS) {
		limit.rlim_cur = DESCRIPTORS;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* -- the loop ------------------------------------------------------------- */

/* Have a helper, until it ends.  Has it ended by itself, since the server is
 * gone? */
static bool
run_helper(const struct pam_users_options *o, const int *sockets, size_t count)
{
	pid_t helper = fork();
	int status = -1;

	if (helper == 0)
		pam_helper_run(o, sockets, count);
	if (helper < 0)
		return false;
	while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Nobody is to wait for what the helper was about to do.  Where nobody does, it
 * is read before something else is asked. */
static void
tell_all(const int *sockets, size_t count)
{
	const struct pam_answer nothing = { .outcome = PAM_OUTCOME_CRASHED };

	for (size_t i = 0; i < count; i++)
		(void)send(sockets[i], &nothing, sizeof(nothing),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Is the server there still? */
static bool
is_wanted(const int *sockets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pollfd polled = { .fd = sockets[i] };

		if (poll(&polled, 1, 0) == 0)
			return true;
	}
	return false;
}

/* Let the pause pass.  False: the server went meanwhile. */
static bool
rest(const int *sockets, size_t count, uint64_t pause_ms)
{
	const struct timespec look = { .tv_nsec = LOOK_MS * 1000000L };
	uint64_t until_ms = clock_ms() + pause_ms;
	bool wanted;

	while ((wanted = is_wanted(sockets, count)) && clock_ms() < until_ms)
		(void)nanosleep(&look, NULL);
	return wanted;
}

void
pam_keeper_run(
    const struct pam_users_options *o, const int *sockets, size_t count)
{
	uint64_t pause_ms = PAUSE_MS_FIRST;
	uint64_t begun_ms = clock_ms();

	become_keeper(sockets, count);
	while (!run_helper(o, sockets, count)) {
		end_orphans();
		tell_all(sockets, count);
		if (clock_ms() - begun_ms > PAUSE_MS_MAX)
			pause_ms = PAUSE_MS_FIRST;
		log_event(LOG_ERROR, "pam-ended",
		    "why=\"the process that asks PAM was ended, and is started "
		    "again\" after_ms=%llu",
		    (unsigned long long)pause_ms);
		if (!rest(sockets, count, pause_ms))
			break;
		begun_ms = clock_ms();
		pause_ms =
		    pause_ms * 2 < PAUSE_MS_MAX ? pause_ms * 2 : PAUSE_MS_MAX;
	}
	_exit(0);
}
