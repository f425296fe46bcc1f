/* SPDX-License-Identifier: MIT
 *
 * An LMTP session.  Its mode says what the next octets are:
 *
 *   HANDSHAKE  TLS; then LINES
 *   LINES      command lines
 *   SKIP       the rest of a line that is too long
 *   DATA       a message, up to CRLF.CRLF; then LINES
 *   CHUNK      the octets that BDAT announced; then LINES
 *
 * Each step takes some input and answers; when the input is used up the worker
 * goes.  A command line ends with CRLF only: with a bare LF in it, it is
 * refused as a whole.
 */
#include "lmtp/session.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "lmtp/transaction.h"
#include "proto/lmtp/data.h"
#include "proto/lmtp/reply_check.h"
#include "tls/tls.h"

enum mode { MODE_HANDSHAKE, MODE_LINES, MODE_SKIP, MODE_DATA, MODE_CHUNK };

struct lmtp_session {
	struct lmtp_service *service;
	struct conn *conn;
	struct group_member member;
	enum mode mode;
	bool greeted;		/* the 220 is out */
	bool introduced;	/* LHLO was accepted */
	bool over;		/* say what is queued, then end */
	unsigned bad_commands;	/* since the last MAIL that was taken */
	uint64_t deadline_ms;	/* for input */
	uint64_t stalled_bytes; /* queued when the client stopped reading */
	uint64_t stall_ms;	/* how long it may */
	uint64_t chunk_left;
	bool chunk_last;
	bool chunk_wanted; /* else its octets are dropped */
	struct lmtp_data data;
	struct lmtp_transaction transaction;
};

/* -- the sessions of a service ----------------------------------------------- */

static void
session_free(void *session)
{
	struct lmtp_session *s = session;

	group_leave(&s->service->sessions, &s->member);
	lmtp_transaction_reset(&s->transaction);
	conn_free(s->conn);
	mem_free(s);
}

void
lmtp_service_init(struct lmtp_service *s)
{
	group_init(&s->sessions, session_free);
}

void
lmtp_service_stop(struct lmtp_service *s)
{
	group_stop(&s->sessions);
}

void
lmtp_service_fini(struct lmtp_service *s)
{
	group_fini(&s->sessions);
}

/* -- replies ------------------------------------------------------------ */

/* Queue one reply line. */
static void
reply(struct lmtp_session *s, const char *text)
{
	conn_out(s->conn, str_of(text));
	conn_out(s->conn, STR("\r\n"));
}

/* Queue the last reply. */
static void
last_reply(struct lmtp_session *s, const char *text)
{
	reply(s, text);
	s->over = true;
}

/* Queue a refusal and count it: a client that sends nothing sensible is sent
 * away. */
static void
refuse(struct lmtp_session *s, const char *text)
{
	reply(s, text);
	if (++s->bad_commands == BAD_COMMANDS_MAX)
		last_reply(s, "421 4.7.0 Too many bad commands");
}

/* What follows may be octets of a chunk or commands; a guess would let the one
 * pass for the other. */
static void
lose(struct lmtp_session *s, const char *text)
{
	reply(s, text);
	last_reply(s, "421 4.5.0 Where the chunk ends is not known");
}

/* -- commands ----------------------------------------------------------- */

static bool
may_start_tls(const struct lmtp_session *s)
{
	return s->service->tls_mode == LMTP_TLS_STARTTLS &&
	       !conn_is_tls(s->conn);
}

static void
cmd_lhlo(struct lmtp_session *s)
{
	char line[320];

	lmtp_transaction_reset(&s->transaction);
	s->introduced = true;
	(void)snprintf(line, sizeof(line), "250-%s", s->service->hostname);
	reply(s, line);
	reply(s, "250-PIPELINING");
	reply(s, "250-8BITMIME");
	reply(s, "250-SMTPUTF8");
	reply(s, "250-ENHANCEDSTATUSCODES");
	reply(s, "250-CHUNKING");
	if (may_start_tls(s))
		reply(s, "250-STARTTLS");
	(void)snprintf(line, sizeof(line), "250 SIZE %llu",
	    (unsigned long long)mail_message_bytes_max(s->service->mail));
	reply(s, line);
}

