/* SPDX-License-Identifier: MIT
 *
 * Sessions in IDLE (RFC 2177): the memory of each, and how long it takes until
 * all of them know of a delivery.
 */
#include <inttypes.h>
#include <unistd.h>

#include "crowd.h"
#include "message.h"

#define SETTLE_S    3
#define DELIVERIES  5
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

/* The reply to one command; it must begin with ${code}. */
static void
lmtp(struct link *l, const char *command, char code)
{
	bool closed;

	buf_clear(&l->in);
	link_send(l, str_of(command));
	for (;;) {
		struct str text = buf_str(&l->in);
		const char *before;

		if (text.n > 0 && text.p[text.n - 1] == '\n') {
			before = memrchr(text.p, '\n', text.n - 1);
			before = before == NULL ? text.p : before + 1;
			if (before[0] != code)
				fail("LMTP: %.*s", STR_ARG(text));
			if (before[3] == ' ')
				return;
		}
		if (!link_receive(l, true, &closed))
			fail("LMTP: closed");
	}
}

/* Deliver one message to account 0; the time when it was answered. */
static uint64_t
deliver_one(const struct options *o, struct link *l)
{
	struct buf message;
	char text[256];

	snprintf(text, sizeof(text), "RCPT TO:<%s0%s%s>\r\n", o->user,
	    o->domain != NULL ? "@" : "", o->domain != NULL ? o->domain : "");
	lmtp(l, "MAIL FROM:<sender@" MESSAGE_HOST ">\r\n", '2');
	lmtp(l, text, '2');
	lmtp(l, "DATA\r\n", '3');
	buf_init(&message, 1 << 20);
	message_make(&message, o->seed, 1, MESSAGE_SIZE_MIN);
	buf_add_text(&message, ".\r\n");
	buf_add_byte(&message, '\0');
	lmtp(l, message.p, '2');
	buf_fini(&message);
	return now_ns();
}

static void
tell_all(struct crowd *w)
{
	struct samples told = { 0 };
	struct link l;
	uint64_t last_ns;

	w->data = &last_ns;
	link_open(&l, w->o->lmtp, LINK_PLAIN);
	lmtp(&l, "", '2');
	lmtp(&l, "LHLO bench.example\r\n", '2');
	for (int i = 0; i < DELIVERIES; i++) {
		uint64_t from;

		each(w, TOLD);
		for (unsigned k = 0; k < w->count; k++) {
			buf_clear(&w->clients[k].link.in);
			client_wait(&w->clients[k], UNTIL_LINE);
		}
		from = deliver_one(w->o, &l);
		crowd_run(w);
		vec_push(&told.v, last_ns > from ? last_ns - from : 0);
	}
	measure((double)samples_percentile(&told, 50) / 1e6, "idle.%s.told_ms",
	    w->o->tls);
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
	tell_all(&w);
	crowd_fini(&w);
}

void
scenario_rest(const struct options *o)
{
	measure((double)cost_memory(o) / 1024, "rest.pss_kb");
}
