/* SPDX-License-Identifier: MIT
 *
 * One request a connection.  It holds its worker until it is answered: the
 * tool sends at once what it has to say, and there are few tools.
 *
 * Output is kept until the operation has ended, since operations may not wait
 * for a client.  A trace goes on without a worker: see server/trace.h.
 */
#include "server/control.h"

#include <stdio.h>

#include "admin/frame.h"
#include "admin/operation.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/trace.h"

struct control {
	struct control_parts parts;
	struct listen *listen;
};

struct session {
	struct control *control;
	struct conn *conn;
	size_t taken; /* of the input, by the last frame */
	bool body_ended;
	struct buf words;
	struct buf output;
};

/* The next frame of the request, as frame_next(); waits.  The view is good
 * until the next call. */
static enum rc
next_frame(struct session *s, struct str *ret_bytes)
{
	uint64_t deadline = clock_ms() + CONTROL_READ_MS_MAX;
	enum rc rc;

	conn_consume(s->conn, s->taken);
	s->taken = 0;
	for (;;) {
		struct str in = conn_input(s->conn);
		struct cursor c = str_cursor(in);

		rc = frame_next(&c, ret_bytes);
		if (rc != RC_AGAIN) {
			s->taken = (size_t)(c.at - in.p);
			return rc;
		}
		rc = conn_fill_wait(
		    s->conn, CONTROL_FRAME_BYTES_MAX + 16, deadline);
		if (rc != RC_OK)
			return rc == RC_EOF ? RC_CLOSED : rc;
	}
}

static enum rc
read_body(void *arg, struct str *ret_piece)
{
	struct session *s = arg;
	enum rc rc = s->body_ended ? RC_EOF : next_frame(s, ret_piece);

	if (rc != RC_OK)
		s->body_ended = true;
	return rc;
}

static void
add_line(void *arg, struct str text)
{
	struct session *s = arg;

	frame_add(&s->output, text);
}

/* Gather the words: they outlive the input that they came in. */
static enum rc
read_words(struct session *s, struct operation *o)
{
	size_t sizes[CONTROL_WORDS_MAX], at = 0;
	struct str word;
	enum rc rc;

	while ((rc = next_frame(s, &word)) == RC_OK) {
		if (o->word_count == CONTROL_WORDS_MAX)
			return RC_LIMIT;
		sizes[o->word_count++] = word.n;
		buf_add_str(&s->words, word);
	}
	if (rc != RC_EOF)
		return rc;
	if (buf_check(&s->words) != RC_OK || o->word_count == 0)
		return RC_LIMIT;
	for (size_t i = 0; i < o->word_count; i++) {
		o->words[i] = (struct str){ s->words.p + at, sizes[i] };
		at += sizes[i];
	}
	return RC_OK;
}

static void
log_operation(const struct operation *o, enum rc rc)
{
	struct log_line line;

	log_begin(&line, LOG_INFO, "control");
	log_str(&line, "operation", o->words[0]);
	/* Of the other words only the user's name is fit for a log. */
	if (o->word_count > 1)
		log_str(&line, "on", o->words[1]);
	log_text(&line, "result", rc_name(rc));
	log_end(&line);
}

static void
session_free(struct session *s)
{
	buf_fini(&s->words);
	buf_fini(&s->output);
	conn_free(s->conn);
	mem_free(s);
}

/* Say how the operation has ended. */
static void
send_reply(struct session *s, const struct operation *o, enum rc rc)
{
	frame_add_end(&s->output);
	frame_add(&s->output, str_of(rc_name(rc)));
	frame_add(&s->output, str_of(o->why));
	frame_add_end(&s->output);
	conn_out(s->conn, buf_str(&s->output));
	/* The tool may be gone; the operation is done all the same. */
	(void)!conn_flush_wait(s->conn, 0);
}

/* Let the trace that was asked for begin, on our connection. */
static unsigned
begin_trace(struct session *s, struct operation *o)
{
	unsigned wants = POLL_DONE;

	if (traces_begin(
		s->control->parts.traces, &o->trace, s->conn, &wants) == RC_OK)
		s->conn = NULL;
	else
		send_reply(s, o,
		    operation_fail(o, RC_LIMIT,
			"there are %d traces already: end one", TRACES_MAX));
	return wants;
}

static unsigned
run_operation(struct session *s, struct operation *o)
{
	const struct operation_io io = {
		.read = read_body,
		.line = add_line,
		.arg = s,
	};
	struct str rest;
	enum rc rc;

	o->mail = s->control->parts.mail;
	o->server = s->control->parts.server;
	o->io = &io;
	rc = operation_run(o);
	log_operation(o, rc);
	/* The tool sends its body to the end before it listens. */
	while (read_body(s, &rest) == RC_OK)
		;
	if (rc == RC_OK && o->trace.account != 0)
		return begin_trace(s, o);
	send_reply(s, o, rc);
	return POLL_DONE;
}

static unsigned
run(void *arg)
{
	struct session *s = arg;
	struct operation o = { 0 };
	unsigned wants = POLL_DONE;

	if (read_words(s, &o) == RC_OK)
		wants = run_operation(s, &o);
	session_free(s);
	return wants;
}

static void
accept_tool(void *arg, struct conn *c)
{
	struct session *s = mem_alloc(sizeof(*s));

	s->control = arg;
	s->conn = c;
	buf_init(&s->words, CONTROL_WORDS_BYTES_MAX);
	buf_init(&s->output, CONTROL_ARENA_BYTES_MAX);
	if (conn_start(c, POLL_INPUT, clock_ms() + CONTROL_READ_MS_MAX, run,
		s) != RC_OK)
		session_free(s);
}

enum rc
control_open(const char *path, const struct control_parts *parts,
    struct poll *p, struct control **ret_control)
{
	struct control *c = mem_alloc(sizeof(*c));
	const char *why = "";
	char address[128];
	enum rc rc;

	c->parts = *parts;
	(void)snprintf(address, sizeof(address), "unix:%s", path);
	rc = listen_open(address, &c->listen, &why);
	if (rc == RC_OK)
		rc = listen_start(c->listen, p,
		    &(struct listen_terms){ .fn = accept_tool,
			.arg = c,
			.connections_max = CONTROL_CONNECTIONS_MAX });
	if (rc != RC_OK) {
		struct log_line line;

		log_begin(&line, LOG_ERROR, "control-failed");
		log_text(&line, "path", path);
		log_text(&line, "why", why);
		log_end(&line);
		listen_close(c->listen);
		mem_free(c);
		return rc;
	}
	*ret_control = c;
	return RC_OK;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	listen_close(c->listen);
	c->listen = NULL;
}

void
control_free(struct control *c)
{
	mem_free(c);
}
