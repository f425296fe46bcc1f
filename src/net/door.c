/* SPDX-License-Identifier: MIT
 *
 * A list of strangers for each listener, under a lock of its own.  The lock of
 * all doors is taken before that of one.
 */
#include "net/door.h"

#include "base/lock.h"
#include "base/mem.h"

struct doors {
	struct lock lock; /* of the list */
	struct door *first;
};

struct door {
	struct poll *poll;
	struct poll_handle handle;
	struct doors *all;
	struct door *next; /* under the lock of all */
	struct lock lock;
	/* Under the lock: */
	unsigned refs; /* by connections, and one by the listener */
	unsigned connections;
	unsigned strangers;
	bool is_waiting; /* the listener waits for one to end */
	struct door_pass *first;
	struct door_pass *last;
};

/* -- life ---------------------------------------------------------------- */

struct doors *
doors_new(void)
{
	struct doors *all = mem_alloc(sizeof(*all));

	lock_init(&all->lock);
	return all;
}

void
doors_free(struct doors *all)
{
	if (all == NULL)
		return;
	lock_fini(&all->lock);
	mem_free(all);
}

struct door *
door_new(struct poll *p, struct doors *all)
{
	struct door *g = mem_alloc(sizeof(*g));

	g->poll = p;
	g->all = all;
	g->refs = 1;
	lock_init(&g->lock);
	if (all != NULL) {
		lock_take(&all->lock);
		g->next = all->first;
		all->first = g;
		lock_release(&all->lock);
	}
	return g;
}

/* One reference less, under the lock, which this releases. */
static void
unref(struct door *g)
{
	bool last = --g->refs == 0;

	lock_release(&g->lock);
	if (!last)
		return;
	lock_fini(&g->lock);
	mem_free(g);
}

static void
leave_all(struct door *g)
{
	struct door **at;

	if (g->all == NULL)
		return;
	lock_take(&g->all->lock);
	at = &g->all->first;
	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	lock_release(&g->all->lock);
}

void
door_close(struct door *g)
{
	leave_all(g);
	lock_take(&g->lock);
	g->is_waiting = false;
	unref(g);
}

struct poll_handle *
door_handle(struct door *g)
{
	return &g->handle;
}

/* -- who is there ---------------------------------------------------------- */

/* The functions below are under the lock. */

static void
push(struct door *g, struct door_pass *pass)
{
	pass->is_stranger = true;
	pass->next = NULL;
	pass->prev = g->last;
	if (g->last != NULL)
		g->last->next = pass;
	else
		g->first = pass;
	g->last = pass;
	g->strangers++;
}

static void
drop(struct door *g, struct door_pass *pass)
{
	if (!pass->is_stranger)
		return;
	if (pass->prev != NULL)
		pass->prev->next = pass->next;
	else
		g->first = pass->next;
	if (pass->next != NULL)
		pass->next->prev = pass->prev;
	else
		g->last = pass->prev;
	pass->is_stranger = false;
	g->strangers--;
}

static void
wake_listener(struct door *g)
{
	if (g->is_waiting)
		poll_wake(g->poll, g->handle);
	g->is_waiting = false;
}

/* -- coming and going ------------------------------------------------------ */

bool
door_has_room(struct door *g, unsigned most)
{
	bool has_room;

	lock_take(&g->lock);
	has_room = g->connections < most;
	g->is_waiting = !has_room;
	lock_release(&g->lock);
	return has_room;
}

void
door_enter(struct door *g, struct door_pass *pass, bool is_stranger)
{
	pass->door = g;
	lock_take(&g->lock);
	g->refs++;
	g->connections++;
	if (is_stranger)
		push(g, pass);
	lock_release(&g->lock);
}

/* Who was called off before finds that in this run. */
void
door_begin(struct door_pass *pass, struct poll_handle h)
{
	if (pass->began || pass->door == NULL)
		return;
	pass->began = true;
	lock_take(&pass->door->lock);
	pass->handle = h;
	lock_release(&pass->door->lock);
}

void
door_settle(struct door_pass *pass)
{
	struct door *g = pass->door;

	if (g == NULL)
		return;
	lock_take(&g->lock);
	drop(g, pass);
	/* Somebody else has to end instead. */
	if (atomic_exchange(&pass->called_off, false))
		wake_listener(g);
	lock_release(&g->lock);
}

void
door_leave(struct door_pass *pass)
{
	struct door *g = pass->door;

	if (g == NULL)
		return;
	pass->door = NULL;
	lock_take(&g->lock);
	drop(g, pass);
	g->connections--;
	wake_listener(g);
	unref(g);
}

/* -- making room ----------------------------------------------------------- */

static unsigned
count_strangers(struct door *g)
{
	unsigned count;

	lock_take(&g->lock);
	count = g->strangers;
	lock_release(&g->lock);
	return count;
}

bool
door_has_strangers(struct door *g)
{
	return count_strangers(g) > 0;
}

/* A handle of zeros, before the first run, wakes nobody. */
bool
door_call_off(struct door *g)
{
	struct door_pass *pass;

	lock_take(&g->lock);
	pass = g->first;
	if (pass != NULL) {
		drop(g, pass);
		atomic_store(&pass->called_off, true);
		poll_wake(g->poll, pass->handle);
	}
	lock_release(&g->lock);
	return pass != NULL;
}

bool
doors_call_off(struct door *g)
{
	struct door *most = g;
	unsigned strangers = count_strangers(g);
	bool done;

	if (g->all == NULL)
		return door_call_off(g);
	lock_take(&g->all->lock);
	for (struct door *at = g->all->first; at != NULL; at = at->next) {
		unsigned count = count_strangers(at);

		if (count > strangers) {
			most = at;
			strangers = count;
		}
	}
	done = door_call_off(most);
	lock_release(&g->all->lock);
	return done;
}
