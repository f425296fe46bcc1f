/* SPDX-License-Identifier: MIT
 *
 * Checking the system's record: the next account must get a number that none
 * has had.  Checking aliases and passwords of applications: the accounts that
 * they lead to, or belong to, are there.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/limits.h"
#include "mail/alias.h"
#include "mail/check_internal.h"
#include "mail/password.h"
#include "mail/system.h"

/* Room for what is known of one account. */
#define ALIAS_TARGET_BYTES (16 * 1024)
#define PASSWORDS_BYTES	   (64 * 1024)

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

struct owners {
	struct check *check;
	struct account_ids ids; /* rising */
};

/* A password's account, once for all of its; whether the record can be read. */
static enum rc
note_owner(void *arg, struct str key, struct str value)
{
	struct owners *o = arg;
	struct account_ids *ids = &o->ids;
	struct password_record record;
	struct key_parts parts;

	if (!key_parse(key, &parts))
		return RC_CORRUPT;
	if (!password_record_unpack(value, &record))
		check_fault(o->check,
		    "account %" PRIu64 ": the password \"%.*s\" of an "
		    "application cannot be read",
		    parts.number, STR_ARG(parts.name));
	if (ids->v.n == 0 || ids->v.v[ids->v.n - 1] != parts.number)
		vec_push(&ids->v, parts.number);
	return RC_OK;
}

/* What there is for an account that is not there.  With ${repair} it is not any
 * more. */
static enum rc
look_at_orphans(struct check *c, uint64_t account, bool repair)
{
	struct arena *a = arena_new(PASSWORDS_BYTES);
	struct password_info *infos;
	size_t count = 0;
	enum rc rc = password_list(c->mail, account, a, &infos, &count);

	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		check_fault(c,
		    "account %" PRIu64 " is not there, and has the password "
		    "\"%.*s\" of an application",
		    account, STR_ARG(infos[i].name));
		if (!repair)
			continue;
		rc = password_remove(c->mail, account, infos[i].name);
		if (rc == RC_OK)
			c->faults--;
	}
	arena_free(a);
	return rc;
}

static int
compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Accounts come and go meanwhile: those that had passwords first, then those
 * that are there, and of the others what there is still. */
static enum rc
look_at_passwords(struct check *c, bool repair)
{
	struct owners o = { .check = c };
	struct account_ids named = { 0 };
	enum rc rc = account_walk(c->mail, KEY_PASSWORD, note_owner, &o);

	if (rc == RC_OK)
		rc = account_all_ids(c->mail, &named);
	if (named.v.n > 0)
		qsort(named.v.v, named.v.n, sizeof(*named.v.v), compare_ids);
	for (size_t i = 0; i < o.ids.v.n && rc == RC_OK; i++)
		if (named.v.n == 0 ||
		    bsearch(&o.ids.v.v[i], named.v.v, named.v.n,
			sizeof(*named.v.v), compare_ids) == NULL)
			rc = look_at_orphans(c, o.ids.v.v[i], repair);
	vec_fini(&o.ids.v);
	vec_fini(&named.v);
	return check_damage(c, rc, "a password of an application");
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
	if (rc == RC_OK)
		rc = look_at_passwords(c, repair);
	*ret_whole = c->faults == 0;
	return rc;
}
