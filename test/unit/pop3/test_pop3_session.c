/* SPDX-License-Identifier: MIT
 *
 * POP3 sessions over a socket pair: silence, stopping, damaged messages, long
 * lists and long messages for a client that reads slowly.
 */
#include "../mail/messages.h"
#include "../store/damage.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/clock.h"
#include "pop3/pop3.h"
#include "proto/pop3/response_check.h"

#define PATIENCE_S 60
#define MANY	   20000

struct fixture {
	struct messages messages;
	struct pop3_service service;
	struct poll *poll;
	struct conn *conn; /* the session's; only for its handle */
	int fd;		   /* the client's */
	struct buf answer;
};

static unsigned
enter(void *arg)
{
	struct fixture *f = arg;
	const struct pop3_user user = { .account = f->messages.account,
		.name = STR("user"),
		.offered = STR(" PLAIN"),
		.cleartext = true };

	return pop3_enter(&f->service, f->conn, &user);
}

static void
connect_client(struct fixture *f)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience,
			     sizeof(patience)),
	    0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	f->fd = pair[1];
	f->conn = conn_new(f->poll, pair[0], NULL, 0);
#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(f->conn, pop3_response_check_new(true));
#endif
	assert_int_equal(conn_start(f->conn, POLL_OUTPUT, 0, enter, f), RC_OK);
}

static int
set_up(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	messages_open(&f->messages, 1);
	f->service.mail = f->messages.mail;
	f->fd = -1;
	pop3_service_init(&f->service);
	f->poll = poll_new(4);
	assert_int_equal(poll_start(f->poll), RC_OK);
	buf_init(&f->answer, 64 * 1024 * 1024);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	clock_fake(0, 0);
	if (f->fd >= 0)
		(void)close(f->fd);
	pop3_service_stop(&f->service);
	poll_stop(f->poll);
	pop3_service_fini(&f->service);
	poll_free(f->poll);
	buf_fini(&f->answer);
	messages_close(&f->messages);
	mem_free(f);
	return 0;
}

static void
send_text(struct fixture *f, const char *text)
{
	size_t n = strlen(text);

	assert_int_equal(send(f->fd, text, n, MSG_NOSIGNAL), n);
}

/* Read some; false at the end. */
static bool
receive(struct fixture *f)
{
	char *to = buf_reserve(&f->answer, 4096);
	ssize_t n;

	assert_non_null(to);
	n = recv(f->fd, to, 4096, 0);
	assert_true(n >= 0);
	buf_added(&f->answer, (size_t)n);
	return n > 0;
}

/* Read up to ${end}, which nothing may follow. */
static struct str
read_until(struct fixture *f, const char *end)
{
	buf_clear(&f->answer);
	while (!str_ends(buf_str(&f->answer), str_of(end)))
		assert_true(receive(f));
	return buf_str(&f->answer);
}

static void
check(struct fixture *f, const char *command, const char *want)
{
	struct str got;

	send_text(f, command);
	send_text(f, "\r\n");
	got = read_until(f, "\r\n");
	if (!str_eq(got, str_of(want)))
		fail_msg("%s: %.*s", command, STR_ARG(got));
}

static void
expect_end(struct fixture *f)
{
	buf_clear(&f->answer);
	assert_false(receive(f));
}

static uint32_t
inbox_count(struct fixture *f)
{
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;

	assert_int_equal(mailbox_find(f->messages.mail, f->messages.account,
			     STR("INBOX"), a, &info),
	    RC_OK);
	arena_free(a);
	return info.messages;
}

static void
start(struct fixture *f, size_t count, const char *greeting)
{
	if (count > 0)
		(void)messages_append(
		    &f->messages, f->messages.inbox, count, NULL);
	connect_client(f);
	assert_true(str_eq(read_until(f, "\r\n"), str_of(greeting)));
}

/* -- ends ---------------------------------------------------------------- */

/* RFC 1939 section 3: at least ten minutes; then nothing is said, and nothing
 * removed. */
static void
test_silence(void **state)
{
	struct fixture *f = *state;

	start(f, 2, "+OK 2 messages\r\n");
	check(f, "DELE 1", "+OK Deleted at QUIT\r\n");
	clock_fake(clock_ms() + 10 * 60 * 1000 - 1000, clock_wall());
	poll_wake(f->poll, conn_handle(f->conn));
	check(f, "NOOP", "+OK\r\n");
	clock_fake(clock_ms() + 10 * 60 * 1000 + 1, clock_wall());
	poll_wake(f->poll, conn_handle(f->conn));
	expect_end(f);
	assert_int_equal(inbox_count(f), 2);
}

