/* SPDX-License-Identifier: MIT
 *
 * A connection: an input buffer, the output queue, a stream, and its task in
 * the pool.
 *
 * The pool runs conn_run(), which runs the session's function and then makes
 * up for what epoll cannot know: input that the stream has decoded already.
 * Before that it lets a stream rest that has been silent for a while, which
 * costs too much to be done between two commands.
 */
#include "net/conn_internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"
#include "net/out.h"
#include "net/peers.h"
#include "net/poll_internal.h"
#include "net/proxy.h"
#include "net/stream.h"
#include "net/tap.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* What a closing connection still takes from its client, see settle_input. */
#define CLOSING_READS	   16
#define CLOSING_READ_BYTES 4096

/* Does a proxy's header have to come? */
enum proxy_wait {
	PROXY_NOT,   /* no, or it has */
	PROXY_FIRST, /* yes, and nobody has looked yet */
	PROXY_WAIT,  /* yes */
};

struct conn {
	struct poll *poll;
	struct poll_handle handle;
	poll_run_fn *fn;
	void *arg;
	struct stream *stream;
	int fd;
	/* What the stream's last refusal to read or write wants; with TLS a
	 * read may want output and the other way round. */
	uint8_t read_wants;
	uint8_t write_wants;
	bool is_loopback;
	bool is_tls;
	bool is_warm;	/* the stream was used since its last rest */
	bool is_paused; /* its account has been sent enough for now */
	uint8_t proxy;	/* enum proxy_wait */
	/* When the session has to run at the latest, and when the stream rests;
	 * 0: never. */
	uint64_t deadline_ms;
	uint64_t rest_ms;
	char peer[INET6_ADDRSTRLEN];
	/* Input: in[in_begin, in_end), NULL when in_cap is 0. */
	char *in;
	size_t in_begin;
	size_t in_end;
	size_t in_cap;
	struct out out;
	uint64_t bytes_in;
	uint64_t bytes_out;
	struct door_pass pass;
	struct shares *peers;	  /* NULL: nobody counts */
	struct share *of_peer;	  /* NULL: it is not counted */
	struct share *of_account; /* NULL: of none */
	struct tap *tap;	  /* NULL: nobody looks on */
};

/* -- life -------------------------------------------------------------- */

static void
set_peer_ipv4(struct conn *c, struct in_addr address)
{
	(void)inet_ntop(AF_INET, &address, c->peer, sizeof(c->peer));
	c->is_loopback = (ntohl(address.s_addr) >> 24) == 127;
}

static void
set_peer_ipv6(struct conn *c, const struct in6_addr *address)
{
	struct in_addr mapped;

	if (IN6_IS_ADDR_V4MAPPED(address)) {
		memcpy(&mapped, address->s6_addr + 12, sizeof(mapped));
		set_peer_ipv4(c, mapped);
		return;
	}
	(void)inet_ntop(AF_INET6, address, c->peer, sizeof(c->peer));
	c->is_loopback = IN6_IS_ADDR_LOOPBACK(address);
}

/* Remember who it is.  The address is copied first: the bytes that a caller
 * has need not be aligned. */
static void
set_peer(struct conn *c, const struct sockaddr *peer, socklen_t size)
{
	struct sockaddr_storage copy = { 0 };

	if (peer != NULL && size <= sizeof(copy))
		memcpy(&copy, peer, size);
	if (copy.ss_family == AF_INET) {
		set_peer_ipv4(c, ((struct sockaddr_in *)&copy)->sin_addr);
	} else if (copy.ss_family == AF_INET6) {
		set_peer_ipv6(c, &((struct sockaddr_in6 *)&copy)->sin6_addr);
	} else {
		memcpy(c->peer, "unix", sizeof("unix"));
		c->is_loopback = true;
	}
}

struct conn *
conn_new(
    struct poll *p, int fd, const struct sockaddr *peer, socklen_t peer_size)
{
	struct conn *c = mem_alloc(sizeof(*c));

	c->poll = p;
	c->fd = fd;
	c->stream = stream_plain_new(fd);
	c->read_wants = POLL_INPUT;
	c->write_wants = POLL_OUTPUT;
	set_peer(c, peer, peer_size);
	out_init(&c->out);
	return c;
}

static void
set_deadline(struct conn *c)
{
	uint64_t ms = c->deadline_ms;

	if (c->rest_ms != 0 && (ms == 0 || c->rest_ms < ms))
		ms = c->rest_ms;
	poll_deadline(c->poll, c->handle, ms);
}

