/* SPDX-License-Identifier: MIT
 *
 * For tests: a whole system below a session, in a folder of its own, and the
 * client's end of its connection.
 */
#ifndef AVOCET_TEST_IMAP_SESSION_CLIENT_H
#define AVOCET_TEST_IMAP_SESSION_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "imap/imap.h"
#include "mail/account.h"
#include "proto/imap/response_check.h"
#include "store/store.h"

#define WORKERS	     4
#define GIVE_UP_S    20 /* only a failing test waits so long */
#define ANSWER_BYTES (1024 * 1024)

struct server {
	char folder[64];
	struct mail *mail;
	uint64_t account;
	struct poll *poll;
	struct imap_service service;
};

struct client {
	struct server *server;
	struct conn *conn; /* the session's; only for its handle */
	int fd;
	size_t n;
	char answer[ANSWER_BYTES]; /* what came last, terminated */
};

static inline int
remove_one(const char *path, const struct stat *s, int kind, struct FTW *f)
{
	(void)s;
	(void)kind;
	(void)f;
	return remove(path);
}

static inline void
server_open(struct server *v)
{
	struct store_options store_options = {
		.folder = v->folder, .shards = 1, .segment_bytes = 1024 * 1024
	};
	struct mail_options mail_options = { .retention_seconds = 3600,
		.message_bytes_max = 100000 };
	static const char template[] = "/tmp/avocet-test-XXXXXX";
	struct store *store;
	const char *why;

	memset(v, 0, sizeof(*v));
	memcpy(v->folder, template, sizeof(template));
	assert_non_null(mkdtemp(v->folder));
	assert_int_equal(store_open(&store_options, &store, &why), RC_OK);
	assert_int_equal(mail_open(store, &mail_options, &v->mail), RC_OK);
	assert_int_equal(
	    account_create(v->mail, STR("alice"), STR(""), &v->account), RC_OK);
	v->poll = poll_new(WORKERS);
	assert_int_equal(poll_start(v->poll), RC_OK);
	v->service.mail = v->mail;
	v->service.capabilities = capability_all();
	v->service.lenient = true;
	v->service.progress_ms = PROGRESS_MS;
	imap_service_init(&v->service);
}

static inline void
server_close(struct server *v)
{
	poll_stop(v->poll);
	imap_service_fini(&v->service);
	poll_free(v->poll);
	mail_close(v->mail);
	(void)nftw(v->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* -- the client --------------------------------------------------------- */

static inline unsigned
client_enter(void *arg)
{
	struct client *c = arg;
	const struct imap_user user = {
		.account = c->server->account,
		.capabilities = imap_service_capabilities(
		    &c->server->service, c->server->account),
		.name = STR("alice"),
		.client = STR("test 1"),
	};

	return imap_enter(&c->server->service, c->conn, &user);
}

static inline void
client_open(struct client *c, struct server *v)
{
	struct timeval patience = { .tv_sec = GIVE_UP_S };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	c->server = v;
	c->fd = pair[1];
	c->n = 0;
	c->answer[0] = '\0';
	(void)setsockopt(
	    c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
	    c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	c->conn = conn_new(v->poll, pair[0], NULL, 0);
#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(c->conn, response_check_new(true));
#endif
	assert_int_equal(
	    conn_start(c->conn, POLL_OUTPUT, 0, client_enter, c), RC_OK);
}

static inline void
client_close(struct client *c)
{
	(void)close(c->fd);
}

static inline void
client_send(struct client *c, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(send(c->fd, text, n, MSG_NOSIGNAL), n);
}

/* One line more behind the answer; false at the end of the stream. */
static inline bool
client_line(struct client *c, const char **ret_line)
{
	size_t from = c->n;

	for (;;) {
		assert_true(c->n + 1 < sizeof(c->answer));
		if (recv(c->fd, c->answer + c->n, 1, 0) != 1)
			break;
		c->n++;
		c->answer[c->n] = '\0';
		if (c->answer[c->n - 1] == '\n')
			break;
	}
	*ret_line = c->answer + from;
	return c->n > from;
}

/* Read lines up to one that begins with ${begin}; all are in c->answer. */
static inline void
client_until(struct client *c, const char *begin)
{
	const char *line;

	c->n = 0;
	for (;;) {
		if (!client_line(c, &line))
			fail_msg("no \"%s\" in:\n%s", begin, c->answer);
		if (strncmp(line, begin, strlen(begin)) == 0)
			return;
	}
}

/* Send a command with the tag "t" and read its answer, which begins with
 * ${want} ("OK"). */
static inline void
client_run(struct client *c, const char *command, const char *want)
{
	char begin[64];

	client_send(c, "t ");
	client_send(c, command);
	client_send(c, "\r\n");
	client_until(c, "t ");
	(void)snprintf(begin, sizeof(begin), "t %s", want);
	if (strstr(c->answer, begin) == NULL)
		fail_msg("%s: wanted %s, got:\n%s", command, want, c->answer);
}

/* Nothing more comes: the server has closed the connection. */
static inline void
client_expect_end(struct client *c)
{
	const char *line;

	c->n = 0;
	if (client_line(c, &line))
		fail_msg("more came:\n%s", c->answer);
}

static inline void
client_expect(const struct client *c, const char *text)
{
	if (strstr(c->answer, text) == NULL)
		fail_msg("no \"%s\" in:\n%s", text, c->answer);
}

#endif
