/* SPDX-License-Identifier: MIT
 *
 * The commands before login (RFC 9051 sections 6.1 and 6.2, RFC 2971), but
 * for those that log in, which are in authenticate.c.
 */
#include "login/session.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"

#define CLIENT_BYTES_MAX 128

bool
login_cleartext_allowed(const struct login_session *s)
{
	return conn_is_tls(s->conn) ||
	       (s->service->plaintext_login && conn_peer_is_loopback(s->conn));
}

static bool
starttls_offered(const struct login_session *s)
{
	return s->service->tls_mode == LOGIN_TLS_STARTTLS &&
	       !conn_is_tls(s->conn);
}

/* -- CAPABILITY -------------------------------------------------------- */

static void
add_capability(struct buf *to, const char *prefix, const char *name)
{
	buf_add_byte(to, ' ');
	buf_add_text(to, prefix);
	buf_add_text(to, name);
}

void
login_capabilities(
    const struct login_session *s, bool after_login, struct buf *to)
{
	bool cleartext = login_cleartext_allowed(s);

	if (after_login) {
		buf_add_text(to, s->service->capabilities_after);
		return;
	}
	buf_add_text(to, s->service->capabilities);
	if (starttls_offered(s))
		add_capability(to, "", "STARTTLS");
	if (!cleartext)
		add_capability(to, "", "LOGINDISABLED");
	for (const struct sasl_mechanism *m = sasl_mechanisms; m->name; m++)
		if (cleartext || !m->cleartext)
			add_capability(to, "AUTH=", m->name);
}

static void
run_capability(struct login_session *s, const struct login_command *c)
{
	struct buf line;

	buf_init(&line, CAPABILITIES_BYTES_MAX);
	buf_add_text(&line, "* CAPABILITY ");
	login_capabilities(s, false, &line);
	buf_add_text(&line, "\r\n");
	conn_out(s->conn, buf_str(&line));
	buf_fini(&line);
	login_reply(s, c->tag, "OK", "Those are all");
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

/* Append at most ${bytes_max} bytes of ${value}, made printable. */
static void
add_printable(struct buf *to, struct str value, size_t bytes_max)
{
	value = str_head(value, bytes_max);
	for (size_t i = 0; i < value.n; i++)
		buf_add_byte(to,
		    value.p[i] >= ' ' && value.p[i] < 0x7f ? value.p[i] : '?');
}

/* Keep "name version" for the session after login. */
static void
remember_client(struct login_session *s, const struct login_command *c)
{
	struct str name = id_value(c, STR("name"));
	struct str version = id_value(c, STR("version"));
	struct buf line;

	mem_free(s->client);
	s->client = NULL;
	if (name.n == 0)
		return;
	buf_init(&line, 2 * CLIENT_BYTES_MAX + 2);
	add_printable(&line, name, CLIENT_BYTES_MAX);
	if (version.n > 0)
		buf_add_byte(&line, ' ');
	add_printable(&line, version, CLIENT_BYTES_MAX);
	buf_add_byte(&line, '\0');
	s->client = mem_strdup(line.p);
	buf_fini(&line);
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
			log_str(
			    &line, names[i], str_head(value, CLIENT_BYTES_MAX));
	}
	log_end(&line);
}

static void
run_id(struct login_session *s, const struct login_command *c)
{
	remember_client(s, c);
	log_id(s, c);
	conn_out(s->conn, STR("* ID (\"name\" \"Avocet\")\r\n"));
	login_reply(s, c->tag, "OK", "Nice to meet you");
}

/* -- the others -------------------------------------------------------- */

static void
run_starttls(struct login_session *s, const struct login_command *c)
{
	if (!starttls_offered(s)) {
		login_bad(s, c->tag,
		    conn_is_tls(s->conn) ? "TLS is in use already"
					 : "TLS is not offered here");
		return;
	}
	login_reply(s, c->tag, "OK", "Begin TLS now");
	login_enter_state(s, LOGIN_STARTTLS);
}

static void
run_logout(struct login_session *s, const struct login_command *c)
{
	login_reply(s, STR("*"), "BYE", "Logging out");
	login_reply(s, c->tag, "OK", "Bye");
	login_enter_state(s, LOGIN_CLOSING);
}

void
login_run_command(struct login_session *s, const struct login_command *c)
{
	switch (c->verb) {
	case LOGIN_VERB_NONE:
		login_bad(s, c->tag, c->wrong);
		break;
	case LOGIN_VERB_OTHER:
		login_bad(s, c->tag, "Unknown command, or log in first");
		break;
	case LOGIN_VERB_CAPABILITY:
		run_capability(s, c);
		break;
	case LOGIN_VERB_NOOP:
		login_reply(s, c->tag, "OK", "Done");
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
		login_authenticate(s, c->tag, c->mechanism,
		    c->secret.p == NULL ? NULL : &c->secret);
		break;
	case LOGIN_VERB_LOGIN:
		login_password(s, c->tag, c->user, c->secret);
		break;
	}
}