static void
cmd_mail(struct lmtp_session *s, const struct lmtp_command *m)
{
	if (!s->introduced)
		refuse(s, "503 5.5.1 Send LHLO first");
	else if (s->transaction.open)
		refuse(s, "503 5.5.1 A transaction is open already");
	else if (m->path.utf8 && !m->smtputf8)
		refuse(s, "553 5.6.7 Such an address needs SMTPUTF8");
	else if (m->size > mail_message_bytes_max(s->service->mail))
		reply(s, "552 5.3.4 Message is too big");
	else if (group_is_stopping(&s->service->sessions))
		last_reply(s, "421 4.3.2 Shutting down");
	else {
		s->bad_commands = 0;
		lmtp_transaction_begin(&s->transaction, m);
		reply(s, "250 2.1.0 Sender taken");
	}
}

/* Users that have no account yet get theirs before. */
static enum rc
add_recipient(struct lmtp_session *s, const struct lmtp_path *path)
{
	const struct lmtp_service *service = s->service;
	struct str local = { .p = path->local, .n = path->local_size };
	enum rc rc = RC_OK;

	if (service->expect != NULL)
		rc = service->expect(service->arg,
		    str_head(local, str_find(local, '+')), path->domain);
	if (rc != RC_OK)
		return rc;
	return lmtp_transaction_add(&s->transaction, service->mail, path);
}

static void
cmd_rcpt(struct lmtp_session *s, const struct lmtp_command *m)
{
	if (!s->transaction.open || s->transaction.chunked) {
		refuse(s, "503 5.5.1 RCPT comes after MAIL");
		return;
	}
	if (m->path.utf8 && !s->transaction.smtputf8) {
		refuse(s, "553 5.6.7 Such an address needs SMTPUTF8");
		return;
	}
	switch (add_recipient(s, &m->path)) {
	case RC_OK:
		reply(s, "250 2.1.5 Recipient taken");
		break;
	case RC_LIMIT:
		reply(s, "452 4.5.3 Too many recipients");
		break;
	case RC_NOTFOUND:
	case RC_INVALID:
		reply(s, "550 5.1.1 No such user");
		break;
	default:
		reply(s, "451 4.3.0 Cannot look up users now");
		break;
	}
}

/* Why a message cannot begin now, or NULL. */
static const char *
message_refusal(const struct lmtp_session *s)
{
	if (!s->transaction.open)
		return "503 5.5.1 Send MAIL and RCPT first";
	if (s->transaction.recipients.n == 0)
		return "503 5.5.1 No recipient was taken";
	return NULL;
}

static void
cmd_data(struct lmtp_session *s)
{
	const char *refusal = message_refusal(s);

	if (refusal == NULL && s->transaction.chunked)
		refusal = "503 5.5.1 BDAT has begun: go on with it";
	if (refusal != NULL) {
		refuse(s, refusal);
		return;
	}
	lmtp_data_init(&s->data);
	s->mode = MODE_DATA;
	reply(s, "354 Send the message, then a line with a dot");
}

/* The octets follow whatever we think of it (RFC 3030 section 2), and are
 * dropped then, but not for ever. */
static void
cmd_bdat(struct lmtp_session *s, const struct lmtp_command *m)
{
	if (m->size > DISCARD_BYTES_MAX) {
		lose(s, "552 5.3.4 Message is too big");
		return;
	}
	s->mode = MODE_CHUNK;
	s->chunk_left = m->size;
	s->chunk_last = m->last;
	s->chunk_wanted = message_refusal(s) == NULL;
	if (s->chunk_wanted)
		s->transaction.chunked = true;
}

/* RFC 3207: what was learnt before does not count any more, and what was sent
 * behind the command is dropped by conn_tls_begin(). */
