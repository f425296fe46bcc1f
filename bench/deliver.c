/* SPDX-License-Identifier: MIT
 *
 * Messages that come in, by LMTP (RFC 2033) or by APPEND.
 */
#include <inttypes.h>

#include "crowd.h"
#include "message.h"

enum { GREETED, HELLO, ENVELOPE, DATA, DONE };

struct deliver_run {
	struct rate rate;
	uint64_t end_ns;
	struct buf message;  /* one, for LMTP with the final dot */
	uint64_t *delivered; /* by account */
};

static void
expect_replies(const struct client *c, const char *codes)
{
	struct str text = buf_str(&c->link.in);

	for (; *codes != '\0'; codes++) {
		while (text.n > 3 && text.p[3] == '-')
			text = str_skip(text, str_find(text, '\n') + 1);
		if (text.n == 0 || text.p[0] != *codes)
			fail("LMTP: %.*s", STR_ARG(buf_str(&c->link.in)));
		text = str_skip(text, str_find(text, '\n') + 1);
	}
	if (text.n != 0)
		fail("LMTP: an extra reply: %.*s",
		    STR_ARG(buf_str(&c->link.in)));
}

static void
send_envelope(struct client *c)
{
	const struct options *o = c->crowd->o;
	struct buf text;

	buf_init(&text, 4096);
	buf_add_format(&text,
	    "MAIL FROM:<sender@" MESSAGE_HOST ">\r\nRCPT TO:<%s%u%s%s>\r\n"
	    "DATA\r\n",
	    o->user, c->number % (unsigned)o->users,
	    o->domain != NULL ? "@" : "", o->domain != NULL ? o->domain : "");
	client_send(c, buf_str(&text), UNTIL_REPLY);
	c->replies = 3;
	c->state = ENVELOPE;
	buf_fini(&text);
}

static void
delivered(struct client *c)
{
	struct deliver_run *run = c->crowd->data;

	vec_push(&run->rate.samples.v, now_ns() - *(uint64_t *)c->data);
	run->delivered[c->number % c->crowd->o->users]++;
}

static void
lmtp_step(struct client *c)
{
	struct deliver_run *run = c->crowd->data;

	switch (c->state) {
	case GREETED:
		expect_replies(c, "2");
		client_send(c, STR("LHLO bench.example\r\n"), UNTIL_REPLY);
		c->state = HELLO;
		return;
	case HELLO:
		expect_replies(c, "2");
		c->state = DONE;
		client_wait(c, UNTIL_ROUND);
		return;
	case ENVELOPE:
		expect_replies(c, "223");
		client_send(c, buf_str(&run->message), UNTIL_REPLY);
		c->state = DATA;
		return;
	default:
		expect_replies(c, "2");
		delivered(c);
		if (now_ns() >= run->end_ns) {
			client_wait(c, UNTIL_ROUND);
			return;
		}
		send_envelope(c);
		*(uint64_t *)c->data = c->sent_ns;
	}
}

static void
send_append(struct client *c)
{
	struct deliver_run *run = c->crowd->data;
	struct buf command;

	buf_init(&command, SIZE_MAX / 2);
	buf_add_format(&command, "APPEND INBOX {%zu+}\r\n", run->message.n);
	buf_add_str(&command, buf_str(&run->message));
	client_command_str(c, buf_str(&command));
	*(uint64_t *)c->data = c->sent_ns;
	buf_fini(&command);
}

static void
append_step(struct client *c)
{
	struct deliver_run *run = c->crowd->data;

	client_expect_ok(c);
	if (memmem(c->link.in.p, c->link.in.n, "[APPENDUID ", 11) == NULL)
		fail("APPEND without APPENDUID");
	delivered(c);
	if (now_ns() < run->end_ns)
		send_append(c);
	else
		client_wait(c, UNTIL_ROUND);
}

/* What every account's INBOX holds now. */
static void
count_all(const struct options *o, uint64_t *to)
{
	for (uint64_t i = 0; i < o->users; i++) {
		struct link l;

		login(&l, o, false, i);
		command_run(&l, NULL, "SELECT INBOX");
		to[i] = answer_untagged_number(&l, "EXISTS");
		link_close(&l);
	}
}

static void
open_all(struct crowd *w, bool lmtp)
{
	if (!lmtp) {
		crowd_login(w, LINK_PLAIN);
		return;
	}
	for (unsigned i = 0; i < w->count; i++) {
		client_connect(&w->clients[i], w->o->lmtp, LINK_PLAIN);
		client_wait(&w->clients[i], UNTIL_REPLY);
		w->clients[i].state = GREETED;
	}
	crowd_run(w);
}

static void
run_all(struct crowd *w, struct deliver_run *run, bool lmtp)
{
	rate_begin(&run->rate, w->o);
	run->end_ns = now_ns() + w->o->seconds * 1000000000u;
	for (unsigned i = 0; i < w->count; i++) {
		if (!lmtp) {
			send_append(&w->clients[i]);
			continue;
		}
		send_envelope(&w->clients[i]);
		*(uint64_t *)w->clients[i].data = w->clients[i].sent_ns;
	}
	crowd_run(w);
	rate_end(&run->rate, "%s.%" PRIu64 "k.%u", w->o->via, w->o->size / 1024,
	    w->count);
}

void
scenario_deliver(const struct options *o)
{
	bool lmtp = strcmp(o->via, "lmtp") == 0;
	uint64_t *started = mem_array(o->connections, sizeof(*started));
	uint64_t *before = mem_array(o->users, sizeof(*before));
	uint64_t *after = mem_array(o->users, sizeof(*after));
	struct deliver_run run = { 0 };
	struct crowd w;

	buf_init(&run.message, SIZE_MAX / 2);
	message_make(&run.message, o->seed, 1, o->size);
	if (lmtp)
		buf_add_text(&run.message, ".\r\n");
	run.delivered = mem_array(o->users, sizeof(*run.delivered));
	count_all(o, before);
	crowd_init(
	    &w, o, (unsigned)o->connections, lmtp ? lmtp_step : append_step);
	w.data = &run;
	for (unsigned i = 0; i < w.count; i++)
		w.clients[i].data = &started[i];
	open_all(&w, lmtp);
	run_all(&w, &run, lmtp);
	crowd_fini(&w);
	count_all(o, after);
	for (uint64_t i = 0; i < o->users; i++)
		if (after[i] != before[i] + run.delivered[i])
			fail("account %" PRIu64 ": %" PRIu64
			     " messages, not %" PRIu64,
			    i, after[i], before[i] + run.delivered[i]);
	buf_fini(&run.message);
	mem_free(run.delivered);
	mem_free(started);
	mem_free(before);
	mem_free(after);
}