/* Let the stream rest, when it is time. */
static void
rest_stream(struct conn *c)
{
	if (c->rest_ms == 0 || clock_ms() < c->rest_ms)
		return;
	c->stream->ops->rest(c->stream);
	c->is_warm = false;
	c->rest_ms = 0;
	set_deadline(c);
}

/* -- a proxy's header ------------------------------------------------------ */

void
conn_expect_proxy(struct conn *c)
{
	c->proxy = PROXY_FIRST;
}

bool
conn_count(struct conn *c, struct shares *peers)
{
	c->peers = peers;
	return c->proxy != PROXY_NOT ||
	       peers_enter(peers, c->peer, &c->of_peer);
}

/* The session finds a connection that is closed. */
static void
refuse_proxy(struct conn *c, const char *why)
{
	struct log_line line;

	log_begin(&line, LOG_WARN, "proxy-refused");
	log_text(&line, "peer", c->peer);
	log_text(&line, "why", why);
	log_end(&line);
	(void)shutdown(c->fd, SHUT_RDWR);
	c->proxy = PROXY_NOT;
	c->in_begin = c->in_end = 0;
}

/* Take ${count} octets, which are there, off the socket. */
static void
drop_peeked(struct conn *c, size_t count)
{
	char bytes[PROXY_HEADER_BYTES_MAX];

	(void)!recv(c->fd, bytes, count, MSG_DONTWAIT);
}

/* Look at the header as far as it has come: what came before is in the input,
 * and ${fresh} octets behind it. */
static void
take_header(struct conn *c, size_t fresh)
{
	struct str in = { .p = c->in, .n = c->in_end + fresh };
	struct proxy_header h;

	switch (proxy_parse_header(in, &h)) {
	case PROXY_MORE:
		drop_peeked(c, fresh);
		c->in_end += fresh;
		c->proxy = PROXY_WAIT;
		return;
	case PROXY_DONE:
		drop_peeked(c, h.size - c->in_end);
		if (h.has_peer)
			set_peer(
			    c, (const struct sockaddr *)&h.peer, h.peer_size);
		c->proxy = PROXY_NOT;
		c->in_begin = c->in_end = 0;
		if (c->peers != NULL && !conn_count(c, c->peers))
			refuse_proxy(c, "too many connections of this address");
		return;
	case PROXY_BAD:
		refuse_proxy(c, "no header, or a malformed one");
		return;
	}
}

/* Go on with the header; nothing behind it is read.  A run without anything new
 * is the deadline. */
static void
look_for_header(struct conn *c)
{
	ssize_t count;

	if (c->in_cap < PROXY_HEADER_BYTES_MAX) {
		c->in = mem_resize(c->in, PROXY_HEADER_BYTES_MAX);
		c->in_cap = PROXY_HEADER_BYTES_MAX;
	}
	count = recv(c->fd, c->in + c->in_end,
	    PROXY_HEADER_BYTES_MAX - c->in_end, MSG_PEEK | MSG_DONTWAIT);
	if (conn_is_called_off(c))
		refuse_proxy(c, "its place was needed");
	else if (count > 0)
		take_header(c, (size_t)count);
	else if (count < 0 && errno == EAGAIN && c->proxy == PROXY_FIRST)
		c->proxy = PROXY_WAIT;
	else
		refuse_proxy(c, count == 0 ? "closed before its end"
					   : "it did not come in time");
}

/* -- running ---------------------------------------------------------------- */

/* Run the session's function.  If it waits for input that the stream has in
 * hand already, epoll would never tell, so the task wakes itself. */
static unsigned
conn_run(void *arg)
{
	struct conn *c = arg;
	unsigned wants;

	door_begin(&c->pass, c->handle);
	if (c->proxy != PROXY_NOT) {
		look_for_header(c);
		if (c->proxy != PROXY_NOT)
			return POLL_INPUT;
		set_deadline(c);
	}
	rest_stream(c);
	c->is_paused = false;
	wants = c->fn(c->arg);
	if (wants == POLL_DONE)
		return POLL_DONE; /* and the connection is no more */
	/* The client would take more at once. */
	if (c->is_paused && (wants & POLL_OUTPUT))
		return POLL_WAKE;
	if (wants & POLL_INPUT) {
		if (c->stream->ops->has_input(c->stream))
			poll_wake(c->poll, c->handle);
		wants |= c->read_wants;
	}
	if (wants & POLL_OUTPUT)
		wants |= c->write_wants;
	return wants;
}