static void
test_stop(void **state)
{
	struct fixture *f = *state;

	start(f, 1, "+OK 1 messages\r\n");
	check(f, "DELE 1", "+OK Deleted at QUIT\r\n");
	pop3_service_stop(&f->service);
	expect_end(f);
	assert_int_equal(inbox_count(f), 1);
}

static void
test_no_such_account(void **state)
{
	struct fixture *f = *state;

	f->messages.account = 12345;
	start(f, 0, "-ERR [SYS/PERM] It is gone\r\n");
	expect_end(f);
}

/* -- damage -------------------------------------------------------------- */

/* A damaged message is refused before anything of it is said; the session goes
 * on, and it does not become \Seen. */
static void
test_damaged(void **state)
{
	struct fixture *f = *state;
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;

	messages_append_text(
	    &f->messages, STR("A: " DAMAGE_MARK "\r\n\r\nx\r\n"), INT64_MIN);
	messages_append_text(&f->messages, SMALL_MESSAGE, INT64_MIN);
	damage_mark(f->messages.folder);
	start(f, 0, "+OK 2 messages\r\n");
	check(f, "RETR 1", "-ERR [SYS/PERM] Stored data is damaged\r\n");
	check(f, "TOP 1 0", "-ERR [SYS/PERM] Stored data is damaged\r\n");
	send_text(f, "RETR 2\r\n");
	(void)read_until(f, "body\r\n.\r\n");
	check(f, "QUIT", "+OK Bye\r\n");
	expect_end(f);
	assert_int_equal(mailbox_find(f->messages.mail, f->messages.account,
			     STR("INBOX"), a, &info),
	    RC_OK);
	assert_int_equal(info.unseen, 1);
	arena_free(a);
}

/* -- much ---------------------------------------------------------------- */

static void
check_list(
    struct fixture *f, const char *command, const char *text, bool numbered)
{
	struct buf want;

	buf_init(&want, 64 * 1024 * 1024);
	buf_add_text(&want, "+OK\r\n");
	for (unsigned n = 1; n <= MANY; n++) {
		if (n == 7 || n == MANY - 7)
			continue;
		buf_add_number(&want, n);
		buf_add_text(&want, text);
		if (numbered)
			buf_add_number(&want, n);
		buf_add_text(&want, "\r\n");
	}
	buf_add_text(&want, ".\r\n");
	send_text(f, command);
	assert_true(str_eq(read_until(f, "\r\n.\r\n"), buf_str(&want)));
	buf_fini(&want);
}

/* Longer than what may be queued, so that it takes many parts. */
static void
test_lists(void **state)
{
	struct fixture *f = *state;
	char answer[64];
	struct arena *a = arena_new(1 << 16);
	struct mailbox_info info;

	(void)snprintf(answer, sizeof(answer), "+OK %d messages\r\n", MANY);
	start(f, MANY, answer);
	assert_int_equal(mailbox_find(f->messages.mail, f->messages.account,
			     STR("INBOX"), a, &info),
	    RC_OK);
	check(f, "DELE 7", "+OK Deleted at QUIT\r\n");
	(void)snprintf(answer, sizeof(answer), "DELE %d", MANY - 7);
	check(f, answer, "+OK Deleted at QUIT\r\n");
	(void)snprintf(answer, sizeof(answer), " %zu", SMALL_MESSAGE.n);
	check_list(f, "LIST\r\n", answer, false);
	(void)snprintf(answer, sizeof(answer), " %u.", info.uidvalidity);
	check_list(f, "UIDL\r\n", answer, true);
	arena_free(a);
}

/* A message whose lines are dots only, so that it grows by half. */
static void
test_long_message(void **state)
{
	struct fixture *f = *state;
	const size_t lines = 300000;
	struct buf text, want;

	buf_init(&text, 4 * 1024 * 1024);
	buf_init(&want, 8 * 1024 * 1024);
	buf_add_text(&text, "A: b\r\n\r\n");
	buf_add_format(&want, "+OK %zu octets\r\nA: b\r\n\r\n", 8 + 3 * lines);
	for (size_t i = 0; i < lines; i++) {
		buf_add_text(&text, ".\r\n");
		buf_add_text(&want, "..\r\n");
	}
	buf_add_text(&want, ".\r\n");
	messages_append_text(&f->messages, buf_str(&text), INT64_MIN);
	start(f, 0, "+OK 1 messages\r\n");
	send_text(f, "RETR 1\r\n");
	assert_true(str_eq(read_until(f, "\n.\r\n"), buf_str(&want)));
	send_text(f, "TOP 1 299999\r\n");
	assert_int_equal(read_until(f, "\n.\r\n").n, want.n - strlen("..\r\n"));
	buf_fini(&text);
	buf_fini(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define ONE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		ONE(test_silence),
		ONE(test_stop),
		ONE(test_no_such_account),
		ONE(test_damaged),
		ONE(test_lists),
		ONE(test_long_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
