/* SPDX-License-Identifier: MIT
 *
 * Connect, log in, SELECT, LOGOUT, again and again.
 *
 * Where TLS sessions are to be resumed, each client comes once before, for a
 * ticket.  That a server resumes is no must: how many it did is measured.
 */
#include "crowd.h"

enum { GREETED, LOGGED_IN, SELECTED, LOGGED_OUT };

struct login_run {
	struct rate rate;
	uint64_t end_ns;
	enum link_tls tls;
	uint64_t resumed; /* handshakes */
};

static void
start(struct client *c)
{
	struct login_run *run = c->crowd->data;
	const struct options *o = c->crowd->o;

	c->state = GREETED;
	client_connect(
	    c, run->tls == LINK_PLAIN ? o->imap : o->imaps, run->tls);
	*(uint64_t *)c->data = c->sent_ns;
	run->resumed += c->link.resumed;
}

static void
step(struct client *c)
{
	struct login_run *run = c->crowd->data;
	const struct options *o = c->crowd->o;

	if (c->state == LOGGED_IN || c->state == SELECTED)
		client_expect_ok(c);
	switch (c->state++) {
	case GREETED:
		if (!str_begins(buf_str(&c->link.in), STR("* OK ")))
			fail("greeting: %.*s", STR_ARG(buf_str(&c->link.in)));
		client_command(c, "LOGIN %s%u \"%s\"", o->user,
		    c->number % (unsigned)o->users, o->password);
		break;
	case LOGGED_IN:
		client_command(c, "SELECT INBOX");
		break;
	case SELECTED:
		answer_untagged_number(&c->link, "EXISTS");
		client_command(c, "LOGOUT");
		break;
	case LOGGED_OUT:
		client_expect_ok(c);
		if (!str_begins(buf_str(&c->link.in), STR("* BYE ")))
			fail("LOGOUT without BYE");
		client_wait(c, UNTIL_CLOSED);
		break;
	default:
		vec_push(&run->rate.samples.v, now_ns() - *(uint64_t *)c->data);
		client_close(c);
		if (now_ns() < run->end_ns)
			start(c);
	}
}

/* All clients, until ${end_ns} and at least once. */
static void
run_until(struct crowd *w, uint64_t end_ns)
{
	struct login_run *run = w->data;

	run->end_ns = end_ns;
	for (unsigned i = 0; i < w->count; i++)
		start(&w->clients[i]);
	crowd_run(w);
}

static enum link_tls
tls_of(const struct options *o)
{
	if (strcmp(o->tls, "resumed") == 0)
		return LINK_TLS_RESUMED;
	return strcmp(o->tls, "full") == 0 ? LINK_TLS : LINK_PLAIN;
}

void
scenario_login(const struct options *o)
{
	struct login_run run = { .tls = tls_of(o) };
	uint64_t *started = mem_array(o->connections, sizeof(*started));
	struct crowd w;

	crowd_init(&w, o, (unsigned)o->connections, step);
	w.data = &run;
	for (unsigned i = 0; i < w.count; i++)
		w.clients[i].data = &started[i];
	if (run.tls == LINK_TLS_RESUMED)
		run_until(&w, now_ns());
	vec_fini(&run.rate.samples.v);
	run.resumed = 0;
	rate_begin(&run.rate, o);
	run_until(&w, now_ns() + o->seconds * 1000000000u);
	if (run.tls == LINK_TLS_RESUMED)
		measure(
		    100.0 * (double)run.resumed / (double)run.rate.samples.v.n,
		    "login.resumed.share_percent");
	rate_end(&run.rate, "login.%s", o->tls);
	crowd_fini(&w);
	mem_free(started);
}
