/* SPDX-License-Identifier: MIT
 *
 * Connect, log in, SELECT, LOGOUT, again and again.
 */
#include "crowd.h"

enum { GREETED, LOGGED_IN, SELECTED, LOGGED_OUT };

struct login_run {
	struct rate rate;
	uint64_t end_ns;
	enum link_tls tls;
};

static void
start(struct client *c)
{
	const struct login_run *run = c->crowd->data;
	const struct options *o = c->crowd->o;

	c->state = GREETED;
	client_connect(
	    c, run->tls == LINK_PLAIN ? o->imap : o->imaps, run->tls);
	*(uint64_t *)c->data = c->sent_ns;
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

void
scenario_login(const struct options *o)
{
	struct login_run run = { .tls = strcmp(o->tls, "full") == 0 ? LINK_TLS
					: strcmp(o->tls, "resumed") == 0
					    ? LINK_TLS_RESUMED
					    : LINK_PLAIN };
	uint64_t *started = mem_array(o->connections, sizeof(*started));
	struct crowd w;

	crowd_init(&w, o, (unsigned)o->connections, step);
	w.data = &run;
	rate_begin(&run.rate, o);
	run.end_ns = now_ns() + o->seconds * 1000000000u;
	for (unsigned i = 0; i < w.count; i++) {
		w.clients[i].data = &started[i];
		start(&w.clients[i]);
	}
	crowd_run(&w);
	rate_end(&run.rate, "login.%s", o->tls);
	crowd_fini(&w);
	mem_free(started);
}
