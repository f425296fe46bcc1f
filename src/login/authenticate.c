/* SPDX-License-Identifier: MIT
 *
 * Passwords and SASL exchanges (RFC 4422): from what the client sent to a
 * verdict of auth/, and from the verdict to the answer.  The lines of an
 * exchange are the same in IMAP (RFC 9051 section 6.2.2, RFC 4959) and in POP3
 * (RFC 5034).
 */
#include "login/session.h"

#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/share.h"

#define CHALLENGE_BYTES_MAX (2 * SASL_MESSAGE_BYTES_MAX)

/* The connection does not change while there is a check that might call. */
static void
wake(void *session)
{
	const struct login_session *s = session;

	poll_wake(conn_poll(s->conn), conn_handle(s->conn));
}

static size_t
binding(const void *conn, enum auth_binding binding,
    unsigned char ret_binding[AUTH_BINDING_BYTES_MAX])
{
	_Static_assert(
	    AUTH_BINDING_BYTES_MAX == STREAM_BINDING_BYTES_MAX, "the same");
	return conn_tls_binding(conn,
	    binding == AUTH_BINDING_EXPORTER ? STREAM_BINDING_EXPORTER
					     : STREAM_BINDING_SERVER_END_POINT,
	    ret_binding);
}

struct auth_client
login_client(const struct login_session *s)
{
	return (struct auth_client){
		.protocol = s->service->dialect->protocol,
		.peer = conn_peer(s->conn),
		.wake = wake,
		.wake_arg = (void *)s,
		.cleartext = login_cleartext_allowed(s),
		.binding = conn_is_tls(s->conn) ? binding : NULL,
		.binding_arg = s->conn,
		.certificate_user = conn_tls_user(s->conn),
	};
}

void
login_hold(struct login_session *s, uint32_t delay_ms)
{
	if (delay_ms > 0)
		s->hold_ms = clock_ms() + delay_ms;
}

static void
log_login(const struct login_session *s)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "login");
	log_text(&line, "protocol", s->service->dialect->protocol);
	log_text(&line, "user", s->user);
	log_text(&line, "peer", conn_peer(s->conn));
	log_text(&line, "mechanism", s->mechanism);
	log_text(&line, "tls", conn_tls_name(s->conn));
	log_str(&line, "client", str_of(s->client));
	log_end(&line);
}

/* It would be one too many for its account. */
static void
refuse_limited(
    struct login_session *s, const char *user, enum share_answer answer)
{
	struct log_line line;

	log_begin(&line, LOG_WARN, "login-limited");
	log_text(&line, "protocol", s->service->dialect->protocol);
	log_text(&line, "user", user);
	log_text(&line, "peer", conn_peer(s->conn));
	log_text(&line, "why",
	    answer == SHARE_FULL ? "too many connections of this account"
				 : "too many logins of this account");
	log_end(&line);
	login_answer(s, answer == SHARE_FULL ? LOGIN_FULL : LOGIN_FAST);
}

/* Let in who has proven to be somebody, if there is room. */
static void
let_in(struct login_session *s, const struct auth_verdict *verdict)
{
	struct share *share = NULL;
	enum share_answer answer = SHARE_OK;

	if (s->service->accounts != NULL)
		answer =
		    share_enter(s->service->accounts, verdict->account, &share);
	if (answer != SHARE_OK) {
		refuse_limited(s, verdict->user, answer);
		return;
	}
	conn_belong(s->conn, share);
	s->user = mem_strdup(verdict->user);
	s->account = verdict->account;
	log_login(s);
	s->service->dialect->welcome(s);
	login_enter_state(s, LOGIN_ENTERING);
}

/* Answer as the verdict says, when its delay is over. */
static void
answer(struct login_session *s, const struct auth_verdict *verdict)
{
	login_hold(s, verdict->delay_ms);
	switch (verdict->outcome) {
	case AUTH_OK:
		let_in(s, verdict);
		break;
	case AUTH_DENIED:
		login_answer(s, LOGIN_DENIED);
		break;
	case AUTH_BUSY:
		login_answer(s, LOGIN_BUSY);
		break;
	case AUTH_BROKEN:
		login_answer(s, LOGIN_BROKEN);
		break;
	}
}

static void
log_refused(const struct login_session *s, const char *command)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "login-refused");
	log_text(&line, "protocol", s->service->dialect->protocol);
	log_text(&line, "peer", conn_peer(s->conn));
	log_text(&line, "mechanism", command);
	log_text(&line, "reason", "no-tls");
	log_end(&line);
}

/* Name and password, which went over the wire already, are not looked at. */
void
login_refuse_cleartext(struct login_session *s, const char *command)
{
	log_refused(s, command);
	login_answer(s, LOGIN_NEEDS_TLS);
}

void
login_password(struct login_session *s, const char *command, struct str user,
    struct str password)
{
	struct auth_client client = login_client(s);

