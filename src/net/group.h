/* SPDX-License-Identifier: MIT
 *
 * The sessions of one service, so that all can be told to end.
 *
 * A session holds a struct group_member.  It is added before its connection
 * is put into the pool, and joins in its first run, when it can be woken.  Its
 * run function asks group_is_stopping() whenever it is about to wait.  What is
 * still there when the pool has stopped is freed by group_fini(), also what
 * never came to run.
 */
#ifndef AVOCET_NET_GROUP_H
#define AVOCET_NET_GROUP_H

#include <stdatomic.h>

#include "base/lock.h"
#include "net/conn.h"

struct presence;

struct group_member {
	struct conn *conn;	   /* of the session */
	void *session;		   /* for the group's free function */
	struct presence *presence; /* of the session; NULL: it has none */
	struct group_member *next; /* group.c's, under the lock */
	struct group_member *prev;
	bool added;
	atomic_bool joined;
	atomic_bool ended; /* group_end() */
};

struct group {
	atomic_bool stopping;
	struct lock lock; /* of first */
	struct group_member *first;
	void (*free)(void *session); /* frees it with its connection */
};

/* An empty group. */
void group_init(struct group *g, void (*free_session)(void *session));

/* Before the first run: be freed by group_fini(). */
void group_add(struct group *g, struct group_member *m);

/* From within a run of the session, added or not: be woken by group_stop(),
 * too.  Joining twice is fine. */
void group_join(struct group *g, struct group_member *m);

/* No more part of it; fine if it never was. */
void group_leave(struct group *g, struct group_member *m);

/* Has group_stop() been called? */
bool group_is_stopping(const struct group *g);

/* Call ${fn} for each member that has joined, under the group's lock: it must
 * not wait, nor call into the group but for group_end(). */
void group_each(
    struct group *g, void (*fn)(void *arg, struct group_member *m), void *arg);

/* Wake this session, to find by group_is_ended() that it should end.  From
 * group_each() only.  Does not wait. */
void group_end(struct group_member *m);
bool group_is_ended(const struct group_member *m);

/* Has it no member? */
bool group_is_empty(struct group *g);

/* Wake every session, to find that it should end.  Does not wait. */
void group_stop(struct group *g);

/* Free what sessions are left; no thread runs any. */
void group_fini(struct group *g);

#endif
