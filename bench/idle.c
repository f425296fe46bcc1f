/* SPDX-License-Identifier: MIT
 *
 * Sessions in IDLE (RFC 2177): the memory of each, and how long it takes until
 * all of them know of a delivery.
 */
#include <inttypes.h>
#include <unistd.h>

#include "crowd.h"
#include "lmtp.h"
#include "message.h"

#define SETTLE_S    3
#define SELECTING   1
#define IDLE_STARTS 2
#define TOLD	    3

static void
step(struct client *c)
{
	uint64_t *last_ns = c->crowd->data;

	switch (c->state) {
	case SELECTING:
		client_expect_ok(c);
		c->state = IDLE_STARTS;
		c->tag++;
		client_send(c, STR("i IDLE\r\n"), UNTIL_CONTINUE);
		break;
	case IDLE_STARTS:
		client_wait(c, UNTIL_ROUND);
		break;
	default:
		/* A server may first say that it is still there. */
		if (memmem(c->link.in.p, c->link.in.n, " EXISTS\r\n", 9) ==
		    NULL)
			break;
		*last_ns = now_ns();
		client_wait(c, UNTIL_ROUND);
	}
}

static void
each(struct crowd *w, unsigned state)
{
	for (unsigned i = 0; i < w->count; i++)
		w->clients[i].state = state;
}

static void
idle_all(struct crowd *w)
{
	each(w, SELECTING);
	for (unsigned i = 0; i < w->count; i++) {
		client_command(&w->clients[i], "SELECT INBOX");
		if (i % 256 == 255)
			crowd_run(w);
	}
	crowd_run(w);
}

static void
tell_all(struct crowd *w)
{
	struct samples told = { 0 };
	struct link l;
	struct cost before = cost_now(w->o, false);
	struct cost after;
	uint64_t last_ns;

	w->data = &last_ns;
	lmtp_open(&l, w->o);
	for (uint64_t i = 0; i < w->o->deliveries; i++) {
		uint64_t from;

		each(w, TOLD);
		for (unsigned k = 0; k < w->count; k++) {
			buf_clear(&w->clients[k].link.in);
			client_wait(&w->clients[k], UNTIL_LINE);
		}
		from = lmtp_deliver(&l, w->o, MESSAGE_SIZE_MIN);
		crowd_run(w);
		vec_push(&told.v, last_ns > from ? last_ns - from : 0);
	}
	after = cost_now(w->o, false);
	measure((double)samples_percentile(&told, 50) / 1e6, "idle.%s.told_ms",
	    w->o->tls);
	if (w->o->pid != 0)
		measure((double)(after.cpu_ns - before.cpu_ns) / 1e6 /
			    (double)w->o->deliveries,
		    "idle.%s.told_cpu_ms", w->o->tls);
	measure((double)(after.client_ns - before.client_ns) / 1e6 /
		    (double)w->o->deliveries,
	    "idle.%s.told_client_ms", w->o->tls);
	vec_fini(&told.v);
	link_close(&l);
}

void
scenario_idle(const struct options *o)
{
	bool tls = strcmp(o->tls, "none") != 0;
	uint64_t before = cost_memory(o);
	struct crowd w;

	if (o->users != 1)
		fail("idle: all sessions are account 0's");
	crowd_init(&w, o, (unsigned)o->connections, step);
	crowd_login(&w, tls ? LINK_TLS : LINK_PLAIN);
	idle_all(&w);
	sleep(SETTLE_S);
	measure((double)(cost_memory(o) - before) / w.count, "idle.%s.bytes",
	    o->tls);
	if (o->deliveries > 0)
		tell_all(&w);
	crowd_fini(&w);
}

void
scenario_rest(const struct options *o)
{
	measure((double)cost_memory(o) / 1024, "rest.pss_kb");
}
