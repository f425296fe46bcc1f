/* SPDX-License-Identifier: MIT
 *
 * An account at another IMAP server (RFC 3501, RFC 9051).
 *
 * A message is known by the UIDVALIDITY and UID that it has there, and by its
 * date, so that two servers whose UIDVALIDITYs are alike are told apart.
 *
 * Mailboxes are examined one after another, which changes nothing there.  First
 * all UIDs and dates are asked for, then the messages that are not here yet, so
 * many with each command that only the first is waited for.  Nothing that the
 * server says is believed beyond what was asked.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "admin/import_source.h"
#include "admin/remote.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "foreign/levels.h"
#include "mail/import.h"

#define NAME_BYTES     (8 * MAILBOX_NAME_BYTES_MAX)
#define COMMAND_BYTES  (32 * 1024)
#define SLICE_MESSAGES 4096 /* whose marks are asked for at once */
#define FETCH_MESSAGES 1000 /* of one command */
#define STATUSES_AHEAD 32

struct folder {
	struct str there; /* its name at the server, as that writes it */
	struct str here;
	bool selectable;
	bool subscribed;
};

/* A message there. */
enum fate { MISSING, KNOWN, CAME, LEFT_OUT };
struct entry {
	int64_t date;
	uint32_t uid;
	enum fate fate;
};

/* A command under way: messages of a slice. */
struct chunk {
	uint64_t tag;
	size_t from, end;
};

struct import {
	struct bring *bring;
	struct remote *remote;
	enum rc rc;	     /* of the connection */
	bool told;	     /* what is wrong with it */
	struct arena *arena; /* of names */
	struct buf command;

	struct str prefix; /* of the user's own mail there */
	const struct imap_namespace *namespaces;
	size_t namespace_count;
	VEC(struct folder *) folders;
	struct map by_name; /* there */
	bool has_subscriptions;
	VEC(struct str) subscribed; /* names there */

	/* The mailbox under way. */
	const struct folder *folder;
	uint32_t uidvalidity, uidnext;
	VEC(struct entry) entries;
	bool fetching; /* pieces are of messages that were asked for */
	bool began;    /* pieces of a message have come */
	bool stopped;  /* nothing more can come into it */
	uint32_t last; /* UID that came in */
};

/* -- commands ------------------------------------------------------------------ */

static enum rc
send_command(struct import *m, uint64_t *ret_tag)
{
	m->rc = buf_check(&m->command);
	if (m->rc == RC_OK)
		m->rc = remote_send(m->remote, buf_str(&m->command), ret_tag);
	return m->rc;
}

static enum rc
next(struct import *m, struct imap_reply *ret_reply)
{
	m->rc = remote_next(m->remote, ret_reply);
	return m->rc;
}

static void
begin_command(struct import *m, const char *words)
{
	buf_clear(&m->command);
	buf_add_text(&m->command, words);
}

typedef void reply_fn(struct import *m, const struct imap_reply *reply);

/* Send the command and read on to its answer; false when that is not OK. */
static bool
run(struct import *m, const char *words, reply_fn *on_reply)
{
	struct imap_reply reply;
	uint64_t tag;

	begin_command(m, words);
	if (send_command(m, &tag) != RC_OK)
		return false;
	while (m->rc == RC_OK && next(m, &reply) == RC_OK) {
		if (remote_answers(&reply, tag))
			return reply.state == IMAP_OK;
		on_reply(m, &reply);
	}
	return false;
}

/* -- names ---------------------------------------------------------------------- */

static struct str
keep(struct import *m, struct str text)
{
	struct str kept = arena_str(m->arena, text);

	if (kept.p == NULL)
		bring_problem(m->bring, "the server has too many mailboxes");
	return kept;
}

static void
on_namespaces(struct import *m, const struct imap_reply *reply)
{
	struct imap_namespace *all;

	if (reply->kind != IMAP_REPLY_NAMESPACE || m->namespaces != NULL)
		return;
	all = arena_array(m->arena, reply->namespace_count, sizeof(*all));
	for (size_t i = 0; all != NULL && i < reply->namespace_count; i++) {
		all[i] = reply->namespaces[i];
		all[i].prefix = keep(m, all[i].prefix);
	}
	m->namespaces = all;
	m->namespace_count = all != NULL ? reply->namespace_count : 0;
	if (m->namespace_count > 0 && all[0].personal)
		m->prefix = all[0].prefix;
}

