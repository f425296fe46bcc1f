/* SPDX-License-Identifier: MIT
 *
 * Listening sockets and the task that accepts.
 *
 * TCP options are set on the listening socket: Linux hands them to the
 * sockets that come from it.
 */
#include "net/listen.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conn_internal.h"
#include "net/door.h"
#include "net/poll_internal.h"
#include "net/proxy.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX	  "unix:"
#define UNIX_MODE	  0660
#define HOST_BYTES_MAX	  256
#define TELL_MS		  60000 /* between two lines about one want */
#define ADDRESS_BYTES_MAX (HOST_BYTES_MAX + 16)

struct listen {
	int fd;
	char *path; /* of a local socket, to remove; else NULL */
	char address[ADDRESS_BYTES_MAX];
	/* Once started: */
	struct poll *poll;
	struct door *door;
	struct listen_terms terms; /* the proxies are ours */
	uint64_t told_ms;	   /* when the log was told; 0: never */
	_Atomic bool closing;
	struct lock lock;
	pthread_cond_t task_changed;
	/* Under the lock: the task is over; it has to take these. */
	bool ended;
	bool has_next;
	struct listen_terms next;
};

/* -- opening ----------------------------------------------------------- */

static enum rc
rc_of_errno(int error)
{
	switch (error) {
	case EADDRINUSE:
		return RC_INUSE;
	case EACCES:
	case EPERM:
		return RC_REFUSED;
	default:
		return RC_IO;
	}
}

static void
set_option(int fd, int level, int option, int value)
{
	/* All of these are refinements: without one the server still works. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* Answers leave at once, and a peer that is gone is found without traffic
 * that would wake sleeping phones: a probe after a long silence, and a limit
 * for what is never acknowledged. */
static void
set_tcp_options(int fd)
{
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
	set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS);
}

