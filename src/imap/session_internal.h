/* SPDX-License-Identifier: MIT
 *
 * What session.c, dispatch.c and idle.c share.
 */
#ifndef AVOCET_IMAP_SESSION_INTERNAL_H
#define AVOCET_IMAP_SESSION_INTERNAL_H

#include "imap/session.h"

/* s->running begins, with an arena and a line buffer, and ends with all that is
 * in them. */
void running_begin(struct imap_session *s);
void running_end(struct imap_session *s);

/* Count a command that no good client sends often, and say goodbye to one who
 * does. */
void session_count_bad(struct imap_session *s);

/* Let the frame look at the input.  A piece stays readable until the next
 * call. */
enum imap_frame_event session_take_event(struct imap_session *s);

/* The answer to a command that the frame has refused. */
struct answer session_frame_answer(const struct imap_session *s);

/* Run the command whose text the frame has, or the beginning of it up to its
 * first message literal, and answer it.  May wait. */
void dispatch(struct imap_session *s);

#endif
