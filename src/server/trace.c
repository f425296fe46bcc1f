/* SPDX-License-Identifier: MIT
 *
 * Traces, and the taps that they put on sessions.  A tap knows an account and no
 * trace: its lines go to all traces of the account, under the lock.
 *
 * A trace is a task of the pool like a session: it is woken when its buffer has
 * got its first line, and takes all that is there when its connection has taken
 * what came before.
 */
#include "server/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/frame.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/group.h"
#include "net/tap.h"
#include "proto/transcript.h"

#define TOOL_BYTES 64  /* the tool has nothing to say, but that it goes */
#define NOTE_BYTES 192 /* a note in a frame, and a frame's size and end */

struct trace {
	struct traces *traces;
	struct conn *conn;
	struct group_member member;
	struct operation_trace wanted;

	/* Under the lock. */
	struct trace *next;
	struct buf lines;
	uint64_t dropped; /* lines, since all were taken */
	uint64_t dropped_all;
};

struct traces {
	struct watch watch; /* first */
	struct group group;
	_Atomic unsigned contents; /* traces that want them */
	struct lock lock;	   /* of the next two */
	struct trace *first;
	unsigned count;
};

struct session_tap {
	struct tap tap; /* first */
	struct traces *traces;
	uint64_t account;
	uint64_t session;
	struct transcript transcript;
};

/* -- lines -------------------------------------------------------------- */

/* Keep a line, as a frame, if there is room for it, its size and the note that
 * some were dropped.  Then nothing is kept until all was taken. */
static void
keep_line(struct trace *t, const char *head, struct str text)
{
	bool was_empty = t->lines.n == 0;
	struct buf line;

	if (t->dropped > 0 || t->lines.n + strlen(head) + text.n + NOTE_BYTES >
				  TRACE_BUFFER_BYTES_MAX) {
		t->dropped++;
		return;
	}
	buf_init(&line, CONTROL_FRAME_BYTES_MAX);
	buf_add_text(&line, head);
	buf_add_str(&line, text);
	frame_add(&t->lines, buf_str(&line));
	buf_fini(&line);
	if (was_empty)
		poll_wake(conn_poll(t->conn), conn_handle(t->conn));
}

/* Under the lock, before the lines are taken. */
static void
note_dropped(struct trace *t)
{
	char note[NOTE_BYTES / 2];

	if (t->dropped == 0)
		return;
	(void)snprintf(note, sizeof(note),
	    "-- %" PRIu64 " lines were not read in time and are lost",
	    t->dropped);
	frame_add(&t->lines, str_of(note));
	t->dropped_all += t->dropped;
	t->dropped = 0;
}

static bool
is_wanted(const struct trace *t, enum transcript_kind kind)
{
	return kind == TRANSCRIPT_LINE ||
	       t->wanted.contents == (kind == TRANSCRIPT_CONTENT);
}

/* Tell whoever traces the session's account.  ${mark} says who speaks. */
static void
tell(const struct session_tap *tap, const char *mark, enum transcript_kind kind,
    struct str text)
{
	char stamp[CLOCK_STAMP_BYTES], head[CLOCK_STAMP_BYTES + 32];

	clock_stamp(stamp);
	(void)snprintf(head, sizeof(head), "%s %" PRIu64 " %s ", stamp,
	    tap->session, mark);
	lock_take(&tap->traces->lock);
	for (struct trace *t = tap->traces->first; t != NULL; t = t->next)
		if (t->wanted.account == tap->account && is_wanted(t, kind))
			keep_line(t, head, text);
	lock_release(&tap->traces->lock);
}

static void
tell_line(void *arg, enum transcript_side side, enum transcript_kind kind,
    struct str text)
{
	static const char *const marks[2][2] = {
		[TRANSCRIPT_CLIENT] = { "C:", "C|" },
		[TRANSCRIPT_SERVER] = { "S:", "S|" },
	};

	tell(arg, marks[side][kind == TRANSCRIPT_CONTENT], kind, text);
}

/* -- taps --------------------------------------------------------------- */

static void
tap_bytes(struct tap *t, enum tap_side side, struct str bytes)
{
	struct session_tap *tap = (struct session_tap *)t;

	tap->transcript.contents = atomic_load(&tap->traces->contents) > 0;
	transcript_put(&tap->transcript,
	    side == TAP_CLIENT ? TRANSCRIPT_CLIENT : TRANSCRIPT_SERVER, bytes);
}

static void
tap_free(struct tap *t)
{
	struct session_tap *tap = (struct session_tap *)t;

	tell(tap, "--", TRANSCRIPT_LINE, STR("ends"));
	mem_free(tap);
}

static struct tap *
open_tap(struct watch *w, const struct presence *p, const struct conn *c)
{
	struct session_tap *tap = mem_alloc(sizeof(*tap));
	char text[128];

	tap->tap.bytes = tap_bytes;
	tap->tap.free = tap_free;
	tap->traces = (struct traces *)w;
	tap->account = p->account;
	tap->session = p->id;
	transcript_init(
	    &tap->transcript, strcmp(p->protocol, "pop3") == 0, tell_line, tap);
	(void)snprintf(text, sizeof(text), "%s, %s, %s", p->protocol,
	    conn_peer(c), p->tls ? "tls" : "plain");
	tell(tap, "--", TRANSCRIPT_LINE, str_of(text));
	return &tap->tap;
}

static bool
is_traced(struct watch *w, uint64_t account)
{
	struct traces *all = (struct traces *)w;
	bool found = false;

	lock_take(&all->lock);
	for (struct trace *t = all->first; t != NULL && !found; t = t->next)
		found = t->wanted.account == account;
	lock_release(&all->lock);
	return found;
}

