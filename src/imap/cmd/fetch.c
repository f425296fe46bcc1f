/* SPDX-License-Identifier: MIT
 *
 * FETCH and UID FETCH (RFC 9051 section 6.4.5, RFC 3501 section 6.4.5, RFC
 * 3516, RFC 7162 sections 3.1.4 and 3.2.6, RFC 8474, RFC 8514, RFC
 * 8970).
 *
 * A message that cannot be answered is left out, the others are answered, and
 * the command ends with NO.  Messages that another session has expunged are
 * answered as long as this client has not been told.
 */
#include "imap/cmd/cmd.h"

#include "base/limits.h"
#include "imap/cmd/fetch_message.h"
#include "imap/modseq.h"
#include "imap/resync.h"
#include "imap/selection.h"
#include "imap/update.h"

bool
parse_cmd_fetch(struct parser *p, struct arena *a, void **ret_args)
{
	struct fetch *f = arena_alloc(a, sizeof(*f));

	if (f == NULL || !parse_fetch(p, &f->args))
		return false;
	*ret_args = f;
	return true;
}

/* -- checking ---------------------------------------------------------- */

static bool
same_path(const struct section *a, const struct section *b)
{
	if (a->path_count != b->path_count)
		return false;
	for (size_t i = 0; i < a->path_count; i++)
		if (a->path[i] != b->path[i])
			return false;
	return true;
}

static bool
same_fields(const struct section *a, const struct section *b)
{
	if (a->field_count != b->field_count)
		return false;
	for (size_t i = 0; i < a->field_count; i++)
		if (!str_eq(a->fields[i], b->fields[i]))
			return false;
	return true;
}

/* Would both items be answered alike? */
static bool
same_att(const struct fetch_att *a, const struct fetch_att *b)
{
	return a->kind == b->kind && a->lazy == b->lazy &&
	       a->partial == b->partial && a->offset == b->offset &&
	       a->section.text == b->section.text &&
	       same_path(&a->section, &b->section) &&
	       same_fields(&a->section, &b->section) &&
	       (!a->partial || a->count == b->count);
}

static bool
is_asked(const struct fetch *f, const struct fetch_att *att)
{
	for (size_t i = 0; i < f->args.att_count; i++)
		if (same_att(&f->args.atts[i], att))
			return true;
	return false;
}

/* Put the items in the order of the answer: as asked, each once, UID first for
 * UID FETCH, MODSEQ last when CHANGEDSINCE adds it.  Whether \Seen is set is taken from all, also from those that are
 * left out. */
static bool
order_items(struct fetch *f)
{
	struct imap_session *s = f->session;
	const struct fetch_att *asked = f->args.atts;
	size_t count = f->args.att_count;

	const struct fetch_att modseq = { .kind = FETCH_MODSEQ, .peek = true };

	f->args.atts =
	    arena_array(s->running->arena, count + 2, sizeof(*f->args.atts));
	if (f->args.atts == NULL)
		return false;
	f->args.att_count = 0;
	if (session_by_uid(s))
		f->args.atts[f->args.att_count++].kind = FETCH_UID;
	for (size_t i = 0; i < count; i++) {
		if (!asked[i].peek && asked[i].kind >= FETCH_BODY_SECTION)
			f->sets_seen = true;
		if (!is_asked(f, &asked[i]))
			f->args.atts[f->args.att_count++] = asked[i];
	}
	if (f->changes_only && !is_asked(f, &modseq))
		f->args.atts[f->args.att_count++] = modseq;
	f->pieces = arena_array(
	    s->running->arena, f->args.att_count, sizeof(*f->pieces));
	return f->pieces != NULL;
}

static void
note_common(const struct fetch_att *att, struct fetch_item *item)
{
	const struct section *s = &att->section;

	item->is_common =
	    att->kind == FETCH_BODY_SECTION && s->path_count == 0 &&
	    s->text == SECTION_HEADER_FIELDS &&
	    mime_common_set_of(s->fields, s->field_count, &item->common);
}

static bool
prepare_items(struct fetch *f)
{
	struct arena *a = f->session->running->arena;
	struct buf name;
	bool good = true;

	f->items = arena_array(a, f->args.att_count, sizeof(*f->items));
	if (f->items == NULL)
		return false;
	buf_init(&name, COMMAND_BYTES_MAX);
	for (size_t i = 0; i < f->args.att_count && good; i++) {
		note_common(&f->args.atts[i], &f->items[i]);
		buf_clear(&name);
		buf_add_byte(&name, i == 0 ? '(' : ' ');
		write_fetch_att_name(&name, &f->args.atts[i]);
		buf_add_byte(&name, ' ');
		f->items[i].name = arena_str(a, buf_str(&name));
		good = !name.overflowed && f->items[i].name.p != NULL;
	}
	buf_fini(&name);
	return good;
}