/* Does the name lie in somebody else's namespace? */
static bool
is_foreign(const struct import *m, struct str name)
{
	const struct imap_namespace *found = NULL;

	for (size_t i = 0; i < m->namespace_count; i++) {
		const struct imap_namespace *n = &m->namespaces[i];

		if (str_begins_nocase(name, n->prefix) &&
		    (found == NULL || n->prefix.n > found->prefix.n))
			found = n;
	}
	return found != NULL && !found->personal;
}

/* The mailbox here that one there becomes. */
static bool
name_here(
    struct import *m, const struct imap_reply *reply, struct str *ret_name)
{
	struct str name = reply->name;
	struct buf here;
	bool good;

	if (str_eq_nocase(name, STR("INBOX"))) {
		*ret_name = STR("INBOX");
		return true;
	}
	if (name.n > m->prefix.n && str_begins_nocase(name, m->prefix))
		name = str_skip(name, m->prefix.n);
	buf_init(&here, NAME_BYTES);
	good = levels_add(name, reply->delimiter, false, &here);
	if (good)
		*ret_name = keep(m, buf_str(&here));
	buf_fini(&here);
	return good && ret_name->p != NULL;
}

static const char *
use_of(unsigned attributes)
{
	static const struct {
		unsigned bit;
		const char *use;
	} uses[] = {
		{ IMAP_ARCHIVE, "\\Archive" },
		{ IMAP_DRAFTS, "\\Drafts" },
		{ IMAP_JUNK, "\\Junk" },
		{ IMAP_SENT, "\\Sent" },
		{ IMAP_TRASH, "\\Trash" },
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if ((attributes & uses[i].bit) != 0)
			return uses[i].use;
	return NULL;
}

static void
on_list(struct import *m, const struct imap_reply *reply)
{
	struct folder *f;

	if (reply->kind != IMAP_REPLY_LIST || reply->name.n == 0 ||
	    is_foreign(m, reply->name) ||
	    map_get(&m->by_name, reply->name) != NULL)
		return;
	if (m->folders.n == IMPORT_MAILBOXES_MAX) {
		bring_problem(m->bring, "the server lists too many mailboxes");
		m->rc = RC_LIMIT;
		return;
	}
	f = arena_alloc(m->arena, sizeof(*f));
	if (f == NULL)
		return;
	if (!name_here(m, reply, &f->here)) {
		bring_problem(m->bring,
		    "%.*s: left out: its name is neither UTF-7 nor UTF-8, or "
		    "too long",
		    STR_ARG(reply->name));
		return;
	}
	f->selectable = (reply->attributes & IMAP_NOSELECT) == 0;
	f->there = keep(m, reply->name);
	if (f->there.p == NULL)
		return;
	vec_push(&m->folders, f);
	(void)map_put(&m->by_name, f->there, f);
	if (f->selectable)
		bring_name(m->bring, f->here, use_of(reply->attributes));
}

/* One that is subscribed, which may not be there. */
static void
on_subscribed(struct import *m, const struct imap_reply *reply)
{
	struct folder *f;
	struct str here;

	if (reply->kind != IMAP_REPLY_LIST || is_foreign(m, reply->name))
		return;
	f = map_get(&m->by_name, reply->name);
	if (f != NULL && f->selectable) {
		f->subscribed = true;
		return;
	}
	if (m->subscribed.n < SUBSCRIPTIONS_MAX && reply->name.n > 0 &&
	    name_here(m, reply, &here))
		vec_push(&m->subscribed, here);
}

static void
read_names(struct import *m)
{
	bool extended = remote_offers(m->remote, "LIST-EXTENDED") ||
			remote_offers(m->remote, "IMAP4rev2");
	bool good = true;

	if (remote_offers(m->remote, "NAMESPACE") ||
	    remote_offers(m->remote, "IMAP4rev2"))
		(void)run(m, "NAMESPACE", on_namespaces);
	if (m->rc == RC_OK)
		good = run(m,
		    extended && remote_offers(m->remote, "SPECIAL-USE")
			? "LIST \"\" \"*\" RETURN (SPECIAL-USE)"
			: "LIST \"\" \"*\"",
		    on_list);
	if (m->rc == RC_OK && !good)
		bring_problem(m->bring, "the server does not list mailboxes");
	if (m->rc == RC_OK)
		m->has_subscriptions = run(m,
		    extended ? "LIST (SUBSCRIBED) \"\" \"*\""
			     : "LSUB \"\" \"*\"",
		    on_subscribed);
}

/* -- how much there is ---------------------------------------------------------- */

/* Ask for the number of messages of all mailboxes, some commands ahead. */
static void
count_messages(struct import *m)
{
	size_t asked = 0, answered = 0;
	struct imap_reply reply;
	uint64_t total = 0, tag = 0;

	while (m->rc == RC_OK && answered < m->folders.n) {
		if (asked < m->folders.n && asked - answered < STATUSES_AHEAD) {
			const struct folder *f = m->folders.v[asked++];

			begin_command(m, "STATUS ");
			if (!f->selectable ||
			    !remote_quote(f->there, &m->command)) {
				begin_command(m, "NOOP");
			} else {
				buf_add_text(&m->command, " (MESSAGES)");
			}
			(void)send_command(m, &tag);
			continue;
		}
		if (next(m, &reply) != RC_OK)
			break;
		if (reply.kind == IMAP_REPLY_STATUS)
			total += reply.number;
		else if (reply.kind == IMAP_REPLY_STATE &&
			 !str_eq(reply.tag, STR("*")))
			answered++;
	}
	bring_total(m->bring, total);
}

/* -- the messages of a mailbox -------------------------------------------------- */

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	/* What has a date was asked for. */
	return x->date == y->date ? 0 : x->date > y->date ? -1 : 1;
}

