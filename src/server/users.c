/* SPDX-License-Identifier: MIT
 *
 * An account becomes a user.
 */
#include "server/users.h"

#include "mail/alias.h"

static enum rc
lookup(void *arg, struct str name, struct arena *a, struct auth_user *ret_user)
{
	struct account_info info;
	enum rc rc = alias_login(arg, name, a, &info);

	if (rc == RC_OK)
		*ret_user = (struct auth_user){ .account = info.id,
			.name = info.name,
			.credentials = info.credentials };
	return rc;
}

struct auth_users
users_of(struct mail *m)
{
	return (struct auth_users){ .lookup = lookup, .arg = m };
}
