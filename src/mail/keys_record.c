/* SPDX-License-Identifier: MIT
 *
 * Values: the records of account, mailbox and system.  Each begins with its
 * version; a record of a newer version is not understood, and so damaged as
 * far as this program goes.
 */
#include <assert.h>

#include "mail/keys.h"
#include "mail/unpack.h"

#define ACCOUNT_VERSION	   1
#define MAILBOX_VERSION	   1
#define NAME_VERSION	   1
#define KEYWORDS_VERSION   1
#define REFERENCES_VERSION 1
#define SYSTEM_VERSION	   1
#define LOGIN_VERSION	   1
#define FREED_VERSION	   1
#define ALIAS_VERSION	   1
#define PASSWORD_VERSION   1

#define DELETED_LOGIN_VERSION 1
#define DELETED_LOGIN_SEALED  1 /* a bit */

#define ACCOUNT_DELETED 1 /* a bit */

void
account_record_pack(struct buf *to, const struct account_record *r)
{
	buf_add_byte(to, ACCOUNT_VERSION);
	buf_add_byte(to, r->deleted ? ACCOUNT_DELETED : 0);
	buf_add_le32(to, r->mailbox_next);
	buf_add_le32(to, r->uidvalidity_next);
	buf_add_le64(to, r->email_next);
	buf_add_le64(to, r->highestmodseq);
	buf_add_le64(to, r->messages);
	buf_add_le64(to, r->size);
	buf_add_le32(to, r->mailboxes);
	buf_add_le32(to, r->subscriptions);
	buf_add_le64(to, (uint64_t)r->purge_from);
}

bool
account_record_unpack(struct str value, struct account_record *ret_record)
{
	struct account_record r = { 0 };
	struct cursor c = str_cursor(value);
	uint8_t bits;

	if (!unpack_version(&c, ACCOUNT_VERSION) || !unpack_u8(&c, &bits) ||
	    !unpack_u32(&c, &r.mailbox_next) ||
	    !unpack_u32(&c, &r.uidvalidity_next) ||
	    !unpack_u64(&c, &r.email_next) ||
	    !unpack_u64(&c, &r.highestmodseq) || !unpack_u64(&c, &r.messages) ||
	    !unpack_u64(&c, &r.size) || !unpack_u32(&c, &r.mailboxes) ||
	    !unpack_u32(&c, &r.subscriptions) ||
	    !unpack_i64(&c, &r.purge_from) || !unpack_end(&c) ||
	    (bits & ~ACCOUNT_DELETED) != 0)
		return false;
	r.deleted = (bits & ACCOUNT_DELETED) != 0;
	*ret_record = r;
	return true;
}

void
mailbox_record_pack(struct buf *to, const struct mailbox_record *r)
{
	assert(r->name.n <= MAILBOX_NAME_BYTES_MAX);
	buf_add_byte(to, MAILBOX_VERSION);
	buf_add_byte(to, (char)r->use);
	buf_add_le16(to, (uint16_t)r->name.n);
	buf_add_str(to, r->name);
	buf_add_le32(to, r->uidvalidity);
	buf_add_le32(to, r->uidnext);
	buf_add_le64(to, r->highestmodseq);
	buf_add_le64(to, r->purged_modseq);
	buf_add_le64(to, (uint64_t)r->created);
	buf_add_le64(to, (uint64_t)r->deleted);
	buf_add_le32(to, r->messages);
	buf_add_le32(to, r->unseen);
	buf_add_le32(to, r->marked);
	buf_add_le32(to, r->recent);
	buf_add_le64(to, r->size);
	buf_add_le64(to, r->marked_size);
	buf_add_le32(to, r->recent_uid);
	buf_add_le32(to, r->expunged);
	buf_add_le64(to, (uint64_t)r->expunged_from);
}

static bool
unpack_counters(struct cursor *c, struct mailbox_record *r)
{
	return unpack_u32(c, &r->messages) && unpack_u32(c, &r->unseen) &&
	       unpack_u32(c, &r->marked) && unpack_u32(c, &r->recent) &&
	       unpack_u64(c, &r->size) && unpack_u64(c, &r->marked_size) &&
	       unpack_u32(c, &r->recent_uid) && unpack_u32(c, &r->expunged) &&
	       unpack_i64(c, &r->expunged_from);
}

