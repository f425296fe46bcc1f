/* SPDX-License-Identifier: MIT
 *
 * A server has one request a connection; a child has them all on one.
 */
#include "admin/keeper.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/attend.h"
#include "admin/channel.h"
#include "admin/perform.h"
#include "base/clock.h"
#include "base/mem.h"
#include "mail/mail.h"

struct keeper {
	const struct config *config;
	pid_t child; /* 0: it is a server */
	struct channel channel;
	bool is_open;
	uint64_t sent_ms; /* when it last got to hear of us */
	char why[OPERATION_WHY_BYTES];
};

/* -- the child ---------------------------------------------------------- */

/* Open the store and say so, or why not. */
static _Noreturn void
be_child(const struct config *c, int fd)
{
	struct channel ch;
	struct mail *m;
	int code = perform_open_mail(c, false, &m);

	if (code != ADMIN_OK)
		_exit(code);
	channel_init(&ch, fd);
	if (channel_send_end(&ch) == RC_OK)
		attend(m, &ch);
	channel_close(&ch);
	mail_close(m);
	_exit(ADMIN_OK);
}

static int
await_child(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return ADMIN_UNREACHABLE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : ADMIN_UNREACHABLE;
}

static int
start_child(struct keeper *k)
{
	struct str nothing;
	int fds[2];

	if (fflush(stdout) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return ADMIN_UNREACHABLE;
	k->child = fork();
	if (k->child == 0) {
		(void)close(fds[0]);
		be_child(k->config, fds[1]);
	}
	(void)close(fds[1]);
	if (k->child < 0) {
		(void)close(fds[0]);
		(void)fprintf(stderr, "avocet: cannot start a process\n");
		return ADMIN_UNREACHABLE;
	}
	channel_init(&k->channel, fds[0]);
	k->is_open = true;
	if (channel_next(&k->channel, &nothing) == RC_EOF)
		return ADMIN_OK;
	/* It has printed why. */
	channel_close(&k->channel);
	k->is_open = false;
	return await_child(k->child);
}

/* -- either ------------------------------------------------------------- */

int
keeper_open(const struct config *c, struct keeper **ret_keeper)
{
	struct keeper *k = mem_alloc(sizeof(*k));
	int code = ADMIN_OK;

	k->config = c;
	switch (channel_open(c->control, &k->channel)) {
	case RC_OK:
		/* One for each operation; this one only asked who is there. */
		channel_close(&k->channel);
		break;
	case RC_NOTFOUND:
		code = start_child(k);
		break;
	default:
		(void)fprintf(stderr,
		    "avocet: cannot connect to %s: run this as root or as the "
		    "user of the server\n",
		    c->control);
		code = ADMIN_UNREACHABLE;
		break;
	}
	if (code != ADMIN_OK) {
		mem_free(k);
		return code;
	}
	*ret_keeper = k;
	return ADMIN_OK;
}

static void
hang_up(struct keeper *k)
{
	if (k->is_open)
		channel_close(&k->channel);
	k->is_open = false;
}

void
keeper_close(struct keeper *k)
{
	if (k == NULL)
		return;
	hang_up(k);
	if (k->child != 0)
		(void)await_child(k->child);
	mem_free(k);
}

enum rc
keeper_begin(struct keeper *k, const struct str *words, size_t count)
{
	enum rc rc = RC_OK;

	k->why[0] = '\0';
	k->sent_ms = clock_ms();
	if (k->child == 0) {
		hang_up(k);
		k->is_open =
		    channel_open(k->config->control, &k->channel) == RC_OK;
		rc = k->is_open ? RC_OK : RC_CLOSED;
	}
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = channel_send(&k->channel, words[i]);
	return rc == RC_OK ? channel_send_end(&k->channel) : rc;
}

enum rc
keeper_send(struct keeper *k, struct str bytes)
{
	uint64_t now = clock_ms();
	enum rc rc = channel_send(&k->channel, bytes);

	/* A source may be slow, but a server does not wait for ever. */
	if (rc == RC_OK && now - k->sent_ms >= IMPORT_REST_MS) {
		k->sent_ms = now;
		rc = channel_flush(&k->channel);
	}
	return rc;
}

enum rc
keeper_answer(
    struct keeper *k, void (*line)(void *arg, struct str text), void *arg)
{
	struct str bytes;
	enum rc rc = channel_send_end(&k->channel), result;

	if (rc != RC_OK)
		return rc;
	while ((rc = channel_next(&k->channel, &bytes)) == RC_OK)
		if (line != NULL)
			line(arg, bytes);
	if (rc != RC_EOF)
		return rc;
	rc = channel_next(&k->channel, &bytes);
	if (rc != RC_OK)
		return rc;
	result = perform_code(bytes);
	rc = channel_next(&k->channel, &bytes);
	if (rc == RC_OK)
		(void)snprintf(k->why, sizeof(k->why), "%.*s", STR_ARG(bytes));
	if (rc == RC_OK)
		rc = channel_next(&k->channel, &bytes);
	return rc == RC_EOF ? result : RC_CLOSED;
}

const char *
keeper_why(const struct keeper *k)
{
	return k->why;
}
