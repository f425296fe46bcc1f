/* SPDX-License-Identifier: MIT
 *
 * Repairing the system's record, and how far to go ahead of numbers that lost
 * records may have given out.
 */
#include "base/clock.h"
#include "mail/repair_internal.h"
#include "mail/system.h"

#define AHEAD	    (UINT64_C(1) << 32)
#define AHEAD_SHORT (UINT32_C(1) << 20)

uint64_t
repair_ahead(uint64_t next)
{
	return next > UINT64_MAX - AHEAD ? UINT64_MAX : next + AHEAD;
}

uint32_t
repair_ahead_short(uint32_t next)
{
	return next > UINT32_MAX - AHEAD_SHORT ? UINT32_MAX
					       : next + AHEAD_SHORT;
}

struct repair_record {
	uint64_t most;
	bool lost;
	int64_t now;
};

/* Accounts that have no name any more may have given out UIDVALIDITYs that are
 * lost, and those that are made go on above them. */
static enum rc
system_change(struct store_txn *t, void *arg)
{
	const struct repair_record *p = arg;
	struct system_record system;
	bool lost = p->lost;
	enum rc rc = system_get(t, &system);

	if (rc == RC_CORRUPT) {
		system = (struct system_record){ 0 };
		lost = true;
	} else if (rc != RC_OK) {
		return rc;
	}
	if (system.account_next <= p->most) {
		system.account_next = p->most + 1;
		lost = true;
	}
	if (lost)
		system.account_next = repair_ahead(system.account_next);
	if (system.uidvalidity_floor < uidvalidity_of_time(p->now))
		system.uidvalidity_floor = uidvalidity_of_time(p->now);
	system.uidvalidity_floor = repair_ahead_short(system.uidvalidity_floor);
	system_put(t, &system);
	return RC_OK;
}

enum rc
repair_system(struct check *c, uint64_t most)
{
	struct repair_record p = { .most = most,
		.lost = store_lost(c->mail->store, SYSTEM_ACCOUNT),
		.now = clock_wall() };

	return store_update(c->mail->store, SYSTEM_ACCOUNT, system_change, &p);
}
