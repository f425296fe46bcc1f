/* SPDX-License-Identifier: MIT
 *
 * Values of the mail layer: any bytes are refused or have one packed form.  The
 * first byte says which kind.
 */
#include <assert.h>

#include "mail/email.h"
#include "mail/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
chunk_again(bool fixed, struct str value, struct buf *to)
{
	struct chunk_fixed f[CHUNK_MESSAGES_MAX];
	struct chunk_changing c[CHUNK_MESSAGES_MAX];
	unsigned count;

	if (fixed ? !chunk_fixed_unpack(value, f, &count)
		  : !chunk_changing_unpack(value, c, &count))
		return false;
	if (fixed)
		chunk_fixed_pack(to, f, count);
	else
		chunk_changing_pack(to, c, count);
	return true;
}

static bool
keywords_again(struct str value, struct buf *to)
{
	struct str names[KEYWORDS_MAX];
	unsigned count;

	if (!keywords_record_unpack(value, names, &count))
		return false;
	keywords_record_pack(to, names, count);
	return true;
}

/* Unpack and pack again; false when the value is refused. */
#define AGAIN(kind)                                   \
	do {                                          \
		struct kind##_record r = { 0 };       \
		if (!kind##_record_unpack(value, &r)) \
			return false;                 \
		kind##_record_pack(to, &r);           \
		return true;                          \
	} while (0)

static bool
again(unsigned kind, struct str value, struct buf *to)
{
	struct email e = { 0 };

	switch (kind % 11) {
	case 0:
		AGAIN(account);
	case 1:
		AGAIN(mailbox);
	case 2:
		AGAIN(system);
	case 3:
		AGAIN(login);
	case 4:
		AGAIN(deleted_login);
	case 5:
		return keywords_again(value, to);
	case 6:
		if (!email_record_unpack(value, &e))
			return false;
		email_record_pack(to, &e);
		return true;
	case 9:
		AGAIN(alias);
	case 10:
		AGAIN(password);
	default:
		return chunk_again(kind % 11 == 7, value, to);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = { .p = (const char *)data + 1, .n = size - 1 };
	struct key_parts parts;
	struct buf to;

	if (size == 0)
		return 0;
	(void)key_parse(value, &parts);
	buf_init(&to, EMAIL_RECORD_BYTES_MAX);
	if (again(data[0], value, &to))
		assert(str_eq(buf_str(&to), value));
	buf_fini(&to);
	return 0;
}