enum rc
conn_start(struct conn *c, unsigned wants, uint64_t deadline_ms,
    poll_run_fn *fn, void *arg)
{
	c->fn = fn;
	c->arg = arg;
	/* A header comes at once; its session waits until then. */
	if (c->proxy != PROXY_NOT) {
		c->deadline_ms = deadline_ms;
		deadline_ms = clock_ms() + PROXY_HEADER_MS_MAX;
	}
	return poll_add(
	    c->poll, c->fd, wants, deadline_ms, conn_run, c, &c->handle);
}

void
conn_become(struct conn *c, poll_run_fn *fn, void *arg)
{
	c->fn = fn;
	c->arg = arg;
}

void
conn_deadline(struct conn *c, uint64_t deadline_ms)
{
	c->deadline_ms = deadline_ms;
	set_deadline(c);
}

struct poll_handle
conn_handle(const struct conn *c)
{
	return c->handle;
}

struct poll *
conn_poll(const struct conn *c)
{
	return c->poll;
}

int
conn_fd(const struct conn *c)
{
	return c->fd;
}

/* Closing a socket with unread input makes the kernel send a reset, which
 * can destroy our last words on their way.  Take a bounded amount of it. */
static void
settle_input(int fd)
{
	char dropped[CLOSING_READ_BYTES];

	for (int i = 0; i < CLOSING_READS; i++)
		if (recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT) <= 0)
			return;
}

void
conn_enter(struct conn *c, struct door *g, bool is_stranger)
{
	door_enter(g, &c->pass, is_stranger);
}

void
conn_logged_in(struct conn *c)
{
	door_settle(&c->pass);
}

bool
conn_is_called_off(const struct conn *c)
{
	return atomic_load(&c->pass.called_off);
}

void
conn_free(struct conn *c)
{
	if (c == NULL)
		return;
	/* Before the client knows: it may come again at once. */
	share_leave(c->of_account);
	share_leave(c->of_peer);
	conn_tap(c, NULL);
	c->stream->ops->free(c->stream);
	settle_input(c->fd);
	(void)close(c->fd);
	out_fini(&c->out);
	mem_free(c->in);
	door_leave(&c->pass);
	mem_free(c);
}

/* -- waiting ----------------------------------------------------------- */

/* How long a client may be waited for in one go.  Clients that do nothing must
 * not hold all workers, so those who have been waited for longest lose theirs
 * when there are many. */
static uint64_t
patience_ms(const struct poll *p)
{
	switch (poll_crowd(p)) {
	case POLL_FULL:
		return 0;
	case POLL_CROWDED:
		return CROWDED_WAIT_MS;
	case POLL_CALM:
		break;
	}
	return UINT64_MAX;
}

/* Wait for a slice of the time until ${deadline_ms}; RC_AGAIN when nothing
 * happened. */
static enum rc
wait_slice(struct conn *c, struct pollfd *ready, uint64_t begin_ms,
    uint64_t deadline_ms)
{
	uint64_t now = clock_ms();
	uint64_t left = deadline_ms > now ? deadline_ms - now : 0;
	int count;

	if (poll_stopping(c->poll))
		return RC_SHUTDOWN;
	if (left == 0 || now - begin_ms >= patience_ms(c->poll))
		return RC_TIMEOUT;
	wait_begin();
	count =
	    poll(ready, 1, left < WAIT_SLICE_MS ? (int)left : WAIT_SLICE_MS);
	wait_end();
	if (count > 0)
		return RC_OK;
	return count == 0 || errno == EINTR ? RC_AGAIN : RC_IO;
}

/* Wait until the socket is ready for ${wants} or ${deadline_ms} has come.
 * RC_OK may be early.  In slices, so that a stop of the pool is noticed. */
static enum rc
wait_ready(struct conn *c, unsigned wants, uint64_t deadline_ms)
{
	struct pollfd ready = { .fd = c->fd };
	const uint64_t begin = clock_ms();
	enum rc rc;

	if (wants & POLL_INPUT)
		ready.events |= POLLIN;
	if (wants & POLL_OUTPUT)
		ready.events |= POLLOUT;
	poll_waiter_add(c->poll);
	do
		rc = wait_slice(c, &ready, begin, deadline_ms);
	while (rc == RC_AGAIN);
	poll_waiter_remove(c->poll);
	return rc;
}

/* Wait until the account may be sent more, as a slow client would make us wait;
 * when many workers wait for clients, not at all. */