bool
mailbox_record_unpack(struct str value, struct mailbox_record *ret_record)
{
	struct mailbox_record r = { .id = ret_record->id };
	struct cursor c = str_cursor(value);
	uint8_t use;
	uint16_t name_bytes;

	if (!unpack_version(&c, MAILBOX_VERSION) || !unpack_u8(&c, &use) ||
	    use >= SPECIAL_COUNT || !unpack_u16(&c, &name_bytes) ||
	    name_bytes == 0 || name_bytes > MAILBOX_NAME_BYTES_MAX ||
	    !unpack_bytes(&c, name_bytes, &r.name) ||
	    !unpack_u32(&c, &r.uidvalidity) || !unpack_u32(&c, &r.uidnext) ||
	    !unpack_u64(&c, &r.highestmodseq) ||
	    !unpack_u64(&c, &r.purged_modseq) || !unpack_i64(&c, &r.created) ||
	    !unpack_i64(&c, &r.deleted) || !unpack_counters(&c, &r) ||
	    !unpack_end(&c))
		return false;
	r.use = (enum special_use)use;
	*ret_record = r;
	return true;
}

void
name_record_pack(struct buf *to, uint32_t mailbox)
{
	buf_add_byte(to, NAME_VERSION);
	buf_add_le32(to, mailbox);
}

bool
name_record_unpack(struct str value, uint32_t *ret_mailbox)
{
	struct cursor c = str_cursor(value);
	uint32_t mailbox;

	if (!unpack_version(&c, NAME_VERSION) || !unpack_u32(&c, &mailbox) ||
	    !unpack_end(&c))
		return false;
	*ret_mailbox = mailbox;
	return true;
}

void
freed_record_pack(struct buf *to, const uint32_t slots[FREED_SLOTS])
{
	buf_add_byte(to, FREED_VERSION);
	for (size_t i = 0; i < FREED_SLOTS; i++)
		buf_add_le32(to, slots[i]);
}

bool
freed_record_unpack(struct str value, uint32_t ret_slots[FREED_SLOTS])
{
	struct cursor c = str_cursor(value);

	if (value.n != FREED_RECORD_BYTES || !unpack_version(&c, FREED_VERSION))
		return false;
	for (size_t i = 0; i < FREED_SLOTS; i++)
		if (!unpack_u32(&c, &ret_slots[i]))
			return false;
	return unpack_end(&c);
}

void
keywords_record_pack(struct buf *to, const struct str *names, unsigned count)
{
	assert(count <= KEYWORDS_MAX);
	buf_add_byte(to, KEYWORDS_VERSION);
	buf_add_byte(to, (char)count);
	for (unsigned i = 0; i < count; i++) {
		assert(names[i].n > 0 && names[i].n <= KEYWORD_BYTES_MAX);
		buf_add_byte(to, (char)names[i].n);
		buf_add_str(to, names[i]);
	}
}

bool
keywords_record_unpack(
    struct str value, struct str ret_names[KEYWORDS_MAX], unsigned *ret_count)
{
	struct cursor c = str_cursor(value);
	uint8_t count, bytes;

	if (!unpack_version(&c, KEYWORDS_VERSION) || !unpack_u8(&c, &count) ||
	    count > KEYWORDS_MAX)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!unpack_u8(&c, &bytes) || bytes == 0 ||
		    bytes > KEYWORD_BYTES_MAX ||
		    !unpack_bytes(&c, bytes, &ret_names[i]))
			return false;
	if (!unpack_end(&c))
		return false;
	*ret_count = count;
	return true;
}

void
references_record_pack(struct buf *to, uint32_t references)
{
	buf_add_byte(to, REFERENCES_VERSION);
	buf_add_le32(to, references);
}

bool
references_record_unpack(struct str value, uint32_t *ret_references)
{
	struct cursor c = str_cursor(value);
	uint32_t references;

	/* One reference is said by having no record. */
	if (!unpack_version(&c, REFERENCES_VERSION) ||
	    !unpack_u32(&c, &references) || !unpack_end(&c) || references < 2)
		return false;
	*ret_references = references;
	return true;
}

void
system_record_pack(struct buf *to, const struct system_record *r)
{
	buf_add_byte(to, SYSTEM_VERSION);
	buf_add_le64(to, r->account_next);
	buf_add_le32(to, r->uidvalidity_floor);
}

bool
system_record_unpack(struct str value, struct system_record *ret_record)
{
	struct system_record r = { 0 };
	struct cursor c = str_cursor(value);

	if (!unpack_version(&c, SYSTEM_VERSION) ||
	    !unpack_u64(&c, &r.account_next) ||
	    !unpack_u32(&c, &r.uidvalidity_floor) || !unpack_end(&c) ||
	    r.account_next < ACCOUNT_ID_FIRST)
		return false;
	*ret_record = r;
	return true;
}

