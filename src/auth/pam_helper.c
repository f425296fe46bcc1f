/* SPDX-License-Identifier: MIT
 *
 * The helper: one process that waits for requests and for children, and a child
 * for each request, which asks PAM and says by its exit status what came of it.
 * It has one thread, no memory of its own beyond a few structs, and parses
 * nothing: whoever may have taken over the server can guess at passwords here,
 * no faster than PAM_CHECKS_AT_ONCE at a time, and that is all.
 */
#include "auth/pam_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define PROCESS_NAME "avocet-pam"
#define DESCRIPTORS  1024 /* some programs close all that there may be */
/* A library that calls exit() must not be taken for a word of ours: statuses
 * are these and the outcome, or PAM's code when that is what is told. */
#define STATUS_RIGHT	128
#define STATUS_WRONG	160 /* plus PAM's code, of which there are 32 */
#define STATUS_BROKEN	192 /* plus PAM's code */
#define STATUS_CODE_MAX 31

struct channel {
	int fd;		      /* -1: closed */
	pid_t child;	      /* 0: none */
	uint64_t deadline_ms; /* of the child */
	bool late;	      /* the child was killed for that */
};

struct helper {
	const struct pam_users_options *options;
	struct channel channels[PAM_CHECKS_AT_ONCE];
	size_t count;
};

/* -- children ------------------------------------------------------------- */

/* As a program finds things that is started afresh. */
static void
reset_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
status_of(const struct pam_answer *answer)
{
	if (answer->outcome == PAM_OUTCOME_RIGHT)
		return STATUS_RIGHT;
	return (answer->outcome == PAM_OUTCOME_WRONG ? STATUS_WRONG
						     : STATUS_BROKEN) +
	       (answer->code & STATUS_CODE_MAX);
}

static struct pam_answer
answer_of(int wait_status)
{
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 0;
	struct pam_answer answer = { PAM_OUTCOME_CRASHED, 0 };

	if (status == STATUS_RIGHT)
		answer.outcome = PAM_OUTCOME_RIGHT;
	else if (status >= STATUS_WRONG)
		answer = (struct pam_answer){
			status < STATUS_BROKEN ? PAM_OUTCOME_WRONG
					       : PAM_OUTCOME_BROKEN,
			status & STATUS_CODE_MAX,
		};
	return answer;
}

static void be_child(const struct helper *h, struct pam_request *request)
    __attribute__((noreturn));

static void
be_child(const struct helper *h, struct pam_request *request)
{
	struct pam_answer answer;

	(void)setpgid(0, 0);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	reset_signals();
	answer = pam_conversation_run(h->options, request);
	mem_wipe(request, sizeof(*request));
	_exit(status_of(&answer));
}

/* -- requests ------------------------------------------------------------- */

/* Text of ${bytes} bytes in a field of ${size}, terminated? */
static bool
is_text(const char *field, size_t size, size_t bytes)
{
	return bytes < size && strnlen(field, size) == bytes;
}

static bool
is_valid(const struct pam_request *r)
{
	return r->user_bytes > 0 && r->password_bytes > 0 &&
	       is_text(r->user, sizeof(r->user), r->user_bytes) &&
	       is_text(r->password, sizeof(r->password), r->password_bytes) &&
	       is_text(r->peer, sizeof(r->peer), r->peer_bytes);
}

static void
kill_child(const struct channel *c)
{
	if (c->child == 0)
		return;
	(void)kill(-c->child, SIGKILL);
	(void)kill(c->child, SIGKILL); /* it may not lead its group yet */
}

/* The server is gone, or does not keep to the form. */
static void
drop(struct channel *c)
{
	kill_child(c);
	(void)close(c->fd);
	c->fd = -1;
}

static void
tell(struct channel *c, struct pam_answer answer)
{
	if (c->fd >= 0 &&
	    send(c->fd, &answer, sizeof(answer), MSG_DONTWAIT | MSG_NOSIGNAL) !=
		(ssize_t)sizeof(answer))
		drop(c);
}

static void
take_request(struct helper *h, struct channel *c)
{
	struct pam_request request;
	ssize_t n =
	    recv(c->fd, &request, sizeof(request), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != (ssize_t)sizeof(request) || !is_valid(&request)) {
		drop(c);
		return;
	}
	c->child = fork();
	if (c->child == 0)
		be_child(h, &request);
	mem_wipe(&request, sizeof(request));
	if (c->child < 0) {
		c->child = 0;
		tell(c, (struct pam_answer){ PAM_OUTCOME_CRASHED, 0 });
		return;
	}
	c->late = false;
	c->deadline_ms = clock_ms() + h->options->patience_ms;
}

/* -- the loop ------------------------------------------------------------- */

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

