/* SPDX-License-Identifier: MIT
 *
 * From the text of a command to its tagged answer: find the row of the command
 * table, look whether it may run, parse, check, proceed; then tell what has
 * changed, and answer.
 */
#include "base/clock.h"
#include "base/vec.h"
#include "imap/imap.h"
#include "imap/modseq.h"
#include "imap/session_internal.h"
#include "imap/state.h"
#include "imap/update.h"
#include "proto/imap/command.h"
#include "store/store.h"

#define WHY_BYTES_MAX	   200
#define PROGRESS_BYTES_MAX (TAG_BYTES_MAX + 80)

/* -- the command's memory ---------------------------------------------- */

void
running_begin(struct imap_session *s)
{
	s->running = mem_alloc(sizeof(*s->running));
	s->running->arena = arena_new(COMMAND_ARENA_BYTES_MAX);
	buf_init(&s->running->line, RESPONSE_LINE_BYTES_MAX);
}

void
running_end(struct imap_session *s)
{
	buf_fini(&s->running->line);
	vec_fini(&s->running->own_modseqs);
	arena_free(s->running->arena);
	mem_free(s->running);
	s->running = NULL;
}

void
session_own_changes(struct imap_session *s, const struct modseq_list *made)
{
	for (size_t i = 0; i < made->n; i++)
		vec_push(&s->running->own_modseqs, made->v[i]);
}

/* -- refusals ---------------------------------------------------------- */

/* What the parser says, in the command's arena. */
static struct answer
malformed(struct imap_session *s, const struct parser *p)
{
	struct buf why;
	const char *text;

	buf_init(&why, WHY_BYTES_MAX);
	parser_why(p, &why);
	text = arena_text(s->running->arena, buf_str(&why));
	buf_fini(&why);
	if (parser_fault(p) != PARSER_SYNTAX)
		return answer_no("LIMIT", text ? text : "Too much at once");
	return answer_bad(text ? text : "Malformed");
}

static struct answer
wrong_state(const struct command *row)
{
	if (row->states == 0)
		return answer_bad("Not possible after login");
	return answer_bad("Not possible: no mailbox is selected");
}

static unsigned
state_bit(const struct imap_session *s)
{
	return s->state == IMAP_SELECTED ? IN_SELECTED : IN_AUTHENTICATED;
}

/* -- the three steps --------------------------------------------------- */

static struct answer
run_row(struct imap_session *s, const struct command *row, struct parser *p)
{
	void *args = NULL;
	bool parsed = row->parse != NULL
			  ? row->parse(p, s->running->arena, &args)
			  : parse_end(p);
	struct answer a = answer_proceed();

	if (!parsed)
		return malformed(s, p);
	if ((row->flags & COMMAND_WRITES) && s->read_only)
		return answer_no("READ-ONLY", "Opened with EXAMINE");
	if (row->check != NULL)
		a = row->check(s, args);
	if (a.status == ANSWER_PROCEED)
		a = row->proceed(s, args);
	return a;
}

static struct answer
run_text(struct imap_session *s, struct str text)
{
	struct parser p;
	struct command_start start;
	const struct command *row;

	parser_init(&p, text, s->running->arena, session_parse_options(s));
	if (!parse_command_start(&p, &start))
		return malformed(s, &p);
	s->running->tag = start.tag;
	row = command_find(start.name);
	if (row == NULL || !session_has(s, row->capability))
		return answer_bad("Unknown command");
	s->running->row = row;
	if (!(row->states & state_bit(s)))
		return wrong_state(row);
	return run_row(s, row, &p);
}

/* -- the answer -------------------------------------------------------- */

/* What has changed is told in front of the answer, where the command allows
 * it. */
static void
finish(struct imap_session *s, struct answer *a)
{
	const struct command *row = s->running->row;

	if (a->status != ANSWER_BAD && !(row->flags & COMMAND_SILENT)) {
		update_send(s, !(row->flags & COMMAND_USES_NUMBERS));
		modseq_settle(s, a);
	}
	respond_answer(s, s->running->tag, a);
	if (a->status == ANSWER_BAD)
		session_count_bad(s);
	else if (a->status == ANSWER_OK)
		s->bad_commands = 0;
}

/* The tag, for as long as the command lives; "*" without one. */
static struct str
keep_tag(struct imap_session *s)
{
	struct str tag;

	if (!imap_frame_tag(&s->frame, &tag))
		return STR("*");
	return arena_str(s->running->arena, tag);
}

/* -- commands that take long ------------------------------------------- */

struct waiting {
	struct store_patience patience; /* first: the store knows only this */
	struct imap_session *session;
};

/* inprogress-tag = quoted / nil                   RFC 9585 section 5
 *
 * No tag holds what would have to be quoted, but for "]", which must not be
 * in a response code (section 4). */
static void
add_inprogress(const struct imap_session *s, struct buf *to)
{
	struct str tag = s->running->tag;

	if (str_find(tag, ']') < tag.n)
		buf_add_text(to, "INPROGRESS (NIL NIL NIL)");
	else
		buf_add_format(
		    to, "INPROGRESS (\"%.*s\" NIL NIL)", STR_ARG(tag));
}

/* The command waits for the disk: its client should not give up.  At this
 * point no response is half written. */
static void
tell_waiting(struct store_patience *p)
{
	struct imap_session *s = ((struct waiting *)p)->session;
	struct buf code;

	buf_init(&code, PROGRESS_BYTES_MAX);
	if (session_has(s, CAPABILITY_INPROGRESS))
		add_inprogress(s, &code);
	respond_state(s, "OK", buf_str(&code), "Still storing");
	buf_fini(&code);
	/* What cannot be sent now is sent later; a broken connection shows
	 * then. */
	(void)!conn_flush(s->conn);
	p->due_ms = clock_ms() + PROGRESS_MS;
}

/* Run the command, telling its client when that takes long. */
static struct answer
run_patiently(struct imap_session *s)
{
	struct waiting w = {
		.patience = { clock_ms() + s->service->progress_ms,
		    tell_waiting },
		.session = s,
	};
	struct answer a;

	store_patience_set(&w.patience);
	a = run_text(s, imap_frame_text(&s->frame));
	store_patience_set(NULL);
	return a;
}

void
dispatch(struct imap_session *s)
{
	struct answer a;

	running_begin(s);
	s->running->tag = keep_tag(s);
	s->commands++;
	a = run_patiently(s);
	if (a.status == ANSWER_GONE)
		state_logout(s, "connection lost");
	else if (a.status != ANSWER_LATER)
		finish(s, &a);
	running_end(s);
}
