/* SPDX-License-Identifier: MIT
 *
 * The life of an IMAP session after login: take a command from the input, run
 * it, answer; when the input is dry, send what is queued and give the worker
 * back.
 */
#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "imap/idle.h"
#include "imap/imap.h"
#include "imap/session_internal.h"
#include "imap/state.h"
#include "mail/account.h"

/* -- questions --------------------------------------------------------- */

bool
session_rev2(const struct imap_session *s)
{
	return (s->enabled & ENABLED_REV2) != 0;
}

bool
session_utf8(const struct imap_session *s)
{
	return (s->enabled & (ENABLED_REV2 | ENABLED_UTF8)) != 0;
}

bool
session_has(const struct imap_session *s, enum capability c)
{
	return capability_has(s->capabilities, c);
}

bool
session_by_uid(const struct imap_session *s)
{
	return (s->running->row->flags & COMMAND_BY_UID) != 0;
}

struct parse_options
session_parse_options(const struct imap_session *s)
{
	return (struct parse_options){
		.utf8 = (s->enabled & ENABLED_UTF8) != 0,
		.rev2 = session_rev2(s),
		.lenient = s->service->lenient,
	};
}

/* -- the end ----------------------------------------------------------- */

/* One line for each session: who, how much, why it ended; nothing of what was
 * in the mail. */
static void
log_end_of(const struct imap_session *s)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "session-end");
	log_text(&line, "protocol", "imap");
	log_str(&line, "user", str_of(s->user));
	log_text(&line, "peer", conn_peer(s->conn));
	log_text(&line, "tls", conn_tls_name(s->conn));
	if (s->client != NULL)
		log_str(&line, "client", str_of(s->client));
	log_number(&line, "bytes_in", conn_bytes_in(s->conn));
	log_number(&line, "bytes_out", conn_bytes_out(s->conn));
	log_number(&line, "commands", s->commands);
	log_number(&line, "fetched", s->fetched);
	log_number(&line, "appended", s->appended);
	log_number(&line, "expunged", s->expunged);
	log_text(&line, "why", s->end_reason);
	log_end(&line);
}

static void
session_free(void *session)
{
	struct imap_session *s = session;

	group_leave(&s->service->sessions, &s->turn.member);
	idle_drop(s);
	state_logout(s, "server stopped");
	log_end_of(s);
	imap_frame_fini(&s->frame);
	conn_free(s->conn); /* first: its queue counts in open_sources */
	mem_free(s->user);
	mem_free(s->client);
	mem_free(s);
}

/* Say goodbye; queued bytes are still sent. */
static void
say_bye(struct imap_session *s, struct str code, const char *text,
    const char *reason)
{
	idle_drop(s);
	respond_state(s, "BYE", code, text);
	state_logout(s, reason);
}

void
session_count_bad(struct imap_session *s)
{
	if (++s->bad_commands == BAD_COMMANDS_MAX)
		say_bye(s, STR(""), "Too many bad commands", "bad commands");
}

static void
reset_deadline(void *session)
{
	struct imap_session *s = session;

	s->deadline_ms = clock_ms() + AUTOLOGOUT_MS;
}

/* -- input ------------------------------------------------------------- */

static void
consume_taken(struct imap_session *s)
{
	conn_consume(s->conn, s->taken);
	s->taken = 0;
}

enum imap_frame_event
session_take_event(struct imap_session *s)
{
	enum imap_frame_event event;
	struct str input;
	struct cursor c;

	consume_taken(s);
	input = conn_input(s->conn);
	c = str_cursor(input);
	event = imap_frame_next(&s->frame, &c);
	s->taken = input.n - (size_t)(c.end - c.at);
	if (event != IMAP_FRAME_PIECE)
		consume_taken(s);
	return event;
}

/* -- commands ---------------------------------------------------------- */

