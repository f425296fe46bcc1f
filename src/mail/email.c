/* SPDX-License-Identifier: MIT
 *
 * Reading what is known of a message's content.
 */
#include "mail/email.h"

#include <xxhash.h>

#include "mail/mail_internal.h"
#include "mime/sort_keys.h"

#define SEED_ORIGIN 0
#define SEED_LONE   1

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

uint64_t
email_thread(const struct email *e)
{
	struct mime_sort_keys keys;
	struct str origin = { 0 };

	if (mime_sort_keys_read(e->sort_keys, &keys))
		origin = mime_sort_keys_origin(&keys);
	if (origin.n == 0)
		return XXH3_64bits_withSeed(&e->id, sizeof(e->id), SEED_LONE);
	return XXH3_64bits_withSeed(origin.p, origin.n, SEED_ORIGIN);
}

enum rc
email_get_common(struct store_read *r, uint64_t id, struct str *ret_common)
{
	struct key_space space;
	struct str value;
	enum rc rc = store_get(r, key_common(&space, id), &value);

	if (rc == RC_OK && !common_record_unpack(value, ret_common))
		rc = RC_CORRUPT;
	return rc;
}

enum rc
email_put(struct store_txn *t, const struct email *e)
{
	struct key_space space;
	char room[4096]; /* nearly all records are smaller */
	struct buf value;
	enum rc rc;

	buf_init_room(&value, EMAIL_RECORD_BYTES_MAX, room, sizeof(room));
	email_record_pack(&value, e);
	rc = buf_check(&value);
	if (rc == RC_OK)
		store_txn_put(t, key_email(&space, e->id), buf_str(&value));
	buf_clear(&value);
	if (e->common.p != NULL) {
		common_record_pack(&value, e->common);
		store_txn_put(t, key_common(&space, e->id), buf_str(&value));
	}
	buf_fini(&value);
	return rc;
}

void
email_delete(struct store_txn *t, uint64_t id)
{
	struct key_space space;

	store_txn_delete(t, key_email(&space, id));
	store_txn_delete(t, key_common(&space, id));
}

enum rc
email_open(struct store_read *r, uint64_t id, struct blob **ret_blob)
{
	return store_blob_open(r, id, ret_blob);
}
