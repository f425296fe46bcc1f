/* SPDX-License-Identifier: MIT
 *
 * Listeners and their services.  Login and what comes after it do not know
 * each other: what passes from one to the other passes here.
 */
#include "server/service.h"

#include <assert.h>
#include <stdio.h>

#include "auth/pam_users.h"
#include "auth/sasl.h"
#include "base/mem.h"
#include "imap/command_table.h"
#include "imap/imap.h"
#include "lmtp/session.h"
#include "login/login.h"
#include "net/presence.h"
#include "pop3/pop3.h"
#include "proto/pop3/capability.h"
#include "proto/pop3/command.h"
#include "server/users.h"

/* One for each listener of the configuration, of its kind. */
struct service {
	struct login_service login;
	struct imap_service imap;
	struct lmtp_service lmtp;
};

struct services {
	const struct config *config;
	struct pop3_service pop3;
	struct service *each;
};

/* -- capabilities ------------------------------------------------------- */

static void
switch_off(capability_set *set, const struct config_names *names)
{
	/* Unknown names were refused by services_check_config(). */
	for (size_t i = 0; i < names->n; i++)
		(void)capability_switch_off(set, names->v[i]);
}

static capability_set
capabilities_of(const struct config *c, const struct config_listener *l)
{
	capability_set set = capability_all();

	switch_off(&set, &c->capabilities_off);
	switch_off(&set, &l->capabilities_off);
	return set;
}

static void
check_pam(struct config *c)
{
	if (*c->pam_service == '\0')
		return;
	if (!pam_users_built())
		config_refuse(
		    c, "pam.service", "this avocet was built without PAM");
	else if (!pam_users_service_exists(c->pam_service, c->pam_directory))
		config_refuse(c, "pam.service",
		    "PAM has no file for it: it would let nobody in");
}

bool
services_know_capability(struct str name)
{
	capability_set set = capability_all();

	return capability_switch_off(&set, name);
}

static void
check_capabilities(
    struct config *c, const struct config_names *names, const char *listener)
{
	for (size_t i = 0; i < names->n; i++) {
		char text[160];

		if (services_know_capability(names->v[i]))
			continue;
		(void)snprintf(text, sizeof(text),
		    "%.*s is no capability that can be switched off",
		    STR_ARG(str_head(names->v[i], 64)));
		if (listener == NULL)
			config_refuse(c, "capabilities_off", text);
		else
			config_refuse_listener(
			    c, listener, "capabilities_off", text);
	}
}

void
services_check_config(struct config *c)
{
	check_capabilities(c, &c->capabilities_off, NULL);
	for (size_t i = 0; i < c->listener_count; i++)
		check_capabilities(
		    c, &c->listeners[i].capabilities_off, c->listeners[i].name);
	for (size_t i = 0; i < c->mechanisms_off.n; i++) {
		struct str name = c->mechanisms_off.v[i];
		char text[160];

		if (sasl_mechanism_of(name) != NULL)
			continue;
		(void)snprintf(text, sizeof(text),
		    "%.*s is no SASL mechanism that is offered here",
		    STR_ARG(str_head(name, 64)));
		config_refuse(c, "mechanisms_off", text);
	}
	check_pam(c);
}

/* -- listeners ---------------------------------------------------------- */

static unsigned
enter_imap(void *arg, const struct login_handover *h)
{
	const struct imap_user user = {
		.account = h->account,
		.capabilities = h->capabilities,
		.name = h->user,
		.client = h->client,
	};

	return imap_enter(arg, h->conn, &user);
}