struct answer
session_frame_answer(const struct imap_session *s)
{
	enum imap_frame_why why = s->frame.why;

	return (struct answer){
		.status =
		    why == IMAP_FRAME_WHY_MESSAGE ? ANSWER_NO : ANSWER_BAD,
		.code = str_of(imap_frame_why_code(why)),
		.text = imap_frame_why_text(why),
	};
}

/* A command broke the rules of the frame.  One whose rest was only dropped has
 * had its answer. */
static void
answer_refused(struct imap_session *s)
{
	struct answer a = session_frame_answer(s);
	struct str tag;

	if (s->frame.why == IMAP_FRAME_WHY_CALLER)
		return;
	if (!imap_frame_tag(&s->frame, &tag))
		tag = STR("*");
	respond_answer(s, tag, &a);
	session_count_bad(s);
}

/* What the input amounts to.  False: it is used up. */
static bool
take_input(struct imap_session *s)
{
	switch (session_take_event(s)) {
	case IMAP_FRAME_MORE:
		return false;
	case IMAP_FRAME_CONTINUE:
		respond_continue(s, "Go on");
		break;
	case IMAP_FRAME_COMMAND:
	case IMAP_FRAME_MESSAGE:
		reset_deadline(s);
		dispatch(s);
		reset_deadline(s);
		/* What a streaming command has not taken. */
		imap_frame_refuse(&s->frame);
		break;
	case IMAP_FRAME_PIECE: /* of nobody's */
		break;
	case IMAP_FRAME_REFUSED:
		answer_refused(s);
		break;
	case IMAP_FRAME_LOST:
		say_bye(s, STR(""), imap_frame_why_text(s->frame.why),
		    "stream lost");
		break;
	}
	return true;
}

/* -- running ----------------------------------------------------------- */

/* Does the session have to end for a reason other than the client's? */
static void
look_around(struct imap_session *s)
{
	if (s->state == IMAP_LOGOUT)
		return;
	if (group_is_stopping(&s->service->sessions))
		say_bye(s, STR("UNAVAILABLE"), "Shutting down", "shutdown");
	else if (group_is_ended(&s->turn.member))
		say_bye(s, STR(""), "Ended by the administrator", "kicked");
	else if (s->idle_tag == NULL && clock_ms() >= s->deadline_ms)
		say_bye(
		    s, STR(""), "Logged out for being silent", "autologout");
}

/* What follows the answer to COMPRESS is compressed, in both directions: so
 * nothing is said or read before that answer is sent. */
static enum turn_step
begin_compression(struct imap_session *s, unsigned *wants)
{
	enum turn_step step = turn_flush(&s->turn, wants);

	if (step != TURN_ON)
		return step;
	conn_compress(s->conn);
	s->compression = COMPRESSION_ON;
	return TURN_ON;
}

static enum turn_step
take_step(void *session, unsigned *wants)
{
	struct imap_session *s = session;
	bool taken;
	enum turn_step step;

	if (s->compression == COMPRESSION_NEXT && !s->gone)
		return begin_compression(s, wants);
	look_around(s);
	if (s->gone)
		return TURN_END;
	if (s->state == IMAP_LOGOUT) {
		step = turn_flush(&s->turn, wants);
		return step == TURN_ON ? TURN_END : step;
	}
	/* More would only pile up with a client that does not read. */
	if (conn_out_memory(s->conn) > OUT_MEMORY_BYTES_MAX) {
		step = turn_flush(&s->turn, wants);
		if (step != TURN_ON)
			return step;
	}
	if (s->idle_tag == NULL) {
		taken = take_input(s);
	} else {
		taken = idle_step(s);
		if (taken) /* IDLE is over; it was not silence */
			reset_deadline(s);
	}
	if (taken || s->state == IMAP_LOGOUT)
		return TURN_ON;
	return turn_read(&s->turn, IMAP_INPUT_BYTES, wants);
}

static bool
is_between(const void *session)
{
	const struct imap_session *s = session;

	return imap_frame_is_empty(&s->frame);
}

