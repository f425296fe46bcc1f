/* SPDX-License-Identifier: MIT
 *
 * The gate: lists under a lock.
 *
 * Invariant, whenever the lock is free: if there is room, nobody in line may
 * use it (each has the key of one who is inside, and there are fewer than
 * GATE_LOOK_AHEAD in each line).  So whatever makes room, or adds to a line,
 * ends with let_in(), and no turn is lost.
 */
#include "auth/gate.h"

#include <assert.h>
#include <stddef.h>

void
gate_init(struct gate *g, unsigned inside_max)
{
	assert(inside_max >= 1);
	*g = (struct gate){ .room = inside_max };
	lock_init(&g->lock);
}

void
gate_fini(struct gate *g)
{
	assert(g->inside.first == NULL);
	for (size_t i = 0; i < GATE_LINES; i++)
		assert(g->lines[i].first == NULL);
	lock_fini(&g->lock);
}

/* -- lists ------------------------------------------------------------- */

static void
list_append(struct gate_list *l, struct gate_place *p)
{
	p->next = NULL;
	p->prev = l->last;
	if (l->last != NULL)
		l->last->next = p;
	else
		l->first = p;
	l->last = p;
}

static void
list_remove(struct gate_list *l, struct gate_place *p)
{
	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		l->first = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	else
		l->last = p->prev;
}

/* -- turns, under the lock --------------------------------------------- */

static bool
has_twin_inside(const struct gate *g, const struct gate_place *p)
{
	const struct gate_place *q = g->inside.first;

	while (q != NULL && q->key != p->key)
		q = q->next;
	return q != NULL;
}

/* The next of one line, or NULL when none may go in now. */
static struct gate_place *
choose_of(const struct gate *g, const struct gate_list *line)
{
	struct gate_place *p = line->first;
	unsigned seen = 0;

	while (p != NULL && has_twin_inside(g, p)) {
		if (++seen == GATE_LOOK_AHEAD)
			return line->first;
		p = p->next;
	}
	return p;
}

static struct gate_place *
choose(const struct gate *g)
{
	struct gate_place *p = NULL;

	for (size_t i = 0; i < GATE_LINES && p == NULL; i++)
		if (g->turns[i] < GATE_TURNS)
			p = choose_of(g, &g->lines[i]);
	/* Those behind do not wait, or may not go in. */
	for (size_t i = 0; i < GATE_LINES && p == NULL; i++)
		p = choose_of(g, &g->lines[i]);
	return p;
}

static bool
anybody_behind(const struct gate *g, enum gate_line line)
{
	for (size_t i = line + 1; i < GATE_LINES; i++)
		if (g->lines[i].first != NULL)
			return true;
	return false;
}

static void
count_turn(struct gate *g, const struct gate_place *p)
{
	for (size_t i = 0; i < p->line; i++)
		g->turns[i] = 0;
	if (anybody_behind(g, p->line))
		g->turns[p->line]++;
}

/* Fill what room there is.  ${self} sees for itself that it is inside. */
static void
let_in(struct gate *g, const struct gate_place *self)
{
	struct gate_place *p;

	while (g->room > 0 && (p = choose(g)) != NULL) {
		count_turn(g, p);
		list_remove(&g->lines[p->line], p);
		list_append(&g->inside, p);
		p->where = GATE_INSIDE;
		g->room--;
		if (p != self)
			p->wake(p->arg);
	}
}

static void
take_out(struct gate *g, struct gate_place *p)
{
	if (p->where == GATE_WAITING)
		list_remove(&g->lines[p->line], p);
	if (p->where == GATE_INSIDE) {
		list_remove(&g->inside, p);
		g->room++;
	}
	p->where = GATE_OUTSIDE;
}

/* -- the calls --------------------------------------------------------- */

bool
gate_enter(struct gate *g, struct gate_place *p, enum gate_line line)
{
	bool inside;

	lock_take(&g->lock);
	if (p->where == GATE_OUTSIDE || p->line != line) {
		if (p->where == GATE_INSIDE && g->turns[p->line] > 0)
			g->turns[p->line]--; /* this one was not used */
		take_out(g, p);
		p->where = GATE_WAITING;
		p->line = line;
		list_append(&g->lines[line], p);
		let_in(g, p);
	}
	inside = p->where == GATE_INSIDE;
	lock_release(&g->lock);
	return inside;
}

bool
gate_waits(struct gate *g, const struct gate_place *p)
{
	bool waits;

	lock_take(&g->lock);
	waits = p->where == GATE_WAITING;
	lock_release(&g->lock);
	return waits;
}

void
gate_leave(struct gate *g, struct gate_place *p)
{
	lock_take(&g->lock);
	take_out(g, p);
	let_in(g, NULL);
	lock_release(&g->lock);
}
