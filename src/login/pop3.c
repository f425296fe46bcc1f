/* SPDX-License-Identifier: MIT
 *
 * POP3 before login, its AUTHORIZATION state: USER and PASS (RFC 1939 section
 * 7), AUTH (RFC 5034), STLS (RFC 2595 section 4), CAPA (RFC 2449), UTF8 (RFC
 * 6856) and QUIT.
 *
 * A password that is right is answered by the session after login, when it has
 * the mailbox.
 */
#include "login/session.h"

#include <assert.h>

#include "base/utf8.h"
#include "proto/pop3/capability.h"
#include "proto/pop3/command.h"
#include "proto/pop3/response_check.h"

/* -- answers ------------------------------------------------------------ */

static void
reply(struct login_session *s, const char *text)
{
	conn_out(s->conn, str_of(text));
	conn_out(s->conn, STR("\r\n"));
}

/* Queue -ERR and count it. */
static void
bad(struct login_session *s, const char *text)
{
	reply(s, text);
	login_count_bad(s);
}

static void
say(struct login_session *s, enum login_answer a)
{
	static const char *const answers[LOGIN_ANSWERS] = {
		[LOGIN_DENIED] = "-ERR [AUTH] Authentication failed",
		[LOGIN_BUSY] =
		    "-ERR [SYS/TEMP] Too many attempts, try again later",
		[LOGIN_BROKEN] = "-ERR [SYS/TEMP] Cannot check passwords now",
		[LOGIN_FULL] =
		    "-ERR [SYS/TEMP] Too many connections of this account",
		[LOGIN_FAST] =
		    "-ERR [LOGIN-DELAY] Too many logins of this account",
		[LOGIN_NO_MECHANISM] = "-ERR No such mechanism",
		[LOGIN_NEEDS_TLS] = "-ERR Use TLS first",
		[LOGIN_BAD_INITIAL] = "-ERR Initial response is not base64",
		[LOGIN_BAD_RESPONSE] = "-ERR Response is not base64",
		[LOGIN_CANCELLED] = "-ERR Authentication cancelled",
		[LOGIN_TOO_BAD] = "-ERR Too many bad commands",
		[LOGIN_TOO_LONG] = "-ERR Line is too long",
		[LOGIN_TOO_MANY] =
		    "-ERR [SYS/TEMP] Too many log in now, try again later",
		[LOGIN_STOPPING] = "-ERR [SYS/TEMP] Shutting down",
	};

	/* Who has asked nothing is told nothing: RFC 1939 section 3. */
	if (a == LOGIN_TOO_SLOW ||
	    (a >= LOGIN_TOO_MANY && s->state != LOGIN_CHECKING))
		return;
	reply(s, answers[a]);
}

/* No "<" in it: there is no APOP. */
static void
greet(struct login_session *s)
{
#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(s->conn, pop3_response_check_new(false));
#endif
	conn_out(s->conn, STR("+OK "));
	conn_out(s->conn, str_of(s->service->hostname));
	conn_out(s->conn, STR(" ready\r\n"));
}

/* Append the names of the mechanisms, ${before} in front of each. */
static void
add_mechanisms(
    const struct login_session *s, const char *before, struct buf *to)
{
	struct auth_client client = login_client(s);

	sasl_add_names(s->service->auth, &client, before, to);
}

/* Whether it went well depends on the mailbox, so that the session after login
 * says it; its CAPA announces the same mechanisms (RFC 2449 section 5). */
static void
welcome(struct login_session *s)
{
	struct buf names;

	buf_init(&names, CAPABILITIES_BYTES_MAX);
	add_mechanisms(s, " ", &names);
	login_set_word(s, buf_str(&names));
	buf_fini(&names);
}

/* -- commands ----------------------------------------------------------- */

static void
run_capa(struct login_session *s)
{
	struct pop3_offer offer = {
		.stls = login_tls_offered(s),
		.cleartext = login_cleartext_allowed(s),
		.utf8 = s->service->utf8,
	};
	struct buf mechanisms, text;

	buf_init(&mechanisms, CAPABILITIES_BYTES_MAX);
	add_mechanisms(s, " ", &mechanisms);
	buf_add_byte(&mechanisms, '\0');
	assert(buf_check(&mechanisms) == RC_OK);
	offer.mechanisms = mechanisms.p;
	buf_init(&text, CAPABILITIES_BYTES_MAX);
	pop3_write_capabilities(&offer, &text);
	assert(buf_check(&text) == RC_OK);
	conn_out(s->conn, buf_str(&text));
	buf_fini(&text);
	buf_fini(&mechanisms);
}

