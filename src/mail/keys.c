/* SPDX-License-Identifier: MIT
 *
 * Keys: made and taken apart.
 */
#include "mail/keys.h"

#include <assert.h>
#include <string.h>

#include "base/endian.h"
#include "mail/import.h"
#include "store/store.h"

static_assert(
    MAIL_KEY_BYTES_MAX <= STORE_KEY_BYTES_MAX, "the longest name makes a key");

static struct str
key_alone(struct key_space *space, enum key_kind kind)
{
	space->bytes[0] = (char)kind;
	return (struct str){ .p = space->bytes, .n = 1 };
}

static struct str
key_u32(struct key_space *space, enum key_kind kind, uint32_t number)
{
	space->bytes[0] = (char)kind;
	endian_put_be32(space->bytes + 1, number);
	return (struct str){ .p = space->bytes, .n = 5 };
}

static struct str
key_u64(struct key_space *space, enum key_kind kind, uint64_t number)
{
	space->bytes[0] = (char)kind;
	endian_put_be64(space->bytes + 1, number);
	return (struct str){ .p = space->bytes, .n = 9 };
}

static struct str
key_text(struct key_space *space, enum key_kind kind, struct str text)
{
	assert(text.n < sizeof(space->bytes));
	space->bytes[0] = (char)kind;
	if (text.n > 0)
		memcpy(space->bytes + 1, text.p, text.n);
	return (struct str){ .p = space->bytes, .n = 1 + text.n };
}

static struct str
key_chunk(struct key_space *space, enum key_kind kind, uint32_t mailbox,
    uint32_t first)
{
	(void)key_u32(space, kind, mailbox);
	endian_put_be32(space->bytes + 5, first);
	return (struct str){ .p = space->bytes, .n = 9 };
}

struct str
key_account(struct key_space *space)
{
	return key_alone(space, KEY_ACCOUNT);
}

struct str
key_mailbox(struct key_space *space, uint32_t mailbox)
{
	return key_u32(space, KEY_MAILBOX, mailbox);
}

struct str
key_keywords(struct key_space *space, uint32_t mailbox)
{
	return key_u32(space, KEY_KEYWORDS, mailbox);
}

struct str
key_chunk_fixed(struct key_space *space, uint32_t mailbox, uint32_t first)
{
	return key_chunk(space, KEY_CHUNK_FIXED, mailbox, first);
}

struct str
key_chunk_changing(struct key_space *space, uint32_t mailbox, uint32_t first)
{
	return key_chunk(space, KEY_CHUNK_CHANGING, mailbox, first);
}

struct str
key_email(struct key_space *space, uint64_t email)
{
	return key_u64(space, KEY_EMAIL, email);
}

struct str
key_common(struct key_space *space, uint64_t email)
{
	return key_u64(space, KEY_COMMON, email);
}

struct str
key_references(struct key_space *space, uint64_t email)
{
	return key_u64(space, KEY_REFERENCES, email);
}

struct str
key_name(struct key_space *space, struct str name)
{
	return key_text(space, KEY_NAME, name);
}

struct str
key_subscription(struct key_space *space, struct str name)
{
	return key_text(space, KEY_SUBSCRIPTION, name);
}

struct str
key_off(struct key_space *space, struct str name)
{
	return key_text(space, KEY_OFF, name);
}

struct str
key_brought(struct key_space *space, uint32_t mailbox, struct str mark)
{
	struct str key = key_u32(space, KEY_BROUGHT, mailbox);

	assert(mark.n == IMPORT_MARK_BYTES);
	memcpy(space->bytes + key.n, mark.p, mark.n);
	return (struct str){ .p = space->bytes, .n = key.n + mark.n };
}

struct str
key_freed(struct key_space *space)
{
	return key_alone(space, KEY_FREED);
}

struct str
key_system(struct key_space *space)
{
	return key_alone(space, KEY_SYSTEM);
}

struct str
key_login(struct key_space *space, struct str folded)
{
	return key_text(space, KEY_LOGIN, folded);
}

struct str
key_alias(struct key_space *space, struct str folded)
{
	return key_text(space, KEY_ALIAS, folded);
}

struct str
key_deleted_login(struct key_space *space, uint64_t account)
{
	return key_u64(space, KEY_DELETED_LOGIN, account);
}

struct str
key_password(struct key_space *space, uint64_t account, struct str name)
{
	struct str key = key_u64(space, KEY_PASSWORD, account);

	assert(name.n <= PASSWORD_NAME_BYTES_MAX);
	if (name.n > 0)
		memcpy(space->bytes + key.n, name.p, name.n);
	return (struct str){ .p = space->bytes, .n = key.n + name.n };
}

struct str
key_prefix(struct key_space *space, enum key_kind kind)
{
	return key_alone(space, kind);
}

struct str
key_chunk_prefix(struct key_space *space, enum key_kind kind, uint32_t mailbox)
{
	return key_u32(space, kind, mailbox);
}

/* What stands behind the letter, by kind; false when it does not fit. */
static bool
parse_rest(struct str rest, struct key_parts *parts)
{
	switch (parts->kind) {
	case KEY_ACCOUNT:
	case KEY_FREED:
	case KEY_SYSTEM:
		return rest.n == 0;
	case KEY_MAILBOX:
	case KEY_KEYWORDS:
		if (rest.n != 4)
			return false;
		parts->mailbox = endian_get_be32(rest.p);
		return true;
	case KEY_CHUNK_FIXED:
	case KEY_CHUNK_CHANGING:
		if (rest.n != 8)
			return false;
		parts->mailbox = endian_get_be32(rest.p);
		parts->first = endian_get_be32(rest.p + 4);
		return true;
	case KEY_BROUGHT:
		if (rest.n != 4 + IMPORT_MARK_BYTES)
			return false;
		parts->mailbox = endian_get_be32(rest.p);
		parts->name = str_skip(rest, 4);
		return true;
	case KEY_EMAIL:
	case KEY_COMMON:
	case KEY_REFERENCES:
	case KEY_DELETED_LOGIN:
		if (rest.n != 8)
			return false;
		parts->number = endian_get_be64(rest.p);
		return true;
	case KEY_PASSWORD:
		if (rest.n <= 8 || rest.n > 8 + PASSWORD_NAME_BYTES_MAX)
			return false;
		parts->number = endian_get_be64(rest.p);
		parts->name = str_skip(rest, 8);
		return true;
	case KEY_NAME:
	case KEY_SUBSCRIPTION:
	case KEY_LOGIN:
	case KEY_ALIAS:
	case KEY_OFF:
		parts->name = rest;
		return rest.n > 0 && rest.n < MAIL_KEY_BYTES_MAX;
	}
	return false;
}

bool
key_parse(struct str key, struct key_parts *ret_parts)
{
	struct key_parts parts = { 0 };

	if (key.n == 0)
		return false;
	parts.kind = (enum key_kind)(unsigned char)key.p[0];
	if (!parse_rest(str_skip(key, 1), &parts))
		return false;
	*ret_parts = parts;
	return true;
}
