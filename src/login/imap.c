/* SPDX-License-Identifier: MIT
 *
 * IMAP before login (RFC 9051 sections 6.1 and 6.2, RFC 2971): its commands,
 * and its words for what both dialects have to say.
 */
#include "login/session.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/presence.h"
#include "proto/imap/response_check.h"
#include "proto/imap/write.h"

#define REPLY_BYTES_MAX (CAPABILITIES_BYTES_MAX + 1024)

/* -- answers ------------------------------------------------------------ */

/* Queue "tag STATUS [code] text"; ${code} may be empty. */
static void
reply(struct login_session *s, struct str tag, const char *status,
    struct str code, const char *text)
{
	struct buf line;

	buf_init(&line, REPLY_BYTES_MAX);
	write_state(&line, tag, status, code, str_of(text));
	buf_add_text(&line, "\r\n");
	assert(buf_check(&line) == RC_OK);
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
}

static void
ok(struct login_session *s, struct str tag, const char *text)
{
	reply(s, tag, "OK", STR(""), text);
}

/* Queue BAD and count it.  ${tag} may be empty when there is none. */
static void
bad(struct login_session *s, struct str tag, struct str code, const char *text)
{
	reply(s, tag.n > 0 ? tag : STR("*"), "BAD", code, text);
	login_count_bad(s);
}

static void
say(struct login_session *s, enum login_answer a)
{
	static const struct {
		const char *status, *code, *text;
	} answers[LOGIN_ANSWERS] = {
		[LOGIN_DENIED] = { "NO", "AUTHENTICATIONFAILED",
		    "Authentication failed" },
		[LOGIN_BUSY] = { "NO", "UNAVAILABLE",
		    "Too many attempts, try again later" },
		[LOGIN_BROKEN] = { "NO", "UNAVAILABLE",
		    "Cannot check passwords now" },
		[LOGIN_FULL] = { "NO", "LIMIT",
		    "Too many connections of this account" },
		[LOGIN_FAST] = { "NO", "LIMIT",
		    "Too many logins of this account, try again "
		    "later" },
		[LOGIN_NO_MECHANISM] = { "NO", "CANNOT", "No such mechanism" },
		[LOGIN_NEEDS_TLS] = { "NO", "PRIVACYREQUIRED",
		    "Use TLS first" },
		[LOGIN_BAD_INITIAL] = { "BAD", "",
		    "Initial response is not base64" },
		[LOGIN_BAD_RESPONSE] = { "BAD", "", "Response is not base64" },
		[LOGIN_CANCELLED] = { "BAD", "", "Authentication cancelled" },
		[LOGIN_TOO_BAD] = { "BYE", "", "Too many bad commands" },
		[LOGIN_TOO_LONG] = { "BYE", "", "Line or literal is too long" },
		[LOGIN_TOO_SLOW] = { "BYE", "", "Too slow to log in" },
		[LOGIN_TOO_MANY] = { "BYE", "UNAVAILABLE",
		    "Too many log in now, try again later" },
		[LOGIN_STOPPING] = { "BYE", "UNAVAILABLE", "Shutting down" },
	};
	bool last = a >= LOGIN_TOO_BAD;

	reply(s, last ? STR("*") : str_of(s->word), answers[a].status,
	    str_of(answers[a].code), answers[a].text);
	if (!last)
		login_set_word(s, STR(""));
}

/* -- CAPABILITY -------------------------------------------------------- */

/* Append the data of the CAPABILITY response, as things are now. */
static void
add_capabilities(struct login_session *s, struct buf *to)
{
	struct auth_client client = login_client(s);

	buf_add_text(to, s->service->capabilities);
	if (login_tls_offered(s))
		buf_add_text(to, " STARTTLS");
	if (!client.cleartext)
		buf_add_text(to, " LOGINDISABLED");
	sasl_add_names(s->service->auth, &client, " AUTH=", to);
}

/* Append all that hold after login, for who has just logged in. */
static void
add_capabilities_after(struct login_session *s, struct buf *to)
{
	s->capabilities =
	    s->service->write_capabilities(s->service->arg, s->account, to);
}

/* Queue an untagged or a tagged OK with capabilities in its code. */
static void
reply_with_capabilities(struct login_session *s, struct str tag,
    void (*add)(struct login_session *s, struct buf *to), const char *text)
{
	struct buf code;

	buf_init(&code, CAPABILITIES_BYTES_MAX);
	buf_add_text(&code, "CAPABILITY ");
	add(s, &code);
	assert(buf_check(&code) == RC_OK);
	reply(s, tag, "OK", buf_str(&code), text);
	buf_fini(&code);
}

/* greeting = "*" SP resp-cond-auth CRLF          RFC 9051 section 7.1.4 */
static void
greet(struct login_session *s)
{
	char text[320];

#ifdef AVOCET_CHECK_OUTPUT
	conn_check_output(s->conn, response_check_new(false));
#endif
	(void)snprintf(text, sizeof(text), "%s ready", s->service->hostname);
	reply_with_capabilities(s, STR("*"), add_capabilities, text);
}

static void
welcome(struct login_session *s)
{
	reply_with_capabilities(
	    s, str_of(s->word), add_capabilities_after, "Logged in");
	login_set_word(s, STR(""));
}

