/* SPDX-License-Identifier: MIT
 *
 * A binary heap of deadlines, each of which knows its place in it.
 */
#include "net/timer.h"

#include "base/clock.h"

#include <assert.h>
#include <sys/timerfd.h>
#include <time.h>

#define NOWHERE UINT64_MAX

void
timer_init(struct timer *t, int fd)
{
	*t = (struct timer){ .set_ms = NOWHERE, .fd = fd };
	lock_init(&t->lock);
}

void
timer_fini(struct timer *t)
{
	vec_fini(&t->heap);
	lock_fini(&t->lock);
}

void
timer_node_init(struct timer_node *n, uint32_t tag)
{
	atomic_store(&n->wanted_ms, 0);
	atomic_store(&n->placed_ms, NOWHERE);
	n->index = 0;
	n->tag = tag;
}

/* -- the heap, under the lock ------------------------------------------ */

static void
put_at(struct timer *t, size_t index, struct timer_node *n)
{
	t->heap.v[index] = n;
	n->index = (uint32_t)index;
}

static uint64_t
time_at(const struct timer *t, size_t index)
{
	return atomic_load(&t->heap.v[index]->placed_ms);
}

/* Move the node at ${index} towards the root until it is in order. */
static void
sift_up(struct timer *t, size_t index)
{
	struct timer_node *n = t->heap.v[index];
	uint64_t at = time_at(t, index);

	while (index > 0 && at < time_at(t, (index - 1) / 2)) {
		put_at(t, index, t->heap.v[(index - 1) / 2]);
		index = (index - 1) / 2;
	}
	put_at(t, index, n);
}

/* Move the node at ${index} towards the leaves until it is in order. */
static void
sift_down(struct timer *t, size_t index)
{
	struct timer_node *n = t->heap.v[index];
	uint64_t at = time_at(t, index);

	for (;;) {
		size_t child = 2 * index + 1;

		if (child >= t->heap.n)
			break;
		if (child + 1 < t->heap.n &&
		    time_at(t, child + 1) < time_at(t, child))
			child++;
		if (at <= time_at(t, child))
			break;
		put_at(t, index, t->heap.v[child]);
		index = child;
	}
	put_at(t, index, n);
}

static bool
is_placed(const struct timer_node *n)
{
	return atomic_load(&n->placed_ms) != NOWHERE;
}

/* Take the node at ${index} out and fill the hole with the last one. */
static void
cut_out(struct timer *t, size_t index)
{
	struct timer_node *last = t->heap.v[--t->heap.n];

	if (index == t->heap.n)
		return;
	put_at(t, index, last);
	sift_up(t, index);
	sift_down(t, last->index);
}

/* Put the node where it is to fire at ${at_ms}; NOWHERE takes it out. */
static void
place(struct timer *t, struct timer_node *n, uint64_t at_ms)
{
	bool was_placed = is_placed(n);

	atomic_store(&n->placed_ms, at_ms);
	if (at_ms == NOWHERE) {
		if (was_placed)
			cut_out(t, n->index);
		return;
	}
	if (!was_placed) {
		vec_push(&t->heap, n);
		n->index = (uint32_t)t->heap.n - 1;
	}
	sift_up(t, n->index);
	sift_down(t, n->index);
}

/* Set the timerfd for the earliest node.  Done under the lock, though it is a
 * system call, so that an older setting cannot overwrite a newer one; it does
 * not wait. */
static void
set_fd(struct timer *t)
{
	uint64_t at = t->heap.n > 0 ? time_at(t, 0) : NOWHERE;
	uint64_t now, left;
	struct itimerspec setting = { 0 };

	if (t->fd < 0 || at == t->set_ms)
		return;
	t->set_ms = at;
	if (at != NOWHERE) {
		now = clock_ms();
		left = at > now ? at - now : 0;
		setting.it_value.tv_sec = (time_t)(left / 1000);
		setting.it_value.tv_nsec = (long)(left % 1000) * 1000000;
		/* All zero would switch it off. */
		if (left == 0)
			setting.it_value.tv_nsec = 1;
	}
	(void)timerfd_settime(t->fd, 0, &setting, NULL);
}

/* -- the calls --------------------------------------------------------- */

void
timer_want(struct timer *t, struct timer_node *n, uint64_t at_ms)
{
	atomic_store(&n->wanted_ms, at_ms);
	/* timer_take() stores placed_ms and then looks at wanted_ms again, so
	 * that one of the two sees what the other has written. */
	if (at_ms == 0 || at_ms >= atomic_load(&n->placed_ms))
		return;
	lock_take(&t->lock);
	if (at_ms < atomic_load(&n->placed_ms))
		place(t, n, at_ms);
	set_fd(t);
	lock_release(&t->lock);
}

void
timer_remove(struct timer *t, struct timer_node *n)
{
	lock_take(&t->lock);
	atomic_store(&n->wanted_ms, 0);
	place(t, n, NOWHERE);
	lock_release(&t->lock);
}

/* The node fired in the heap: take it out if it is due or wants nothing any
 * more, else put it where it wants to be.  Is it due? */
static bool
settle(struct timer *t, struct timer_node *n, uint64_t now_ms)
{
	uint64_t wanted, again = atomic_load(&n->wanted_ms);

	do {
		wanted = again;
		place(t, n, wanted == 0 || wanted <= now_ms ? NOWHERE : wanted);
		again = atomic_load(&n->wanted_ms);
	} while (again != wanted);
	return wanted != 0 && wanted <= now_ms;
}

bool
timer_take(struct timer *t, uint64_t now_ms, struct timer_node **ret_node,
    uint32_t *ret_tag)
{
	bool found = false;

	lock_take(&t->lock);
	while (!found && t->heap.n > 0 && time_at(t, 0) <= now_ms) {
		struct timer_node *n = t->heap.v[0];

		found = settle(t, n, now_ms);
		if (found) {
			*ret_node = n;
			*ret_tag = n->tag;
		}
	}
	if (!found) {
		/* It has fired, so it has to be set even for the same time. */
		t->set_ms = NOWHERE;
		set_fd(t);
	}
	lock_release(&t->lock);
	return found;
}
