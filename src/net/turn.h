/* SPDX-License-Identifier: MIT
 *
 * What sessions after login have in common, whatever is spoken: turns.  A turn
 * takes steps until the input is dry and what is queued is sent, or others have
 * to have the worker; then the session waits, seen by `who` and watched by
 * traces, or it has ended.
 */
#ifndef AVOCET_NET_TURN_H
#define AVOCET_NET_TURN_H

#include "net/pace.h"
#include "net/presence.h"

enum turn_step {
	TURN_ON,   /* look again */
	TURN_WAIT, /* for what *wants says */
	TURN_END,  /* the connection is of no more use */
};

/* What a protocol does; ${session} is the member's. */
struct turn_ops {
	enum turn_step (*step)(void *session, unsigned *wants);
	/* Has neither side said part of something? */
	bool (*is_between)(const void *session);
	/* The client was not silent: it has taken what was queued. */
	void (*moved)(void *session);
	/* There is nothing to do until more input comes: hold no memory for it,
	 * and set the deadline. */
	void (*rest)(void *session);
	/* More input cannot be had: RC_LIMIT or RC_INVALID of conn_fill().
	 * Say so.  NULL: as if the connection were lost. */
	void (*refuse)(void *session, enum rc rc);
	/* Nothing can be said any more, for this reason (static). */
	void (*lost)(void *session, const char *why);
	/* At the end of a turn: presence_rest(). */
	void (*publish)(void *session);
	void (*free)(void *session);
};

/* Part of a session.  The first four are set before turn_begin(), and those of
 * the presence that are the session's. */
struct turn {
	const struct turn_ops *ops;
	struct group *group;
	struct watch *watch; /* NULL: nobody looks on */
	struct presence presence;

	struct group_member member;
	struct pace pace;
};

/* Take over ${c}, which has logged in, within its run. */
void turn_begin(struct turn *t, void *session, struct conn *c);

/* A poll_run_fn; ${turn} is a struct turn. */
unsigned turn_run(void *turn);

/* For steps.  Send what is queued, as far as the client takes it; TURN_ON: all
 * is gone. */
enum turn_step turn_flush(struct turn *t, unsigned *wants);

/* The input, up to ${limit} octets, is dry: send what is queued, get more. */
enum turn_step turn_read(struct turn *t, size_t limit, unsigned *wants);

/* Has somebody told the session to end? */
bool turn_is_called_off(const struct turn *t);

#endif
