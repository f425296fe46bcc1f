/* SPDX-License-Identifier: MIT
 *
 * IDLE.
 *
 * The mailbox is watched only meanwhile: a session that waits for a command
 * may not be told of changes, so that waking it would be for nothing.  A client
 * in IDLE is never sent away for its silence; TCP finds out who is dead.  What
 * is sent now and then is for those between, which forget silent connections.
 */
#include "imap/idle.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "imap/imap.h"
#include "imap/modseq.h"
#include "imap/session_internal.h"
#include "imap/update.h"

/* From a committer: must not wait. */
static void
wake(void *arg)
{
	struct imap_session *s = arg;

	poll_wake(conn_poll(s->conn), conn_handle(s->conn));
}

static void
watch(struct imap_session *s)
{
	if (s->state != IMAP_SELECTED)
		return;
	s->watch = (struct mailbox_watch){ .fn = wake, .arg = s };
	mailbox_watch(s->view.mailbox, &s->watch);
	s->watched = true;
}

static void
unwatch(struct imap_session *s)
{
	if (s->watched)
		mailbox_unwatch(s->view.mailbox, &s->watch);
	s->watched = false;
}

/* The next of the account's moments: all its sessions have the same, so that a
 * phone wakes once for all of them; other accounts have others. */
static uint64_t
next_keepalive(const struct imap_session *s)
{
	uint64_t interval_ms = s->service->keepalive_ms;

	return interval_ms == 0
		   ? 0
		   : clock_next(clock_ms(), interval_ms, s->account);
}

static void
keep_alive(struct imap_session *s)
{
	if (s->keepalive_ms == 0 || clock_ms() < s->keepalive_ms)
		return;
	respond_state(s, "OK", STR(""), "Still here");
	s->keepalive_ms = next_keepalive(s);
}

void
idle_begin(struct imap_session *s)
{
	s->idle_tag = mem_text(s->running->tag);
	s->keepalive_ms = next_keepalive(s);
	watch(s); /* first, so that no change is missed between the two */
	update_send(s, true);
	modseq_settle(s, NULL);
	respond_continue(s, "idling");
}

void
idle_drop(struct imap_session *s)
{
	unwatch(s);
	mem_free(s->idle_tag);
	s->idle_tag = NULL;
}

/* A line came: "DONE", or something that is not allowed here. */
static void
end(struct imap_session *s, bool done)
{
	struct answer a = done ? answer_ok("Idle ended")
			       : answer_bad("Expected DONE to end IDLE");

	respond_answer(s, str_of(s->idle_tag), &a);
	idle_drop(s);
	if (!done) /* last: it may say goodbye */
		session_count_bad(s);
}

/* Of a command that may not be here nothing is run: the frame drops it, with
 * literals that come behind the line. */
static void
drop_command(struct imap_session *s, struct str line)
{
	struct cursor c = str_cursor(line);

	(void)imap_frame_next(&s->frame, &c);
	imap_frame_refuse(&s->frame);
}

/* idle = "IDLE" CRLF "DONE"                     RFC 9051 section 9 */
static bool
take_line(struct imap_session *s)
{
	struct str input = conn_input(s->conn);
	size_t n = str_find(input, '\n');
	struct str line = str_head(input, n);
	bool done;

	if (n == input.n)
		return false;
	if (str_ends(line, STR("\r")))
		line.n--;
	while (s->service->lenient && str_ends(line, STR(" ")))
		line.n--;
	done = str_eq_nocase(line, STR("DONE"));
	end(s, done);
	if (done || line.n == 0) {
		conn_consume(s->conn, n + 1);
	} else { /* the frame sees the line's end by itself */
		drop_command(s, str_head(input, n));
		conn_consume(s->conn, n);
	}
	return true;
}

bool
idle_step(struct imap_session *s)
{
	keep_alive(s);
	if (s->state == IMAP_SELECTED && view_is_stale(&s->view)) {
		running_begin(s);
		update_send(s, true);
		modseq_settle(s, NULL);
		running_end(s);
	}
	return s->state != IMAP_LOGOUT && take_line(s);
}