	if (!login_cleartext_allowed(s)) {
		login_refuse_cleartext(s, command);
		return;
	}
	s->mechanism = "password";
	s->check = auth_password(s->service->auth, &client, user, password);
	login_enter_state(s, LOGIN_CHECKING);
}

bool
login_check(struct login_session *s)
{
	struct auth_verdict verdict;

	if (!auth_check_run(s->check, &verdict))
		return false;
	auth_check_free(s->check);
	s->check = NULL;
	login_enter_state(s, LOGIN_READING);
	answer(s, &verdict);
	return true;
}

/* -- SASL -------------------------------------------------------------- */

/* The exchange is over, in whatever way. */
static void
end_exchange(struct login_session *s, enum login_state next)
{
	sasl_free(s->sasl);
	s->sasl = NULL;
	login_enter_state(s, next);
}

/* continue-req for a challenge = "+" SP [base64] CRLF
 *                                                RFC 5034 section 5 */
static void
send_challenge(struct login_session *s, struct str challenge)
{
	struct buf line;

	buf_init(&line, CHALLENGE_BYTES_MAX);
	buf_add_text(&line, "+ ");
	base64_encode(challenge, &line);
	buf_add_text(&line, "\r\n");
	assert(buf_check(&line) == RC_OK);
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
}

/* A step was taken: go on or end. */
static void
after_step(struct login_session *s, enum sasl_next next, struct str challenge,
    const struct auth_verdict *verdict)
{
	switch (next) {
	case SASL_CONTINUE:
		login_hold(s, verdict->delay_ms);
		send_challenge(s, challenge);
		break;
	case SASL_CHECK:
		s->check = sasl_take_check(s->sasl);
		end_exchange(s, LOGIN_CHECKING);
		break;
	case SASL_END:
		end_exchange(s, LOGIN_READING);
		answer(s, verdict);
		break;
	}
}

/* Run the first step (${first}: with ${message} or NULL) or a later one. */
static void
take_step(struct login_session *s, bool first, const struct str *message)
{
	struct auth_verdict verdict;
	struct buf challenge;
	enum sasl_next next;

	buf_init(&challenge, SASL_MESSAGE_BYTES_MAX);
	if (first)
		next = sasl_start(s->sasl, message, &challenge, &verdict);
	else
		next = sasl_step(s->sasl, *message, &challenge, &verdict);
	after_step(s, next, buf_str(&challenge), &verdict);
	buf_fini(&challenge);
}

static void
wipe(struct buf *secret)
{
	if (secret->p != NULL)
		mem_wipe(secret->p, secret->cap);
	buf_fini(secret);
}

/* initial-resp = (base64 / "=")                  RFC 9051 section 9
 * "=" is an empty one. */
static bool
decode_initial(struct str text, struct buf *message)
{
	return str_eq(text, STR("=")) ||
	       (text.n > 0 && base64_decode(text, message));
}

static void
begin_exchange(struct login_session *s, const struct sasl_mechanism *m,
    const struct str *initial)
{
	struct auth_client client = login_client(s);

	s->sasl = sasl_new(s->service->auth, m, &client);
	if (s->sasl == NULL) {
		login_answer(s, LOGIN_NO_MECHANISM);
		return;
	}
	s->mechanism = m->name;
	login_enter_state(s, LOGIN_AUTHENTICATING);
	take_step(s, true, initial);
}

void
login_authenticate(
    struct login_session *s, struct str mechanism, const struct str *initial)
{
	const struct sasl_mechanism *m = sasl_mechanism_of(mechanism);
	struct str bytes;
	struct buf message;

	if (m == NULL) {
		login_answer(s, LOGIN_NO_MECHANISM);
		return;
	}
	if (m->cleartext && !login_cleartext_allowed(s)) {
		login_refuse_cleartext(s, m->name);
		return;
	}
	buf_init(&message, SASL_MESSAGE_BYTES_MAX);
	if (initial != NULL && !decode_initial(*initial, &message)) {
		login_answer(s, LOGIN_BAD_INITIAL);
	} else {
		bytes = buf_str(&message);
		begin_exchange(s, m, initial == NULL ? NULL : &bytes);
	}
	wipe(&message);
}

/* The client gave up, or sent what cannot be a response: the exchange is
 * over. */
static void
break_off(struct login_session *s, enum login_answer a)
{
	end_exchange(s, LOGIN_READING);
	login_answer(s, a);
}

/* authenticate line = base64 CRLF / "*" CRLF     RFC 9051 section 6.2.2 */
void
login_exchange_line(struct login_session *s, struct str line)
{
	struct buf message;
	struct str bytes;

	if (str_eq(line, STR("*"))) {
		break_off(s, LOGIN_CANCELLED);
		return;
	}
	buf_init(&message, SASL_MESSAGE_BYTES_MAX);
	if (!base64_decode(line, &message)) {
		break_off(s, LOGIN_BAD_RESPONSE);
	} else {
		bytes = buf_str(&message);
		take_step(s, false, &bytes);
	}
	wipe(&message);
}
