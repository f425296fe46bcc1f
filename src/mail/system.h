/* SPDX-License-Identifier: MIT
 *
 * The records under SYSTEM_ACCOUNT, inside a change of it.
 */
#ifndef AVOCET_MAIL_SYSTEM_H
#define AVOCET_MAIL_SYSTEM_H

#include "mail/keys.h"
#include "store/store.h"

/* The system's record, as of a new store when there is none.  RC_CORRUPT,
 * RC_IO. */
enum rc
system_get(struct store_txn *t, struct system_record *ret_system) MUST_CHECK;
void system_put(struct store_txn *t, const struct system_record *system);

/* The note of an account without a name.  RC_NOTFOUND, RC_CORRUPT, RC_IO. */
enum rc system_get_nameless(struct store_txn *t, uint64_t account,
    struct deleted_login_record *ret_record) MUST_CHECK;
void system_put_nameless(struct store_txn *t, uint64_t account,
    const struct deleted_login_record *record);

#endif
