/* SPDX-License-Identifier: MIT
 *
 * The life of a connection before login, from accept to hand-over; see
 * session.h for its states.  The run function does what can be done without
 * waiting for the client and returns to the pool.
 */
#include "login/session.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* What the run loop does next. */
enum step {
	STEP_ON,    /* look again */
	STEP_WAIT,  /* for what *wants says */
	STEP_CLOSE, /* the connection is of no more use */
	STEP_ENTER, /* logged in, and the client may know it */
};

/* -- life -------------------------------------------------------------- */

/* From here on nobody wakes the connection for this session. */
static void
session_free(struct login_session *s)
{
	group_leave(&s->service->sessions, &s->member);
	auth_check_free(s->check);
	sasl_free(s->sasl);
	mem_free(s->word);
	mem_free(s->client);
	mem_free(s->user);
	mem_free(s);
}

static unsigned
close_session(struct login_session *s)
{
	struct conn *conn = s->conn;

	session_free(s);
	conn_free(conn);
	return POLL_DONE;
}

static void
free_session(void *session)
{
	(void)close_session(session);
}

void
login_service_init(struct login_service *s)
{
	group_init(&s->sessions, free_session);
}

bool
login_service_is_idle(struct login_service *s)
{
	/* In this order: hand_over() counts before it leaves the group. */
	return group_is_empty(&s->sessions) && atomic_load(&s->entering) == 0;
}

void
login_service_stop(struct login_service *s)
{
	group_stop(&s->sessions);
}

void
login_service_fini(struct login_service *s)
{
	group_fini(&s->sessions);
}

/* Pass on what has been found out, and be gone. */
static unsigned
hand_over(struct login_session *s)
{
	struct login_service *service = s->service;
	char *user = s->user;
	char *client = s->client;
	char *word = s->word;
	struct login_handover h = {
		.conn = s->conn,
		.cleartext = login_cleartext_allowed(s),
		.utf8 = s->utf8,
		.offered = str_of(word),
		.capabilities = s->capabilities,
		.account = s->account,
		.user = str_of(user),
		.client = str_of(client),
	};
	unsigned wants;

	s->user = NULL;
	s->client = NULL;
	s->word = NULL;
	conn_logged_in(s->conn);
	atomic_fetch_add(&service->entering, 1);
	session_free(s);
	wants = service->enter(service->arg, &h);
	/* The session has joined its own group, or has ended. */
	atomic_fetch_sub(&service->entering, 1);
	mem_free(user);
	mem_free(client);
	mem_free(word);
	return wants;
}

/* -- states ------------------------------------------------------------ */

static bool
may_follow(enum login_state now, enum login_state next)
{
	static const unsigned after[] = {
		[LOGIN_HANDSHAKE] = 1u << LOGIN_READING,
		[LOGIN_READING] = 1u << LOGIN_AUTHENTICATING |
				  1u << LOGIN_CHECKING | 1u << LOGIN_STARTTLS |
				  1u << LOGIN_ENTERING | 1u << LOGIN_CLOSING,
		[LOGIN_AUTHENTICATING] =
		    1u << LOGIN_READING | 1u << LOGIN_CHECKING,
		[LOGIN_CHECKING] = 1u << LOGIN_READING,
		[LOGIN_STARTTLS] = 1u << LOGIN_HANDSHAKE,
		[LOGIN_ENTERING] = 0,
		[LOGIN_CLOSING] = 0,
	};

	return (after[now] & 1u << next) != 0;
}

void
login_enter_state(struct login_session *s, enum login_state next)
{
	assert(may_follow(s->state, next));
	s->state = next;
}

/* -- answers ----------------------------------------------------------- */

bool
login_cleartext_allowed(const struct login_session *s)
{
	return conn_is_tls(s->conn) ||
	       (s->service->plaintext_login && conn_peer_is_loopback(s->conn));
}

bool
login_tls_offered(const struct login_session *s)
{
	return s->service->tls_mode == LOGIN_TLS_STARTTLS &&
	       !conn_is_tls(s->conn);
}

void
login_set_word(struct login_session *s, struct str word)
{
	mem_free(s->word);
	s->word = word.n > 0 ? mem_text(word) : NULL;
}

void
login_answer(struct login_session *s, enum login_answer a)
{
	s->service->dialect->say(s, a);
	if (a >= LOGIN_TOO_BAD) {
		login_enter_state(s, LOGIN_CLOSING);
		return;
	}
	if (a >= LOGIN_NEEDS_TLS)
		login_count_bad(s);
}

