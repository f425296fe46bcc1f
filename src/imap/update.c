/* SPDX-License-Identifier: MIT
 *
 * Telling a client what has changed in its selected mailbox.
 *
 * The order is that of view_sync(): EXPUNGE first, then EXISTS and RECENT, then
 * FLAGS when there are new keywords, then FETCH, which always has the UID (RFC
 * 9051 section 6.3.13) and may name the new keywords.
 */
#include "imap/update.h"

#include <assert.h>

#include "base/limits.h"
#include "imap/modseq.h"
#include "imap/selection.h"
#include "imap/state.h"
#include "proto/imap/set.h"

#define VANISHED_RANGES_MAX 300 /* in a line: below 8,192 octets */

static const struct {
	unsigned bit;
	const char *name;
} system_flags[] = {
	{ FLAG_ANSWERED, "\\Answered" },
	{ FLAG_FLAGGED, "\\Flagged" },
	{ FLAG_DELETED, "\\Deleted" },
	{ FLAG_SEEN, "\\Seen" },
	{ FLAG_DRAFT, "\\Draft" },
};

#define SYSTEM_FLAG_COUNT (sizeof(system_flags) / sizeof(*system_flags))

/* -- flags ------------------------------------------------------------- */

void
update_write_flags(const struct imap_session *s, const struct message *m,
    const struct str *keywords, unsigned keyword_count, struct buf *to)
{
	struct respond_words l = { .to = to };

	buf_add_byte(to, '(');
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++)
		if (m->flags & system_flags[i].bit)
			respond_word(&l, str_of(system_flags[i].name));
	if (m->recent && !session_rev2(s))
		respond_word(&l, STR("\\Recent"));
	for (unsigned i = 0; i < keyword_count; i++)
		if (m->keywords & (uint64_t)1 << i)
			respond_word(&l, keywords[i]);
	buf_add_byte(to, ')');
}

void
update_tell_flags(struct imap_session *s, const struct message *m,
    const struct str *keywords, unsigned keyword_count)
{
	struct buf *line = respond_begin_number(s, m->seq, "FETCH (UID ");

	buf_add_number(line, m->uid);
	buf_add_text(line, " FLAGS ");
	update_write_flags(s, m, keywords, keyword_count, line);
	if (modseq_is_enabled(s)) {
		buf_add_text(line, " MODSEQ ");
		modseq_write(s, m->modseq, line);
	}
	buf_add_byte(line, ')');
	respond_line(s);
}

void
update_tell_modseq(struct imap_session *s, const struct message *m)
{
	struct buf *line = respond_begin_number(s, m->seq, "FETCH (UID ");

	buf_add_number(line, m->uid);
	buf_add_text(line, " MODSEQ ");
	modseq_write(s, m->modseq, line);
	buf_add_byte(line, ')');
	respond_line(s);
}

/* All flags that a message of the mailbox may have. */
static void
write_all_flags(
    struct respond_words *l, const struct str *keywords, unsigned count)
{
	for (size_t i = 0; i < SYSTEM_FLAG_COUNT; i++)
		respond_word(l, str_of(system_flags[i].name));
	for (unsigned i = 0; i < count; i++)
		respond_word(l, keywords[i]);
}

/* FLAGS, and PERMANENTFLAGS: all of them, and "\*" while there is room for new
 * keywords; none after EXAMINE (RFC 9051 section 7.1). */
enum rc
update_flags(struct imap_session *s)
{
	struct str *keywords;
	unsigned count;
	struct respond_words l;
	enum rc rc = mailbox_keywords(
	    s->view.mailbox, s->running->arena, &keywords, &count);

	if (rc != RC_OK)
		return rc;
	l = (struct respond_words){ .to = respond_begin(s) };
	buf_add_text(l.to, "* FLAGS (");
	write_all_flags(&l, keywords, count);
	buf_add_byte(l.to, ')');
	respond_line(s);

	l = (struct respond_words){ .to = respond_begin(s) };
	buf_add_text(l.to, "PERMANENTFLAGS (");
	if (!s->read_only)
		write_all_flags(&l, keywords, count);
	if (!s->read_only && count < KEYWORDS_MAX)
		respond_word(&l, STR("\\*"));
	buf_add_byte(l.to, ')');
	respond_state(s, "OK", buf_str(l.to),
	    s->read_only ? "No flag can be changed"
			 : "Flags that can be changed");
	return RC_OK;
}

/* -- RECENT ------------------------------------------------------------ */

/* How many messages of the view have a UID below ${uid}: a binary search for
 * the number of the first that has not. */
static enum rc
count_below(struct view *v, uint32_t uid, uint32_t *ret_count)
{
	uint32_t low = 0; /* as many are below for certain */
	uint32_t high = v->exists;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint32_t found;
		enum rc rc = view_uid_of(v, middle + 1, &found);

		if (rc != RC_OK)
			return rc;
		if (found < uid)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_count = low;
	return RC_OK;
}

