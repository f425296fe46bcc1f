/* SPDX-License-Identifier: MIT
 *
 * Values: the record of an email.
 */
#include <assert.h>

#include "mail/email.h"
#include "mail/keys.h"
#include "mail/unpack.h"

#define EMAIL_VERSION  1
#define COMMON_VERSION 1

static void
pack_long(struct buf *to, struct str s)
{
	buf_add_le32(to, (uint32_t)s.n);
	buf_add_str(to, s);
}

void
email_record_pack(struct buf *to, const struct email *e)
{
	assert(e->digest.n == EMAIL_DIGEST_BYTES);
	buf_add_byte(to, EMAIL_VERSION);
	buf_add_le32(to, e->prefix);
	buf_add_le64(to, e->size);
	buf_add_str(to, e->digest);
	pack_long(to, e->envelope);
	pack_long(to, e->body);
	pack_long(to, e->bodystructure);
	pack_long(to, e->table);
	pack_long(to, e->sort_keys);
}

static bool
unpack_long(struct cursor *c, struct str *ret_bytes)
{
	uint32_t count;

	return unpack_u32(c, &count) && unpack_bytes(c, count, ret_bytes);
}

bool
email_record_unpack(struct str value, struct email *ret_email)
{
	struct email e = { .id = ret_email->id,
		.references = ret_email->references };
	struct cursor c = str_cursor(value);

	if (!unpack_version(&c, EMAIL_VERSION) || !unpack_u32(&c, &e.prefix) ||
	    !unpack_u64(&c, &e.size) ||
	    !unpack_bytes(&c, EMAIL_DIGEST_BYTES, &e.digest) ||
	    !unpack_long(&c, &e.envelope) || !unpack_long(&c, &e.body) ||
	    !unpack_long(&c, &e.bodystructure) || !unpack_long(&c, &e.table) ||
	    !unpack_long(&c, &e.sort_keys) || !unpack_end(&c) ||
	    e.prefix > e.size)
		return false;
	*ret_email = e;
	return true;
}

void
common_record_pack(struct buf *to, struct str common)
{
	buf_add_byte(to, COMMON_VERSION);
	buf_add_str(to, common);
}

bool
common_record_unpack(struct str value, struct str *ret_common)
{
	struct cursor c = str_cursor(value);

	if (!unpack_version(&c, COMMON_VERSION))
		return false;
	*ret_common = (struct str){ c.at, (size_t)(c.end - c.at) };
	return true;
}
