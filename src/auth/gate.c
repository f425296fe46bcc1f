/* SPDX-License-Identifier: MIT
 *
 * The gate: two counters under a lock.
 */
#include "auth/gate.h"

#include <assert.h>

void
gate_init(struct gate *g, unsigned inside_max, unsigned waiting_max)
{
	assert(inside_max >= 1);
	*g = (struct gate){
		.inside_max = inside_max,
		.waiting_max = waiting_max,
	};
	lock_init(&g->lock);
	lock_cond_init(&g->free);
}

void
gate_fini(struct gate *g)
{
	assert(g->inside == 0 && g->waiting == 0);
	pthread_cond_destroy(&g->free);
	lock_fini(&g->lock);
}

enum rc
gate_enter(struct gate *g)
{
	enum rc rc = RC_OK;

	lock_take(&g->lock);
	if (g->inside == g->inside_max && g->waiting == g->waiting_max) {
		rc = RC_LIMIT;
	} else {
		g->waiting++;
		while (g->inside == g->inside_max)
			lock_wait(&g->lock, &g->free);
		g->waiting--;
		g->inside++;
	}
	lock_release(&g->lock);
	return rc;
}

void
gate_leave(struct gate *g)
{
	lock_take(&g->lock);
	assert(g->inside > 0);
	g->inside--;
	pthread_cond_signal(&g->free);
	lock_release(&g->lock);
}