/* One entry for each UID, in order. */
static void
sort_entries(struct import *m)
{
	size_t count = 0;

	if (m->entries.n > 0)
		qsort(m->entries.v, m->entries.n, sizeof(*m->entries.v),
		    compare_entries);
	for (size_t i = 0; i < m->entries.n; i++)
		if (count == 0 ||
		    m->entries.v[i].uid != m->entries.v[count - 1].uid)
			m->entries.v[count++] = m->entries.v[i];
	m->entries.n = count;
}

/* "UIDVALIDITY 12" or "UIDNEXT 3". */
static void
note_code(struct import *m, struct str code)
{
	struct str word = str_head(code, str_find(code, ' '));
	uint64_t number;

	if (!str_number(str_skip(code, word.n + 1), UINT32_MAX, &number))
		return;
	if (str_eq_nocase(word, STR("UIDVALIDITY")))
		m->uidvalidity = (uint32_t)number;
	else if (str_eq_nocase(word, STR("UIDNEXT")))
		m->uidnext = (uint32_t)number;
}

static void
note_listed(struct import *m, const struct imap_reply *reply)
{
	struct entry e = { reply->message.date, reply->message.uid, MISSING };

	if (reply->kind == IMAP_REPLY_STATE)
		note_code(m, reply->code);
	if (reply->kind != IMAP_REPLY_FETCH || e.uid == 0)
		return;
	if (m->entries.n < IMPORT_MESSAGES_MAX) {
		vec_push(&m->entries, e);
		return;
	}
	bring_problem(m->bring, "%.*s: the server lists too many messages",
	    STR_ARG(m->folder->here));
	m->rc = RC_LIMIT;
}

static void
refused(struct import *m, const struct imap_reply *reply)
{
	bring_problem(m->bring, "%.*s: left out: the server says: %.*s",
	    STR_ARG(m->folder->here), STR_ARG(reply->text));
}

/* Examine the mailbox and have all its messages listed, which goes in one
 * turn.  False: it cannot be read. */
static bool
list_messages(struct import *m)
{
	uint64_t examine, list;
	struct imap_reply reply;
	bool good = true, empty = true;

	m->uidvalidity = m->uidnext = 0;
	m->entries.n = 0;
	begin_command(m, "EXAMINE ");
	if (!remote_quote(m->folder->there, &m->command)) {
		bring_problem(m->bring,
		    "%.*s: left out: its name cannot be "
		    "said",
		    STR_ARG(m->folder->here));
		return false;
	}
	if (send_command(m, &examine) != RC_OK)
		return false;
	begin_command(m, "UID FETCH 1:* (UID INTERNALDATE)");
	if (send_command(m, &list) != RC_OK)
		return false;
	while (m->rc == RC_OK && next(m, &reply) == RC_OK) {
		if (reply.kind == IMAP_REPLY_EXISTS)
			empty = reply.number == 0;
		note_listed(m, &reply);
		if (remote_answers(&reply, examine) && reply.state != IMAP_OK) {
			refused(m, &reply);
			good = false;
		}
		if (!remote_answers(&reply, list))
			continue;
		/* Some do not like 1:* where nothing is. */
		if (good && !empty && reply.state != IMAP_OK) {
			refused(m, &reply);
			good = false;
		}
		sort_entries(m);
		return good;
	}
	return false;
}

