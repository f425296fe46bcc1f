/* SPDX-License-Identifier: MIT
 *
 * For tests of IMAP sessions as a client sees them: a service over a system in
 * a folder of its own, clients on socket pairs, and transcripts.
 */
#ifndef AVOCET_TEST_IMAP_TALK_H
#define AVOCET_TEST_IMAP_TALK_H

#include "../mail/messages.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/buf.h"
#include "imap/imap.h"
#include "net/conn.h"
#include "proto/imap/response_check.h"

#define TALK_BYTES_MAX	 (64 * 1024 * 1024)
#define TALK_PATIENCE_S	 60
#define TALK_CLIENTS_MAX 4

struct talk {
	struct messages messages;
	struct imap_service service;
	struct poll *poll;
	int clients[TALK_CLIENTS_MAX];
	size_t client_count;
	struct buf answer; /* what talk() has read last */
};

struct talk_start {
	struct talk *talk;
	struct conn *conn;
};

static inline void
talk_open(struct talk *t)
{
	*t = (struct talk){ .poll = poll_new(8) };
	messages_open(&t->messages, 1);
	t->service.mail = t->messages.mail;
	t->service.capabilities = capability_all();
	t->service.lenient = true;
	t->service.progress_ms = PROGRESS_MS;
	imap_service_init(&t->service);
	assert_int_equal(poll_start(t->poll), RC_OK);
	buf_init(&t->answer, TALK_BYTES_MAX);
}

static inline void
talk_close(struct talk *t)
{
	imap_service_stop(&t->service);
	poll_stop(t->poll);
	imap_service_fini(&t->service);
	poll_free(t->poll);
	for (size_t i = 0; i < t->client_count; i++)
		(void)close(t->clients[i]);
	buf_fini(&t->answer);
	messages_close(&t->messages);
}

static inline unsigned
talk_enter(void *arg)
{
	struct talk_start start = *(struct talk_start *)arg;
	uint64_t account = start.talk->messages.account;
	struct imap_user user = { .account = account,
		.capabilities =
		    imap_service_capabilities(&start.talk->service, account),
		.name = STR("user") };

	mem_free(arg);
	return imap_enter(&start.talk->service, start.conn, &user);
}

/* One more client, logged in; returns its number. */
static inline size_t
talk_client(struct talk *t)
{
	struct timeval patience = { .tv_sec = TALK_PATIENCE_S };
	struct talk_start *start = mem_alloc(sizeof(*start));
	int pair[2];

	assert_true(t->client_count < TALK_CLIENTS_MAX);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	assert_int_equal(
	    fcntl(pair[1], F_SETFL, fcntl(pair[1], F_GETFL) | O_NONBLOCK), 0);
	start->talk = t;
	start->conn = conn_new(t->poll, pair[1], NULL, 0);
#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(start->conn, response_check_new(true));
#endif
	t->clients[t->client_count] = pair[0];
	assert_int_equal(
	    conn_start(start->conn, POLL_INPUT, 0, talk_enter, start), RC_OK);
	return t->client_count++;
}

static inline void
talk_send_str(struct talk *t, size_t client, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(t->clients[client], bytes.p, bytes.n);

		assert_true(n > 0);
		bytes = str_skip(bytes, (size_t)n);
	}
}

static inline void
talk_send(struct talk *t, size_t client, const char *text)
{
	talk_send_str(t, client, str_of(text));
}

/* Does ${s} end with a line that begins with ${tag}? */
static inline bool
talk_is_done(struct str s, struct str tag)
{
	size_t at;

	if (!str_ends(s, STR("\r\n")))
		return false;
	for (at = s.n - 2; at > 0 && s.p[at - 1] != '\n'; at--)
		continue;
	return str_begins(str_skip(s, at), tag);
}

/* Read into t->answer up to a line that begins with ${tag}. */
static inline const char *
talk_read(struct talk *t, size_t client, const char *tag)
{
	buf_clear(&t->answer);
	while (!talk_is_done(buf_str(&t->answer), str_of(tag))) {
		char *to = buf_reserve(&t->answer, 65536);
		ssize_t n;

		assert_non_null(to);
		n = read(t->clients[client], to, 65536);
		if (n <= 0)
			print_error("only this came: %.*s\n",
			    STR_ARG(buf_str(&t->answer)));
		assert_true(n > 0);
		buf_added(&t->answer, (size_t)n);
	}
	buf_add_byte(&t->answer, '\0');
	t->answer.n--;
	return t->answer.p;
}

/* Send the command "a ${command}" and expect ${answer}, all of it; lines of
 * both end with CRLF, which the last of each is given here. */
static inline void
talk(struct talk *t, size_t client, const char *command, const char *answer)
{
	struct buf want;

	talk_send(t, client, "a ");
	talk_send(t, client, command);
	talk_send(t, client, "\r\n");
	buf_init(&want, TALK_BYTES_MAX);
	buf_add_text(&want, answer);
	buf_add(&want, "\r\n", 3);
	assert_string_equal(talk_read(t, client, "a "), want.p);
	buf_fini(&want);
}

/* The same, looking for ${part} of the answer only. */
static inline void
talk_has(struct talk *t, size_t client, const char *command, const char *part)
{
	talk_send(t, client, "a ");
	talk_send(t, client, command);
	talk_send(t, client, "\r\n");
	if (strstr(talk_read(t, client, "a "), part) == NULL)
		assert_string_equal(t->answer.p, part);
}

/* Append ${message} to INBOX. */
static inline void
talk_append(struct talk *t, const char *message)
{
	messages_append_text(&t->messages, str_of(message), 1000000000);
}

/* A client that has selected INBOX with the given messages (up to NULL). */
static inline size_t
talk_select(struct talk *t, const char *const *messages)
{
	size_t client;

	for (size_t i = 0; messages != NULL && messages[i] != NULL; i++)
		talk_append(t, messages[i]);
	client = talk_client(t);
	talk_has(t, client, "SELECT INBOX", "a OK [READ-WRITE]");
	return client;
}

#endif
