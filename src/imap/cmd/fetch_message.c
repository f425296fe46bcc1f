/* SPDX-License-Identifier: MIT
 *
 * Answering FETCH for one message after another (RFC 9051 section 7.5.2).
 *
 * First everything is found that the items need, then the response is written
 * in the order asked.  One store read serves many messages as long as nobody
 * has to wait: it ends before a message is read and before output is awaited.
 */
#include "imap/cmd/fetch_message.h"

#include "base/limits.h"
#include "imap/modseq.h"
#include "imap/objectid.h"
#include "imap/preview.h"
#include "imap/update.h"
#include "mail/email.h"
#include "proto/imap/date.h"

/* The present message. */
struct loaded {
	const struct message *message;
	uint64_t thread;
	struct str envelope;
	struct str body;
	struct str bodystructure;
	struct str common;
	struct body octets; /* source is NULL unless it is needed */
};

void
fetch_end_read(struct fetch *f)
{
	if (f->read != NULL)
		store_read_end(f->read);
	f->read = NULL;
}

/* -- waiting ----------------------------------------------------------- */

/* How many messages may be open for output: few, when each has many ranges in
 * the queue. */
static unsigned
sources_max(const struct fetch *f)
{
	unsigned n = FETCH_RANGES_MAX / f->octet_items;

	return n < FETCH_SOURCES_MAX ? n : FETCH_SOURCES_MAX;
}

/* Keep the number of open messages within its limit: a client that does not
 * read what it has asked for makes us wait. */
static enum rc
await_sources(struct fetch *f)
{
	struct imap_session *s = f->session;
	const unsigned max = sources_max(f);
	enum rc rc = RC_OK;

	if (s->open_sources < max)
		return RC_OK;
	fetch_end_read(f);
	/* Each range has some text behind it, so no text is left when all
	 * ranges are gone. */
	while (rc == RC_OK && s->open_sources > max / 2 &&
	       conn_out_memory(s->conn) > 0)
		rc = conn_flush_wait(s->conn, conn_out_memory(s->conn) / 2);
	return rc;
}

static enum rc
await_room(struct fetch *f)
{
	struct imap_session *s = f->session;

	if (conn_out_memory(s->conn) <= OUT_MEMORY_BYTES_MAX)
		return RC_OK;
	fetch_end_read(f);
	return respond_room(s);
}

/* -- the record -------------------------------------------------------- */

static enum rc
begin_read(struct fetch *f)
{
	struct imap_session *s = f->session;

	if (f->read != NULL)
		return RC_OK;
	return store_read_begin(mail_store(s->mail), s->account, &f->read);
}

/* Copy a text that must outlive the read. */
static bool
keep(struct fetch *f, struct str *text)
{
	*text = arena_str(f->session->running->arena, *text);
	return text->p != NULL;
}

/* Open the message itself.  Reading it ends the store read, so all that is
 * needed of the record is kept. */
static enum rc
open_octets(struct fetch *f, const struct email *e, struct loaded *l)
{
	struct blob *blob;
	enum rc rc;

	l->octets.size = e->size;
	l->octets.prefix = e->prefix;
	l->octets.table = e->table;
	l->octets.header = &f->header;
	l->octets.chosen = &f->chosen;
	if (!keep(f, &l->octets.table) || !keep(f, &l->envelope) ||
	    !keep(f, &l->body) || !keep(f, &l->bodystructure) ||
	    (l->common.p != NULL && !keep(f, &l->common)))
		return RC_LIMIT;
	rc = email_open(f->read, e->id, &blob);
	if (rc != RC_OK)
		return rc;
	l->octets.source = blob_source_new(blob, &f->session->open_sources);
	fetch_end_read(f);
	return RC_OK;
}

/* Must the message itself be read? */
static bool
needs_octets(const struct fetch *f, const struct loaded *l)
{
	return f->octet_items > f->common_items ||
	       (f->common_items > 0 && l->common.p == NULL);
}

/* There may be none. */
static enum rc
load_common(struct fetch *f, struct loaded *l)
{
	enum rc rc = email_get_common(f->read, l->message->email, &l->common);

	return rc == RC_NOTFOUND ? RC_OK : rc;
}

static enum rc
load(struct fetch *f, struct loaded *l)
{
	struct email e;
	enum rc rc;

	if (!f->wants_record && f->octet_items == 0)
		return RC_OK;
	rc = begin_read(f);
	if (rc == RC_OK && f->common_items > 0)
		rc = load_common(f, l);
	if (rc != RC_OK || (!f->wants_record && !needs_octets(f, l)))
		return rc;
	rc = email_get(f->read, l->message->email, &e);
	if (rc != RC_OK)
		return rc;
	if (f->wants_thread)
		l->thread = email_thread(&e);
	l->envelope = e.envelope;
	l->body = e.body;
	l->bodystructure = e.bodystructure;
	return needs_octets(f, l) ? open_octets(f, &e, l) : RC_OK;
}

static bool
is_of_octets(const struct fetch_att *att)
{
	return att->kind >= FETCH_BODY_SECTION;
}

