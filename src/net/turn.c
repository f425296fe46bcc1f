/* SPDX-License-Identifier: MIT
 *
 * The turn of a session after login.
 */
#include "net/turn.h"

#include "base/limits.h"

void
turn_begin(struct turn *t, void *session, struct conn *c)
{
	t->member = (struct group_member){
		.conn = c, .session = session, .presence = &t->presence
	};
	presence_begin(&t->presence, c);
	conn_become(c, turn_run, t);
}

static enum turn_step
lose(struct turn *t, const char *why)
{
	t->ops->lost(t->member.session, why);
	return TURN_END;
}

enum turn_step
turn_flush(struct turn *t, unsigned *wants)
{
	bool moved;
	enum rc rc = pace_flush(&t->pace, t->member.conn, &moved);

	if (moved)
		t->ops->moved(t->member.session);
	switch (rc) {
	case RC_OK:
		return TURN_ON;
	case RC_AGAIN:
		*wants = POLL_OUTPUT;
		return TURN_WAIT;
	case RC_TIMEOUT:
		return lose(t, "client does not read");
	default:
		return lose(t, rc_text(rc));
	}
}

enum turn_step
turn_read(struct turn *t, size_t limit, unsigned *wants)
{
	enum turn_step step = turn_flush(t, wants);
	enum rc rc;

	if (step != TURN_ON)
		return step;
	rc = conn_fill(t->member.conn, limit);
	switch (rc) {
	case RC_OK:
		return TURN_ON;
	case RC_AGAIN:
		t->ops->rest(t->member.session);
		*wants = POLL_INPUT;
		return TURN_WAIT;
	case RC_LIMIT:
	case RC_INVALID:
		if (t->ops->refuse == NULL)
			return lose(t, rc_text(rc));
		t->ops->refuse(t->member.session, rc);
		return TURN_ON;
	case RC_EOF:
		return lose(t, "client closed");
	default:
		return lose(t, rc_text(rc));
	}
}

bool
turn_is_called_off(const struct turn *t)
{
	return group_is_stopping(t->group) || group_is_ended(&t->member);
}

unsigned
turn_run(void *turn)
{
	struct turn *t = turn;
	struct conn *c = t->member.conn;
	void *session = t->member.session;
	enum turn_step step = TURN_ON;
	unsigned wants = POLL_INPUT;

	group_join(t->group, &t->member);
	presence_turn(&t->presence);
	if (t->ops->is_between(session))
		presence_watch(&t->presence, t->watch, c);
	if (conn_out_pending(c) > 0)
		step = turn_flush(t, &wants);
	for (unsigned steps = 0; step == TURN_ON; steps++) {
		if (steps == STEPS_PER_TURN) { /* let others run */
			poll_wake(conn_poll(c), conn_handle(c));
			return wants;
		}
		step = t->ops->step(session, &wants);
	}
	if (step == TURN_WAIT) {
		t->ops->publish(session);
		return wants;
	}
	t->ops->free(session);
	return POLL_DONE;
}
