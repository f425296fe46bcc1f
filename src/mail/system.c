/* SPDX-License-Identifier: MIT
 *
 * The records under SYSTEM_ACCOUNT.
 */
#include "mail/system.h"

#include <assert.h>

enum rc
system_get(struct store_txn *t, struct system_record *ret_system)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_txn_get(t, key_system(&space), &value);

	if (rc == RC_NOTFOUND) {
		*ret_system =
		    (struct system_record){ .account_next = ACCOUNT_ID_FIRST };
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	return system_record_unpack(value, ret_system) ? RC_OK : RC_CORRUPT;
}

void
system_put(struct store_txn *t, const struct system_record *system)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, SYSTEM_RECORD_BYTES_MAX);
	system_record_pack(&value, system);
	assert(!value.overflowed);
	store_txn_put(t, key_system(&space), buf_str(&value));
	buf_fini(&value);
}

enum rc
system_get_nameless(struct store_txn *t, uint64_t account,
    struct deleted_login_record *ret_record)
{
	struct key_space space;
	struct str value;
	enum rc rc =
	    store_txn_get(t, key_deleted_login(&space, account), &value);

	if (rc != RC_OK)
		return rc;
	return deleted_login_record_unpack(value, ret_record) ? RC_OK
							      : RC_CORRUPT;
}

void
system_put_nameless(struct store_txn *t, uint64_t account,
    const struct deleted_login_record *record)
{
	struct key_space space;
	struct buf value;

	buf_init(&value, DELETED_LOGIN_RECORD_BYTES_MAX);
	deleted_login_record_pack(&value, record);
	assert(!value.overflowed);
	store_txn_put(t, key_deleted_login(&space, account), buf_str(&value));
	buf_fini(&value);
}