void
login_count_bad(struct login_session *s)
{
	struct auth_client client;

	s->bad_commands++;
	if (s->bad_commands < BAD_COMMANDS_MAX_PRELOGIN)
		return;
	client = login_client(s);
	login_hold(s, auth_offended(s->service->auth, &client));
	login_answer(s, LOGIN_TOO_BAD);
}

/* -- steps ------------------------------------------------------------- */

static enum step
flush(struct login_session *s, unsigned *wants)
{
	switch (conn_flush(s->conn)) {
	case RC_OK:
		return STEP_ON;
	case RC_AGAIN:
		*wants = POLL_OUTPUT;
		return STEP_WAIT;
	default:
		return STEP_CLOSE;
	}
}

/* Nothing complete is left in the input: send what is queued, get more. */
static enum step
read_more(struct login_session *s, unsigned *wants)
{
	enum step step = flush(s, wants);

	if (step != STEP_ON)
		return step;
	switch (conn_fill(s->conn, COMMAND_BYTES_MAX_PRELOGIN)) {
	case RC_OK:
		return STEP_ON;
	case RC_AGAIN:
		conn_rest(s->conn);
		*wants = POLL_INPUT;
		return STEP_WAIT;
	default:
		return STEP_CLOSE;
	}
}

/* -- input ------------------------------------------------------------- */

char *
login_take_bytes(struct login_session *s, size_t count)
{
	struct str input = conn_input(s->conn);
	char *bytes = mem_copy(input.p, count);

	mem_wipe((char *)input.p, count);
	conn_consume(s->conn, count);
	return bytes;
}

void
login_drop_bytes(char *bytes, size_t count)
{
	mem_wipe(bytes, count);
	mem_free(bytes);
}

bool
login_take_line(struct login_session *s, login_line_fn *run)
{
	size_t count;
	char *bytes;

	switch (login_cut_line(conn_input(s->conn), &count)) {
	case LOGIN_CUT_MORE:
		return false;
	case LOGIN_CUT_COMMAND:
		bytes = login_take_bytes(s, count);
		run(s, (struct str){ bytes, count - 2 });
		login_drop_bytes(bytes, count);
		return true;
	default:
		if (s->state == LOGIN_AUTHENTICATING)
			login_enter_state(s, LOGIN_READING);
		login_answer(s, LOGIN_TOO_LONG);
		return true;
	}
}

/* Take one command or line; send answers when there are many, else when the
 * input is dry. */
static enum step
take_input(struct login_session *s, unsigned *wants)
{
	bool taken = s->state == LOGIN_READING
			 ? s->service->dialect->take_command(s)
			 : login_take_line(s, login_exchange_line);

	if (!taken)
		return read_more(s, wants);
	if (s->hold_ms == 0 && conn_out_memory(s->conn) > OUT_PIECE_BYTES)
		return flush(s, wants);
	return STEP_ON;
}

/* -- the password ------------------------------------------------------ */

/* Let it be checked.  While it has to wait for its turn, take what the client
 * sends, as far as there is room: so its going away is seen. */
static enum step
check_password(struct login_session *s, unsigned *wants)
{
	enum step step;
	enum rc rc;

	if (login_check(s))
		return STEP_ON;
	step = flush(s, wants);
	if (step != STEP_ON)
		return step;
	do
		rc = conn_fill(s->conn, COMMAND_BYTES_MAX_PRELOGIN);
	while (rc == RC_OK);
	if (rc != RC_AGAIN && rc != RC_LIMIT)
		return STEP_CLOSE;
	conn_rest(s->conn);
	*wants = rc == RC_AGAIN ? POLL_INPUT : POLL_WAKE;
	return STEP_WAIT;
}

static void
greet(struct login_session *s)
{
	if (!s->greeted)
		s->service->dialect->greet(s);
	s->greeted = true;
}

/* -- TLS --------------------------------------------------------------- */

/* Nothing that was said in clear counts any more, but for the bad commands:
 * RFC 9051 section 11.1, RFC 2595 section 4. */
static void
begin_tls(struct login_session *s)
{
	login_set_word(s, STR(""));
	mem_free(s->client);
	s->client = NULL;
	s->scan = (struct login_scan){ 0 };
	s->utf8 = false;
	s->deadline_ms = clock_ms() + HANDSHAKE_MS_MAX;
	conn_deadline(s->conn, s->deadline_ms);
	conn_tls_begin(s->conn, s->service->tls);
	login_enter_state(s, LOGIN_HANDSHAKE);
}

static void
log_tls_failed(const struct login_session *s, enum rc rc)
{
	log_event(LOG_INFO, "tls-failed", "protocol=%s peer=%s reason=%s",
	    s->service->dialect->protocol, conn_peer(s->conn), rc_name(rc));
}