/* Bind and listen; the socket, or -1 with errno. */
static int
bind_and_listen(int fd, const struct sockaddr *address, socklen_t address_size)
{
	int saved;

	if (bind(fd, address, address_size) == 0 && listen(fd, SOMAXCONN) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* A listening TCP socket; -1 with errno. */
static int
open_tcp(const struct addrinfo *info, bool v6_only)
{
	int fd = socket(info->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -1;
	set_tcp_options(fd);
	if (info->ai_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, v6_only);
	return bind_and_listen(fd, info->ai_addr, info->ai_addrlen);
}

/* Split "host:port" or "[host]:port"; the port as getaddrinfo() takes it. */
static bool
split_address(
    const char *address, char ret_host[HOST_BYTES_MAX], const char **ret_port)
{
	struct str host = str_of(address);
	const char *colon = strrchr(address, ':');
	uint64_t port;

	if (colon == NULL || !str_number(str_of(colon + 1), 65535, &port))
		return false;
	host.n = (size_t)(colon - address);
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = (struct str){ host.p + 1, host.n - 2 };
	else if (str_find(host, ':') < host.n)
		return false;
	if (host.n == 0 || host.n >= HOST_BYTES_MAX)
		return false;
	memcpy(ret_host, host.p, host.n);
	ret_host[host.n] = '\0';
	*ret_port = colon + 1;
	return true;
}

/* Write the address that the socket has got: numbers, real port; "*" stays
 * "*". */
static void
note_address(struct listen *l, bool any)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof(name);
	char host[INET6_ADDRSTRLEN + 20] = "?", port[8] = "?";
	bool brackets;

	if (getsockname(l->fd, (struct sockaddr *)&name, &size) == 0)
		(void)getnameinfo((struct sockaddr *)&name, size, host,
		    sizeof(host), port, sizeof(port),
		    NI_NUMERICHOST | NI_NUMERICSERV);
	if (any)
		memcpy(host, "*", sizeof("*"));
	brackets = strchr(host, ':') != NULL;
	(void)snprintf(l->address, sizeof(l->address), "%s%s%s:%s",
	    brackets ? "[" : "", host, brackets ? "]" : "", port);
}

/* "*": one IPv6 socket that takes IPv4 too, or IPv4 alone where the system
 * has no IPv6. */
static int
open_any(const char *port)
{
	static const int families[] = { AF_INET6, AF_INET };
	int fd = -1;

	for (size_t i = 0; i < 2 && fd < 0; i++) {
		struct addrinfo hints = { .ai_family = families[i],
			.ai_socktype = SOCK_STREAM,
			.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
		struct addrinfo *found;

		if (i > 0 && errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
			break;
		if (getaddrinfo(NULL, port, &hints, &found) != 0) {
			errno = EAFNOSUPPORT;
			continue;
		}
		fd = open_tcp(found, false);
		freeaddrinfo(found);
	}
	return fd;
}

static int
open_host(const char *host, const char *port, const char **ret_why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	int failed = getaddrinfo(host, port, &hints, &found), fd;

	if (failed != 0) {
		*ret_why = gai_strerror(failed);
		errno = EINVAL;
		return -1;
	}
	fd = open_tcp(found, true);
	freeaddrinfo(found);
	return fd;
}

static enum rc
open_network(struct listen *l, const char *address, const char **ret_why)
{
	char host[HOST_BYTES_MAX];
	const char *port, *why = NULL;
	bool any;

	if (!split_address(address, host, &port)) {
		*ret_why = "the address is not host:port, [host]:port, *:port "
			   "or unix:/path";
		return RC_INVALID;
	}
	any = strcmp(host, "*") == 0;
	l->fd = any ? open_any(port) : open_host(host, port, &why);
	if (l->fd < 0) {
		*ret_why = why != NULL ? why : strerrordesc_np(errno);
		return why != NULL ? RC_INVALID : rc_of_errno(errno);
	}
	note_address(l, any);
	return RC_OK;
}

/* Remove a socket file that nobody listens on.  Anything else stays, and
 * binding then fails for it. */
static void
remove_stale(const struct sockaddr_un *name)
{
	struct stat status;
	int probe;

	if (lstat(name->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
		return;
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe < 0)
		return;
	if (connect(probe, (const struct sockaddr *)name, sizeof(*name)) != 0 &&
	    errno == ECONNREFUSED)
		(void)unlink(name->sun_path);
	(void)close(probe);
}

static enum rc
open_unix(struct listen *l, const char *path, const char **ret_why)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	struct str path_str = str_of(path);

	if (path_str.n == 0 || path_str.n >= sizeof(name.sun_path)) {
		*ret_why = "the path is empty or too long for a socket";
		return RC_INVALID;
	}
	memcpy(name.sun_path, path, path_str.n);
	remove_stale(&name);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode of an unbound socket is what its file begins with, less the
	 * umask: so there is no moment in which others may connect. */
	if (l->fd >= 0 && fchmod(l->fd, UNIX_MODE) == 0)
		l->fd = bind_and_listen(
		    l->fd, (struct sockaddr *)&name, sizeof(name));
	if (l->fd < 0) {
		*ret_why = strerrordesc_np(errno);
		return rc_of_errno(errno);
	}
	l->path = mem_strdup(path);
	if (chmod(path, UNIX_MODE) != 0) {
		*ret_why = strerrordesc_np(errno);
		return rc_of_errno(errno);
	}
	(void)snprintf(l->address, sizeof(l->address), UNIX_PREFIX "%s", path);
	return RC_OK;
}

static struct listen *
listen_new(void)
{
	struct listen *l = mem_alloc(sizeof(*l));

	l->fd = -1;
	lock_init(&l->lock);
	lock_cond_init(&l->task_changed);
	return l;
}

enum rc
listen_open(
    const char *address, struct listen **ret_listen, const char **ret_why)
{
	struct listen *l = listen_new();
	enum rc rc;

	if (str_begins(str_of(address), STR(UNIX_PREFIX)))
		rc = open_unix(l, address + sizeof(UNIX_PREFIX) - 1, ret_why);
	else
		rc = open_network(l, address, ret_why);
	if (rc == RC_OK)
		*ret_listen = l;
	else
		listen_close(l);
	return rc;
}

enum rc
listen_adopt(int fd, struct listen **ret_listen, const char **ret_why)
{
	int listens = 0, type = 0;
	socklen_t size = sizeof(int);
	struct listen *l;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
	    listens == 0 || type != SOCK_STREAM ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		*ret_why = "what was passed on is no listening socket";
		return RC_INVALID;
	}
	l = listen_new();
	l->fd = fd;
	note_address(l, false);
	*ret_listen = l;
	return RC_OK;
}

const char *
listen_address(const struct listen *l)
{
	return l->address;
}

/* -- accepting --------------------------------------------------------- */

/* Does anybody wait in the backlog? */
static bool
somebody_waits(const struct listen *l)
{
	struct pollfd backlog = { .fd = l->fd, .events = POLLIN };

	return poll(&backlog, 1, 0) > 0;
}

/* Is it time to tell the administrator?  Not for each stranger. */
static bool
may_tell(struct listen *l)
{
	uint64_t now_ms = clock_ms();

	if (l->told_ms != 0 && now_ms - l->told_ms < TELL_MS)
		return false;
	l->told_ms = now_ms;
	return true;
}

/* There is no room.  Who comes now gets the place of a stranger, if there is
 * one; if that one takes his time to end, the next has to, too. */
static unsigned
make_room(struct listen *l)
{
	struct door *g = l->door;

	if (door_has_strangers(g)) {
		if (!somebody_waits(l))
			return POLL_INPUT;
		(void)door_call_off(g);
		poll_deadline(
		    l->poll, *door_handle(g), clock_ms() + ACCEPT_REST_MS);
	}
	if (may_tell(l))
		log_event(LOG_WARN, "listener-full",
		    "address=%s connections=%u", l->address,
		    l->terms.connections_max);
	return POLL_WAKE;
}

/* No descriptors or memory: let a stranger give his back, and wait for that
 * instead of spinning on a backlog that stays ready. */
static unsigned
take_breath(struct listen *l)
{
	if (may_tell(l))
		log_errno(LOG_WARN, "accept-failed", l->address);
	(void)door_has_room(l->door, 0); /* be woken when one ends */
	(void)doors_call_off(l->door);
	poll_deadline(
	    l->poll, *door_handle(l->door), clock_ms() + ACCEPT_REST_MS);
	return POLL_WAKE;
}

static void
turn_away(struct conn *c, const char *event, const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_WARN, event);
	log_text(&line, "peer", conn_peer(c));
	log_text(&line, "why", why);
	log_end(&line);
	conn_free(c);
}

static void
hand_over(struct listen *l, int fd, const struct sockaddr_storage *peer,
    socklen_t peer_size)
{
	const struct listen_terms *t = &l->terms;
	struct conn *c =
	    conn_new(l->poll, fd, (const struct sockaddr *)peer, peer_size);

	if (t->proxy_count > 0) {
		if (!proxy_listed(t->proxies, t->proxy_count,
			(const struct sockaddr *)peer, peer_size)) {
			/* It could say that it is anybody. */
			turn_away(c, "proxy-refused",
			    "not one of the listener's proxies");
			return;
		}
		conn_expect_proxy(c);
	}
	if (t->peers != NULL && !conn_count(c, t->peers)) {
		turn_away(c, "connection-refused",
		    "too many connections of this address");
		return;
	}
	conn_enter(c, l->door, t->log_in);
	t->fn(t->arg, c);
}

/* The task is over once this has told listen_close(). */
static unsigned
end_task(struct listen *l)
{
	lock_take(&l->lock);
	l->ended = true;
	(void)pthread_cond_signal(&l->task_changed);
	lock_release(&l->lock);
	return POLL_DONE;
}

/* The terms with proxies of their own. */
static struct listen_terms
copy_terms(const struct listen_terms *terms)
{
	struct listen_terms copy = *terms;

	copy.proxies = NULL;
	if (terms->proxy_count > 0)
		copy.proxies = mem_copy(terms->proxies,
		    terms->proxy_count * sizeof(*terms->proxies));
	return copy;
}

static void
free_terms(struct listen_terms *terms)
{
	mem_free((void *)terms->proxies);
	*terms = (struct listen_terms){ 0 };
}

/* listen_change() has left other terms: from here on they hold. */
static void
take_next(struct listen *l)
{
	lock_take(&l->lock);
	if (l->has_next) {
		free_terms(&l->terms);
		l->terms = l->next;
		l->next = (struct listen_terms){ 0 };
		l->has_next = false;
		(void)pthread_cond_signal(&l->task_changed);
	}
	lock_release(&l->lock);
}

/* Take some of the connections that wait; then others have a turn. */
static unsigned
accept_run(void *arg)
{
	struct listen *l = arg;
	struct sockaddr_storage peer;

	take_next(l);
	for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
		socklen_t size = sizeof(peer);
		int fd;

		if (atomic_load(&l->closing))
			return end_task(l);
		if (!door_has_room(l->door, l->terms.connections_max))
			return make_room(l);
		fd = accept4(l->fd, (struct sockaddr *)&peer, &size,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0)
			hand_over(l, fd, &peer, size);
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno == EMFILE || errno == ENFILE ||
			 errno == ENOBUFS || errno == ENOMEM)
			return take_breath(l);
		/* Other errors are about one connection that is gone. */
	}
	return POLL_INPUT;
}

