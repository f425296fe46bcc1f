/* SPDX-License-Identifier: MIT
 *
 * What a listener shares with its connections, which may outlive it: how many
 * there are, whom to wake when there is room again, and which of them are
 * strangers, who have not logged in, in the order in which they came.
 *
 * When there is no room, the stranger who has had the longest time to log in is
 * called off: he is woken to find that he has to end.  So whoever comes new has
 * as much time as others need to come after him and fill all places that are
 * not logged in.  All is O(1) but for a look at each listener when the process
 * has no descriptors left.  All may be called from many threads and does not
 * wait.
 */
#ifndef AVOCET_NET_DOOR_H
#define AVOCET_NET_DOOR_H

#include <stdatomic.h>

#include "net/poll.h"

struct door;
struct doors; /* those of all listeners; outlives them */

/* Part of a connection, zeroed at first.  It belongs to whoever runs the
 * connection, but for what is said. */
struct door_pass {
	struct door *door; /* NULL: of none */
	bool began;
	atomic_bool called_off;
	/* Under the door's lock: */
	bool is_stranger; /* in the list */
	struct poll_handle handle;
	struct door_pass *next;
	struct door_pass *prev;
};

struct doors *doors_new(void);

/* NULL is fine. */
void doors_free(struct doors *all);

/* A listener's, whose task is in ${p}.  ${all}: NULL, or the others. */
struct door *door_new(struct poll *p, struct doors *all);

/* The listener is no more: wake it no longer.  Freed with the last pass. */
void door_close(struct door *g);

/* Where the handle of the listener's task is kept. */
struct poll_handle *door_handle(struct door *g);

/* Are there fewer than ${most}?  If not, the listener is woken when one has
 * left, or logged in after it was called off. */
bool door_has_room(struct door *g, unsigned most);

/* One more, before it is in the pool. */
void door_enter(struct door *g, struct door_pass *pass, bool is_stranger);

/* Within its first run, as the task ${h}: it can be woken from now on. */
void door_begin(struct door_pass *pass, struct poll_handle h);

/* It is no stranger any more, or gone; fine if it is of no door, and twice. */
void door_settle(struct door_pass *pass);
void door_leave(struct door_pass *pass);

bool door_has_strangers(struct door *g);

/* Call the stranger off who came first, if there is one; for lack of
 * descriptors one of the door that has most of all.  False: there is none. */
bool door_call_off(struct door *g);
bool doors_call_off(struct door *g);

#endif