/* No deadline in IDLE, but for what keeps the connection known. */
static void
rest(void *session)
{
	struct imap_session *s = session;

	conn_rest(s->conn);
	imap_frame_rest(&s->frame);
	conn_deadline(
	    s->conn, s->idle_tag != NULL ? s->keepalive_ms : s->deadline_ms);
}

static void
refuse_input(void *session, enum rc rc)
{
	if (rc == RC_INVALID)
		say_bye(session, STR(""), "This is not compressed data",
		    "bad compression");
	else /* in IDLE: a line without end */
		say_bye(session, STR(""), "Line is too long", "line too long");
}

static void
lost(void *session, const char *why)
{
	state_logout(session, why);
}

static void
publish(void *session)
{
	struct imap_session *s = session;

	presence_rest(&s->turn.presence, s->conn,
	    s->idle_tag != NULL ? PRESENCE_IDLE : PRESENCE_WAIT,
	    s->state == IMAP_SELECTED ? mailbox_id(s->view.mailbox) : 0);
}

static const struct turn_ops turn_ops = {
	.step = take_step,
	.is_between = is_between,
	.moved = reset_deadline,
	.rest = rest,
	.refuse = refuse_input,
	.lost = lost,
	.publish = publish,
	.free = session_free,
};

/* -- the service ------------------------------------------------------- */

static void
take_off(void *arg, struct str name)
{
	/* What is no longer known was switched off long ago. */
	(void)capability_switch_off(arg, name);
}

capability_set
imap_service_capabilities(const struct imap_service *s, uint64_t account)
{
	capability_set set = s->capabilities;

	/* If it cannot be read, the session will say so soon enough. */
	(void)!account_each_off(s->mail, account, take_off, &set);
	return set;
}

void
imap_service_write_capabilities(
    const struct imap_service *s, capability_set set, struct buf *to)
{
	capability_write(
	    set, OFFERED_AFTER_LOGIN, mail_message_bytes_max(s->mail), to);
}

static char *
capability_text(const struct imap_service *s, unsigned offered)
{
	struct buf names;
	char *text;

	buf_init(&names, CAPABILITIES_BYTES_MAX);
	capability_write(
	    s->capabilities, offered, mail_message_bytes_max(s->mail), &names);
	assert(buf_check(&names) == RC_OK);
	text = mem_text(buf_str(&names));
	buf_fini(&names);
	return text;
}

void
imap_service_init(struct imap_service *s)
{
	s->frame_limits = imap_frame_limits;
	s->frame_limits.message_bytes = mail_message_bytes_max(s->mail);
	s->frame_limits.bare_lf = s->lenient;
	s->frame_limits.trim = s->lenient;
	s->capabilities_before_login = capability_text(s, OFFERED_BEFORE_LOGIN);
	group_init(&s->sessions, session_free);
}

void
imap_service_stop(struct imap_service *s)
{
	group_stop(&s->sessions);
}

void
imap_service_fini(struct imap_service *s)
{
	group_fini(&s->sessions);
	mem_free(s->capabilities_before_login);
}

unsigned
imap_enter(
    struct imap_service *service, struct conn *c, const struct imap_user *user)
{
	struct imap_session *s = mem_alloc(sizeof(*s));

	s->service = service;
	s->mail = service->mail;
	s->conn = c;
	s->account = user->account;
	s->capabilities = user->capabilities;
	s->user = mem_text(user->name);
	s->client = user->client.n > 0 ? mem_text(user->client) : NULL;
	s->turn.ops = &turn_ops;
	s->turn.group = &service->sessions;
	s->turn.watch = service->watch;
	s->turn.presence.protocol = "imap";
	s->turn.presence.account = s->account;
	s->turn.presence.user = s->user;
	s->turn.presence.client = s->client;
	imap_frame_init(&s->frame, &service->frame_limits);
	reset_deadline(s);
	turn_begin(&s->turn, s, c);
	return turn_run(&s->turn);
}