static enum step
shake_hands(struct login_session *s, unsigned *wants)
{
	enum rc rc = conn_handshake(s->conn, wants);

	if (rc == RC_AGAIN)
		return STEP_WAIT;
	if (rc != RC_OK) {
		log_tls_failed(s, rc);
		return STEP_CLOSE;
	}
	s->deadline_ms = clock_ms() + PRELOGIN_MS_MAX;
	conn_deadline(s->conn, s->deadline_ms);
	login_enter_state(s, LOGIN_READING);
	greet(s);
	return STEP_ON;
}

/* -- running ----------------------------------------------------------- */

static enum step
flush_then_close(struct login_session *s, unsigned *wants)
{
	enum step step = flush(s, wants);

	return step == STEP_ON ? STEP_CLOSE : step;
}

static enum step
flush_then_tls(struct login_session *s, unsigned *wants)
{
	enum step step = flush(s, wants);

	if (step == STEP_ON)
		begin_tls(s);
	return step;
}

/* Is the answer due?  Until then nothing goes on. */
static bool
held_back(struct login_session *s)
{
	if (s->hold_ms == 0)
		return false;
	if (clock_ms() < s->hold_ms) {
		conn_deadline(s->conn, s->hold_ms);
		return true;
	}
	s->hold_ms = 0;
	conn_deadline(s->conn, s->deadline_ms);
	return false;
}

static enum step
take_step(struct login_session *s, unsigned *wants)
{
	if (held_back(s)) {
		*wants = POLL_WAKE;
		return STEP_WAIT;
	}
	switch (s->state) {
	case LOGIN_HANDSHAKE:
		return shake_hands(s, wants);
	case LOGIN_READING:
	case LOGIN_AUTHENTICATING:
		return take_input(s, wants);
	case LOGIN_CHECKING:
		return check_password(s, wants);
	case LOGIN_STARTTLS:
		return flush_then_tls(s, wants);
	case LOGIN_ENTERING:
		return STEP_ENTER;
	case LOGIN_CLOSING:
		return flush_then_close(s, wants);
	}
	return STEP_CLOSE;
}

/* End it for a reason other than the client's.  One who can hear it is told. */
static unsigned
call_off(struct login_session *s, enum login_answer why)
{
	if (s->state != LOGIN_HANDSHAKE) {
		s->service->dialect->say(s, why);
		(void)!conn_flush(s->conn); /* closed whatever it says */
	}
	return close_session(s);
}

/* Its time is over.  If a password waits for its turn until then, that is not
 * the client's fault, and it should try again: a NO would make it ask for
 * another password. */
static enum login_answer
why_late(const struct login_session *s)
{
	return s->state == LOGIN_CHECKING ? LOGIN_TOO_MANY : LOGIN_TOO_SLOW;
}

/* Somebody else needs its place.  An answer that is held back stays so. */
static unsigned
make_room(struct login_session *s)
{
	return s->hold_ms == 0 ? call_off(s, LOGIN_TOO_MANY) : close_session(s);
}

static unsigned
session_run(void *arg)
{
	struct login_session *s = arg;
	enum step step = STEP_ON;
	unsigned wants = POLL_INPUT;

	group_join(&s->service->sessions, &s->member);
	if (group_is_stopping(&s->service->sessions))
		return call_off(s, LOGIN_STOPPING);
	if (conn_is_called_off(s->conn))
		return make_room(s);
	if (s->hold_ms == 0 && clock_ms() >= s->deadline_ms)
		return call_off(s, why_late(s));
	while (step == STEP_ON)
		step = take_step(s, &wants);
	switch (step) {
	case STEP_WAIT:
		return wants;
	case STEP_ENTER:
		return hand_over(s);
	default:
		return close_session(s);
	}
}

void
login_accept(void *service, struct conn *c)
{
	struct login_session *s = mem_alloc(sizeof(*s));

	s->service = service;
	s->conn = c;
	s->member = (struct group_member){ .conn = c, .session = s };
	if (s->service->tls_mode == LOGIN_TLS_IMPLICIT) {
		s->state = LOGIN_HANDSHAKE;
		s->deadline_ms = clock_ms() + HANDSHAKE_MS_MAX;
		conn_tls_begin(c, s->service->tls);
	} else {
		s->state = LOGIN_READING;
		s->deadline_ms = clock_ms() + PRELOGIN_MS_MAX;
		greet(s);
	}
	group_add(&s->service->sessions, &s->member);
	/* The first run flushes the greeting or begins the handshake. */
	if (conn_start(c, POLL_OUTPUT, s->deadline_ms, session_run, s) != RC_OK)
		(void)close_session(s);
}