static void
run_stls(struct login_session *s)
{
	if (!login_tls_offered(s)) {
		bad(s, conn_is_tls(s->conn) ? "-ERR TLS is in use already"
					    : "-ERR TLS is not offered here");
		return;
	}
	reply(s, "+OK Begin TLS now");
	login_enter_state(s, LOGIN_STARTTLS);
}

static void
run_utf8(struct login_session *s)
{
	if (!s->service->utf8) {
		bad(s, "-ERR No such command");
		return;
	}
	s->utf8 = true;
	reply(s, "+OK UTF-8 it is");
}

/* Whoever offers UTF8 with USER refuses what is not UTF-8 (RFC 6856 section
 * 2.2).  Without it any octets may be a password. */
static bool
is_text(const struct login_session *s, struct str text)
{
	return !s->service->utf8 || utf8_valid(text);
}

/* The same answer whether there is such a user or not. */
static void
run_user(struct login_session *s, struct str name)
{
	if (!login_cleartext_allowed(s)) {
		login_refuse_cleartext(s, "USER command");
		return;
	}
	if (!is_text(s, name)) {
		bad(s, "-ERR Arguments not valid");
		return;
	}
	login_set_word(s, name);
	reply(s, "+OK Send the password");
}

static void
run_pass(struct login_session *s, struct str password)
{
	if (s->word == NULL) {
		bad(s, "-ERR Send USER first");
		return;
	}
	if (!is_text(s, password)) {
		bad(s, "-ERR Arguments not valid");
		return;
	}
	login_password(s, "PASS command", str_of(s->word), password);
	login_set_word(s, STR(""));
}

/* The names of the mechanisms, a line for each: what AUTH alone asks for,
 * which was so before there was CAPA. */
static void
list_mechanisms(struct login_session *s)
{
	struct buf lines;

	buf_init(&lines, CAPABILITIES_BYTES_MAX);
	buf_add_text(&lines, "+OK These are all");
	add_mechanisms(s, "\r\n", &lines);
	buf_add_text(&lines, "\r\n.\r\n");
	assert(buf_check(&lines) == RC_OK);
	conn_out(s->conn, buf_str(&lines));
	buf_fini(&lines);
}

static void
run_auth(struct login_session *s, const struct pop3_command *m)
{
	if (m->mechanism.n == 0)
		list_mechanisms(s);
	else
		login_authenticate(
		    s, m->mechanism, m->initial.p == NULL ? NULL : &m->initial);
}

static void
run_quit(struct login_session *s)
{
	reply(s, "+OK Bye");
	login_enter_state(s, LOGIN_CLOSING);
}

static void
run_command(struct login_session *s, const struct pop3_command *m)
{
	switch (m->row->verb) {
	case POP3_CAPA:
		run_capa(s);
		break;
	case POP3_STLS:
		run_stls(s);
		break;
	case POP3_USER:
		run_user(s, m->text);
		break;
	case POP3_PASS:
		run_pass(s, m->text);
		break;
	case POP3_AUTH:
		run_auth(s, m);
		break;
	case POP3_UTF8:
		run_utf8(s);
		break;
	case POP3_QUIT:
		run_quit(s);
		break;
	default:
		bad(s, m->row->states == 0 ? "-ERR No such command"
					   : "-ERR Log in first");
		break;
	}
}

/* -- input -------------------------------------------------------------- */

static void
run_line(struct login_session *s, struct str line)
{
	struct pop3_command m;
	enum pop3_fault fault;

	if (line.n == 0)
		return; /* some clients send empty lines */
	if (pop3_parse_command(line, &m, &fault))
		run_command(s, &m);
	else if (fault == POP3_FAULT_VERB)
		bad(s, "-ERR No such command");
	else
		bad(s, "-ERR Arguments not valid");
}

static bool
take_command(struct login_session *s)
{
	return login_take_line(s, run_line);
}

const struct login_dialect login_pop3 = {
	.protocol = "pop3",
	.greet = greet,
	.take_command = take_command,
	.say = say,
	.welcome = welcome,
};