enum rc
update_recent(struct imap_session *s)
{
	struct view *v = &s->view;
	uint32_t before = 0;
	uint32_t until = 0;
	enum rc rc = RC_OK;

	if (session_rev2(s))
		return RC_OK;
	if (v->recent_first != 0)
		rc = count_below(v, v->recent_first, &before);
	if (rc == RC_OK && v->recent_first != 0)
		rc = count_below(v, v->recent_last + 1, &until);
	if (rc != RC_OK)
		return rc;
	respond_begin_number(s, until - before, "RECENT");
	respond_line(s);
	return RC_OK;
}

/* -- changes ----------------------------------------------------------- */

/* expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids
 *                                                 RFC 7162 section 7 */
enum rc
update_tell_vanished(
    struct imap_session *s, const char *word, const struct uid_list *uids)
{
	struct seq_ranges r = selection_ranges(uids);
	enum rc rc = RC_OK;

	for (size_t i = 0; i < r.n && rc == RC_OK; i += VANISHED_RANGES_MAX) {
		size_t left = r.n - i;
		struct buf *line = respond_begin(s);

		buf_add_text(line, "* ");
		buf_add_text(line, word);
		write_sequence_set(line, r.v + i,
		    left < VANISHED_RANGES_MAX ? left : VANISHED_RANGES_MAX);
		respond_line(s);
		rc = respond_room(s);
	}
	return rc;
}

static enum rc
tell_vanished(struct imap_session *s, const struct view_sync *sync)
{
	struct uid_list uids = { 0 };
	enum rc rc;

	for (size_t i = 0; i < sync->expunged_count; i++)
		uid_list_add(&uids, sync->expunged_uids[i]);
	rc = update_tell_vanished(s, "VANISHED ", &uids);
	uid_list_fini(&uids);
	modseq_vanished(s);
	return rc;
}

static enum rc
tell_expunged(struct imap_session *s, const struct view_sync *sync)
{
	enum rc rc = RC_OK;

	if (sync->expunged_count > 0 && modseq_is_qresync(s))
		return tell_vanished(s, sync);
	for (size_t i = 0; i < sync->expunged_count && rc == RC_OK; i++) {
		respond_begin_number(s, sync->expunged_seqs[i], "EXPUNGE");
		respond_line(s);
		rc = respond_room(s);
	}
	return rc;
}

static enum rc
tell_exists(struct imap_session *s)
{
	respond_begin_number(s, s->view.exists, "EXISTS");
	respond_line(s);
	return update_recent(s);
}

static enum rc
tell_changed(struct imap_session *s, const struct view_sync *sync)
{
	struct str *keywords;
	unsigned count;
	enum rc rc;

	rc = mailbox_keywords(
	    s->view.mailbox, s->running->arena, &keywords, &count);
	for (size_t i = 0; i < sync->changed_count && rc == RC_OK; i++) {
		update_tell_flags(s, &sync->changed[i], keywords, count);
		rc = respond_room(s);
	}
	return rc;
}

/* RFC 9051 section 7.1, CLOSED: the client stays connected. */
static enum rc
tell_deleted(struct imap_session *s)
{
	respond_state(
	    s, "OK", STR("CLOSED"), "The selected mailbox was deleted");
	state_unselect(s);
	return RC_OK;
}

static enum rc
tell(struct imap_session *s, const struct view_sync *sync)
{
	enum rc rc = tell_expunged(s, sync);

	if (rc == RC_OK && sync->exists_changed)
		rc = tell_exists(s);
	if (rc == RC_OK && sync->keywords_changed)
		rc = update_flags(s);
	if (rc == RC_OK && sync->changed_count > 0)
		rc = tell_changed(s, sync);
	return rc;
}

/* Move the view on and tell of it; *ret_more: not all has been told. */
static enum rc
sync_once(struct imap_session *s, bool may_expunge, bool *ret_more)
{
	struct view_sync sync = { .may_expunge = may_expunge,
		.own = s->running->own_modseqs };
	/* Lists of what changed may be longer than any command. */
	struct arena *lists = arena_new(UPDATE_ARENA_BYTES_MAX);
	bool moved;
	enum rc rc;

	rc = view_sync(&s->view, lists, &sync);
	moved = rc == RC_OK;
	if (moved)
		rc = sync.deleted ? tell_deleted(s) : tell(s, &sync);
	*ret_more = rc == RC_OK && sync.more;
	arena_free(lists);
	/* Told half, or too much to tell at once: only a new session helps. */
	if (rc != RC_OK && (moved || rc == RC_LIMIT)) {
		respond_state(
		    s, "BYE", STR(""), "Cannot tell what has changed");
		state_logout(s, rc_text(rc));
	}
	return rc;
}

void
update_send(struct imap_session *s, bool may_expunge)
{
	bool more = s->state == IMAP_SELECTED && view_is_stale(&s->view);

	while (more && sync_once(s, may_expunge, &more) == RC_OK)
		continue;
}