/* -- traces ------------------------------------------------------------- */

static bool
add_trace(struct trace *t)
{
	struct traces *all = t->traces;
	bool room;

	lock_take(&all->lock);
	room = all->count < TRACES_MAX;
	if (room) {
		t->next = all->first;
		all->first = t;
		all->count++;
	}
	lock_release(&all->lock);
	if (!room)
		return false;
	if (t->wanted.contents)
		atomic_fetch_add(&all->contents, 1);
	atomic_fetch_add(&all->watch.version, 1);
	return true;
}

static void
remove_trace(struct trace *t)
{
	struct traces *all = t->traces;

	lock_take(&all->lock);
	for (struct trace **link = &all->first; *link != NULL;
	     link = &(*link)->next) {
		if (*link != t)
			continue;
		*link = t->next;
		all->count--;
		break;
	}
	lock_release(&all->lock);
	if (t->wanted.contents)
		atomic_fetch_sub(&all->contents, 1);
	atomic_fetch_add(&all->watch.version, 1);
}

static void
free_trace(void *trace)
{
	struct trace *t = trace;

	remove_trace(t);
	group_leave(&t->traces->group, &t->member);
	log_event(LOG_INFO, "trace-ended",
	    "account=%" PRIu64 " dropped=%" PRIu64, t->wanted.account,
	    t->dropped_all);
	buf_fini(&t->lines);
	conn_free(t->conn);
	mem_free(t);
}

/* Queue the lines that have come; false when there are none. */
static bool
take_lines(struct trace *t)
{
	struct buf lines;

	lock_take(&t->traces->lock);
	note_dropped(t);
	lines = t->lines;
	buf_init(&t->lines, TRACE_BUFFER_BYTES_MAX);
	lock_release(&t->traces->lock);
	conn_out(t->conn, buf_str(&lines));
	buf_fini(&lines);
	return conn_out_pending(t->conn) > 0;
}

/* Send what there is, as far as it is read. */
static enum rc
send_lines(struct trace *t)
{
	enum rc rc = conn_flush(t->conn);

	/* Lines that come meanwhile wake us again. */
	if (rc == RC_OK && take_lines(t))
		rc = conn_flush(t->conn);
	return rc;
}

/* From here on nothing is missed of sessions that begin, nor of what begins in
 * others. */
static void
say_begin(struct trace *t)
{
	struct buf frame;

	buf_init(&frame, CONTROL_FRAME_BYTES_MAX);
	frame_add(&frame, STR("-- the trace begins"));
	conn_out(t->conn, buf_str(&frame));
	buf_fini(&frame);
}

/* The end of the reply, for a tool that is still there. */
static void
say_end(struct trace *t)
{
	struct buf end;

	buf_init(&end, CONTROL_FRAME_BYTES_MAX);
	frame_add(&end, STR("-- the server stops"));
	frame_add_end(&end);
	frame_add(&end, str_of(rc_name(RC_OK)));
	frame_add(&end, STR(""));
	frame_add_end(&end);
	conn_out(t->conn, buf_str(&end));
	buf_fini(&end);
	(void)!conn_flush(t->conn); /* gone whatever it says */
}

/* Has the tool gone?  What it says meanwhile is nothing to us. */
static bool
is_left(struct trace *t)
{
	enum rc rc;

	do {
		conn_consume(t->conn, conn_input(t->conn).n);
		rc = conn_fill(t->conn, TOOL_BYTES);
	} while (rc == RC_OK);
	return rc != RC_AGAIN;
}

static unsigned
run(void *arg)
{
	struct trace *t = arg;
	unsigned wants = POLL_INPUT;
	enum rc rc;

	group_join(&t->traces->group, &t->member);
	rc = send_lines(t);
	if (rc == RC_AGAIN)
		wants |= POLL_OUTPUT;
	if (group_is_stopping(&t->traces->group) && rc == RC_OK)
		say_end(t);
	if ((rc != RC_OK && rc != RC_AGAIN) || is_left(t) ||
	    group_is_stopping(&t->traces->group)) {
		free_trace(t);
		return POLL_DONE;
	}
	conn_rest(t->conn);
	return wants;
}

enum rc
traces_begin(struct traces *all, const struct operation_trace *wanted,
    struct conn *c, unsigned *ret_wants)
{
	struct trace *t = mem_alloc(sizeof(*t));

	t->traces = all;
	t->conn = c;
	t->member = (struct group_member){ .conn = c, .session = t };
	t->wanted = *wanted;
	buf_init(&t->lines, TRACE_BUFFER_BYTES_MAX);
	if (!add_trace(t)) {
		mem_free(t);
		return RC_LIMIT;
	}
	say_begin(t);
	conn_become(c, run, t);
	conn_deadline(c, 0);
	*ret_wants = run(t);
	return RC_OK;
}

/* -- all ---------------------------------------------------------------- */

struct traces *
traces_new(void)
{
	struct traces *t = mem_alloc(sizeof(*t));

	t->watch.wanted = is_traced;
	t->watch.open = open_tap;
	lock_init(&t->lock);
	group_init(&t->group, free_trace);
	return t;
}

struct watch *
traces_watch(struct traces *t)
{
	return &t->watch;
}

void
traces_stop(struct traces *t)
{
	group_stop(&t->group);
}

void
traces_free(struct traces *t)
{
	if (t == NULL)
		return;
	group_fini(&t->group);
	lock_fini(&t->lock);
	mem_free(t);
}
