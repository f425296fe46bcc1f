/* SPDX-License-Identifier: MIT
 *
 * The life of a POP3 session after login: take a line from the input, run it;
 * when the input is dry, send what is queued and give the worker back.
 *
 * A line ends with CRLF only; with a bare CR or LF in it, it is refused as a
 * whole.
 */
#include "pop3/session.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* -- the end ------------------------------------------------------------ */

/* One line for each session: who, how much, why it ended; nothing of what was
 * in the mail. */
static void
log_end_of(const struct pop3_session *s)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "session-end");
	log_text(&line, "protocol", "pop3");
	log_str(&line, "user", str_of(s->user));
	log_text(&line, "peer", conn_peer(s->conn));
	log_text(&line, "tls", conn_tls_name(s->conn));
	log_number(&line, "bytes_in", conn_bytes_in(s->conn));
	log_number(&line, "bytes_out", conn_bytes_out(s->conn));
	log_number(&line, "commands", s->commands);
	log_number(&line, "retrieved", s->retrieved);
	log_number(&line, "removed", s->removed);
	log_text(&line, "why",
	    s->end_reason != NULL ? s->end_reason : "server stopped");
	log_end(&line);
}

static void
session_free(void *session)
{
	struct pop3_session *s = session;

	group_leave(&s->service->sessions, &s->turn.member);
	log_end_of(s);
	maildrop_close(&s->maildrop);
	conn_free(s->conn); /* its queue counts in open_sources */
	mem_free(s->user);
	mem_free(s->offered);
	mem_free(s);
}

void
pop3_end(struct pop3_session *s, const char *reason)
{
	if (s->end_reason == NULL)
		s->end_reason = reason;
	s->over = true;
}

/* -- answers ------------------------------------------------------------ */

void
pop3_reply(struct pop3_session *s, const char *text)
{
	conn_out(s->conn, str_of(text));
	conn_out(s->conn, STR("\r\n"));
}

void
pop3_refuse(struct pop3_session *s, const char *text)
{
	pop3_reply(s, text);
	if (++s->bad_commands == BAD_COMMANDS_MAX)
		pop3_end(s, "bad commands");
}

void
pop3_fail(struct pop3_session *s, enum rc rc)
{
	switch (rc) {
	case RC_CORRUPT:
		pop3_reply(s, "-ERR [SYS/PERM] Stored data is damaged");
		break;
	case RC_UNSUPPORTED:
		pop3_reply(s, "-ERR [UTF8] Its header needs UTF8");
		break;
	case RC_NOTFOUND:
		pop3_reply(s, "-ERR [SYS/PERM] It is gone");
		break;
	default:
		pop3_reply(s, "-ERR [SYS/TEMP] Not possible at the moment");
		break;
	}
}

static void
reset_deadline(void *session)
{
	struct pop3_session *s = session;

	s->deadline_ms = clock_ms() + POP3_AUTOLOGOUT_MS;
}

/* -- input -------------------------------------------------------------- */

/* Where the line's CRLF is in ${in}; in.n when there is none. */
static size_t
find_crlf(struct str in)
{
	const char *at = in.n > 0 ? memmem(in.p, in.n, "\r\n", 2) : NULL;

	return at != NULL ? (size_t)(at - in.p) : in.n;
}

/* Drop what there is of a line that is too long.  False: its end is not
 * there. */
static bool
skip_line(struct pop3_session *s)
{
	struct str in = conn_input(s->conn);
	size_t end = find_crlf(in);

	if (end < in.n) {
		conn_consume(s->conn, end + 2);
		s->skipping = false;
	} else if (in.n > 1) {
		conn_consume(s->conn, in.n - 1); /* the last may be the CR */
	}
	return end < in.n;
}

/* Run the line that is next in the input.  False: it is not all there. */
static bool
take_line(struct pop3_session *s)
{
	struct str in = str_head(conn_input(s->conn), POP3_LINE_BYTES_MAX);
	size_t end = find_crlf(in);
	char line[POP3_LINE_BYTES_MAX];

	if (end == in.n && in.n < POP3_LINE_BYTES_MAX)
		return false;
	if (end == in.n) {
		s->skipping = true;
		pop3_refuse(s, "-ERR Line is too long");
		return true;
	}
	/* A copy, since output may move the input. */
	memcpy(line, in.p, end);
	conn_consume(s->conn, end + 2);
	reset_deadline(s);
	pop3_run_line(s, (struct str){ line, end });
	reset_deadline(s);
	return true;
}