static void
mark_of(const struct import *m, const struct entry *e,
    char ret_mark[IMPORT_MARK_BYTES])
{
	struct buf text;

	buf_init(&text, 100);
	buf_add_format(&text, "imap %" PRIu32 " %" PRIu32 " %" PRId64,
	    m->uidvalidity, e->uid, e->date);
	digest_of(buf_str(&text), ret_mark);
	buf_fini(&text);
}

/* Find out which of the messages came before. */
static bool
find_known(struct import *m, struct entry *slice, size_t count)
{
	char(*marks)[IMPORT_MARK_BYTES] = mem_array(count, sizeof(*marks));
	bool *known = mem_array(count, sizeof(*known));
	bool good;

	for (size_t i = 0; i < count; i++)
		mark_of(m, &slice[i], marks[i]);
	good = bring_known(m->bring, marks[0], count, known);
	for (size_t i = 0; good && i < count; i++) {
		if (!known[i])
			continue;
		slice[i].fate = KNOWN;
		bring_passed(m->bring, 1);
		bring_progress(m->bring, 1);
	}
	mem_free(marks);
	mem_free(known);
	return good;
}

/* -- fetching ------------------------------------------------------------------- */

static enum rc
on_piece(void *arg, struct str piece)
{
	struct import *m = arg;

	m->began = true;
	/* What nobody asked for, or nobody takes any more, is dropped. */
	if (m->fetching && !m->stopped && !bring_piece(m->bring, piece))
		m->stopped = true;
	return bring_failed(m->bring) ? RC_SHUTDOWN : RC_OK;
}

static void
on_rest(void *arg)
{
	struct import *m = arg;

	bring_rest(m->bring);
}

static void
problem_of(struct import *m, struct entry *e, const char *what, struct str why)
{
	if (!m->stopped)
		bring_problem(m->bring, "%.*s: UID %" PRIu32 ": %s%.*s",
		    STR_ARG(m->folder->here), e->uid, what, STR_ARG(why));
	e->fate = LEFT_OUT;
}

