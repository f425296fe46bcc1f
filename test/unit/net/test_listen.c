/* SPDX-License-Identifier: MIT
 *
 * Listeners: addresses, what accepted sockets are like, the limit, closing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/listen.h"

#define until(condition)       \
	do {                   \
		sched_yield(); \
	} while (!(condition))

/* -- clients ----------------------------------------------------------- */

static uint16_t
port_of(const struct listen *l)
{
	const char *colon = strrchr(listen_address(l), ':');
	uint64_t port;

	assert_non_null(colon);
	assert_true(str_number(str_of(colon + 1), 65535, &port));
	assert_int_not_equal(port, 0);
	return (uint16_t)port;
}

static int
connect_v4(const struct listen *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(port_of(l)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(to.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* -- the server side --------------------------------------------------- */

#define CONNS_MAX 100

struct server {
	struct poll *poll;
	struct listen *listen;
	struct conn *conns[CONNS_MAX];
	_Atomic unsigned count;
};

static void
accepted(void *arg, struct conn *c)
{
	struct server *s = arg;

	s->conns[s->count] = c;
	atomic_fetch_add(&s->count, 1);
}

static void
serve(struct server *s, const char *address, unsigned connections_max)
{
	const char *why;

	memset(s, 0, sizeof(*s));
	s->poll = poll_new(4);
	assert_int_equal(listen_open(address, &s->listen, &why), RC_OK);
	assert_int_equal(listen_start(s->listen, s->poll,
			     &(struct listen_terms){ .fn = accepted,
				 .arg = s,
				 .connections_max = connections_max }),
	    RC_OK);
	assert_int_equal(poll_start(s->poll), RC_OK);
}

static void
finish(struct server *s)
{
	poll_stop(s->poll);
	for (unsigned i = 0; i < s->count; i++)
		conn_free(s->conns[i]);
	listen_close(s->listen);
	poll_free(s->poll);
}

/* -- addresses --------------------------------------------------------- */

static const struct {
	const char *address;
	enum rc rc;
} addresses[] = {
	{ "127.0.0.1:0", RC_OK },
	{ "*:0", RC_OK },
	{ "localhost:0", RC_OK },
	{ "", RC_INVALID },
	{ "143", RC_INVALID },
	{ ":143", RC_INVALID },
	{ "127.0.0.1:", RC_INVALID },
	{ "127.0.0.1:imap", RC_INVALID },
	{ "127.0.0.1:65536", RC_INVALID },
	{ "127.0.0.1:-1", RC_INVALID },
	{ "::1:143", RC_INVALID },
	{ "[]:143", RC_INVALID },
	{ "256.1.1.1.1:0", RC_INVALID },
	{ "unix:", RC_INVALID },
	{ "unix:/nonexistent/directory/socket", RC_IO },
	{ "unix:/"
	  "0123456789012345678901234567890123456789012345678901234567890123"
	  "0123456789012345678901234567890123456789012345678901234567890123",
	    RC_INVALID },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct listen *l = NULL;
		const char *why = NULL;
		enum rc rc = listen_open(addresses[i].address, &l, &why);

		if (rc != addresses[i].rc)
			print_message("%s\n", addresses[i].address);
		assert_int_equal(rc, addresses[i].rc);
		assert_int_equal(rc == RC_OK, l != NULL);
		if (rc != RC_OK)
			assert_non_null(why);
		else
			assert_int_not_equal(port_of(l), 0);
		listen_close(l);
	}
	listen_close(NULL);
}

static void
test_in_use(void **state)
{
	struct listen *l, *other = NULL;
	const char *why;
	char address[300];

	(void)state;
	assert_int_equal(listen_open("127.0.0.1:0", &l, &why), RC_OK);
	(void)snprintf(address, sizeof(address), "%s", listen_address(l));
	assert_int_equal(listen_open(address, &other, &why), RC_INUSE);
	assert_string_equal(why, "Address already in use");
	listen_close(l);
	assert_int_equal(listen_open(address, &other, &why), RC_OK);
	assert_string_equal(listen_address(other), address);
	listen_close(other);
}

/* -- accepting --------------------------------------------------------- */

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

static void
test_accepted_socket(void **state)
{
	struct server s;
	int client, fd;

	(void)state;
	serve(&s, "*:0", 10);
	assert_memory_equal(listen_address(s.listen), "*:", 2);
	client = connect_v4(s.listen);
	until(s.count == 1);
	fd = conn_fd(s.conns[0]);
	assert_string_equal(conn_peer(s.conns[0]), "127.0.0.1");
	assert_true(conn_peer_is_loopback(s.conns[0]));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(
	    option(fd, IPPROTO_TCP, TCP_KEEPIDLE), KEEPALIVE_IDLE_S);
	assert_int_equal(
	    option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), UNACKNOWLEDGED_MS);
	finish(&s);
	close(client);
}

static void
test_many(void **state)
{
	struct server s;
	int clients[60];

	(void)state;
	serve(&s, "127.0.0.1:0", CONNS_MAX);
	for (int i = 0; i < 60; i++)
		clients[i] = connect_v4(s.listen);
	until(s.count == 60);
	for (int i = 0; i < 60; i++)
		close(clients[i]);
	finish(&s);
}

/* Beyond the limit clients wait in the backlog until another has gone. */
static void
test_limit(void **state)
{
	struct server s;
	int clients[6];

	(void)state;
	serve(&s, "127.0.0.1:0", 2);
	for (int i = 0; i < 6; i++)
		clients[i] = connect_v4(s.listen);
	for (unsigned gone = 0; gone < 4; gone++) {
		until(s.count == gone + 2);
		for (int i = 0; i < 20; i++)
			sched_yield();
		assert_int_equal(s.count, gone + 2);
		conn_free(s.conns[gone]);
		s.conns[gone] = NULL;
	}
	until(s.count == 6);
	for (int i = 0; i < 6; i++)
		close(clients[i]);
	finish(&s);
}

/* Connections may outlive their listener, and the port is free at once. */
static void
test_close_while_running(void **state)
{
	struct server s;
	struct listen *again;
	const char *why;
	char address[300];
	int client;

	(void)state;
	serve(&s, "127.0.0.1:0", 1);
	(void)snprintf(
	    address, sizeof(address), "%s", listen_address(s.listen));
	client = connect_v4(s.listen);
	until(s.count == 1);
	listen_close(s.listen);
	s.listen = NULL;
	close(client);
	conn_free(s.conns[0]);
	s.conns[0] = NULL;
	assert_int_equal(listen_open(address, &again, &why), RC_OK);
	listen_close(again);
	until(poll_tasks(s.poll) == 0);
	finish(&s);
}

/* Without descriptors it waits, and goes on when there are some again. */
static void
test_out_of_descriptors(void **state)
{
	struct server s;
	struct rlimit old, none;
	int client, probe;

	(void)state;
	serve(&s, "127.0.0.1:0", 10);
	client = connect_v4(s.listen);
	until(s.count == 1);
	close(client);
	client = socket(AF_INET, SOCK_STREAM, 0);
	probe = dup(0);
	close(probe);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = (rlim_t)probe;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	{
		struct sockaddr_in to = { .sin_family = AF_INET,
			.sin_port = htons(port_of(s.listen)),
			.sin_addr = { htonl(INADDR_LOOPBACK) } };

		assert_int_equal(
		    connect(client, (struct sockaddr *)&to, sizeof(to)), 0);
	}
	for (int i = 0; i < 1000; i++)
		sched_yield();
	assert_int_equal(s.count, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	until(s.count == 2);
	finish(&s);
	close(client);
}

/* -- local sockets ----------------------------------------------------- */

static void
test_unix(void **state)
{
	char directory[] = "/tmp/test_listen.XXXXXX";
	char path[100], address[110];
	struct server s;
	struct listen *other = NULL;
	struct stat status;
	const char *why;
	int client;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	(void)snprintf(address, sizeof(address), "unix:%s", path);
	serve(&s, address, 10);
	assert_string_equal(listen_address(s.listen), address);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
	client = connect_unix(path);
	assert_true(client >= 0);
	until(s.count == 1);
	assert_string_equal(conn_peer(s.conns[0]), "unix");
	/* A living socket is not taken away. */
	assert_int_equal(listen_open(address, &other, &why), RC_INUSE);
	finish(&s);
	close(client);
	assert_int_equal(stat(path, &status), -1);
	assert_int_equal(rmdir(directory), 0);
}

static void
test_unix_leftovers(void **state)
{
	char directory[] = "/tmp/test_listen.XXXXXX";
	char path[100], address[110];
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct listen *l = NULL;
	const char *why;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	(void)snprintf(address, sizeof(address), "unix:%s", path);
	/* A socket file that a killed server has left is replaced. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(name.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
	assert_int_equal(listen_open(address, &l, &why), RC_OK);
	listen_close(l);
	/* An ordinary file is not. */
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_int_equal(listen_open(address, &l, &why), RC_INUSE);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(directory), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_accepted_socket),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_close_while_running),
		cmocka_unit_test(test_out_of_descriptors),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_unix_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
