/* SPDX-License-Identifier: MIT
 *
 * A client of IMAP (RFC 3501, RFC 9051).
 */
#include "admin/remote.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/poll.h"
#include "net/stream.h"
#include "tls/outgoing.h"

#define INPUT_BYTES    (64 * 1024)
#define WHY_BYTES      800
#define TEXT_BYTES_MAX (64 * 1024)

struct remote {
	const struct remote_options *options;
	int fd;
	struct stream *stream;
	struct imap_reader *reader;
	bool in_message; /* pieces of one have come */
	bool usable;
	uint64_t tag; /* of the last command */
	struct buf capabilities;
	char why[WHY_BYTES];
	char input[INPUT_BYTES];
};

__attribute__((format(printf, 3, 4))) static enum rc
fail(struct remote *r, enum rc rc, const char *format, ...)
{
	va_list args;
	int n;

	r->usable = false;
	if (r->why[0] != '\0')
		return rc;
	n = snprintf(r->why, sizeof(r->why), "%s: ", r->options->host);
	if (n < 0 || n >= (int)sizeof(r->why))
		return rc;
	va_start(args, format);
	(void)vsnprintf(r->why + n, sizeof(r->why) - (size_t)n, format, args);
	va_end(args);
	return rc;
}

const char *
remote_why(const struct remote *r)
{
	return r->why;
}

/* -- bytes ------------------------------------------------------------------- */

/* Wait until the socket can be read or written. */
static bool
wait_for(struct remote *r, unsigned wants, uint64_t ms)
{
	uint64_t now = clock_ms(), deadline = now + ms;
	struct pollfd p = { .fd = r->fd,
		.events = (wants & POLL_OUTPUT) != 0 ? POLLOUT : POLLIN };

	for (; now < deadline; now = clock_ms()) {
		int count = poll(&p, 1, (int)(deadline - now));

		if (count > 0 || (count < 0 && errno != EINTR))
			return true;
	}
	return false;
}

/* The same for what the server says: it may take its time, but what came
 * before must not wait for it in a change that is under way. */
static bool
wait_for_answer(struct remote *r, unsigned wants)
{
	if (r->in_message)
		return wait_for(r, wants, IMPORT_PIECE_MS_MAX);
	if (wait_for(r, wants, IMPORT_REST_MS))
		return true;
	r->options->rest(r->options->arg);
	return wait_for(r, wants, IMPORT_ANSWER_MS_MAX - IMPORT_REST_MS);
}

static enum rc
read_bytes(void *arg, struct str *ret_bytes)
{
	struct remote *r = arg;
	unsigned wants = POLL_INPUT;
	size_t count;
	enum rc rc;

	while ((rc = r->stream->ops->read(r->stream, r->input, sizeof(r->input),
		    &count, &wants)) == RC_AGAIN)
		if (!wait_for_answer(r, wants))
			return fail(
			    r, RC_TIMEOUT, "it does not answer any more");
	if (rc != RC_OK)
		return fail(r, RC_CLOSED, "the connection has ended");
	*ret_bytes = (struct str){ r->input, count };
	return RC_OK;
}

static enum rc
on_piece(void *arg, struct str piece)
{
	struct remote *r = arg;

	r->in_message = true;
	return r->options->piece(r->options->arg, piece);
}

static enum rc
send_all(struct remote *r, struct str bytes)
{
	unsigned wants = POLL_OUTPUT;
	size_t count;

	while (bytes.n > 0) {
		enum rc rc = r->stream->ops->write(
		    r->stream, bytes.p, bytes.n, &count, &wants);

		if (rc == RC_OK)
			bytes = str_skip(bytes, count);
		else if (rc != RC_AGAIN)
			return fail(r, RC_CLOSED, "the connection has ended");
		else if (!wait_for(r, wants, IMPORT_CONNECT_MS_MAX))
			return fail(r, RC_TIMEOUT, "it takes no commands");
	}
	return RC_OK;
}

/* -- connecting ---------------------------------------------------------------- */

