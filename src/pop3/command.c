/* SPDX-License-Identifier: MIT
 *
 * The commands after login (RFC 1939 sections 5 to 7, RFC 2449 section 5).
 */
#include "pop3/session.h"

#include <assert.h>
#include <stdio.h>

#include "base/limits.h"
#include "proto/pop3/capability.h"
#include "proto/pop3/command.h"

#define NO_SUCH_MESSAGE "-ERR No such message"

static void
run_capa(struct pop3_session *s)
{
	const struct pop3_offer offer = {
		.cleartext = s->cleartext,
		.utf8 = s->service->utf8,
		.mechanisms = s->offered,
	};
	struct buf text;

	buf_init(&text, CAPABILITIES_BYTES_MAX);
	pop3_write_capabilities(&offer, &text);
	assert(buf_check(&text) == RC_OK);
	conn_out(s->conn, buf_str(&text));
	buf_fini(&text);
}

/* drop listing = "+OK" SP count SP octets        RFC 1939 section 5 */
static void
run_stat(struct pop3_session *s)
{
	uint32_t count;
	uint64_t size;
	char text[64];
	enum rc rc = maildrop_stat(&s->maildrop, &count, &size);

	if (rc != RC_OK) {
		pop3_fail(s, rc);
		return;
	}
	(void)snprintf(
	    text, sizeof(text), "+OK %u %llu", count, (unsigned long long)size);
	pop3_reply(s, text);
}

/* The message that the command names.  False: there is none, which was told. */
static bool
find(struct pop3_session *s, const struct pop3_command *c,
    struct message *ret_message)
{
	enum rc rc = maildrop_find(&s->maildrop, c->message, ret_message);

	if (rc == RC_NOTFOUND)
		pop3_reply(s, NO_SUCH_MESSAGE);
	else if (rc != RC_OK)
		pop3_fail(s, rc);
	return rc == RC_OK;
}

static void
run_list(
    struct pop3_session *s, const struct pop3_command *c, enum listing what)
{
	struct message m;
	struct buf line;

	if (c->message == 0) {
		pop3_list_all(s, what);
	} else if (find(s, c, &m)) {
		buf_init(&line, POP3_LINE_BYTES_MAX);
		buf_add_text(&line, "+OK ");
		pop3_list_one(s, what, &m, &line);
		conn_out(s->conn, buf_str(&line));
		buf_fini(&line);
	}
}

static void
run_retr(struct pop3_session *s, const struct pop3_command *c)
{
	struct message m;

	if (find(s, c, &m))
		pop3_retrieve(s, &m);
}

static void
run_top(struct pop3_session *s, const struct pop3_command *c)
{
	struct message m;

	if (find(s, c, &m))
		pop3_top(s, &m, c->lines);
}

static void
run_dele(struct pop3_session *s, const struct pop3_command *c)
{
	if (maildrop_delete(&s->maildrop, c->message) == RC_OK)
		pop3_reply(s, "+OK Deleted at QUIT");
	else
		pop3_reply(s, NO_SUCH_MESSAGE);
}

static void
run_rset(struct pop3_session *s)
{
	maildrop_reset(&s->maildrop);
	pop3_reply(s, "+OK Nothing is deleted");
}

/* What was asked for before goes out first: a client that has sent RETR, DELE
 * and QUIT at once, and is cut off, has its mail the next time. */
static void
run_quit(struct pop3_session *s)
{
	s->quitting = true;
}

void
pop3_update(struct pop3_session *s)
{
	enum rc rc = maildrop_update(&s->maildrop, &s->removed);

	if (rc == RC_OK)
		pop3_reply(s, "+OK Bye");
	else
		pop3_reply(s, "-ERR [SYS/TEMP] Some messages were not deleted");
	pop3_end(s, rc == RC_OK ? "quit" : "update failed");
}

static void
run_command(struct pop3_session *s, const struct pop3_command *c)
{
	switch (c->row->verb) {
	case POP3_CAPA:
		run_capa(s);
		break;
	case POP3_STAT:
		run_stat(s);
		break;
	case POP3_LIST:
		run_list(s, c, LISTING_SIZES);
		break;
	case POP3_UIDL:
		run_list(s, c, LISTING_UIDS);
		break;
	case POP3_RETR:
		run_retr(s, c);
		break;
	case POP3_TOP:
		run_top(s, c);
		break;
	case POP3_DELE:
		run_dele(s, c);
		break;
	case POP3_NOOP:
		pop3_reply(s, "+OK");
		break;
	case POP3_RSET:
		run_rset(s);
		break;
	case POP3_QUIT:
		run_quit(s);
		break;
	default:
		break; /* not in this state */
	}
}

void
pop3_run_line(struct pop3_session *s, struct str line)
{
	struct pop3_command c;
	enum pop3_fault fault;

	if (line.n == 0)
		return; /* some clients send empty lines */
	s->commands++;
	if (!pop3_parse_command(line, &c, &fault)) {
		pop3_refuse(s, fault == POP3_FAULT_VERB
				   ? "-ERR No such command"
				   : "-ERR Arguments not valid");
	} else if ((c.row->states & POP3_TRANSACTION) == 0) {
		pop3_refuse(s, c.row->states == 0 ? "-ERR No such command"
						  : "-ERR Logged in already");
	} else {
		s->bad_commands = 0;
		run_command(s, &c);
	}
}