static void
cmd_starttls(struct lmtp_session *s)
{
	if (!may_start_tls(s)) {
		refuse(s, "503 5.5.1 TLS is not for now");
		return;
	}
	reply(s, "220 2.0.0 Begin TLS");
	if (conn_flush_wait(s->conn, 0) != RC_OK) {
		s->over = true;
		return;
	}
	lmtp_transaction_reset(&s->transaction);
	s->introduced = false;
	conn_tls_begin(s->conn, s->service->tls);
	s->mode = MODE_HANDSHAKE;
	s->deadline_ms = clock_ms() + HANDSHAKE_MS_MAX;
}

static void
cmd_rset(struct lmtp_session *s)
{
	lmtp_transaction_reset(&s->transaction);
	reply(s, "250 2.0.0 Forgotten");
}

static void
cmd_quit(struct lmtp_session *s)
{
	last_reply(s, "221 2.0.0 Goodbye");
}

static void
dispatch(struct lmtp_session *s, const struct lmtp_command *m)
{
	switch (m->verb) {
	case LMTP_LHLO:
		cmd_lhlo(s);
		break;
	case LMTP_HELO:
	case LMTP_EHLO:
		refuse(s, "500 5.5.1 This is LMTP: send LHLO");
		break;
	case LMTP_MAIL:
		cmd_mail(s, m);
		break;
	case LMTP_RCPT:
		cmd_rcpt(s, m);
		break;
	case LMTP_DATA:
		cmd_data(s);
		break;
	case LMTP_BDAT:
		cmd_bdat(s, m);
		break;
	case LMTP_RSET:
		cmd_rset(s);
		break;
	case LMTP_NOOP:
		reply(s, "250 2.0.0 Nothing done");
		break;
	case LMTP_VRFY:
		reply(s, "252 2.5.0 Try RCPT");
		break;
	case LMTP_EXPN:
		refuse(s, "502 5.5.1 There are no lists");
		break;
	case LMTP_HELP:
		reply(s, "214 2.0.0 RFC 2033");
		break;
	case LMTP_STARTTLS:
		cmd_starttls(s);
		break;
	case LMTP_QUIT:
		cmd_quit(s);
		break;
	}
}

static void
run_line(struct lmtp_session *s, struct str line)
{
	static const char *const faults[] = {
		[LMTP_FAULT_VERB] = "500 5.5.2 No such command",
		[LMTP_FAULT_ARGUMENT] = "501 5.5.4 Syntax error",
		[LMTP_FAULT_PARAMETER] = "555 5.5.4 No such parameter",
	};
	struct lmtp_command m;
	enum lmtp_fault fault;

	if (lmtp_parse_command(line, s->service->lenient, &m, &fault))
		dispatch(s, &m);
	else if (fault == LMTP_FAULT_ARGUMENT && m.verb == LMTP_BDAT)
		lose(s, faults[fault]);
	else
		refuse(s, faults[fault]);
}

/* -- input -------------------------------------------------------------- */

/* Where the line's CRLF is in ${in}; in.n when there is none. */
static size_t
find_crlf(struct str in)
{
	const char *at = in.n > 0 ? memmem(in.p, in.n, "\r\n", 2) : NULL;

	return at != NULL ? (size_t)(at - in.p) : in.n;
}

/* One command line.  The steps return false when they need more input. */
static bool
step_line(struct lmtp_session *s)
{
	struct str in = str_head(conn_input(s->conn), LMTP_LINE_BYTES_MAX);
	size_t end = find_crlf(in);
	char line[LMTP_LINE_BYTES_MAX];

	if (end == in.n && in.n < LMTP_LINE_BYTES_MAX)
		return false;
	if (end == in.n && str_begins_nocase(in, STR("BDAT "))) {
		lose(s, "500 5.5.2 Line is too long");
		return true;
	}
	if (end == in.n) {
		refuse(s, "500 5.5.2 Line is too long");
		s->mode = MODE_SKIP;
		return true;
	}
	/* A copy, since output and STARTTLS may move the input. */
	memcpy(line, in.p, end);
	conn_consume(s->conn, end + 2);
	run_line(s, (struct str){ .p = line, .n = end });
	return true;
}

