/* SPDX-License-Identifier: MIT
 *
 * Checking the system's record: the next account must get a number that none
 * has had.  Checking aliases: they lead to accounts that are there.
 */
#include <inttypes.h>

#include "base/limits.h"
#include "mail/alias.h"
#include "mail/check_internal.h"
#include "mail/system.h"

/* Room for what is known of one account. */
#define ALIAS_TARGET_BYTES (16 * 1024)

/* The greatest number of an account; 0: there is none. */
static enum rc
find_most(struct mail *m, uint64_t *ret_most)
{
	struct account_ids ids = { 0 };
	uint64_t most = 0;
	enum rc rc = account_all_ids(m, &ids);

	if (rc == RC_OK)
		rc = account_nameless_ids(m, NULL, &ids);
	for (size_t i = 0; i < ids.v.n; i++)
		if (ids.v.v[i] > most)
			most = ids.v.v[i];
	vec_fini(&ids.v);
	if (rc == RC_OK)
		*ret_most = most;
	return rc;
}

static enum rc
look_at_record(struct check *c, uint64_t most)
{
	struct system_record system;
	struct key_space space;
	struct store_read *r;
	struct str value;
	enum rc rc = store_read_begin(c->mail->store, c->account, &r);

	if (rc != RC_OK)
		return rc;
	rc = store_get(r, key_system(&space), &value);
	if (rc == RC_OK && !system_record_unpack(value, &system))
		rc = RC_CORRUPT;
	store_read_end(r);
	if (rc == RC_NOTFOUND && most > 0)
		check_fault(c, "the system's record is missing");
	if (rc == RC_OK && system.account_next <= most)
		check_fault(c,
		    "account %" PRIu64 ": its number is not given out", most);
	return rc == RC_NOTFOUND ? RC_OK
				 : check_damage(c, rc, "the system's record");
}

/* Is there somebody at ${name}, to whom an alias leads?  With ${repair} it does
 * not if there is not. */
static enum rc
look_at_target(
    struct check *c, struct str address, struct str name, bool repair)
{
	struct arena *a = arena_new(ALIAS_TARGET_BYTES);
	struct account_info info;
	enum rc rc = account_find(c->mail, name, a, &info);

	arena_free(a);
	if (rc != RC_NOTFOUND)
		return rc;
	check_fault(c, "the alias %.*s leads to %.*s, who is not there",
	    STR_ARG(address), STR_ARG(name));
	if (!repair)
		return RC_OK;
	rc = alias_remove(c->mail, address, name);
	if (rc == RC_OK)
		c->faults--;
	return rc;
}

static enum rc
look_at_aliases(struct check *c, bool repair)
{
	struct arena *a = arena_new(CONTROL_ARENA_BYTES_MAX);
	struct alias_info *infos;
	size_t count = 0;
	enum rc rc = alias_list(c->mail, a, &infos, &count);

	for (size_t i = 0; i < count && rc == RC_OK; i++)
		for (size_t k = 0; k < infos[i].count && rc == RC_OK; k++)
			rc = look_at_target(
			    c, infos[i].address, infos[i].accounts[k], repair);
	arena_free(a);
	return check_damage(c, rc, "an alias");
}

enum rc
check_system(struct check *c, bool repair, bool *ret_whole)
{
	uint64_t most;
	enum rc rc = find_most(c->mail, &most);

	c->account = SYSTEM_ACCOUNT;
	c->faults = 0;
	if (rc == RC_OK)
		rc = look_at_record(c, most);
	if (rc == RC_OK && store_lost_any(c->mail->store))
		check_fault(c, "records of the store may be lost");
	if (rc == RC_OK && c->faults > 0 && repair) {
		rc = repair_system(c, most);
		c->faults = 0;
		if (rc == RC_OK)
			rc = look_at_record(c, most);
	}
	if (rc == RC_OK)
		rc = look_at_aliases(c, repair);
	*ret_whole = c->faults == 0;
	return rc;
}
