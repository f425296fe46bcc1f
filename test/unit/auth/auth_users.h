/* SPDX-License-Identifier: MIT
 *
 * A few users in memory, for tests of what logs in.
 *
 *   Alice    password "pencil", account 7; found in any case
 *   m\xc3\xbcller   password "pa ss\"\\w\xc3\xb6rd", account 8
 *   locked   has no credentials, account 9
 *   corrupt  has credentials that cannot be read
 *   broken   cannot be looked up
 */
#ifndef AVOCET_TEST_AUTH_USERS_H
#define AVOCET_TEST_AUTH_USERS_H

#include <assert.h>
#include <stdatomic.h>

#include "auth/auth.h"

#define MUELLER		 "m\xc3\xbcller"
#define MUELLER_PASSWORD "pa ss\"\\w\xc3\xb6rd"

static const struct credentials_cost auth_users_cost = {
	.crypt_rounds = 1,
	.scram_iterations = CREDENTIALS_ITERATIONS_MIN + 1,
};

struct auth_users_memory {
	struct buf alice;
	struct buf mueller;
	atomic_uint lookups;
};

static inline void
auth_users_pack(struct str password, struct buf *packed)
{
	struct credentials c;
	enum rc rc = credentials_make(password, auth_users_cost, &c);

	assert(rc == RC_OK);
	buf_init(packed, CREDENTIALS_PACKED_BYTES_MAX);
	credentials_pack(&c, packed);
}

static inline enum rc
auth_users_lookup(
    void *arg, struct str name, struct arena *a, struct auth_user *ret_user)
{
	struct auth_users_memory *users = arg;
	struct str packed = { NULL, 0 };
	uint64_t account = 0;

	atomic_fetch_add(&users->lookups, 1);
	if (str_eq_nocase(name, STR("alice"))) {
		packed = buf_str(&users->alice);
		name = STR("Alice");
		account = 7;
	} else if (str_eq(name, STR(MUELLER))) {
		packed = buf_str(&users->mueller);
		account = 8;
	} else if (str_eq(name, STR("corrupt"))) {
		packed = STR("\x01garbage");
	} else if (str_eq(name, STR("broken"))) {
		return RC_IO;
	} else if (str_eq(name, STR("locked"))) {
		account = 9;
	} else {
		return RC_NOTFOUND;
	}
	*ret_user = (struct auth_user){
		.account = account,
		.name = arena_str(a, name),
		.credentials = arena_str(a, packed),
	};
	return RC_OK;
}

static inline void
auth_users_init(struct auth_users_memory *users)
{
	auth_users_pack(STR("pencil"), &users->alice);
	auth_users_pack(STR(MUELLER_PASSWORD), &users->mueller);
	atomic_init(&users->lookups, 0);
}

static inline void
auth_users_fini(struct auth_users_memory *users)
{
	buf_fini(&users->alice);
	buf_fini(&users->mueller);
}

/* The same that takes tokens. */
static inline struct auth *
auth_users_auth_with(
    struct auth_users_memory *users, const struct jwt_options *tokens)
{
	struct auth_options o = {
		.users = { .lookup = auth_users_lookup, .arg = users },
		.cost = auth_users_cost,
		.tokens = *tokens,
	};
	struct auth *a;
	enum rc rc = auth_new(&o, &a);

	assert(rc == RC_OK);
	return a;
}

static inline struct auth *
auth_users_auth(struct auth_users_memory *users, uint64_t remember_ms)
{
	struct auth_options o = {
		.users = { .lookup = auth_users_lookup, .arg = users },
		.cost = auth_users_cost,
		.remember_ms = remember_ms,
	};
	struct auth *a;
	enum rc rc = auth_new(&o, &a);

	assert(rc == RC_OK);
	return a;
}

/* Run a check that does not have to wait, and free it. */
static inline struct auth_verdict
auth_users_verdict(struct auth_check *c)
{
	struct auth_verdict v;
	bool decided = auth_check_run(c, &v);

	assert(decided);
	auth_check_free(c);
	return v;
}

#endif