static enum rc
wait_pause(struct conn *c)
{
	struct pollfd ready = { .fd = c->fd }; /* told of its end only */
	const uint64_t begin = clock_ms();
	enum rc rc = RC_AGAIN;
	uint64_t ms;

	while (rc == RC_AGAIN && poll_crowd(c->poll) == POLL_CALM &&
	       (ms = share_pause_ms(c->of_account)) > 0 &&
	       clock_ms() - begin < SHARE_PAUSE_MS_MAX) {
		poll_waiter_add(c->poll);
		rc = wait_slice(c, &ready, begin, clock_ms() + ms);
		poll_waiter_remove(c->poll);
	}
	return rc == RC_SHUTDOWN ? rc : RC_OK;
}

/* -- input ------------------------------------------------------------- */

static size_t
input_held(const struct conn *c)
{
	return c->in_end - c->in_begin;
}

struct str
conn_input(const struct conn *c)
{
	return (struct str){ c->in_cap > 0 ? c->in + c->in_begin : NULL,
		input_held(c) };
}

void
conn_consume(struct conn *c, size_t count)
{
	assert(count <= input_held(c));
	c->in_begin += count;
	if (c->in_begin == c->in_end) {
		c->in_begin = 0;
		c->in_end = 0;
	}
}

/* Make room behind the input, which is shorter than ${limit}: move it to the
 * front, or let the buffer grow, but not beyond ${limit}. */
static void
make_room(struct conn *c, size_t limit)
{
	if (c->in_begin > 0) {
		memmove(c->in, c->in + c->in_begin, input_held(c));
		c->in_end = input_held(c);
		c->in_begin = 0;
	}
	if (c->in_end == c->in_cap) {
		/* Little for strangers, of whom there may be many. */
		c->in_cap = c->in_cap == 0 ? limit / INPUT_FIRST_PART + 1
					   : c->in_cap * INPUT_GROWTH;
		if (c->in_cap > limit)
			c->in_cap = limit;
		c->in = mem_resize(c->in, c->in_cap);
	}
}

/* One read of the stream into the room behind the input.  *ret_more: it is
 * worth while to read again at once. */
static enum rc
read_once(struct conn *c, size_t limit, bool *ret_more)
{
	unsigned wants = POLL_INPUT;
	size_t asked, got;
	enum rc rc;

	if (c->in_end == c->in_cap)
		make_room(c, limit);
	asked = c->in_cap - c->in_end;
	if (asked > limit - input_held(c))
		asked = limit - input_held(c);
	rc = c->stream->ops->read(
	    c->stream, c->in + c->in_end, asked, &got, &wants);
	c->read_wants = (uint8_t)wants;
	if (rc != RC_OK)
		return rc;
	c->is_warm = true;
	if (c->tap != NULL)
		c->tap->bytes(
		    c->tap, TAP_CLIENT, (struct str){ c->in + c->in_end, got });
	c->in_end += got;
	c->bytes_in += got;
	*ret_more = got == asked || c->stream->ops->has_input(c->stream);
	return RC_OK;
}

enum rc
conn_fill(struct conn *c, size_t limit)
{
	enum rc rc;
	bool more = true;

	if (input_held(c) >= limit)
		return RC_LIMIT;
	rc = read_once(c, limit, &more);
	if (rc != RC_OK)
		return rc;
	/* What ends this loop is told by the next call. */
	while (rc == RC_OK && more && input_held(c) < limit)
		rc = read_once(c, limit, &more);
	return RC_OK;
}

enum rc
conn_fill_wait(struct conn *c, size_t limit, uint64_t deadline_ms)
{
	enum rc rc = conn_fill(c, limit);

	while (rc == RC_AGAIN) {
		rc = wait_ready(c, c->read_wants, deadline_ms);
		if (rc == RC_OK)
			rc = conn_fill(c, limit);
	}
	return rc;
}

void
conn_rest(struct conn *c)
{
	if (c->is_warm && c->stream->ops->rest != NULL) {
		c->rest_ms = clock_ms() + STREAM_REST_MS;
		set_deadline(c);
	}
	if (input_held(c) > 0)
		return;
	mem_free(c->in);
	c->in = NULL;
	c->in_begin = 0;
	c->in_end = 0;
	c->in_cap = 0;
}

/* -- output ------------------------------------------------------------ */

void
conn_out(struct conn *c, struct str bytes)
{
	out_add(&c->out, bytes);
}

void
conn_out_source(
    struct conn *c, struct out_source *source, uint64_t offset, uint64_t count)
{
	out_add_source(&c->out, source, offset, count);
}

#ifdef AVOCET_CHECK_OUTPUT
void
conn_check_output(struct conn *c, struct output_check *check)
{
	c->out.check = check;
}
#endif

/* What the stream has taken and not sent. */
static size_t
stream_held(const struct conn *c)
{
	return c->stream->ops->held != NULL ? c->stream->ops->held(c->stream)
					    : 0;
}