/* What do the items need? */
static void
note_needs(struct fetch *f)
{
	for (size_t i = 0; i < f->args.att_count; i++) {
		enum fetch_kind kind = f->args.atts[i].kind;

		f->wants_record |=
		    kind == FETCH_ENVELOPE || kind == FETCH_BODY ||
		    kind == FETCH_BODYSTRUCTURE || kind == FETCH_THREADID;
		f->wants_thread |= kind == FETCH_THREADID;
		f->octet_items += kind >= FETCH_BODY_SECTION;
		f->common_items += f->items[i].is_common;
		f->wants_flags |= kind == FETCH_FLAGS;
		f->wants_uid |= kind == FETCH_UID;
		f->wants_modseq |= kind == FETCH_MODSEQ;
	}
	f->sets_seen = f->sets_seen && !f->session->read_only;
}

static bool
is_offered(const struct imap_session *s, enum fetch_kind kind)
{
	switch (kind) {
	case FETCH_BINARY:
	case FETCH_BINARY_SIZE:
		return session_has(s, CAPABILITY_BINARY);
	case FETCH_MODSEQ:
		return modseq_is_offered(s);
	case FETCH_EMAILID:
	case FETCH_THREADID:
		return session_has(s, CAPABILITY_OBJECTID);
	case FETCH_PREVIEW:
		return session_has(s, CAPABILITY_PREVIEW);
	case FETCH_SAVEDATE:
		return session_has(s, CAPABILITY_SAVEDATE);
	default:
		return true;
	}
}

static bool
has_unknown_item(const struct fetch *f)
{
	for (size_t i = 0; i < f->args.att_count; i++)
		if (!is_offered(f->session, f->args.atts[i].kind))
			return true;
	return false;
}

/* fetch-modifiers: CHANGEDSINCE, and with it, for UID FETCH, VANISHED. */
static struct answer
check_modifiers(struct fetch *f)
{
	static const char *const known[] = { "CHANGEDSINCE", "VANISHED" };
	const struct modifier_list *list = &f->args.modifiers;
	const struct modifier *since = modifier_find(list, "CHANGEDSINCE");
	const struct modifier *vanished = modifier_find(list, "VANISHED");

	if (!modseq_is_offered(f->session)
		? list->n > 0
		: !modifiers_are_known(
		      list, known, sizeof(known) / sizeof(*known)))
		return answer_bad("Unknown FETCH modifier");
	if (since != NULL && !modifier_modseq(since, &f->changed_since))
		return answer_bad("Expected a number behind CHANGEDSINCE");
	f->changes_only = since != NULL;
	f->tells_vanished = vanished != NULL;
	if (!f->tells_vanished)
		return answer_proceed();
	if (!modseq_is_qresync(f->session) || !session_by_uid(f->session) ||
	    !f->changes_only || vanished->value != NULL)
		return answer_bad(
		    "VANISHED needs ENABLE QRESYNC, UID FETCH and "
		    "CHANGEDSINCE");
	return answer_proceed();
}

struct answer
check_cmd_fetch(struct imap_session *s, void *args)
{
	struct fetch *f = args;
	struct answer answer;

	f->session = s;
	answer = check_modifiers(f);
	if (answer.status != ANSWER_PROCEED)
		return answer;
	if (has_unknown_item(f))
		return answer_bad("Unknown FETCH item");
	if (!order_items(f) || !prepare_items(f))
		return answer_failed(RC_LIMIT);
	note_needs(f);
	return selection_of(s, &f->args.set, &f->uids);
}

/* -- \Seen ------------------------------------------------------------- */

/* Read the slice again: flags have changed. */
static enum rc
reread(struct fetch *f, struct message *slice, size_t count)
{
	struct imap_session *s = f->session;
	struct arena_mark mark = arena_save(s->running->arena);
	struct uid_range range = { slice[0].uid, slice[count - 1].uid };
	struct message again[VIEW_SLICE];
	struct view_walk walk;
	size_t found, at = 0;
	enum rc rc = view_walk_begin(
	    &s->view, &range, 1, true, s->running->arena, &walk);

	while (rc == RC_OK && at < count) {
		rc = view_walk_next(&walk, again, &found);
		if (rc != RC_OK || found == 0)
			break;
		for (size_t i = 0; i < found && at < count; i++)
			if (again[i].uid == slice[at].uid)
				slice[at++] = again[i];
	}
	arena_restore(s->running->arena, mark);
	return rc;
}

