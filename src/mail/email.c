/* SPDX-License-Identifier: MIT
 *
 * Reading what is known of a message's content.
 */
#include "mail/email.h"

#include "mail/mail_internal.h"

enum rc
email_get(struct store_read *r, uint64_t id, struct email *ret_email)
{
	struct email email = { .id = id };
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_email(&space, id), &value);

	if (rc != RC_OK)
		return rc;
	if (!email_record_unpack(value, &email))
		return RC_CORRUPT;
	*ret_email = email;
	return RC_OK;
}

enum rc
email_open(struct store_read *r, uint64_t id, struct blob **ret_blob)
{
	return store_blob_open(r, id, ret_blob);
}