size_t
conn_out_memory(const struct conn *c)
{
	return c->out.memory;
}

uint64_t
conn_out_pending(const struct conn *c)
{
	return c->out.pending + stream_held(c);
}

enum rc
conn_flush(struct conn *c)
{
	unsigned wants = POLL_OUTPUT;
	uint64_t before = c->bytes_out;
	struct stream *to = c->stream;
	struct tapped tapped;
	enum rc rc;

	if (c->tap != NULL)
		to = tapped_init(&tapped, to, c->tap);
	rc = out_flush(&c->out, to,
	    share_turn_bytes(c->of_account, FLUSH_BYTES_MAX), &c->bytes_out,
	    &wants);
	share_spend(c->of_account, c->bytes_out - before);
	c->write_wants = (uint8_t)wants;
	c->is_warm = c->is_warm || c->bytes_out > before;
	return rc;
}

bool
conn_pause(struct conn *c)
{
	uint64_t ms = share_pause_ms(c->of_account);

	if (ms == 0 || conn_out_pending(c) == 0)
		return false;
	c->is_paused = true;
	conn_deadline(c, clock_ms() + ms);
	return true;
}

enum rc
conn_flush_wait(struct conn *c, size_t memory_left)
{
	uint64_t deadline = clock_ms() + WRITE_STALL_MS_MAX;
	enum rc rc = RC_OK;

	while (rc == RC_OK && c->out.memory + stream_held(c) > memory_left) {
		uint64_t before = c->bytes_out;
		size_t held = stream_held(c);

		rc = wait_pause(c);
		if (rc == RC_OK)
			rc = conn_flush(c);
		if (rc == RC_OK ||
		    c->out.memory + stream_held(c) <= memory_left)
			break;
		if (c->bytes_out > before || stream_held(c) < held)
			deadline = clock_ms() + WRITE_STALL_MS_MAX;
		if (rc == RC_AGAIN)
			rc = wait_ready(c, c->write_wants, deadline);
	}
	return rc == RC_AGAIN ? RC_OK : rc;
}

/* -- other streams ----------------------------------------------------- */

void
conn_compress(struct conn *c)
{
	assert(conn_out_pending(c) == 0);
	c->stream = stream_deflate_new(c->stream, conn_input(c));
	conn_consume(c, input_held(c));
}

void
conn_use_stream(struct conn *c, struct stream *s)
{
	assert(conn_out_pending(c) == 0);
	conn_consume(c, input_held(c));
	conn_rest(c);
	c->stream->ops->free(c->stream);
	c->stream = s;
	c->is_tls = true;
}

enum rc
conn_handshake(struct conn *c, unsigned *ret_wants)
{
	if (c->stream->ops->handshake == NULL)
		return RC_OK;
	return c->stream->ops->handshake(c->stream, ret_wants);
}

bool
conn_is_tls(const struct conn *c)
{
	return c->is_tls;
}

const char *
conn_tls_name(const struct conn *c)
{
	return c->stream->ops->name(c->stream);
}

size_t
conn_tls_binding(const struct conn *c, enum stream_binding binding,
    unsigned char ret_binding[STREAM_BINDING_BYTES_MAX])
{
	const struct stream_ops *ops = c->stream->ops;

	return ops->binding != NULL
		   ? ops->binding(c->stream, binding, ret_binding)
		   : 0;
}

const char *
conn_tls_user(const struct conn *c)
{
	const struct stream_ops *ops = c->stream->ops;

	return ops->user != NULL ? ops->user(c->stream) : NULL;
}

/* -- looking on -------------------------------------------------------- */

void
conn_tap(struct conn *c, struct tap *t)
{
	if (c->tap != NULL)
		c->tap->free(c->tap);
	c->tap = t;
	if (t == NULL)
		return;
	t->skip = c->out.pending;
	if (input_held(c) > 0)
		t->bytes(t, TAP_CLIENT, conn_input(c));
}

bool
conn_is_tapped(const struct conn *c)
{
	return c->tap != NULL;
}

/* -- facts ------------------------------------------------------------- */

void
conn_belong(struct conn *c, struct share *account)
{
	assert(c->of_account == NULL);
	c->of_account = account;
}

const char *
conn_peer(const struct conn *c)
{
	return c->peer;
}

bool
conn_peer_is_loopback(const struct conn *c)
{
	return c->is_loopback;
}

uint64_t
conn_bytes_in(const struct conn *c)
{
	return c->bytes_in;
}

uint64_t
conn_bytes_out(const struct conn *c)
{
	return c->bytes_out;
}