static unsigned
enter_pop3(void *arg, const struct login_handover *h)
{
	const struct pop3_user user = {
		.account = h->account,
		.name = h->user,
		.offered = h->offered,
		.cleartext = h->cleartext,
		.utf8 = h->utf8,
	};

	return pop3_enter(arg, h->conn, &user);
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

static void
start_imap(const struct config *c, const struct config_listener *l,
    const struct service_parts *p, struct imap_service *ret_imap)
{
	*ret_imap = (struct imap_service){
		.mail = p->mail,
		.watch = p->watch,
		.capabilities = capabilities_of(c, l),
		.lenient = c->lenient,
		.synonyms = c->folder_synonyms,
		.progress_ms = c->progress_seconds * 1000,
		.keepalive_ms = l->keepalive_seconds * 1000,
	};
	imap_service_init(ret_imap);
}

/* One for all listeners. */
static void
start_pop3(struct services *s, const struct service_parts *p)
{
	s->pop3.mail = p->mail;
	s->pop3.watch = p->watch;
	s->pop3.utf8 = s->config->pop3_utf8;
	s->pop3.hide_nul = s->config->pop3_hide_nul;
	pop3_service_init(&s->pop3);
}

static uint64_t
write_offered(void *imap, uint64_t account, struct buf *to)
{
	capability_set offered = imap_service_capabilities(imap, account);

	imap_service_write_capabilities(imap, offered, to);
	return offered;
}

static void
start_login(struct services *s, const struct config_listener *l,
    const struct service_parts *p, struct service *service)
{
	bool pop3 = l->protocol == CONFIG_POP3;

	service->login = (struct login_service){
		.dialect = pop3 ? &login_pop3 : &login_imap,
		.hostname = s->config->hostname,
		.auth = p->auth,
		.tls = p->tls,
		.accounts = p->accounts,
		.tls_mode = login_tls_of(l->tls),
		.plaintext_login =
		    s->config->plaintext_login == CONFIG_PLAINTEXT_LOOPBACK,
		.utf8 = s->config->pop3_utf8,
		.capabilities = service->imap.capabilities_before_login,
		.write_capabilities = write_offered,
		.enter = pop3 ? enter_pop3 : enter_imap,
		.arg = pop3 ? (void *)&s->pop3 : (void *)&service->imap,
	};
	login_service_init(&service->login);
}

struct services *
services_new(const struct config *c, const struct service_parts *p)
{
	struct services *s = mem_alloc(sizeof(*s));

	s->config = c;
	start_pop3(s, p);
	s->each = mem_array(c->listener_count, sizeof(*s->each));
	for (size_t i = 0; i < c->listener_count; i++) {
		const struct config_listener *l = &c->listeners[i];

		start_imap(c, l, p, &s->each[i].imap);
		start_login(s, l, p, &s->each[i]);
		s->each[i].lmtp.hostname = c->hostname;
		s->each[i].lmtp.mail = p->mail;
		s->each[i].lmtp.lenient = c->lmtp_lenient;
		s->each[i].lmtp.expect = users_expect;
		s->each[i].lmtp.arg = p->users;
		s->each[i].lmtp.tls = p->tls;
		s->each[i].lmtp.tls_mode = lmtp_tls_of(l->tls);
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

bool
services_are_idle(struct services *s)
{
	bool idle = true;

	/* First who may yet come to the groups below. */
	for (size_t i = 0; i < s->config->listener_count && idle; i++)
		idle = login_service_is_idle(&s->each[i].login) &&
		       group_is_empty(&s->each[i].lmtp.sessions);
	for (size_t i = 0; i < s->config->listener_count && idle; i++)
		idle = group_is_empty(&s->each[i].imap.sessions);
	return idle && group_is_empty(&s->pop3.sessions);
}

/* -- sessions as operations see them ------------------------------------ */

struct each {
	const char *protocol;
	operation_session_fn *fn;
	void *arg;
};

static void
tell_session(void *arg, const struct presence_seen *seen)
{
	static const char *const doing[] = {
		[PRESENCE_WAIT] = "wait",
		[PRESENCE_IDLE] = "idle",
		[PRESENCE_COMMAND] = "command",
	};
	const struct each *each = arg;
	const struct operation_session session = {
		.id = seen->id,
		.account = seen->account,
		.protocol = each->protocol,
		.user = seen->user,
		.peer = seen->peer,
		.client = seen->client,
		.doing = doing[seen->doing],
		.mailbox = seen->mailbox,
		.tls = seen->tls,
		.since = seen->since,
		.bytes_in = seen->bytes_in,
		.bytes_out = seen->bytes_out,
	};

	each->fn(each->arg, &session);
}

void
services_each_session(struct services *s, operation_session_fn *fn, void *arg)
{
	struct each imap = { "imap", fn, arg };
	struct each pop3 = { "pop3", fn, arg };

	for (size_t i = 0; i < s->config->listener_count; i++)
		presence_each(&s->each[i].imap.sessions, tell_session, &imap);
	presence_each(&s->pop3.sessions, tell_session, &pop3);
}

unsigned
services_kick(struct services *s, uint64_t account, uint64_t id)
{
	unsigned count = presence_kick(&s->pop3.sessions, account, id);

	for (size_t i = 0; i < s->config->listener_count; i++)
		count += presence_kick(&s->each[i].imap.sessions, account, id);
	return count;
}

/* -- the end ------------------------------------------------------------ */

void
services_stop(struct services *s)
{
	pop3_service_stop(&s->pop3);
	for (size_t i = 0; i < s->config->listener_count; i++) {
		imap_service_stop(&s->each[i].imap);
		login_service_stop(&s->each[i].login);
		lmtp_service_stop(&s->each[i].lmtp);
	}
}

void
services_free(struct services *s)
{
	if (s == NULL)
		return;
	pop3_service_fini(&s->pop3);
	for (size_t i = 0; i < s->config->listener_count; i++) {
		imap_service_fini(&s->each[i].imap);
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
	    "### Capabilities\n\n"
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
	    "\n### Commands after login\n\n"
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

static const char *
pop3_when(enum pop3_when when)
{
	static const char *const words[] = {
		[POP3_ALWAYS] = "always",
		[POP3_WITH_STLS] = "while TLS may begin",
		[POP3_WITH_UTF8] = "with `pop3_utf8`",
		[POP3_WITH_CLEARTEXT] = "while passwords may go as they are: "
					"under TLS",
	};

	return words[when];
}

static void
write_pop3_tables(struct buf *to)
{
	buf_add_text(to, "### Capabilities of POP3\n\n"
			 "| Name | RFC | Announced |\n"
			 "| --- | --- | --- |\n");
	for (const struct pop3_capability *c = pop3_capabilities; c->name; c++)
		buf_add_format(to, "| `%s%s` | %u | %s |\n", c->name,
		    c->arguments, c->rfc, pop3_when(c->when));
	buf_add_text(to, "\n### Commands of POP3\n\n"
			 "| Command | RFC | Before login | After login |\n"
			 "| --- | --- | --- | --- |\n");
	for (const struct pop3_row *r = pop3_table; r->name; r++)
		if (r->states != 0)
			buf_add_format(to, "| %s | %u | %s | %s |\n", r->name,
			    r->rfc, r->states & POP3_AUTHORIZATION ? "yes" : "",
			    r->states & POP3_TRANSACTION ? "yes" : "");
}

static void
write_pop3(struct buf *to)
{
	buf_add_text(to,
	    "\n## POP3\n\n"
	    "POP3 (RFC 1939) serves INBOX. Where the standard leaves a "
	    "choice:\n\n"
	    "- A session sees INBOX as it was at login, and keeps seeing it, "
	    "whatever other sessions do. Nothing is\n"
	    "  locked: any number of POP3 and IMAP sessions may use INBOX at "
	    "once.\n"
	    "- `DELE` takes effect at `QUIT`, whose `+OK` says that the "
	    "removal is on stable storage, and which waits until\n"
	    "  the client has taken what it asked for before; the messages "
	    "can be brought back as after an EXPUNGE. A session\n"
	    "  that ends otherwise changes nothing.\n"
	    "- At `QUIT` messages that `RETR` has sent become \\Seen. `TOP` "
	    "is only a look. \\Recent is left to IMAP.\n"
	    "- A unique-id is UIDVALIDITY and UID of INBOX; it stays for as "
	    "long as the message is in INBOX.\n"
	    "- Messages are sent as they are stored, but for what POP3 cannot "
	    "carry: an LF without CR gets one, and a last\n"
	    "  line without an end gets that. `LIST` and `STAT` count these "
	    "octets.\n"
	    "- A session that is silent for ten minutes is closed without a "
	    "word.\n"
	    "- Before TLS, `USER`, `PASS` and the mechanisms that send a "
	    "password are refused, and not announced.\n"
	    "- There is no `APOP`: it needs passwords that the server can "
	    "read.\n"
	    "- `UTF8` (RFC 6856) is there when `pop3_utf8` says so: with it, "
	    "messages with UTF-8 in a header are kept from\n"
	    "  clients that do not ask for it, which are most. Without it "
	    "everybody gets them as they are. There is no\n"
	    "  `LANG`, since all texts are in English.\n\n");
	write_pop3_tables(to);
}

void
services_write_protocol_page(struct buf *to)
{
	buf_add_text(to,
	    "# The protocol\n\n"
	    "<!-- Made by `avocet help protocol` from "
	    "src/imap/capability_table.c, src/imap/command_table.c,\n"
	    "src/proto/pop3/capability.c and src/proto/pop3/command.c; `make "
	    "check` compares. -->\n\n"
	    "## IMAP\n\n"
	    "Avocet speaks IMAP4rev1 (RFC 3501), and IMAP4rev2 (RFC 9051) to a "
	    "client that has enabled it. `capabilities_off`\n"
	    "in the configuration, for all or for one listener, and `avocet "
	    "capability off` for one user, name\n"
	    "capabilities that are not announced and unlock nothing.\n\n");
	write_capabilities(to);
	write_commands(to);
	write_pop3(to);
}
