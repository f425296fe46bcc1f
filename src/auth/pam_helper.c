/* SPDX-License-Identifier: MIT
 *
 * The helper: one process that waits for requests and for children, and a child
 * for each request, which asks PAM and leaves what came of it in memory that
 * both see.  A module may do in the child what it likes: end it, close its
 * descriptors, write to those that are left, which lead nowhere.
 *
 * The helper has one thread, no memory of its own beyond a few structs, and
 * parses nothing: whoever may have taken over the server can guess at passwords
 * here, no faster than PAM_CHECKS_AT_ONCE at a time, and that is all.
 */
#include "auth/pam_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

struct channel {
	int fd;			 /* -1: closed */
	pid_t child;		 /* 0: none */
	uint64_t deadline_ms;	 /* of the child */
	bool late;		 /* the child was killed for that */
	uint64_t serial;	 /* of the request */
	struct pam_answer *said; /* by the child, before it ends; outcome 0:
				    nothing */
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

/* A module that calls exit() says nothing. */
static struct pam_answer
answer_of(const struct channel *c, int wait_status)
{
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0 &&
	    c->said->outcome != 0)
		return *c->said;
	return (struct pam_answer){ .outcome = PAM_OUTCOME_CRASHED };
}

static void be_child(const struct helper *h, struct channel *c,
    struct pam_request *request) __attribute__((noreturn));

static void
be_child(const struct helper *h, struct channel *c, struct pam_request *request)
{
	pid_t self = getpid();
	struct pam_answer answer;

	(void)setpgid(0, 0);
	/* Nothing that a module writes gets into the log. */
	(void)dup2(STDOUT_FILENO, STDERR_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0u, 0);
	reset_signals();
	answer = pam_conversation_run(h->options, request);
	mem_wipe(request, sizeof(*request));
	/* A module may have forked, and gone on in the child too. */
	if (getpid() == self)
		*c->said = answer;
	_exit(0);
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
	(void)shutdown(c->fd, SHUT_RDWR); /* the keeper has it too */
	(void)close(c->fd);
	c->fd = -1;
}

static void
tell(struct channel *c, struct pam_answer answer)
{
	answer.serial = c->serial;
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
	c->serial = request.serial;
	*c->said = (struct pam_answer){ 0 };
	c->child = fork();
	if (c->child == 0)
		be_child(h, c, &request);
	mem_wipe(&request, sizeof(request));
	if (c->child < 0) {
		c->child = 0;
		tell(c, (struct pam_answer){ .outcome = PAM_OUTCOME_CRASHED });
		return;
	}
	c->late = false;
	c->deadline_ms = clock_ms() + h->options->patience_ms;
}

/* -- the loop ------------------------------------------------------------- */

/* Whose check ${child} is; count: nobody's. */
static size_t
channel_of(const struct helper *h, pid_t child)
{
	size_t i = 0;

	while (i < h->count && h->channels[i].child != child)
		i++;
	return i;
}

/* Is it somebody whom nobody waits for?  What a check has started and not ended
 * came to us when its process ended. */
static bool
is_orphan(const void *helper, pid_t child)
{
	const struct helper *h = helper;

	return child > 0 && channel_of(h, child) == h->count;
}

/* Children that have ended are told of. */
static void
reap(struct helper *h)
{
	const struct pam_answer late = { .outcome = PAM_OUTCOME_LATE };
	bool reaped = false;
	pid_t child;
	int status;

	while ((child = waitpid(-1, &status, WNOHANG)) > 0) {
		size_t i = channel_of(h, child);
		struct channel *c = &h->channels[i];

		reaped = true;
		if (i == h->count)
			continue;
		c->child = 0;
		tell(c, c->late ? late : answer_of(c, status));
	}
	if (reaped)
		pam_kill_children(is_orphan, h);
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

/* Children are noticed while we wait and at no other time.  Gives the mask for
 * that. */
static void
take_signals(sigset_t *ret_waiting)
{
	struct sigaction child = { .sa_handler = note_child };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &blocked, ret_waiting);
	(void)sigaction(SIGCHLD, &child, NULL);
}

/* Where children leave their answers.  False: there is no memory. */
static bool
make_room(struct helper *h)
{
	struct pam_answer *said = mmap(NULL, h->count * sizeof(*said),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < h->count && said != MAP_FAILED; i++)
		h->channels[i].said = &said[i];
	return said != MAP_FAILED;
}

/* All of them are told to end by now or are ended here, and what they leave
 * too. */
static void
end_children(struct helper *h)
{
	for (size_t i = 0; i < h->count; i++)
		kill_child(&h->channels[i]);
	while (waitpid(-1, NULL, 0) > 0)
		pam_kill_children(is_orphan, h);
}

void
pam_helper_run(
    const struct pam_users_options *o, const int *sockets, size_t count)
{
	struct helper h = { .options = o, .count = count };
	sigset_t signals;

	for (size_t i = 0; i < count; i++)
		h.channels[i].fd = sockets[i];
	if (!make_room(&h))
		_exit(1);
	/* Without it, what checks leave is somebody else's to end. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	take_signals(&signals);
	while (is_wanted(&h)) {
		wait_and_take(&h, &signals);
		reap(&h);
		kill_late(&h);
	}
	end_children(&h);
	_exit(0);
}