static void
run_capability(struct login_session *s, const struct login_command *c)
{
	struct buf line;

	buf_init(&line, CAPABILITIES_BYTES_MAX);
	buf_add_text(&line, "* CAPABILITY ");
	add_capabilities(s, &line);
	buf_add_text(&line, "\r\n");
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
	ok(s, c->tag, "Those are all");
}

/* -- ID ---------------------------------------------------------------- */

static struct str
id_value(const struct login_command *c, struct str name)
{
	for (size_t i = 0; i < c->id_count; i++)
		if (str_eq_nocase(c->id[i].name, name))
			return c->id[i].value;
	return STR("");
}

/* Keep "name version" for the session after login. */
static void
remember_client(struct login_session *s, const struct login_command *c)
{
	mem_free(s->client);
	s->client = presence_client_text(
	    id_value(c, STR("name")), id_value(c, STR("version")));
}

/* What the client says of itself helps to find out what it does.  Once a
 * connection, so that the log cannot be flooded. */
static void
log_id(struct login_session *s, const struct login_command *c)
{
	static const char *const names[] = { "name", "version", "vendor", "os",
		"os-version" };
	struct log_line line;

	if (s->id_logged)
		return;
	s->id_logged = true;
	log_begin(&line, LOG_INFO, "client-id");
	log_text(&line, "peer", conn_peer(s->conn));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct str value = id_value(c, str_of(names[i]));

		if (value.n > 0)
			log_str(&line, names[i],
			    str_head(value, PRESENCE_CLIENT_BYTES));
	}
	log_end(&line);
}

static void
run_id(struct login_session *s, const struct login_command *c)
{
	remember_client(s, c);
	log_id(s, c);
	conn_out(s->conn, STR("* ID (\"name\" \"Avocet\")\r\n"));
	ok(s, c->tag, "Nice to meet you");
}

/* -- the others -------------------------------------------------------- */

static void
run_starttls(struct login_session *s, const struct login_command *c)
{
	if (!login_tls_offered(s)) {
		bad(s, c->tag, STR(""),
		    conn_is_tls(s->conn) ? "TLS is in use already"
					 : "TLS is not offered here");
		return;
	}
	ok(s, c->tag, "Begin TLS now");
	login_enter_state(s, LOGIN_STARTTLS);
}

static void
run_logout(struct login_session *s, const struct login_command *c)
{
	reply(s, STR("*"), "BYE", STR(""), "Logging out");
	ok(s, c->tag, "Bye");
	login_enter_state(s, LOGIN_CLOSING);
}

static void
run_authenticate(struct login_session *s, const struct login_command *c)
{
	login_set_word(s, c->tag);
	login_authenticate(
	    s, c->mechanism, c->secret.p == NULL ? NULL : &c->secret);
}

static void
run_login(struct login_session *s, const struct login_command *c)
{
	login_set_word(s, c->tag);
	login_password(s, "LOGIN command", c->user, c->secret);
}

static void
run_command(struct login_session *s, const struct login_command *c)
{
	switch (c->verb) {
	case LOGIN_VERB_NONE:
		bad(s, c->tag, STR(""), c->wrong);
		break;
	case LOGIN_VERB_OTHER:
		bad(s, c->tag, STR(""), "Unknown command, or log in first");
		break;
	case LOGIN_VERB_CAPABILITY:
		run_capability(s, c);
		break;
	case LOGIN_VERB_NOOP:
		ok(s, c->tag, "Done");
		break;
	case LOGIN_VERB_LOGOUT:
		run_logout(s, c);
		break;
	case LOGIN_VERB_ID:
		run_id(s, c);
		break;
	case LOGIN_VERB_STARTTLS:
		run_starttls(s, c);
		break;
	case LOGIN_VERB_AUTHENTICATE:
		run_authenticate(s, c);
		break;
	case LOGIN_VERB_LOGIN:
		run_login(s, c);
		break;
	}
}

/* -- input -------------------------------------------------------------- */

static void
run_bytes(struct login_session *s, char *bytes, size_t count)
{
	struct login_command command;

	if (count == 2)
		return; /* some clients send empty lines */
	login_parse_command(bytes, count, &command);
	run_command(s, &command);
}

/* The client announced more than is allowed and now waits. */
static void
refuse_literal(struct login_session *s, char *bytes, size_t count)
{
	struct login_command command;

	login_parse_command(bytes, count, &command);
	bad(s, command.tag, STR("TOOBIG"), "Literal is too long");
}

static bool
take_command(struct login_session *s)
{
	size_t count;
	enum login_cut cut;
	char *bytes;

	cut = login_cut_command(conn_input(s->conn), &s->scan, &count);
	switch (cut) {
	case LOGIN_CUT_MORE:
		return false;
	case LOGIN_CUT_CONTINUE:
		conn_out(s->conn, STR("+ OK\r\n"));
		return true;
	case LOGIN_CUT_LOST:
		login_answer(s, LOGIN_TOO_LONG);
		return true;
	case LOGIN_CUT_COMMAND:
	case LOGIN_CUT_TOOBIG:
		bytes = login_take_bytes(s, count);
		if (cut == LOGIN_CUT_COMMAND)
			run_bytes(s, bytes, count);
		else
			refuse_literal(s, bytes, count);
		login_drop_bytes(bytes, count);
	}
	return true;
}

const struct login_dialect login_imap = {
	.protocol = "imap",
	.greet = greet,
	.take_command = take_command,
	.say = say,
	.welcome = welcome,
};