static bool
step_skip(struct lmtp_session *s)
{
	struct str in = conn_input(s->conn);
	size_t end = find_crlf(in);

	if (end < in.n) {
		conn_consume(s->conn, end + 2);
		s->mode = MODE_LINES;
		return true;
	}
	/* The last octet may be the CR. */
	if (in.n > 1)
		conn_consume(s->conn, in.n - 1);
	return false;
}

static void
deliver(struct lmtp_session *s)
{
	struct buf replies;

	buf_init(&replies, LMTP_TRANSACTION_BYTES_MAX);
	lmtp_transaction_deliver(&s->transaction, s->service->mail, &replies);
	conn_out(s->conn, buf_str(&replies));
	buf_fini(&replies);
	s->mode = MODE_LINES;
}

static bool
step_data(struct lmtp_session *s)
{
	struct str in = conn_input(s->conn);
	struct cursor c = str_cursor(in);
	struct str piece;

	if (in.n == 0)
		return false;
	while (lmtp_data_next(&s->data, &c, &piece))
		lmtp_transaction_write(
		    &s->transaction, s->service->mail, piece);
	conn_consume(s->conn, (size_t)(c.at - in.p));
	if (lmtp_data_ended(&s->data))
		deliver(s);
	return true;
}

static void
end_chunk(struct lmtp_session *s)
{
	s->mode = MODE_LINES;
	/* A reply for each recipient, of which there are none (RFC 2033 section
	 * 4.3). */
	if (!s->chunk_wanted && s->chunk_last && s->transaction.open)
		lmtp_transaction_reset(&s->transaction);
	else if (!s->chunk_wanted)
		refuse(s, message_refusal(s));
	else if (s->chunk_last)
		deliver(s);
	else if (s->transaction.failure != RC_OK)
		reply(s, lmtp_transaction_failure(&s->transaction));
	else
		reply(s, "250 2.0.0 Chunk taken");
}

static bool
step_chunk(struct lmtp_session *s)
{
	struct str in = conn_input(s->conn);

	if (s->chunk_left > 0 && in.n == 0)
		return false;
	if (s->chunk_left < in.n)
		in = str_head(in, (size_t)s->chunk_left);
	if (s->chunk_wanted && in.n > 0)
		lmtp_transaction_write(&s->transaction, s->service->mail, in);
	s->chunk_left -= in.n;
	conn_consume(s->conn, in.n);
	if (s->chunk_left == 0)
		end_chunk(s);
	return true;
}

static void
greet(struct lmtp_session *s)
{
	char line[320];

	if (s->greeted)
		return;
	s->greeted = true;
#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(s->conn, lmtp_reply_check_new());
#endif
	(void)snprintf(
	    line, sizeof(line), "220 %s LMTP Avocet", s->service->hostname);
	reply(s, line);
}

static bool
step(struct lmtp_session *s)
{
	switch (s->mode) {
	case MODE_LINES:
		return step_line(s);
	case MODE_SKIP:
		return step_skip(s);
	case MODE_DATA:
		return step_data(s);
	case MODE_CHUNK:
		return step_chunk(s);
	case MODE_HANDSHAKE:
		break;
	}
	return false;
}

/* -- the run ------------------------------------------------------------ */

/* The functions of a run return true to go on; false: return *ret_wants to the
 * pool, POLL_DONE when the connection is of no use any more. */

/* Go on with TLS if that is the mode, then greet. */
static bool
shake_hands(struct lmtp_session *s, unsigned *ret_wants)
{
	enum rc rc = RC_OK;

	if (s->mode == MODE_HANDSHAKE)
		rc = conn_handshake(s->conn, ret_wants);
	if (rc == RC_OK) {
		if (s->mode == MODE_HANDSHAKE)
			s->mode = MODE_LINES;
		greet(s);
		return true;
	}
	if (rc != RC_AGAIN || group_is_stopping(&s->service->sessions) ||
	    clock_ms() >= s->deadline_ms)
		*ret_wants = POLL_DONE;
	return false;
}

