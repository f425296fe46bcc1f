/* SPDX-License-Identifier: MIT
 *
 * A list under a lock, and a flag.
 */
#include "net/group.h"

void
group_init(struct group *g, void (*free_session)(void *session))
{
	atomic_init(&g->stopping, false);
	lock_init(&g->lock);
	g->first = NULL;
	g->free = free_session;
}

void
group_add(struct group *g, struct group_member *m)
{
	lock_take(&g->lock);
	m->prev = NULL;
	m->next = g->first;
	if (m->next != NULL)
		m->next->prev = m;
	g->first = m;
	m->added = true;
	lock_release(&g->lock);
}

void
group_join(struct group *g, struct group_member *m)
{
	if (!m->added)
		group_add(g, m);
	/* A stop that does not see this yet is seen by the run. */
	atomic_store(&m->joined, true);
}

void
group_leave(struct group *g, struct group_member *m)
{
	if (!m->added)
		return;
	lock_take(&g->lock);
	if (m->prev != NULL)
		m->prev->next = m->next;
	else
		g->first = m->next;
	if (m->next != NULL)
		m->next->prev = m->prev;
	m->added = false;
	lock_release(&g->lock);
}

bool
group_is_stopping(const struct group *g)
{
	return atomic_load(&g->stopping);
}

void
group_each(
    struct group *g, void (*fn)(void *arg, struct group_member *m), void *arg)
{
	lock_take(&g->lock);
	for (struct group_member *m = g->first; m != NULL; m = m->next)
		if (atomic_load(&m->joined))
			fn(arg, m);
	lock_release(&g->lock);
}

bool
group_is_empty(struct group *g)
{
	bool empty;

	lock_take(&g->lock);
	empty = g->first == NULL;
	lock_release(&g->lock);
	return empty;
}

static void
wake(void *arg, struct group_member *m)
{
	(void)arg;
	poll_wake(conn_poll(m->conn), conn_handle(m->conn));
}

void
group_end(struct group_member *m)
{
	atomic_store(&m->ended, true);
	wake(NULL, m);
}

bool
group_is_ended(const struct group_member *m)
{
	return atomic_load(&m->ended);
}

void
group_stop(struct group *g)
{
	atomic_store(&g->stopping, true);
	group_each(g, wake, NULL);
}

void
group_fini(struct group *g)
{
	/* The free function leaves the group. */
	while (g->first != NULL)
		g->free(g->first->session);
	lock_fini(&g->lock);
}
