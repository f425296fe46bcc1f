/* SPDX-License-Identifier: MIT
 *
 * Messages come in answers of bounded size; one that is cut is asked for from
 * where it was cut.
 */
#include "admin/export.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/keeper.h"
#include "admin/perform.h"
#include "admin/progress.h"
#include "base/vec.h"

struct export
{
	const struct export_writer *writer;
	const char *user;
	struct keeper *keeper;
	struct progress progress;
	int code;
	VEC(struct export_mailbox) mailboxes;
	VEC(char *) subscriptions;

	/* The mailbox under way. */
	const struct export_mailbox *mailbox;
	struct tally stored; /* by what the store says */
	struct tally read;   /* by what came */

	/* The message under way, and what came of it. */
	struct arena *arena; /* its keywords */
	bool is_open;
	bool as_it_is;
	struct item item;
	uint64_t got;
	struct digester *digester;

	/* The answer under way. */
	enum rc rc;	/* of the writer; what else comes is passed over */
	bool came;	/* anything */
	bool continues; /* the first message is the one that was cut */
};

struct export *
export_new(void)
{
	struct export *e = mem_alloc(sizeof(*e));

	e->arena = arena_new(CONTROL_ARENA_BYTES_MAX);
	e->digester = digester_new();
	return e;
}

void
export_free(struct export *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->mailboxes.n; i++)
		mem_free(e->mailboxes.v[i].name);
	for (size_t i = 0; i < e->subscriptions.n; i++)
		mem_free(e->subscriptions.v[i]);
	vec_fini(&e->mailboxes);
	vec_fini(&e->subscriptions);
	digester_free(e->digester);
	arena_free(e->arena);
	mem_free(e);
}