/* Send what is queued as far as the socket takes it. */
static bool
flush(struct lmtp_session *s, unsigned *ret_wants)
{
	enum rc rc = conn_flush(s->conn);
	uint64_t pending = conn_out_pending(s->conn);

	if (rc == RC_OK)
		return true;
	*ret_wants = POLL_DONE;
	if (rc != RC_AGAIN)
		return false;
	if (pending != s->stalled_bytes) {
		s->stalled_bytes = pending;
		s->stall_ms = clock_ms() + WRITE_STALL_MS_MAX;
	}
	if (clock_ms() < s->stall_ms) {
		conn_deadline(s->conn, s->stall_ms);
		*ret_wants = POLL_OUTPUT;
	}
	return false;
}

/* Work through the input. */
static bool
work(struct lmtp_session *s, unsigned *ret_wants)
{
	while (!s->over && step(s)) {
		/* More would only pile up with a client that does not read. */
		if (conn_out_memory(s->conn) > OUT_MEMORY_BYTES_MAX &&
		    !flush(s, ret_wants))
			return false;
	}
	return true;
}

/* Is it time to end, for a reason other than the client's? */
static bool
is_called_off(struct lmtp_session *s)
{
	bool between = s->mode == MODE_LINES && !s->transaction.open;

	if (between && group_is_stopping(&s->service->sessions)) {
		reply(s, "421 4.3.2 Shutting down");
		return true;
	}
	if (clock_ms() >= s->deadline_ms) {
		reply(s, "421 4.4.2 Waited too long");
		return true;
	}
	return false;
}

/* Read more. */
static bool
refill(struct lmtp_session *s, unsigned *ret_wants)
{
	enum rc rc = conn_fill(s->conn, LMTP_INPUT_BYTES);

	if (rc == RC_OK) {
		s->deadline_ms = clock_ms() + LMTP_READ_MS_MAX;
		return true;
	}
	if (rc != RC_AGAIN || is_called_off(s)) {
		s->over = true;
		return true;
	}
	if (!flush(s, ret_wants))
		return false;
	conn_rest(s->conn);
	conn_deadline(s->conn, s->deadline_ms);
	*ret_wants = POLL_INPUT;
	return false;
}

static unsigned
run(void *arg)
{
	struct lmtp_session *s = arg;
	unsigned wants;
	bool go_on;

	group_join(&s->service->sessions, &s->member);
	go_on = conn_out_pending(s->conn) == 0 || flush(s, &wants);
	while (go_on && !s->over)
		go_on =
		    shake_hands(s, &wants) && work(s, &wants) &&
		    (s->over || s->mode == MODE_HANDSHAKE || refill(s, &wants));
	if (go_on) {
		/* The client may be gone; there is nobody else to tell. */
		(void)!conn_flush_wait(s->conn, 0);
		wants = POLL_DONE;
	}
	if (wants == POLL_DONE)
		session_free(s);
	return wants;
}

void
lmtp_accept(void *service, struct conn *c)
{
	struct lmtp_session *s = mem_alloc(sizeof(*s));
	uint64_t now = clock_ms();
	bool tls;

	s->service = service;
	s->conn = c;
	s->member = (struct group_member){ .conn = c, .session = s };
	tls = s->service->tls_mode == LMTP_TLS_IMPLICIT;
	s->mode = tls ? MODE_HANDSHAKE : MODE_LINES;
	s->deadline_ms = now + (tls ? HANDSHAKE_MS_MAX : LMTP_READ_MS_MAX);
	if (tls)
		conn_tls_begin(c, s->service->tls);
	group_add(&s->service->sessions, &s->member);
	/* Ready for output at once: to greet, or to wait where it is found. */
	if (conn_start(c, POLL_OUTPUT, s->deadline_ms, run, s) != RC_OK)
		session_free(s);
}