void
login_record_pack(struct buf *to, const struct login_record *r)
{
	buf_add_byte(to, LOGIN_VERSION);
	buf_add_le64(to, r->account);
	buf_add_le64(to, (uint64_t)r->created);
	buf_add_le16(to, (uint16_t)r->name.n);
	buf_add_str(to, r->name);
	buf_add_le16(to, (uint16_t)r->credentials.n);
	buf_add_str(to, r->credentials);
}

bool
login_record_unpack(struct str value, struct login_record *ret_record)
{
	struct login_record r = { 0 };
	struct cursor c = str_cursor(value);
	uint16_t bytes;

	if (!unpack_version(&c, LOGIN_VERSION) || !unpack_u64(&c, &r.account) ||
	    r.account < ACCOUNT_ID_FIRST || !unpack_i64(&c, &r.created) ||
	    !unpack_u16(&c, &bytes) || !unpack_bytes(&c, bytes, &r.name) ||
	    !unpack_u16(&c, &bytes) ||
	    !unpack_bytes(&c, bytes, &r.credentials) || !unpack_end(&c))
		return false;
	*ret_record = r;
	return true;
}

static void
pack_text(struct buf *to, struct str text)
{
	buf_add_le16(to, (uint16_t)text.n);
	buf_add_str(to, text);
}

static bool
unpack_text(struct cursor *c, size_t max, struct str *ret_text)
{
	uint16_t bytes;

	return unpack_u16(c, &bytes) && bytes > 0 && bytes <= max &&
	       unpack_bytes(c, bytes, ret_text);
}

void
alias_record_pack(struct buf *to, const struct alias_record *r)
{
	buf_add_byte(to, ALIAS_VERSION);
	pack_text(to, r->address);
	buf_add_byte(to, (char)r->count);
	for (size_t i = 0; i < r->count; i++)
		pack_text(to, r->accounts[i]);
}

bool
alias_record_unpack(struct str value, struct alias_record *ret_record)
{
	struct alias_record r = { 0 };
	struct cursor c = str_cursor(value);
	uint8_t count;

	if (!unpack_version(&c, ALIAS_VERSION) ||
	    !unpack_text(&c, USER_NAME_BYTES_MAX + 1, &r.address) ||
	    !unpack_u8(&c, &count) || count == 0 || count > ALIAS_ACCOUNTS_MAX)
		return false;
	for (; r.count < count; r.count++)
		if (!unpack_text(
			&c, MAILBOX_NAME_BYTES_MAX, &r.accounts[r.count]))
			return false;
	if (!unpack_end(&c))
		return false;
	*ret_record = r;
	return true;
}

void
password_record_pack(struct buf *to, const struct password_record *r)
{
	buf_add_byte(to, PASSWORD_VERSION);
	buf_add_byte(to, (char)r->scope);
	buf_add_le64(to, (uint64_t)r->created);
	buf_add_le64(to, (uint64_t)r->expires);
	buf_add_le64(to, (uint64_t)r->used);
	pack_text(to, r->secret);
}

bool
password_record_unpack(struct str value, struct password_record *ret_record)
{
	struct password_record r = { 0 };
	struct cursor c = str_cursor(value);
	uint8_t scope;

	if (!unpack_version(&c, PASSWORD_VERSION) || !unpack_u8(&c, &scope) ||
	    !unpack_i64(&c, &r.created) || !unpack_i64(&c, &r.expires) ||
	    !unpack_i64(&c, &r.used) ||
	    !unpack_text(&c, PASSWORD_SECRET_BYTES_MAX, &r.secret) ||
	    !unpack_end(&c))
		return false;
	r.scope = scope;
	*ret_record = r;
	return true;
}

void
deleted_login_record_pack(struct buf *to, const struct deleted_login_record *r)
{
	buf_add_byte(to, DELETED_LOGIN_VERSION);
	buf_add_byte(to, r->sealed ? DELETED_LOGIN_SEALED : 0);
	buf_add_le16(to, (uint16_t)r->folded.n);
	buf_add_str(to, r->folded);
}

bool
deleted_login_record_unpack(
    struct str value, struct deleted_login_record *ret_record)
{
	struct deleted_login_record r = { 0 };
	struct cursor c = str_cursor(value);
	uint16_t bytes;
	uint8_t bits;

	if (!unpack_version(&c, DELETED_LOGIN_VERSION) ||
	    !unpack_u8(&c, &bits) || (bits & ~DELETED_LOGIN_SEALED) != 0 ||
	    !unpack_u16(&c, &bytes) || !unpack_bytes(&c, bytes, &r.folded) ||
	    !unpack_end(&c))
		return false;
	r.sealed = (bits & DELETED_LOGIN_SEALED) != 0;
	*ret_record = r;
	return true;
}