void
export_problem(struct export *e, const char *format, ...)
{
	va_list args;

	progress_clear(&e->progress);
	(void)fputs("avocet: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputs("\n", stderr);
	if (e->code == ADMIN_OK)
		e->code = ADMIN_REFUSED;
}

static void
fail(struct export *e, enum rc rc)
{
	const char *why = keeper_why(e->keeper);

	if (rc == RC_NOTFOUND && e->is_open)
		why = "a message was expunged while it was read: export again";

	export_problem(e, "%s%s%s", e->mailbox != NULL ? e->mailbox->name : "",
	    e->mailbox != NULL ? ": " : "", why[0] != '\0' ? why : rc_text(rc));
	e->code = perform_exit_code(rc);
}

/* -- what there is ---------------------------------------------------------- */

static bool
take_number(struct str *line, uint32_t *ret_number)
{
	struct str word = str_head(*line, str_find(*line, ' '));
	uint64_t number;

	*line = str_skip(*line, word.n + 1);
	if (!str_number(word, UINT32_MAX, &number))
		return false;
	*ret_number = (uint32_t)number;
	return true;
}

static void
on_mailbox(void *arg, struct str line)
{
	struct export *e = arg;
	struct export_mailbox m = { 0 };
	bool is_mailbox = str_begins(line, STR("m "));

	line = str_skip(line, 2);
	if (!is_mailbox) {
		vec_push(&e->subscriptions, mem_text(line));
	} else if (take_number(&line, &m.id) &&
		   take_number(&line, &m.uidvalidity) &&
		   take_number(&line, &m.uidnext) &&
		   take_number(&line, &m.messages)) {
		m.name = mem_text(line);
		vec_push(&e->mailboxes, m);
	}
}

static enum rc
ask_mailboxes(struct export *e)
{
	struct str words[] = { STR("export-mailboxes"), str_of(e->user) };
	enum rc rc = keeper_begin(e->keeper, words, 2);

	return rc == RC_OK ? keeper_answer(e->keeper, on_mailbox, e) : rc;
}

/* -- messages ---------------------------------------------------------------- */

static void
begin_message(struct export *e, struct str line)
{
	struct item item;
	bool goes_on = e->is_open;

	arena_reset(e->arena);
	line = arena_str(e->arena, line);
	e->rc = item_parse(line, e->arena, &item);
	if (e->rc != RC_OK)
		return;
	if (goes_on) {
		e->continues = false;
		e->rc = item.uid == e->item.uid ? RC_OK : RC_NOTFOUND;
		e->item = item;
		return;
	}
	e->item = item;
	e->is_open = true;
	e->got = 0;
	digester_begin(e->digester);
	e->rc = e->writer->begin(e->writer->arg, &e->item, e->as_it_is);
}

/* What the digest was made of: the message without what was put before it. */
static void
digest_piece(struct export *e, struct str piece)
{
	uint64_t before = e->got < e->item.prefix ? e->item.prefix - e->got : 0;

	digester_add(e->digester,
	    str_skip(piece, before < piece.n ? (size_t)before : piece.n));
}

static void
end_message(struct export *e)
{
	char digest[TALLY_DIGEST_BYTES];

	digester_end(e->digester, digest);
	tally_add(&e->stored, e->item.digest, e->item.size);
	tally_add(&e->read, digest, e->got);
	progress_add(&e->progress, 1, 1, e->got, str_of(e->mailbox->name));
	e->is_open = false;
	e->as_it_is = false;
	e->rc = e->writer->end(e->writer->arg);
}

static void
on_piece(struct export *e, struct str piece)
{
	digest_piece(e, piece);
	e->got += piece.n;
	e->rc = e->writer->piece(e->writer->arg, piece);
	if (e->rc == RC_AGAIN && e->as_it_is)
		e->rc = RC_IO;
}

static void
on_frame(void *arg, struct str frame)
{
	struct export *e = arg;

	e->came = true;
	if (e->rc != RC_OK)
		return;
	if (!e->is_open || e->continues)
		begin_message(e, frame);
	else if (frame.n > e->item.size - e->got)
		e->rc = RC_SYNTAX;
	else
		on_piece(e, frame);
	if (e->rc == RC_OK && e->is_open && e->got == e->item.size)
		end_message(e);
}

/* Ask for the next messages; the writer's result, RC_EOF at the end. */
static enum rc
ask_messages(struct export *e, uint32_t uid, uint64_t offset)
{
	char id[STR_DIGITS_MAX], first[STR_DIGITS_MAX], at[STR_DIGITS_MAX];
	struct str words[] = { STR("export-messages"), str_of(e->user),
		str_of_number(e->mailbox->id, id), str_of_number(uid, first),
		str_of_number(offset, at) };
	enum rc rc = keeper_begin(e->keeper, words, 5);

	e->rc = RC_OK;
	e->came = false;
	e->continues = e->is_open;
	if (rc == RC_OK)
		rc = keeper_answer(e->keeper, on_frame, e);
	if (rc != RC_OK)
		fail(e, rc);
	else if (e->rc != RC_OK && e->rc != RC_AGAIN)
		fail(e, e->rc);
	if (rc == RC_OK)
		rc = e->rc;
	if (rc != RC_OK || e->came)
		return rc;
	if (e->is_open) {
		fail(e, RC_NOTFOUND);
		return RC_NOTFOUND;
	}
	return RC_EOF;
}

static enum rc
export_messages(struct export *e)
{
	uint32_t uid = 1;
	enum rc rc;

	do {
		rc = ask_messages(e, uid, e->is_open ? e->got : 0);
		uid = e->is_open ? e->item.uid : e->item.uid + 1;
		if (rc == RC_AGAIN) {
			e->as_it_is = true;
			e->is_open = false;
			uid = e->item.uid;
			rc = RC_OK;
		}
	} while (rc == RC_OK);
	return rc == RC_EOF ? RC_OK : rc;
}

static void
report(struct export *e)
{
	struct buf text;

	buf_init(&text, 4096);
	buf_add_format(
	    &text, "%s: stored (count, octets, hash): ", e->mailbox->name);
	tally_write(&text, &e->stored);
	buf_add_text(&text, ", read: ");
	if (tally_eq(&e->stored, &e->read))
		buf_add_text(&text, "the same");
	else
		tally_write(&text, &e->read);
	progress_clear(&e->progress);
	(void)printf("%.*s\n", STR_ARG(buf_str(&text)));
	buf_fini(&text);
	if (tally_eq(&e->stored, &e->read))
		return;
	export_problem(
	    e, "%s: what was read differs from what came in", e->mailbox->name);
	e->code = ADMIN_DAMAGED;
}

static void
export_mailbox(struct export *e, const struct export_mailbox *m)
{
	e->mailbox = m;
	e->is_open = false;
	e->as_it_is = false;
	e->stored = e->read = (struct tally){ 0 };
	e->item = (struct item){ 0 };
	if (e->writer->mailbox(e->writer->arg, m) != RC_OK)
		return;
	if (export_messages(e) == RC_OK)
		(void)e->writer->mailbox_end(e->writer->arg);
	report(e);
}

int
export_run(struct export *e, const struct config *c, const char *user,
    const struct export_writer *writer)
{
	uint64_t total = 0;
	enum rc rc;

	e->user = user;
	e->writer = writer;
	e->code = keeper_open(c, &e->keeper);
	if (e->code != ADMIN_OK)
		return e->code;
	rc = ask_mailboxes(e);
	if (rc != RC_OK)
		fail(e, rc);
	for (size_t i = 0; i < e->mailboxes.n; i++)
		total += e->mailboxes.v[i].messages;
	progress_begin(&e->progress, total);
	for (size_t i = 0; i < e->mailboxes.n; i++)
		if (e->code == ADMIN_OK || e->code == ADMIN_REFUSED)
			export_mailbox(e, &e->mailboxes.v[i]);
	if (rc == RC_OK)
		(void)writer->subscriptions(
		    writer->arg, e->subscriptions.v, e->subscriptions.n);
	keeper_close(e->keeper);
	return e->code;
}