/* -- running ------------------------------------------------------------ */

/* Does the session have to end for a reason other than the client's?  It is
 * told nothing (RFC 1939 section 3), and nothing is removed. */
static void
look_around(struct pop3_session *s)
{
	if (s->over)
		return;
	if (group_is_stopping(&s->service->sessions))
		pop3_end(s, "shutdown");
	else if (group_is_ended(&s->turn.member))
		pop3_end(s, "kicked");
	else if (clock_ms() >= s->deadline_ms)
		pop3_end(s, "autologout");
}

/* Is so much queued that more would only pile up with a client that does not
 * read? */
static bool
is_full(const struct pop3_session *s)
{
	return conn_out_memory(s->conn) > OUT_MEMORY_BYTES_MAX ||
	       s->open_sources >= POP3_SOURCES_MAX;
}

static enum turn_step
take_step(void *session, unsigned *wants)
{
	struct pop3_session *s = session;
	enum turn_step step = TURN_ON;

	look_around(s);
	if (s->over || s->quitting || is_full(s))
		step = turn_flush(&s->turn, wants);
	if (step != TURN_ON)
		return step;
	if (s->over)
		return TURN_END;
	if (s->quitting) {
		pop3_update(s);
		return TURN_ON;
	}
	if (s->listing != LISTING_NONE) {
		pop3_list_more(s);
		return TURN_ON;
	}
	if (s->skipping ? skip_line(s) : take_line(s))
		return TURN_ON;
	return turn_read(&s->turn, POP3_INPUT_BYTES, wants);
}

static bool
is_between(const void *session)
{
	const struct pop3_session *s = session;

	return !s->skipping;
}

static void
rest(void *session)
{
	struct pop3_session *s = session;

	conn_rest(s->conn);
	conn_deadline(s->conn, s->deadline_ms);
}

static void
lost(void *session, const char *why)
{
	pop3_end(session, why);
}

static void
publish(void *session)
{
	struct pop3_session *s = session;
	const struct mailbox *b = s->maildrop.view.mailbox;

	presence_rest(&s->turn.presence, s->conn, PRESENCE_WAIT,
	    b != NULL ? mailbox_id(b) : 0);
}

static const struct turn_ops turn_ops = {
	.step = take_step,
	.is_between = is_between,
	.moved = reset_deadline,
	.rest = rest,
	.lost = lost,
	.publish = publish,
	.free = session_free,
};

/* -- the service -------------------------------------------------------- */

void
pop3_service_init(struct pop3_service *s)
{
	group_init(&s->sessions, session_free);
}

void
pop3_service_stop(struct pop3_service *s)
{
	group_stop(&s->sessions);
}

void
pop3_service_fini(struct pop3_service *s)
{
	group_fini(&s->sessions);
}

/* The answer to the command that has logged in. */
static void
open_maildrop(struct pop3_session *s, uint64_t account)
{
	char text[48];
	enum rc rc = maildrop_open(s->service->mail, account, &s->maildrop);

	if (rc != RC_OK) {
		pop3_fail(s, rc);
		pop3_end(s, "cannot open");
		return;
	}
	(void)snprintf(
	    text, sizeof(text), "+OK %u messages", maildrop_last(&s->maildrop));
	pop3_reply(s, text);
}

unsigned
pop3_enter(
    struct pop3_service *service, struct conn *c, const struct pop3_user *user)
{
	struct pop3_session *s = mem_alloc(sizeof(*s));

	s->service = service;
	s->conn = c;
	s->user = mem_text(user->name);
	s->turn.ops = &turn_ops;
	s->turn.group = &service->sessions;
	s->turn.watch = service->watch;
	s->turn.presence.protocol = "pop3";
	s->turn.presence.account = user->account;
	s->turn.presence.user = s->user;
	turn_begin(&s->turn, s, c);
	s->offered = mem_text(user->offered);
	s->cleartext = user->cleartext;
	s->utf8 = user->utf8;
	reset_deadline(s);
	open_maildrop(s, user->account);
	return turn_run(&s->turn);
}
