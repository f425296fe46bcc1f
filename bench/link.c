/* SPDX-License-Identifier: MIT
 *
 * The socket blocks while it connects, shakes hands and sends, and receives
 * with or without waiting.  Tickets for TLS sessions (RFC 8446 section 4.6.1)
 * come with the first answer and go on a stack, from which each new connection
 * takes one for itself: a ticket is used once.
 */
#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench.h"

#define IN_OCTETS_MAX  ((size_t)4 << 30)
#define RECEIVE_OCTETS (256 * 1024)
#define PATIENCE_MS    (120 * 1000)

#define TICKETS_MAX 1024

static struct {
	SSL_SESSION *v[TICKETS_MAX]; /* the newest is the last */
	size_t n;
} tickets;

/* -- sockets ------------------------------------------------------------- */

static int
connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		fail("path too long: %s", path);
	memcpy(address.sun_path, path, strlen(path));
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("connect %s: %s", path, strerror(errno));
	return fd;
}

static int
connect_tcp(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	const char *colon = strrchr(where, ':');
	char host[128];
	int fd, on = 1;

	if (colon == NULL || (size_t)(colon - where) >= sizeof(host))
		fail("not HOST:PORT: %s", where);
	memcpy(host, where, (size_t)(colon - where));
	host[colon - where] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		fail("no such address: %s", where);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0)
		fail("connect %s: %s", where, strerror(errno));
	freeaddrinfo(found);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* Wait until the socket can be read; false when it cannot now. */
static bool
wait_readable(int fd, bool wait)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n = poll(&p, 1, wait ? PATIENCE_MS : 0);

	if (n == 0 && wait)
		fail("no answer for %d s", PATIENCE_MS / 1000);
	return n > 0;
}

/* -- TLS ----------------------------------------------------------------- */

/* OpenSSL's callback; 1 keeps the reference. */
static int
keep_ticket(SSL *tls, SSL_SESSION *fresh)
{
	(void)tls;
	if (tickets.n == TICKETS_MAX)
		return 0;
	tickets.v[tickets.n++] = fresh;
	return 1;
}

static void
use_ticket(SSL *tls)
{
	SSL_SESSION *ticket;

	if (tickets.n == 0)
		return;
	ticket = tickets.v[--tickets.n];
	SSL_set_session(tls, ticket);
	SSL_SESSION_free(ticket);
}

static SSL_CTX *
context(void)
{
	static SSL_CTX *ctx;

	if (ctx != NULL)
		return ctx;
	ctx = SSL_CTX_new(TLS_client_method());
	if (ctx == NULL)
		fail("no TLS context");
	/* The benchmark's servers have certificates of their own making. */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_session_cache_mode(
	    ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, keep_ticket);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	return ctx;
}

static void
shake_hands(struct link *l, enum link_tls how)
{
	SSL *tls = SSL_new(context());

	if (tls == NULL || SSL_set_fd(tls, l->fd) != 1)
		fail("no TLS");
	if (how == LINK_TLS_RESUMED)
		use_ticket(tls);
	if (SSL_connect(tls) != 1)
		fail("TLS: %s", ERR_reason_error_string(ERR_peek_last_error()));
	l->resumed = SSL_session_reused(tls);
	l->tls = tls;
}

/* -- links --------------------------------------------------------------- */

void
link_open(struct link *l, const char *where, enum link_tls tls)
{
	static const char unix_prefix[] = "unix:";
	const size_t n = sizeof(unix_prefix) - 1;

	if (where == NULL)
		fail("the scenario wants an address that was not given");
	l->fd = strncmp(where, unix_prefix, n) == 0 ? connect_unix(where + n)
						    : connect_tcp(where);
	l->tls = NULL;
	l->resumed = false;
	buf_init(&l->in, IN_OCTETS_MAX);
	if (tls != LINK_PLAIN)
		shake_hands(l, tls);
}

void
link_close(struct link *l)
{
	/* A session that was not shut down is not resumed: say that it was. */
	if (l->tls != NULL)
		SSL_set_shutdown(
		    l->tls, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(l->tls);
	close(l->fd);
	buf_fini(&l->in);
	*l = (struct link){ .fd = -1 };
}

void
link_send(struct link *l, struct str s)
{
	while (s.n > 0) {
		ssize_t n = l->tls != NULL
				? SSL_write(l->tls, s.p,
				      (int)(s.n < INT32_MAX ? s.n : INT32_MAX))
				: send(l->fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && l->tls == NULL && errno == EINTR)
			continue;
		if (n <= 0)
			fail("send: %s", strerror(errno));
		s = str_skip(s, (size_t)n);
	}
}

bool
link_receive(struct link *l, bool wait, bool *ret_closed)
{
	char *to = buf_reserve(&l->in, RECEIVE_OCTETS);
	ssize_t n;

	*ret_closed = false;
	if (to == NULL)
		fail("an answer of more than %zu octets", IN_OCTETS_MAX);
	if (l->tls != NULL) {
		if (SSL_pending(l->tls) == 0 && !wait_readable(l->fd, wait))
			return false;
		n = SSL_read(l->tls, to, RECEIVE_OCTETS);
	} else {
		do
			n = recv(
			    l->fd, to, RECEIVE_OCTETS, wait ? 0 : MSG_DONTWAIT);
		while (n < 0 && errno == EINTR);
		if (n < 0 && errno == EAGAIN)
			return false;
	}
	*ret_closed = n <= 0;
	if (n > 0)
		buf_added(&l->in, (size_t)n);
	return n > 0;
}
