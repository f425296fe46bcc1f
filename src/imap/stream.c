/* SPDX-License-Identifier: MIT
 *
 * Message literals of the running command, octet by octet as they come in:
 * what session.h says of literals that are streamed.
 *
 * A worker waits here for its client, a bounded time for each piece.
 */
#include "base/clock.h"
#include "imap/session_internal.h"

/* Wait for the next event of the frame that says something. */
static enum rc
wait_event(struct imap_session *s, enum imap_frame_event *ret_event)
{
	enum imap_frame_event event = session_take_event(s);

	while (event == IMAP_FRAME_MORE) {
		enum rc rc;

		/* The client may wait for what is queued; RC_AGAIN is no
		 * matter, and a broken connection will not fill either. */
		(void)!conn_flush(s->conn);
		rc = conn_fill_wait(s->conn, IMAP_INPUT_BYTES,
		    clock_ms() + LITERAL_STALL_MS_MAX);
		if (rc != RC_OK)
			return rc;
		event = session_take_event(s);
	}
	*ret_event = event;
	return RC_OK;
}

enum rc
session_literal_accept(struct imap_session *s)
{
	s->literal_left = s->frame.octets;
	imap_frame_accept(&s->frame);
	if (!s->frame.waits)
		return RC_OK;
	respond_continue(s, "Go on");
	return conn_flush_wait(s->conn, 0);
}

enum rc
session_literal_next(struct imap_session *s, struct str *ret_octets)
{
	enum imap_frame_event event;
	enum rc rc;

	if (s->literal_left == 0) {
		*ret_octets = STR("");
		return RC_OK;
	}
	rc = wait_event(s, &event);
	if (rc != RC_OK)
		return rc;
	if (event != IMAP_FRAME_PIECE)
		return RC_SYNTAX;
	s->literal_left -= s->frame.piece.n;
	*ret_octets = s->frame.piece;
	return RC_OK;
}

enum rc
session_command_next(
    struct imap_session *s, struct str *ret_text, bool *ret_more)
{
	enum imap_frame_event event;
	enum rc rc = wait_event(s, &event);

	while (rc == RC_OK && event == IMAP_FRAME_CONTINUE) {
		respond_continue(s, "Go on");
		rc = wait_event(s, &event);
	}
	if (rc != RC_OK)
		return rc;
	if (event != IMAP_FRAME_MESSAGE && event != IMAP_FRAME_COMMAND)
		return RC_SYNTAX;
	*ret_text = imap_frame_text(&s->frame);
	*ret_more = event == IMAP_FRAME_MESSAGE;
	return RC_OK;
}

struct answer
session_refused(struct imap_session *s)
{
	return session_frame_answer(s);
}
