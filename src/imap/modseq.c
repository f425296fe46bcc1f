/* SPDX-License-Identifier: MIT
 *
 * Mod-sequences as the client learns them.
 */
#include "imap/modseq.h"

bool
modseq_is_offered(const struct imap_session *s)
{
	/* QRESYNC implies CONDSTORE (RFC 7162 section 3.2.3). */
	return session_has(s, CAPABILITY_CONDSTORE) ||
	       session_has(s, CAPABILITY_QRESYNC);
}

bool
modseq_is_enabled(const struct imap_session *s)
{
	return (s->enabled & ENABLED_CONDSTORE) != 0;
}

bool
modseq_is_qresync(const struct imap_session *s)
{
	return (s->enabled & ENABLED_QRESYNC) != 0;
}

void
modseq_tell(struct imap_session *s)
{
	respond_number_code(
	    s, "HIGHESTMODSEQ", view_modseq_told(&s->view), "Told up to here");
}

void
modseq_enable(struct imap_session *s)
{
	bool before = modseq_is_enabled(s);

	s->enabled |= ENABLED_CONDSTORE;
	if (!before && s->state == IMAP_SELECTED)
		modseq_tell(s);
}

void
modseq_write(struct imap_session *s, uint64_t modseq, struct buf *to)
{
	buf_add_byte(to, '(');
	buf_add_number(to, modseq);
	buf_add_byte(to, ')');
	if (modseq > s->running->modseq_written)
		s->running->modseq_written = modseq;
}

void
modseq_vanished(struct imap_session *s)
{
	s->running->vanished = true;
}

static bool
is_due(const struct imap_session *s)
{
	if (s->state != IMAP_SELECTED || !modseq_is_enabled(s))
		return false;
	return s->running->vanished ||
	       s->running->modseq_written > view_modseq_told(&s->view);
}

void
modseq_settle(struct imap_session *s, struct answer *answer)
{
	struct buf *line = &s->running->line;

	if (!is_due(s))
		return;
	if (answer == NULL || answer->status != ANSWER_OK ||
	    answer->code.n > 0) {
		modseq_tell(s);
		return;
	}
	buf_clear(line);
	buf_add_text(line, "HIGHESTMODSEQ ");
	buf_add_number(line, view_modseq_told(&s->view));
	answer->code = arena_str(s->running->arena, buf_str(line));
}