static struct entry *
find_entry(struct entry *slice, size_t count, uint32_t uid)
{
	struct entry key = { INT64_MAX, uid, MISSING };
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_entries(&slice[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && slice[low].uid == uid ? &slice[low] : NULL;
}

static void
tell_message(
    struct import *m, struct entry *e, const struct imap_message *message)
{
	struct item item = { .uid = e->uid <= UID_MAX ? e->uid : 0,
		.flags = message->flags,
		.date = e->date != INT64_MIN ? e->date : message->date,
		.keywords = message->keywords,
		.keyword_count = message->keyword_count };
	char label[32];

	(void)snprintf(label, sizeof(label), "UID %" PRIu32, e->uid);
	mark_of(m, e, item.digest);
	if (!bring_message(m->bring, &item, str_of(label)))
		m->stopped = true;
	e->fate = CAME;
	m->last = e->uid;
	bring_progress(m->bring, 1);
}

/* A message, or what the server says of one unasked. */
static void
take_message(struct import *m, struct entry *slice, size_t count,
    const struct imap_message *message)
{
	struct entry *e = find_entry(slice, count, message->uid);
	bool wanted = e != NULL && e->fate == MISSING && !m->stopped;
	bool late = wanted && bring_is_exact(m->bring) && e->uid < m->last;

	if (wanted && !late && message->body == IMAP_BODY_CAME)
		tell_message(m, e, message);
	else if (m->began && !m->stopped)
		bring_take_back(m->bring);
	m->began = false;
	if (late && message->body == IMAP_BODY_CAME)
		problem_of(m, e,
		    "came behind greater ones, so it cannot have its UID: "
		    "--fresh-uids gives it another",
		    STR(""));
	else if (wanted && message->body == IMAP_BODY_NIL)
		problem_of(m, e, "the server cannot read it", STR(""));
}

/* Send a command for messages from ${chunk->from} on; where they end. */
static enum rc
ask(struct import *m, const struct entry *slice, size_t count,
    struct chunk *chunk)
{
	unsigned asked = 0;
	size_t i = chunk->from;

	begin_command(m, "UID FETCH ");
	while (i < count && asked < FETCH_MESSAGES) {
		size_t first = i;

		if (slice[i].fate != MISSING) {
			i++;
			continue;
		}
		/* What is between has been expunged, or never was. */
		while (i < count && slice[i].fate == MISSING &&
		       asked < FETCH_MESSAGES) {
			i++;
			asked++;
		}
		buf_add_format(&m->command,
		    m->command.n > 10 ? ",%" PRIu32 : "%" PRIu32,
		    slice[first].uid);
		if (i > first + 1)
			buf_add_format(
			    &m->command, ":%" PRIu32, slice[i - 1].uid);
	}
	chunk->end = i;
	chunk->tag = 0;
	if (asked == 0)
		return RC_OK;
	buf_add_text(&m->command, " (UID FLAGS INTERNALDATE BODY.PEEK[])");
	return send_command(m, &chunk->tag);
}

/* The command was answered: what did not come does not. */
static void
end_chunk(struct import *m, struct entry *slice, const struct chunk *chunk,
    const struct imap_reply *reply)
{
	for (size_t i = chunk->from; i < chunk->end; i++)
		if (slice[i].fate == MISSING)
			problem_of(m, &slice[i],
			    reply->state == IMAP_OK ? "it is not there any more"
						    : "the server says: ",
			    reply->state == IMAP_OK ? STR("") : reply->text);
}

static void
fetch_slice(struct import *m, struct entry *slice, size_t count)
{
	struct chunk chunk = { 0 };
	struct imap_reply reply;

	/* One command at a time: of two, servers mix the answers, and messages
	 * have to come in order. */
	while (m->rc == RC_OK && !m->stopped) {
		chunk.from = chunk.end;
		if (ask(m, slice, count, &chunk) != RC_OK || chunk.tag == 0)
			return;
		while (next(m, &reply) == RC_OK &&
		       !remote_answers(&reply, chunk.tag))
			if (reply.kind == IMAP_REPLY_FETCH)
				take_message(m, slice, count, &reply.message);
		if (m->rc == RC_OK)
			end_chunk(m, slice, &chunk, &reply);
	}
}

static void
bring_entries(struct import *m)
{
	m->fetching = true;
	for (size_t at = 0; at < m->entries.n && m->rc == RC_OK && !m->stopped;
	     at += SLICE_MESSAGES) {
		struct entry *slice = &m->entries.v[at];
		size_t count = m->entries.n - at;

		if (count > SLICE_MESSAGES)
			count = SLICE_MESSAGES;
		if (!find_known(m, slice, count))
			m->stopped = true;
		else
			fetch_slice(m, slice, count);
	}
	m->fetching = false;
	if (m->began && !m->stopped)
		bring_take_back(m->bring);
	m->began = false;
}

/* -- all -------------------------------------------------------------------------- */

/* The connection is of no use any more, and that is news. */
static void
tell_failure(struct import *m)
{
	if (m->rc != RC_OK && !m->told && remote_why(m->remote)[0] != '\0')
		bring_problem(m->bring,
		    "%s: what came so far is here; do it again, and it goes on",
		    remote_why(m->remote));
	m->told = m->rc != RC_OK;
}

static void
bring_folder(struct import *m, const struct folder *f)
{
	enum bring_subscribe subscribe = f->subscribed || !m->has_subscriptions
					     ? BRING_SUBSCRIBE
					     : BRING_UNSUBSCRIBE;

	m->folder = f;
	m->stopped = false;
	m->last = 0;
	if (!list_messages(m) ||
	    !bring_mailbox(m->bring, f->here, m->uidvalidity, subscribe))
		return;
	bring_entries(m);
	tell_failure(m);
	bring_mailbox_end(m->bring, m->uidnext <= UID_MAX + 1 ? m->uidnext : 0);
}

static void
bring_all(struct import *m)
{
	read_names(m);
	count_messages(m);
	for (size_t i = 0;
	     i < m->folders.n && m->rc == RC_OK && !bring_failed(m->bring); i++)
		if (m->folders.v[i]->selectable)
			bring_folder(m, m->folders.v[i]);
	tell_failure(m);
	for (size_t i = 0;
	     i < m->subscribed.n && m->rc == RC_OK && !bring_failed(m->bring);
	     i++)
		bring_subscribe(m->bring, m->subscribed.v[i]);
}

void
import_imap(struct bring *b, const struct remote_options *options)
{
	struct remote_options o = *options;
	struct import m = { .bring = b };

	o.piece = on_piece;
	o.rest = on_rest;
	o.arg = &m;
	m.arena = arena_new(CONTROL_ARENA_BYTES_MAX);
	map_init(&m.by_name);
	buf_init(&m.command, COMMAND_BYTES);
	m.rc = remote_open(&o, &m.remote);
	if (m.rc == RC_OK)
		bring_all(&m);
	else
		bring_problem(b, "%s", remote_why(m.remote));
	remote_close(m.remote);
	map_fini(&m.by_name);
	vec_fini(&m.folders);
	vec_fini(&m.subscribed);
	vec_fini(&m.entries);
	buf_fini(&m.command);
	arena_free(m.arena);
}