/* Find what the items name in the message. */
static enum rc
find_pieces(struct fetch *f, struct loaded *l)
{
	struct arena *a = f->session->running->arena;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < f->args.att_count && rc == RC_OK; i++) {
		const struct fetch_att *att = &f->args.atts[i];
		const struct fetch_item *item = &f->items[i];

		if (item->is_common && l->common.p != NULL)
			rc = body_common(l->common, item->common, att,
			    &f->chosen, a, &f->pieces[i]);
		else if (att->kind == FETCH_PREVIEW)
			rc = preview_find(&l->octets, att, a, &f->pieces[i]);
		else if (is_of_octets(att))
			rc = body_find(&l->octets, att, a, &f->pieces[i]);
	}
	return rc;
}

/* -- writing ----------------------------------------------------------- */

/* Ready-made text of the record; it may be longer than a line. */
static void
write_text(struct imap_session *s, struct str text)
{
	respond_part(s);
	conn_out(s->conn, text);
}

/* Messages that follow each other often have the same flags. */
static void
write_flags_of(struct fetch *f, const struct message *m)
{
	struct written_flags *w = &f->written;

	if (w->text.n == 0 || w->flags != m->flags ||
	    w->keywords != m->keywords || w->recent != m->recent) {
		buf_clear(&w->text);
		update_write_flags(
		    f->session, m, f->keywords, f->keyword_count, &w->text);
		w->flags = m->flags;
		w->keywords = m->keywords;
		w->recent = m->recent;
	}
	buf_add_str(&f->session->running->line, buf_str(&w->text));
}

/* The value of item ${i}, behind its name. */
static void
write_value(struct fetch *f, struct loaded *l, size_t i)
{
	struct imap_session *s = f->session;
	struct buf *line = &s->running->line;

	switch (f->args.atts[i].kind) {
	case FETCH_UID:
		buf_add_number(line, l->message->uid);
		break;
	case FETCH_FLAGS:
		write_flags_of(f, l->message);
		break;
	case FETCH_INTERNALDATE:
		write_date_time(line, l->message->internal_date);
		break;
	case FETCH_EMAILID:
		objectid_write_email(s, l->message->email, line);
		break;
	case FETCH_THREADID:
		objectid_write_thread(s, l->thread, line);
		break;
	case FETCH_SAVEDATE:
		write_date_time(line, l->message->save_date);
		break;
	case FETCH_RFC822_SIZE:
		buf_add_number(line, l->message->size);
		break;
	case FETCH_MODSEQ:
		modseq_write(s, l->message->modseq, line);
		break;
	case FETCH_ENVELOPE:
		write_text(s, l->envelope);
		break;
	case FETCH_BODY:
		write_text(s, l->body);
		break;
	case FETCH_BODYSTRUCTURE:
		write_text(s, l->bodystructure);
		break;
	default:
		body_write(s, &l->octets, &f->pieces[i]);
		break;
	}
}

/* What else the client must know of a message that got \Seen: its flags, and
 * UID and mod-sequence if it keeps that (RFC 7162 section 3.2.4). */
static void
write_seen(struct fetch *f, const struct message *m)
{
	struct imap_session *s = f->session;
	struct buf *line = &s->running->line;

	if (!f->wants_flags) {
		buf_add_text(line, " FLAGS ");
		write_flags_of(f, m);
	}
	if (!modseq_is_enabled(s))
		return;
	if (!f->wants_uid) {
		buf_add_text(line, " UID ");
		buf_add_number(line, m->uid);
	}
	if (!f->wants_modseq) {
		buf_add_text(line, " MODSEQ ");
		modseq_write(s, m->modseq, line);
	}
}

/* message-data = nz-number SP "FETCH" SP msg-att  RFC 9051 section 9 */
static void
write_message(struct fetch *f, struct loaded *l)
{
	struct buf *line =
	    respond_begin_number(f->session, l->message->seq, "FETCH ");

	for (size_t i = 0; i < f->args.att_count; i++) {
		buf_add_str(line, f->items[i].name);
		write_value(f, l, i);
	}
	if (uid_list_has(f->seen, l->message->uid))
		write_seen(f, l->message);
	buf_add_byte(line, ')');
	respond_line(f->session);
}

enum rc
fetch_message(struct fetch *f, const struct message *m)
{
	struct arena *a = f->session->running->arena;
	struct arena_mark mark = arena_save(a);
	struct loaded l = { .message = m };
	enum rc rc;

	if (f->octet_items > f->common_items) {
		rc = await_sources(f);
		if (rc != RC_OK)
			return rc;
	}
	rc = load(f, &l);
	if (rc == RC_OK)
		rc = find_pieces(f, &l);
	if (rc == RC_OK)
		write_message(f, &l);
	else if (f->failure == RC_OK)
		f->failure = rc;
	if (rc == RC_OK && f->octet_items > 0)
		f->session->fetched++;
	blob_source_unref(&l.octets.source);
	arena_restore(a, mark);
	return await_room(f);
}