/* Set \Seen where it is missing.  A failure is not the command's: the
 * messages can be read all the same. */
static void
set_seen(struct fetch *f, struct message *slice, size_t count,
    struct store_result *result)
{
	struct imap_session *s = f->session;
	struct uid_list unseen = { 0 };
	struct store_request request = {
		.uids = &unseen,
		.mode = STORE_ADD,
		.flags.system = FLAG_SEEN,
		.unchangedsince = UINT64_MAX,
		.told = s->view.flags_modseq,
	};

	for (size_t i = 0; i < count; i++)
		if ((slice[i].flags & FLAG_SEEN) == 0 && !slice[i].expunged)
			uid_list_add(&unseen, slice[i].uid);
	if (unseen.n > 0 &&
	    message_store(s->mail, s->account, mailbox_id(s->view.mailbox),
		&request, result) == RC_OK &&
	    result->stored.n > 0 && reread(f, slice, count) == RC_OK)
		session_own_changes(s, &result->modseqs);
	uid_list_fini(&unseen);
}

/* -- doing it ---------------------------------------------------------- */

static enum rc
fetch_slice(struct fetch *f, struct message *slice, size_t count)
{
	struct store_result result = { 0 };
	enum rc rc = RC_OK;

	if (f->sets_seen)
		set_seen(f, slice, count, &result);
	f->seen = &result.stored;
	for (size_t i = 0; i < count && rc == RC_OK; i++)
		rc = fetch_message(f, &slice[i]);
	fetch_end_read(f);
	store_result_fini(&result);
	return rc;
}

static struct answer
answer_of(const struct fetch *f)
{
	switch (f->failure) {
	case RC_OK:
		return answer_ok("Fetched");
	case RC_NOTFOUND:
		return answer_no(
		    "EXPUNGEISSUED", "Some of the messages exist no longer");
	case RC_UNSUPPORTED:
		return answer_no(
		    "UNKNOWN-CTE", "A transfer encoding is unknown or broken");
	case RC_LIMIT:
		return answer_no("LIMIT", "These items are too much at once");
	case RC_CORRUPT:
		return answer_no(
		    "SERVERBUG", "Some of the messages are damaged");
	default:
		return answer_failed(f->failure);
	}
}

/* What is gone comes before what has changed (RFC 7162 section 3.2.6). */
static enum rc
tell_vanished(struct fetch *f, bool *ret_broken)
{
	if (!f->tells_vanished)
		return RC_OK;
	return resync_vanished(
	    f->session, f->changed_since, &f->uids, ret_broken);
}

static struct answer
fetch_all(struct fetch *f)
{
	struct imap_session *s = f->session;
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	size_t count;
	enum rc rc = view_walk_begin(
	    &s->view, f->uids.v, f->uids.n, true, s->running->arena, &walk);

	if (rc != RC_OK)
		return answer_failed(rc);
	if (f->changes_only)
		view_walk_changed(&walk, f->changed_since);
	do {
		rc = view_walk_next(&walk, slice, &count);
		if (rc != RC_OK)
			return answer_failed(rc);
		if (count > 0)
			rc = fetch_slice(f, slice, count);
		if (rc != RC_OK)
			return answer_gone(s, rc);
	} while (count > 0);
	return answer_of(f);
}

struct answer
cmd_fetch(struct imap_session *s, void *args)
{
	struct fetch *f = args;
	struct answer answer;
	bool broken = false;
	enum rc rc;

	if (f->wants_modseq)
		modseq_enable(s);
	rc = tell_vanished(f, &broken);
	if (broken)
		return answer_gone(s, rc);
	if (rc == RC_OK && (f->wants_flags || f->sets_seen))
		rc = mailbox_keywords(s->view.mailbox, s->running->arena,
		    &f->keywords, &f->keyword_count);
	if (rc != RC_OK)
		return answer_failed(rc);
	buf_init(&f->header, MIME_HEADER_BYTES_MAX);
	buf_init(&f->chosen, MIME_HEADER_BYTES_MAX);
	buf_init(&f->written.text, RESPONSE_LINE_BYTES_MAX);
	answer = fetch_all(f);
	buf_fini(&f->header);
	buf_fini(&f->chosen);
	buf_fini(&f->written.text);
	return answer;
}