enum rc
listen_start(struct listen *l, struct poll *p, const struct listen_terms *terms)
{
	struct door *g = door_new(p, terms->doors);
	enum rc rc;

	assert(l->door == NULL);
	l->poll = p;
	l->door = g;
	l->terms = copy_terms(terms);
	rc = poll_add(p, l->fd, POLL_INPUT, 0, accept_run, l, door_handle(g));
	if (rc != RC_OK) {
		l->door = NULL;
		free_terms(&l->terms);
		door_close(g);
	}
	return rc;
}

void
listen_change(struct listen *l, const struct listen_terms *terms)
{
	lock_take(&l->lock);
	free_terms(&l->next); /* of a stopped pool */
	l->next = copy_terms(terms);
	l->has_next = true;
	lock_release(&l->lock);
	poll_wake(l->poll, *door_handle(l->door));
	wait_begin();
	lock_take(&l->lock);
	while (l->has_next && !poll_stopping(l->poll))
		lock_wait(&l->lock, &l->task_changed);
	lock_release(&l->lock);
	wait_end();
}

/* Let the task end; a stopped pool will not run it again anyway. */
static void
stop_task(struct listen *l)
{
	atomic_store(&l->closing, true);
	poll_wake(l->poll, *door_handle(l->door));
	wait_begin();
	lock_take(&l->lock);
	while (!l->ended && !poll_stopping(l->poll))
		lock_wait(&l->lock, &l->task_changed);
	lock_release(&l->lock);
	wait_end();
	door_close(l->door);
}

void
listen_close(struct listen *l)
{
	if (l == NULL)
		return;
	if (l->door != NULL)
		stop_task(l);
	if (l->fd >= 0)
		(void)close(l->fd);
	if (l->path != NULL)
		(void)unlink(l->path);
	(void)pthread_cond_destroy(&l->task_changed);
	lock_fini(&l->lock);
	mem_free(l->path);
	free_terms(&l->terms);
	free_terms(&l->next);
	mem_free(l);
}