static struct channel *
channel_of(struct helper *h, pid_t child)
{
	for (size_t i = 0; i < h->count; i++)
		if (child > 0 && h->channels[i].child == child)
			return &h->channels[i];
	return NULL;
}

/* What a check has started and not ended came to us when its process ended:
 * nobody waits for it, and many a late check would leave much. */
static void
kill_orphans(struct helper *h)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int child;

	if (f == NULL)
		return;
	while (next_number(f, &child))
		if (channel_of(h, child) == NULL)
			(void)kill(child, SIGKILL);
	(void)fclose(f);
}

/* Children that have ended are told of. */
static void
reap(struct helper *h)
{
	const struct pam_answer late = { PAM_OUTCOME_LATE, 0 };
	bool reaped = false;
	struct channel *c;
	pid_t child;
	int status;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
		reaped = true;
		c = channel_of(h, child);
		if (c == NULL)
			continue;
		c->child = 0;
		tell(c, c->late ? late : answer_of(status));
	}
	if (reaped)
		kill_orphans(h);
}

static void
kill_late(struct helper *h)
{
	uint64_t now_ms = clock_ms();

	for (size_t i = 0; i < h->count; i++) {
		struct channel *c = &h->channels[i];

		if (c->child == 0 || c->late || now_ms < c->deadline_ms)
			continue;
		c->late = true;
		kill_child(c);
	}
}

/* Until the first deadline; NULL: there is none. */
static const struct timespec *
pause_of(const struct helper *h, struct timespec *room)
{
	uint64_t now_ms = clock_ms(), first_ms = UINT64_MAX;

	for (size_t i = 0; i < h->count; i++) {
		const struct channel *c = &h->channels[i];

		if (c->child != 0 && !c->late && c->deadline_ms < first_ms)
			first_ms = c->deadline_ms;
	}
	if (first_ms == UINT64_MAX)
		return NULL;
	first_ms = first_ms > now_ms ? first_ms - now_ms : 0;
	room->tv_sec = (time_t)(first_ms / 1000);
	room->tv_nsec = (long)(first_ms % 1000) * 1000000;
	return room;
}

/* Wait for requests, the server's end, or, as ${signals} allow that, for
 * children. */
static void
wait_and_take(struct helper *h, const sigset_t *signals)
{
	struct pollfd polled[PAM_CHECKS_AT_ONCE];
	struct timespec room;

	for (size_t i = 0; i < h->count; i++)
		polled[i] = (struct pollfd){ .fd = h->channels[i].fd,
			.events = h->channels[i].child == 0 ? POLLIN : 0 };
	if (ppoll(polled, h->count, pause_of(h, &room), signals) <= 0)
		return;
	for (size_t i = 0; i < h->count; i++) {
		if ((polled[i].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
			drop(&h->channels[i]);
		else if ((polled[i].revents & POLLIN) != 0)
			take_request(h, &h->channels[i]);
	}
}

/* Is the server there still? */
static bool
is_wanted(const struct helper *h)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->channels[i].fd >= 0)
			return true;
	return false;
}

static void
note_child(int number)
{
	(void)number; /* that it came ends the wait */
}

/* What the server ends by ends it alone: we go when it has gone.  Children are
 * noticed while we wait and at no other time.  Gives the mask for that. */
static void
take_signals(sigset_t *ret_waiting)
{
	struct sigaction child = { .sa_handler = note_child };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	*ret_waiting = blocked;
	sigaddset(&blocked, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
	(void)sigaction(SIGCHLD, &child, NULL);
}

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

static void
become_helper(const int *sockets, size_t count)
{
	struct rlimit limit;

	close_others(sockets, count);
	(void)prctl(PR_SET_NAME, PROCESS_NAME, 0, 0, 0);
	/* Without it, what checks leave is somebody else's to end. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur > DESCRIPTORS) {
		limit.rlim_cur = DESCRIPTORS;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* All of them are told to end by now or are ended here, and what they leave
 * too. */
static void
end_children(struct helper *h)
{
	for (size_t i = 0; i < h->count; i++)
		kill_child(&h->channels[i]);
	while (waitpid(-1, NULL, 0) > 0)
		kill_orphans(h);
}

void
pam_helper_run(
    const struct pam_users_options *o, const int *sockets, size_t count)
{
	struct helper h = { .options = o, .count = count };
	sigset_t signals;

	for (size_t i = 0; i < count; i++)
		h.channels[i].fd = sockets[i];
	become_helper(sockets, count);
	take_signals(&signals);
	while (is_wanted(&h)) {
		wait_and_take(&h, &signals);
		reap(&h);
		kill_late(&h);
	}
	end_children(&h);
	_exit(0);
}