/* 0, or what connect() says. */
static int
connect_to(struct remote *r, const struct addrinfo *a)
{
	int on = 1, error = 0;
	socklen_t size = sizeof(error);

	r->fd =
	    socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->fd < 0)
		return errno;
	/* A command is small, and waits for no other. */
	(void)setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(r->fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	if (errno != EINPROGRESS)
		error = errno;
	else if (!wait_for(r, POLL_OUTPUT, IMPORT_CONNECT_MS_MAX))
		error = ETIMEDOUT;
	else if (getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		error = errno;
	if (error == 0)
		return 0;
	(void)close(r->fd);
	r->fd = -1;
	return error;
}

static enum rc
dial(struct remote *r)
{
	const struct remote_options *o = r->options;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	int error = getaddrinfo(o->host, o->port, &hints, &found);

	if (error != 0)
		return fail(r, RC_NOTFOUND, "%s", gai_strerror(error));
	error = EHOSTUNREACH;
	for (struct addrinfo *a = found; a != NULL && r->fd < 0; a = a->ai_next)
		error = connect_to(r, a);
	freeaddrinfo(found);
	if (r->fd < 0)
		return fail(r, RC_CLOSED, "cannot connect to port %s: %s",
		    o->port, strerrordesc_np(error));
	r->stream = stream_plain_new(r->fd);
	return RC_OK;
}

static enum rc
begin_tls(struct remote *r)
{
	const struct remote_options *o = r->options;
	struct stream *tls = tls_outgoing_new(r->fd, o->host, o->fingerprint);
	unsigned wants = POLL_OUTPUT;
	enum rc rc;

	r->stream->ops->free(r->stream);
	r->stream = tls;
	imap_reader_drop(r->reader);
	while ((rc = tls->ops->handshake(tls, &wants)) == RC_AGAIN)
		if (!wait_for(r, wants, IMPORT_CONNECT_MS_MAX))
			return fail(r, RC_TIMEOUT, "it does not answer to TLS");
	if (rc == RC_REFUSED)
		return fail(r, rc,
		    "%s (if that is what its administrator says, too, give it "
		    "with --fingerprint)",
		    tls_outgoing_why(tls));
	return rc == RC_OK ? rc : fail(r, rc, "%s", tls_outgoing_why(tls));
}

/* -- commands ------------------------------------------------------------------ */

enum rc
remote_send(struct remote *r, struct str text, uint64_t *ret_tag)
{
	struct buf command;
	enum rc rc;

	buf_init(&command, TEXT_BYTES_MAX);
	*ret_tag = ++r->tag;
	buf_add_format(&command, "a%" PRIu64 " ", r->tag);
	buf_add_str(&command, text);
	buf_add_text(&command, "\r\n");
	rc = buf_check(&command);
	if (rc == RC_OK)
		rc = send_all(r, buf_str(&command));
	else
		(void)fail(r, rc, "a command is too long");
	/* It may hold a password. */
	mem_wipe(command.p, command.n);
	buf_fini(&command);
	return rc;
}

bool
remote_answers(const struct imap_reply *reply, uint64_t tag)
{
	char digits[STR_DIGITS_MAX];

	return reply->kind == IMAP_REPLY_STATE && reply->tag.n > 1 &&
	       reply->tag.p[0] == 'a' &&
	       str_eq(str_skip(reply->tag, 1), str_of_number(tag, digits));
}

static void
note_capabilities(struct remote *r, struct str text)
{
	buf_clear(&r->capabilities);
	buf_add_byte(&r->capabilities, ' ');
	buf_add_str(&r->capabilities, text);
	buf_add_byte(&r->capabilities, ' ');
}

enum rc
remote_next(struct remote *r, struct imap_reply *ret_reply)
{
	enum rc rc = imap_reader_next(r->reader, ret_reply);

	r->in_message = false;
	if (rc == RC_SYNTAX || rc == RC_LIMIT)
		return fail(r, rc, "it says what cannot be understood: %s",
		    imap_reader_why(r->reader));
	if (rc != RC_OK) {
		r->usable = false;
		return rc;
	}
	if (ret_reply->kind == IMAP_REPLY_CAPABILITY)
		note_capabilities(r, ret_reply->text);
	if (ret_reply->kind == IMAP_REPLY_STATE && ret_reply->state == IMAP_BYE)
		return fail(r, RC_CLOSED, "it says goodbye%s%.*s",
		    ret_reply->text.n > 0 ? ": " : "",
		    STR_ARG(ret_reply->text));
	return RC_OK;
}

/* Read on to the answer of a command; RC_REFUSED when it is not OK. */
static enum rc
await(struct remote *r, uint64_t tag, const char *what)
{
	struct imap_reply reply;
	enum rc rc;

	do
		rc = remote_next(r, &reply);
	while (rc == RC_OK && !remote_answers(&reply, tag));
	if (rc == RC_OK && reply.state != IMAP_OK)
		return fail(
		    r, RC_REFUSED, "%s: %.*s", what, STR_ARG(reply.text));
	return rc;
}

static enum rc
run(struct remote *r, struct str command, const char *what)
{
	uint64_t tag;
	enum rc rc = remote_send(r, command, &tag);

	return rc == RC_OK ? await(r, tag, what) : rc;
}

bool
remote_offers(const struct remote *r, const char *capability)
{
	struct str all = buf_str(&r->capabilities);

	while (all.n > 0) {
		struct str word = str_head(all, str_find(all, ' '));

		if (str_eq_nocase(word, str_of(capability)))
			return true;
		all = str_skip(all, word.n + 1);
	}
	return false;
}

bool
remote_quote(struct str name, struct buf *to)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '\0' || name.p[i] == '\r' || name.p[i] == '\n')
			return false;
	buf_add_byte(to, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			buf_add_byte(to, '\\');
		buf_add_byte(to, name.p[i]);
	}
	buf_add_byte(to, '"');
	return true;
}

/* -- logging in ------------------------------------------------------------------ */

/* message = [authzid] NUL authcid NUL passwd      RFC 4616 section 2 */
static void
write_plain(const struct remote_options *o, struct buf *to)
{
	struct buf message;

	buf_init(&message, 4 * PASSWORD_BYTES_MAX);
	buf_add_byte(&message, '\0');
	buf_add_text(&message, o->login);
	buf_add_byte(&message, '\0');
	buf_add_str(&message, o->password);
	base64_encode(buf_str(&message), to);
	mem_wipe(message.p, message.n);
	buf_fini(&message);
}

