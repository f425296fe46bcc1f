/* SPDX-License-Identifier: MIT
 *
 * Listeners and their services.  Login and IMAP do not know each other: what
 * passes from one to the other passes here.
 */
#include "server/service.h"

#include <stdio.h>

#include "base/mem.h"
#include "imap/command_table.h"
#include "imap/imap.h"
#include "lmtp/session.h"
#include "login/login.h"
#include "server/users.h"

/* One for each listener of the configuration, of its kind. */
struct service {
	struct login_service login;
	struct lmtp_service lmtp;
};

struct services {
	const struct config *config;
	struct imap_service imap;
	struct service *each;
};

/* -- capabilities ------------------------------------------------------- */

static capability_set
capabilities_of(const struct config *c)
{
	capability_set set = capability_all();

	/* Unknown names were refused by services_check_config(). */
	for (size_t i = 0; i < c->capabilities_off.n; i++)
		(void)capability_switch_off(&set, c->capabilities_off.v[i]);
	return set;
}

void
services_check_config(struct config *c)
{
	capability_set set = capability_all();

	for (size_t i = 0; i < c->capabilities_off.n; i++) {
		struct str name = c->capabilities_off.v[i];
		char text[160];

		if (capability_switch_off(&set, name))
			continue;
		(void)snprintf(text, sizeof(text),
		    "%.64s is no capability that can be switched off",
		    name.n < 64 ? name.p : "this");
		config_refuse(c, "capabilities_off", text);
	}
}

/* -- listeners ---------------------------------------------------------- */

static unsigned
enter(void *arg, const struct login_handover *h)
{
	const struct imap_user user = {
		.account = h->account,
		.name = h->user,
		.client = h->client,
	};

	return imap_enter(arg, h->conn, &user);
}

static enum login_tls
login_tls_of(unsigned tls)
{
	if (tls == CONFIG_TLS_IMPLICIT)
		return LOGIN_TLS_IMPLICIT;
	return tls == CONFIG_TLS_STARTTLS ? LOGIN_TLS_STARTTLS : LOGIN_TLS_NONE;
}

static enum lmtp_tls
lmtp_tls_of(unsigned tls)
{
	if (tls == CONFIG_TLS_IMPLICIT)
		return LMTP_TLS_IMPLICIT;
	return tls == CONFIG_TLS_STARTTLS ? LMTP_TLS_STARTTLS : LMTP_TLS_NONE;
}

struct services *
services_new(const struct config *c, struct mail *m, struct users *u,
    struct auth *a, struct tls_context *tls)
{
	struct services *s = mem_alloc(sizeof(*s));

	s->config = c;
	s->imap.mail = m;
	s->imap.capabilities = capabilities_of(c);
	imap_service_init(&s->imap);
	s->each = mem_array(c->listener_count, sizeof(*s->each));
	for (size_t i = 0; i < c->listener_count; i++) {
		unsigned mode = c->listeners[i].tls;

		s->each[i].login = (struct login_service){
			.hostname = c->hostname,
			.auth = a,
			.tls = tls,
			.tls_mode = login_tls_of(mode),
			.plaintext_login =
			    c->plaintext_login == CONFIG_PLAINTEXT_LOOPBACK,
			.capabilities = s->imap.capabilities_before_login,
			.capabilities_after = s->imap.capabilities_after_login,
			.enter = enter,
			.arg = &s->imap,
		};
		login_service_init(&s->each[i].login);
		s->each[i].lmtp.hostname = c->hostname;
		s->each[i].lmtp.mail = m;
		s->each[i].lmtp.expect = users_expect;
		s->each[i].lmtp.arg = u;
		s->each[i].lmtp.tls = tls;
		s->each[i].lmtp.tls_mode = lmtp_tls_of(mode);
		lmtp_service_init(&s->each[i].lmtp);
	}
	return s;
}

void *
services_of(struct services *s, size_t index, listen_accept_fn **ret_accept)
{
	if (s->config->listeners[index].protocol == CONFIG_LMTP) {
		*ret_accept = lmtp_accept;
		return &s->each[index].lmtp;
	}
	*ret_accept = login_accept;
	return &s->each[index].login;
}

void
services_stop(struct services *s)
{
	imap_service_stop(&s->imap);
	for (size_t i = 0; i < s->config->listener_count; i++) {
		login_service_stop(&s->each[i].login);
		lmtp_service_stop(&s->each[i].lmtp);
	}
}

void
services_free(struct services *s)
{
	if (s == NULL)
		return;
	imap_service_fini(&s->imap);
	for (size_t i = 0; i < s->config->listener_count; i++) {
		login_service_fini(&s->each[i].login);
		lmtp_service_fini(&s->each[i].lmtp);
	}
	mem_free(s->each);
	mem_free(s);
}

/* -- the page ----------------------------------------------------------- */

static const char *
when(unsigned offered)
{
	if (offered == OFFERED_BEFORE_LOGIN)
		return "before login";
	return offered == OFFERED_AFTER_LOGIN ? "after login" : "always";
}

static void
write_capabilities(struct buf *to)
{
	buf_add_text(to,
	    "## Capabilities\n\n"
	    "Besides these, `STARTTLS`, `LOGINDISABLED` and `AUTH=` are "
	    "announced before login as things are.\n\n"
	    "| Name | RFC | Announced | Can be switched off |\n"
	    "| --- | --- | --- | --- |\n");
	for (int i = CAPABILITY_NONE + 1; i < CAPABILITY_COUNT; i++) {
		const struct capability_row *row = &capability_table[i];

		buf_add_format(to, "| `%s` | %u | %s | %s |\n", row->name,
		    row->rfc, when(row->offered), row->fixed ? "no" : "yes");
	}
}

static const char *
states(unsigned bits)
{
	if (bits == 0)
		return "before login only";
	if (bits == IN_SELECTED)
		return "selected";
	return bits == IN_AUTHENTICATED ? "authenticated"
					: "authenticated, selected";
}

static void
write_commands(struct buf *to)
{
	buf_add_text(to,
	    "\n## Commands after login\n\n"
	    "| Command | States | Refused after EXAMINE | Needs | From |\n"
	    "| --- | --- | --- | --- | --- |\n");
	for (const struct command *c = command_table; c->name != NULL; c++)
		buf_add_format(to, "| %s | %s | %s | %s | %s |\n", c->name,
		    states(c->states), c->flags & COMMAND_WRITES ? "yes" : "",
		    c->capability == CAPABILITY_NONE
			? ""
			: capability_table[c->capability].name,
		    c->rfc);
}

void
services_write_protocol_page(struct buf *to)
{
	buf_add_text(to,
	    "# The protocol\n\n"
	    "<!-- Made by `avocet help protocol` from "
	    "src/imap/capability_table.c and src/imap/command_table.c; `make "
	    "check` compares. -->\n\n"
	    "Avocet speaks IMAP4rev1 (RFC 3501), and IMAP4rev2 (RFC 9051) to a "
	    "client that has enabled it. `capabilities_off`\n"
	    "in the configuration names capabilities that are not announced "
	    "and unlock nothing.\n\n");
	write_capabilities(to);
	write_commands(to);
}
