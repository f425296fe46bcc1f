/* SPDX-License-Identifier: MIT
 *
 * The server's side: one socket for each check that may be on its way, and the
 * helper at the other end of them.  What is answered after nobody waits for it any
 * more lies there until the socket is used again, and is then dropped; requests
 * have numbers, so that it is not taken for an answer to another.
 */
#include "auth/pam_internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"

#define GRACE_MS    5000 /* for the helper's own work */
#define END_MS	    5000
#define END_LOOK_MS 10

struct pam_users {
	struct pam_users_options options;
	pid_t keeper; /* of the helper */
	struct lock lock;
	int sockets[PAM_CHECKS_AT_ONCE]; /* do not change */
	/* Under the lock: */
	bool taken[PAM_CHECKS_AT_ONCE];
	uint64_t serial; /* of the last request */
	bool gone;
};

/* -- life ------------------------------------------------------------------- */

/* All pairs or none. */
static bool
make_sockets(int ours[PAM_CHECKS_AT_ONCE], int theirs[PAM_CHECKS_AT_ONCE])
{
	for (size_t i = 0; i < PAM_CHECKS_AT_ONCE; i++) {
		int pair[2];

		if (socketpair(
			AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
			while (i-- > 0) {
				(void)close(ours[i]);
				(void)close(theirs[i]);
			}
			return false;
		}
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	return true;
}

static void
close_all(const int sockets[PAM_CHECKS_AT_ONCE])
{
	for (size_t i = 0; i < PAM_CHECKS_AT_ONCE; i++)
		(void)close(sockets[i]);
}

enum rc
pam_users_open(const struct pam_users_options *o, struct pam_users **ret_users)
{
	struct pam_users *p = mem_alloc(sizeof(*p));
	int theirs[PAM_CHECKS_AT_ONCE];

	p->options = *o;
	if (p->options.patience_ms == 0)
		p->options.patience_ms = PAM_CHECK_MS_MAX;
	lock_init(&p->lock);
	if (!make_sockets(p->sockets, theirs)) {
		log_errno(LOG_ERROR, "pam", "sockets");
		goto free_users;
	}
	p->keeper = fork();
	if (p->keeper == 0)
		pam_keeper_run(&p->options, theirs, PAM_CHECKS_AT_ONCE);
	close_all(theirs);
	if (p->keeper < 0) {
		log_errno(LOG_ERROR, "pam", "fork");
		close_all(p->sockets);
		goto free_users;
	}
	*ret_users = p;
	return RC_OK;

free_users:
	lock_fini(&p->lock);
	mem_free(p);
	return RC_IO;
}

/* It ends by itself when the sockets are closed; one that was stopped by
 * somebody does not, and is left. */
static void
wait_for_keeper(const struct pam_users *p)
{
	const struct timespec pause = { .tv_nsec = END_LOOK_MS * 1000000L };
	uint64_t until_ms = clock_ms() + END_MS;

	while (waitpid(p->keeper, NULL, WNOHANG) == 0 && clock_ms() < until_ms)
		(void)nanosleep(&pause, NULL);
}

void
pam_users_close(struct pam_users *p)
{
	if (p == NULL)
		return;
	close_all(p->sockets);
	wait_for_keeper(p);
	lock_fini(&p->lock);
	mem_free(p);
}

/* -- checks ----------------------------------------------------------------- */

static bool
can_be(struct str s, size_t bytes_max)
{
	return s.n >= 1 && s.n <= bytes_max && memchr(s.p, '\0', s.n) == NULL;
}

static enum rc
take_socket(struct pam_users *p, size_t *ret_index, uint64_t *ret_serial)
{
	enum rc rc = RC_LIMIT;

	lock_take(&p->lock);
	for (size_t i = 0; i < PAM_CHECKS_AT_ONCE && rc == RC_LIMIT; i++) {
		if (p->taken[i])
			continue;
		p->taken[i] = true;
		*ret_index = i;
		*ret_serial = ++p->serial;
		rc = RC_OK;
	}
	if (p->gone && rc == RC_OK) {
		p->taken[*ret_index] = false;
		rc = RC_IO;
	}
	lock_release(&p->lock);
	return rc;
}

static void
give_socket_back(struct pam_users *p, size_t index)
{
	lock_take(&p->lock);
	p->taken[index] = false;
	lock_release(&p->lock);
}

/* Helper and keeper have ended. */
static void
note_gone(struct pam_users *p)
{
	bool first;

	lock_take(&p->lock);
	first = !p->gone;
	p->gone = true;
	lock_release(&p->lock);
	if (first)
		log_event(LOG_ERROR, "pam-gone",
		    "why=\"the processes that ask PAM have ended: users of PAM "
		    "cannot log in until the server is restarted\"");
}

/* Is there something to read before the time is over? */
static bool
wait_readable(int fd, uint64_t until_ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	uint64_t now_ms;
	int n;

	do {
		now_ms = clock_ms();
		n = now_ms < until_ms
			? poll(&polled, 1, (int)(until_ms - now_ms))
			: 0;
	} while (n < 0 && errno == EINTR);
	return n == 1;
}

/* An answer, or the end.  RC_AGAIN: there is none yet. */
static enum rc
read_answer(int fd, struct pam_answer *ret_answer)
{
	ssize_t n = recv(fd, ret_answer, sizeof(*ret_answer), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return RC_AGAIN;
	return n == (ssize_t)sizeof(*ret_answer) ? RC_OK : RC_CLOSED;
}

/* RC_CLOSED: there is nobody at the other end.  RC_TIMEOUT: no answer came. */
static enum rc
ask(int fd, const struct pam_request *request, uint64_t patience_ms,
    struct pam_answer *ret_answer)
{
	uint64_t until_ms = clock_ms() + patience_ms + GRACE_MS;
	enum rc rc;

	while ((rc = read_answer(fd, ret_answer)) == RC_OK)
		; /* to what was given up */
	if (rc != RC_AGAIN || send(fd, request, sizeof(*request),
				  MSG_NOSIGNAL) != (ssize_t)sizeof(*request))
		return RC_CLOSED;
	do {
		if (!wait_readable(fd, until_ms))
			return RC_TIMEOUT;
		rc = read_answer(fd, ret_answer);
	} while (rc == RC_AGAIN || (rc == RC_OK && ret_answer->serial != 0 &&
				       ret_answer->serial != request->serial));
	return rc;
}

static enum rc
rc_of(const struct pam_answer *answer)
{
	bool wrong = answer->outcome == PAM_OUTCOME_WRONG;
	const char *why;
	struct log_line line;

	if (answer->outcome == PAM_OUTCOME_RIGHT)
		return RC_OK;
	if (answer->outcome == PAM_OUTCOME_LATE)
		why = "no answer in time";
	else if (answer->outcome == PAM_OUTCOME_CRASHED)
		why = "the process that asks was ended, by a module or "
		      "otherwise, "
		      "or there was none for it";
	else
		why = pam_conversation_text(answer->code);
	/* A refusal is logged by whoever knows who it was. */
	log_begin(&line, wrong ? LOG_DEBUG : LOG_ERROR, "pam");
	log_text(&line, "why", why);
	log_end(&line);
	return wrong ? RC_REFUSED : RC_IO;
}

enum rc
pam_users_check(
    struct pam_users *p, struct str user, struct str password, const char *peer)
{
	struct pam_request request = { 0 };
	struct pam_answer answer = { .outcome = PAM_OUTCOME_LATE };
	size_t index;
	enum rc rc;

	if (!can_be(user, USER_NAME_BYTES_MAX) ||
	    !can_be(password, PAM_PASSWORD_BYTES_MAX))
		return RC_REFUSED;
	rc = take_socket(p, &index, &request.serial);
	if (rc != RC_OK)
		return rc;
	request.user_bytes = (uint16_t)user.n;
	request.password_bytes = (uint16_t)password.n;
	request.peer_bytes = (uint16_t)strnlen(peer, PAM_PEER_BYTES_MAX);
	memcpy(request.user, user.p, user.n);
	memcpy(request.password, password.p, password.n);
	memcpy(request.peer, peer, request.peer_bytes);
	wait_begin();
	rc = ask(p->sockets[index], &request, p->options.patience_ms, &answer);
	wait_end();
	mem_wipe(&request, sizeof(request));
	if (rc == RC_CLOSED)
		note_gone(p);
	else if (rc == RC_TIMEOUT)
		answer.outcome = PAM_OUTCOME_LATE;
	give_socket_back(p, index);
	return rc == RC_CLOSED ? RC_IO : rc_of(&answer);
}