static enum rc
authenticate_plain(struct remote *r)
{
	bool at_once = remote_offers(r, "SASL-IR");
	struct imap_reply reply;
	struct buf message;
	uint64_t tag;
	enum rc rc;

	buf_init(&message, 8 * PASSWORD_BYTES_MAX);
	buf_add_text(&message, "AUTHENTICATE PLAIN");
	if (at_once) {
		buf_add_byte(&message, ' ');
		write_plain(r->options, &message);
	}
	rc = remote_send(r, buf_str(&message), &tag);
	if (rc == RC_OK && !at_once) {
		do
			rc = remote_next(r, &reply);
		while (rc == RC_OK && reply.kind != IMAP_REPLY_CONTINUE &&
		       !remote_answers(&reply, tag));
		buf_clear(&message);
		write_plain(r->options, &message);
		buf_add_text(&message, "\r\n");
		if (rc == RC_OK && reply.kind != IMAP_REPLY_CONTINUE)
			rc = fail(r, RC_REFUSED, "logging in: %.*s",
			    STR_ARG(reply.text));
		if (rc == RC_OK)
			rc = send_all(r, buf_str(&message));
	}
	mem_wipe(message.p, message.n);
	buf_fini(&message);
	return rc == RC_OK ? await(r, tag, "logging in") : rc;
}

static enum rc
log_in(struct remote *r)
{
	struct buf command;
	enum rc rc;

	if (remote_offers(r, "AUTH=PLAIN"))
		return authenticate_plain(r);
	if (remote_offers(r, "LOGINDISABLED"))
		return fail(r, RC_REFUSED,
		    "it takes no passwords over this kind of connection");
	buf_init(&command, 8 * PASSWORD_BYTES_MAX);
	buf_add_text(&command, "LOGIN ");
	if (!remote_quote(str_of(r->options->login), &command))
		return fail(r, RC_INVALID, "no name can be like that");
	buf_add_byte(&command, ' ');
	if (!remote_quote(r->options->password, &command))
		return fail(r, RC_INVALID, "no password can be like that");
	rc = run(r, buf_str(&command), "logging in");
	mem_wipe(command.p, command.n);
	buf_fini(&command);
	return rc;
}

/* Read the greeting; *ret_in: nobody has to log in. */
static enum rc
greet(struct remote *r, bool *ret_in)
{
	struct imap_reply reply;
	enum rc rc = remote_next(r, &reply);

	if (rc != RC_OK)
		return rc;
	if (reply.kind != IMAP_REPLY_STATE || !str_eq(reply.tag, STR("*")) ||
	    (reply.state != IMAP_OK && reply.state != IMAP_PREAUTH))
		return fail(
		    r, RC_SYNTAX, "it does not greet as IMAP servers do");
	*ret_in = reply.state == IMAP_PREAUTH;
	return RC_OK;
}

static enum rc
start_tls(struct remote *r, bool in)
{
	enum rc rc;

	/* RFC 9051 section 6.2.1: whoever stands between could have said it. */
	if (in)
		return fail(r, RC_REFUSED,
		    "it lets in without a password and without TLS");
	rc = run(r, STR("STARTTLS"),
	    "it does not begin with TLS (imaps:// may, or --plain does "
	    "without)");
	return rc == RC_OK ? begin_tls(r) : rc;
}

enum rc
remote_open(const struct remote_options *options, struct remote **ret_remote)
{
	struct remote *r = mem_alloc(sizeof(*r));
	struct imap_reader_source source = { read_bytes, on_piece, r };
	bool in = false;
	enum rc rc;

	*ret_remote = r;
	r->options = options;
	r->fd = -1;
	r->usable = true;
	r->reader = imap_reader_new(&source);
	buf_init(&r->capabilities, 2 * IMPORT_REPLY_BYTES_MAX);
	rc = dial(r);
	if (rc == RC_OK && options->tls == REMOTE_TLS)
		rc = begin_tls(r);
	if (rc == RC_OK)
		rc = greet(r, &in);
	if (rc == RC_OK && options->tls == REMOTE_STARTTLS)
		rc = start_tls(r, in);
	if (rc == RC_OK)
		rc = run(r, STR("CAPABILITY"), "CAPABILITY");
	if (rc == RC_OK && !in)
		rc = log_in(r);
	/* There may be more now. */
	return rc == RC_OK ? run(r, STR("CAPABILITY"), "CAPABILITY") : rc;
}

void
remote_close(struct remote *r)
{
	uint64_t tag;

	if (r == NULL)
		return;
	/* Whether it hears of it or not, we go. */
	r->usable = r->usable && remote_send(r, STR("LOGOUT"), &tag) == RC_OK;
	if (r->stream != NULL)
		r->stream->ops->free(r->stream);
	if (r->fd >= 0)
		(void)close(r->fd);
	imap_reader_free(r->reader);
	buf_fini(&r->capabilities);
	mem_free(r);
}
