/* SPDX-License-Identifier: MIT
 *
 * mail/keys: keys sort as numbers and names do, values come back as they were,
 * and whatever no packing made is refused: each prefix, each other version.
 */
#include "mail/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mail/email.h"
#include "mail/message.h"
#include "store/store.h"

/* -- keys ---------------------------------------------------------------- */

static void
test_parts(void **state)
{
	struct key_space s;
	struct key_parts p;

	(void)state;
	assert_true(key_parse(key_chunk_fixed(&s, 7, 0x01020304), &p));
	assert_int_equal(p.kind, KEY_CHUNK_FIXED);
	assert_int_equal(p.mailbox, 7);
	assert_int_equal(p.first, 0x01020304);
	assert_true(key_parse(key_email(&s, UINT64_MAX - 1), &p));
	assert_int_equal(p.kind, KEY_EMAIL);
	assert_true(p.number == UINT64_MAX - 1);
	assert_true(key_parse(key_name(&s, STR("a/b")), &p));
	assert_int_equal(p.kind, KEY_NAME);
	assert_true(str_eq(p.name, STR("a/b")));
	assert_true(key_parse(key_off(&s, STR("IDLE")), &p));
	assert_int_equal(p.kind, KEY_OFF);
	assert_true(str_eq(p.name, STR("IDLE")));
	assert_true(key_parse(key_account(&s), &p));
	assert_int_equal(p.kind, KEY_ACCOUNT);
	assert_true(key_parse(key_mailbox(&s, UINT32_MAX), &p));
	assert_int_equal(p.mailbox, UINT32_MAX);
}

static void
test_what_is_no_key(void **state)
{
	static const struct str bad[] = { { "", 0 }, { "A1", 2 }, { "M123", 4 },
		{ "M12345", 6 }, { "F1234567", 8 }, { "E12345678x", 10 },
		{ "N", 1 }, { "?1234", 5 },
		{ "\x01"
		  "12345678",
		    9 } };
	struct key_parts p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (key_parse(bad[i], &p))
			fail_msg("case %zu is taken for a key", i);
}

static void
test_order_and_size(void **state)
{
	static const uint32_t numbers[] = { 0, 1, 255, 256, 65536, 0x7fffffff,
		UINT32_MAX };
	char long_name[MAILBOX_NAME_BYTES_MAX];
	struct key_space s, t;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_true(str_cmp(key_chunk_changing(&s, 9, numbers[i]),
				key_chunk_changing(&t, 9, numbers[i + 1])) < 0);
		assert_true(str_cmp(key_chunk_fixed(&s, numbers[i], UINT32_MAX),
				key_chunk_fixed(&t, numbers[i + 1], 0)) < 0);
		assert_true(str_cmp(key_email(&s, numbers[i]),
				key_email(&t, numbers[i + 1])) < 0);
	}
	memset(long_name, 'x', sizeof(long_name));
	assert_true(
	    key_name(&s, (struct str){ long_name, sizeof(long_name) }).n <=
	    STORE_KEY_BYTES_MAX);
	assert_true(str_begins(key_chunk_fixed(&s, 3, 4),
	    key_chunk_prefix(&t, KEY_CHUNK_FIXED, 3)));
}

/* -- values -------------------------------------------------------------- */

static bool
unpack_account(struct str v)
{
	struct account_record r;

	return account_record_unpack(v, &r);
}

static bool
unpack_mailbox(struct str v)
{
	struct mailbox_record r = { 0 };

	return mailbox_record_unpack(v, &r);
}

static bool
unpack_keywords(struct str v)
{
	struct str names[KEYWORDS_MAX];
	unsigned count;

	return keywords_record_unpack(v, names, &count);
}

static bool
unpack_fixed(struct str v)
{
	struct chunk_fixed entries[CHUNK_MESSAGES_MAX];
	unsigned count;

	return chunk_fixed_unpack(v, entries, &count);
}

static bool
unpack_changing(struct str v)
{
	struct chunk_changing entries[CHUNK_MESSAGES_MAX];
	unsigned count;

	return chunk_changing_unpack(v, entries, &count);
}

static bool
unpack_email(struct str v)
{
	struct email e = { 0 };

	return email_record_unpack(v, &e);
}

static bool
unpack_system(struct str v)
{
	struct system_record r;

	return system_record_unpack(v, &r);
}

static bool
unpack_login(struct str v)
{
	struct login_record r;

	return login_record_unpack(v, &r);
}

static bool
unpack_deleted_login(struct str v)
{
	struct deleted_login_record r;

	return deleted_login_record_unpack(v, &r);
}

static bool
unpack_alias(struct str v)
{
	struct alias_record r;

	return alias_record_unpack(v, &r);
}

static bool
unpack_password(struct str v)
{
	struct password_record r;

	return password_record_unpack(v, &r);
}

static bool
unpack_freed(struct str v)
{
	uint32_t slots[FREED_SLOTS];

	return freed_record_unpack(v, slots);
}

static bool
unpack_name(struct str v)
{
	uint32_t id;

	return name_record_unpack(v, &id);
}

static bool
unpack_references(struct str v)
{
	uint32_t count;

	return references_record_unpack(v, &count);
}

/* The value is taken whole; cut anywhere, with a byte more, or of another
 * version it is not.  Copies have their exact size, so that reading beyond
 * them is found. */
static void
refuse_all_but(struct buf *b, bool (*unpack)(struct str))
{
	char *copy;

	assert_int_equal(buf_check(b), RC_OK);
	assert_true(unpack(buf_str(b)));
	for (size_t n = 0; n < b->n; n++) {
		copy = mem_copy(b->p, n);
		if (unpack((struct str){ copy, n }))
			fail_msg("%zu of %zu bytes are enough", n, b->n);
		mem_free(copy);
	}
	copy = mem_alloc(b->n + 1);
	memcpy(copy, b->p, b->n);
	assert_false(unpack((struct str){ copy, b->n + 1 }));
	copy[0]++;
	assert_false(unpack((struct str){ copy, b->n }));
	mem_free(copy);
	buf_fini(b);
}

static void
test_account_record(void **state)
{
	struct account_record r = { .mailbox_next = 1,
		.uidvalidity_next = 0xfffffffe,
		.email_next = 3,
		.highestmodseq = UINT64_MAX,
		.messages = 5,
		.size = 6,
		.mailboxes = 7,
		.subscriptions = 8,
		.purge_from = -9,
		.deleted = true };
	struct account_record back;
	struct buf b;

	(void)state;
	buf_init(&b, ACCOUNT_RECORD_BYTES_MAX);
	account_record_pack(&b, &r);
	assert_true(account_record_unpack(buf_str(&b), &back));
	assert_int_equal(back.mailbox_next, 1);
	assert_int_equal(back.uidvalidity_next, 0xfffffffe);
	assert_true(back.email_next == 3 && back.highestmodseq == UINT64_MAX);
	assert_true(back.messages == 5 && back.size == 6);
	assert_int_equal(back.mailboxes, 7);
	assert_int_equal(back.subscriptions, 8);
	assert_true(back.purge_from == -9 && back.deleted);
	refuse_all_but(&b, unpack_account);
}

static void
test_mailbox_record(void **state)
{
	char name[MAILBOX_NAME_BYTES_MAX];
	struct mailbox_record back = { .id = 77 }, r = {
		.name = { name, sizeof(name) },
		.uidvalidity = 2,
		.uidnext = 3,
		.highestmodseq = 4,
		.purged_modseq = 5,
		.use = SPECIAL_TRASH,
		.created = 6,
		.deleted = 7,
		.messages = 8,
		.unseen = 9,
		.marked = 10,
		.recent = 11,
		.size = 12,
		.marked_size = 13,
		.recent_uid = 14,
		.expunged = 15,
		.expunged_from = 16,
	};
	struct buf b;

	(void)state;
	memset(name, 'n', sizeof(name));
	buf_init(&b, MAILBOX_RECORD_BYTES_MAX);
	mailbox_record_pack(&b, &r);
	assert_true(mailbox_record_unpack(buf_str(&b), &back));
	assert_int_equal(back.id, 77);
	assert_true(str_eq(back.name, r.name));
	/* All the numbers, by their place. */
	back.id = r.id;
	back.name = r.name;
	assert_int_equal(back.uidvalidity, 2);
	assert_int_equal(back.uidnext, 3);
	assert_int_equal(back.highestmodseq, 4);
	assert_int_equal(back.purged_modseq, 5);
	assert_int_equal(back.use, SPECIAL_TRASH);
	assert_int_equal(back.created, 6);
	assert_int_equal(back.deleted, 7);
	assert_int_equal(back.messages, 8);
	assert_int_equal(back.unseen, 9);
	assert_int_equal(back.marked, 10);
	assert_int_equal(back.recent, 11);
	assert_int_equal(back.size, 12);
	assert_int_equal(back.marked_size, 13);
	assert_int_equal(back.recent_uid, 14);
	assert_int_equal(back.expunged, 15);
	assert_int_equal(back.expunged_from, 16);
	refuse_all_but(&b, unpack_mailbox);
}

static void
test_keywords(void **state)
{
	char texts[KEYWORDS_MAX][KEYWORD_BYTES_MAX];
	struct str names[KEYWORDS_MAX], back[KEYWORDS_MAX];
	unsigned count;
	struct buf b;

	(void)state;
	for (unsigned i = 0; i < KEYWORDS_MAX; i++) {
		memset(texts[i], 'a' + (int)(i % 26), KEYWORD_BYTES_MAX);
		names[i] = (struct str){ texts[i], 1 + 2 * i };
	}
	buf_init(&b, KEYWORDS_RECORD_BYTES_MAX);
	keywords_record_pack(&b, names, KEYWORDS_MAX);
	assert_true(keywords_record_unpack(buf_str(&b), back, &count));
	assert_int_equal(count, KEYWORDS_MAX);
	for (unsigned i = 0; i < count; i++)
		assert_true(str_eq(names[i], back[i]));
	refuse_all_but(&b, unpack_keywords);
}

static void
test_chunk_fixed(void **state)
{
	struct chunk_fixed v[CHUNK_MESSAGES_MAX], back[CHUNK_MESSAGES_MAX];
	unsigned count;
	struct buf b;

	(void)state;
	for (unsigned i = 0; i < CHUNK_MESSAGES_MAX; i++)
		v[i] = (struct chunk_fixed){ .uid = 5 + 3 * i,
			.size = UINT32_MAX - i,
			.lacking = i % 3 == 0 ? UINT32_MAX - i : 0,
			.email = UINT64_MAX - i,
			.internal_date = -(int64_t)i,
			.save_date = INT64_MAX - (int64_t)i };
	buf_init(&b, CHUNK_FIXED_BYTES_MAX);
	chunk_fixed_pack(&b, v, CHUNK_MESSAGES_MAX);
	assert_true(chunk_fixed_unpack(buf_str(&b), back, &count));
	assert_int_equal(count, CHUNK_MESSAGES_MAX);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(back[i].uid, v[i].uid);
		assert_int_equal(back[i].size, v[i].size);
		assert_int_equal(back[i].lacking, v[i].lacking);
		assert_true(back[i].email == v[i].email);
		assert_true(back[i].internal_date == v[i].internal_date);
		assert_true(back[i].save_date == v[i].save_date);
	}
	refuse_all_but(&b, unpack_fixed);
	v[1].uid = v[0].uid;
	buf_init(&b, CHUNK_FIXED_BYTES_MAX);
	chunk_fixed_pack(&b, v, 2);
	assert_false(unpack_fixed(buf_str(&b)));
	buf_fini(&b);
}

static void
test_chunk_changing(void **state)
{
	struct chunk_changing v[CHUNK_MESSAGES_MAX], back[CHUNK_MESSAGES_MAX];
	unsigned count;
	struct buf b;

	(void)state;
	for (unsigned i = 0; i < CHUNK_MESSAGES_MAX; i++)
		v[i] = (struct chunk_changing){ .flags = i & FLAG_ALL,
			.elsewhere = i % 3 == 0,
			.keywords = UINT64_MAX << i % 64,
			.modseq = UINT64_MAX - i,
			.expunged = i % 2 == 0 ? 0 : (int64_t)i };
	buf_init(&b, CHUNK_CHANGING_BYTES_MAX);
	chunk_changing_pack(&b, v, CHUNK_MESSAGES_MAX);
	assert_true(chunk_changing_unpack(buf_str(&b), back, &count));
	assert_int_equal(count, CHUNK_MESSAGES_MAX);
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(back[i].flags, v[i].flags);
		assert_int_equal(back[i].elsewhere, v[i].elsewhere);
		assert_true(back[i].keywords == v[i].keywords);
		assert_true(back[i].modseq == v[i].modseq);
		assert_true(back[i].expunged == v[i].expunged);
	}
	memset(b.p + 2, 0, 8); /* the greatest modseq: others are below it */
	assert_false(unpack_changing(buf_str(&b)));
	memset(b.p + 2, 0xff, 8);
	refuse_all_but(&b, unpack_changing);
}

/* What is written again and again is small: a mailbox to which messages came
 * one after another, and one whose flags were all set at once. */
static void
test_chunk_size(void **state)
{
	struct chunk_changing changing[CHUNK_MESSAGES_MAX] = { 0 };
	struct chunk_fixed fixed[CHUNK_MESSAGES_MAX];
	struct buf b;

	(void)state;
	for (unsigned i = 0; i < CHUNK_MESSAGES_MAX; i++) {
		fixed[i] = (struct chunk_fixed){ .uid = 4000000000 + i,
			.size = 4000 + i,
			.email = UINT64_MAX / 2 + i,
			.internal_date = 2000000000 + 60 * i,
			.save_date = 2000000000 + 60 * i };
		changing[i].modseq = UINT64_MAX / 2 + 2 * i;
	}
	buf_init(&b, SIZE_MAX);
	chunk_fixed_pack(&b, fixed, CHUNK_MESSAGES_MAX);
	assert_in_range(b.n, 1, CHUNK_MESSAGES_MAX * 7 + 32);
	buf_clear(&b);
	chunk_changing_pack(&b, changing, CHUNK_MESSAGES_MAX);
	assert_in_range(b.n, 1, CHUNK_MESSAGES_MAX * 3 + 10);
	for (unsigned i = 0; i < CHUNK_MESSAGES_MAX; i++)
		changing[i].modseq = UINT64_MAX;
	buf_clear(&b);
	chunk_changing_pack(&b, changing, CHUNK_MESSAGES_MAX);
	assert_int_equal(b.n, CHUNK_MESSAGES_MAX * 2 + 10);
	buf_fini(&b);
}

/* Numbers of more than 64 bits, and rows that stop too early. */
static void
test_chunk_numbers(void **state)
{
	char row[2 + 8 + 12] = { 3, 1 };
	const struct str value = { row, sizeof(row) };

	(void)state;
	memset(row + 2, 0xff, 8 + 12);
	row[10] = 0; /* no flags; then ten octets, the last one with one bit */
	row[20] = 1;
	assert_true(unpack_changing(str_head(value, 21)));
	assert_false(unpack_changing(str_head(value, 20)));
	row[20] = 2;
	assert_false(unpack_changing(str_head(value, 21)));
	row[20] = (char)0x81;
	row[21] = 0;
	assert_false(unpack_changing(value));
}

static void
test_email(void **state)
{
	struct email back = { .id = 4, .references = 2 }, e = { .prefix = 3,
		.size = 1000,
		.digest = STR("0123456789abcdef"),
		.envelope = STR("(envelope)"),
		.body = STR("(body)"),
		.bodystructure = STR("(structure)"),
		.table = STR("\0table"),
		.sort_keys = STR("") };
	struct buf b;

	(void)state;
	buf_init(&b, EMAIL_RECORD_BYTES_MAX);
	email_record_pack(&b, &e);
	assert_true(email_record_unpack(buf_str(&b), &back));
	assert_true(back.id == 4 && back.references == 2);
	assert_int_equal(back.prefix, 3);
	assert_true(back.size == 1000 && str_eq(back.digest, e.digest));
	assert_true(str_eq(back.envelope, e.envelope));
	assert_true(str_eq(back.body, e.body));
	assert_true(str_eq(back.bodystructure, e.bodystructure));
	assert_true(str_eq(back.table, e.table));
	assert_true(str_eq(back.sort_keys, e.sort_keys));
	refuse_all_but(&b, unpack_email);
}

static void
test_system_records(void **state)
{
	struct system_record s = { ACCOUNT_ID_FIRST, 9 }, s_back;
	struct login_record l = { .account = 5,
		.created = -6,
		.name = STR("Ann"),
		.credentials = STR("\0secret") },
			    l_back;
	struct deleted_login_record d = { .sealed = true,
		.folded = STR("ann") },
				    d_back;
	struct alias_record alias = { .address = STR("@Example"),
		.accounts = { STR("ann"), STR("bob") },
		.count = 2 },
			    alias_back;
	struct password_record password = { .secret = STR("\0s"),
		.scope = 3,
		.created = 4,
		.expires = 5,
		.used = -6 },
			       password_back;
	struct buf b;

	(void)state;
	buf_init(&b, SYSTEM_RECORD_BYTES_MAX);
	system_record_pack(&b, &s);
	assert_true(system_record_unpack(buf_str(&b), &s_back));
	assert_true(s_back.account_next == ACCOUNT_ID_FIRST &&
		    s_back.uidvalidity_floor == 9);
	refuse_all_but(&b, unpack_system);

	buf_init(&b, LOGIN_RECORD_BYTES_MAX);
	login_record_pack(&b, &l);
	assert_true(login_record_unpack(buf_str(&b), &l_back));
	assert_true(l_back.account == 5 && l_back.created == -6 &&
		    str_eq(l_back.name, l.name) &&
		    str_eq(l_back.credentials, l.credentials));
	refuse_all_but(&b, unpack_login);

	buf_init(&b, DELETED_LOGIN_RECORD_BYTES_MAX);
	deleted_login_record_pack(&b, &d);
	assert_true(deleted_login_record_unpack(buf_str(&b), &d_back));
	assert_true(d_back.sealed && str_eq(d_back.folded, d.folded));
	refuse_all_but(&b, unpack_deleted_login);

	buf_init(&b, ALIAS_RECORD_BYTES_MAX);
	alias_record_pack(&b, &alias);
	assert_true(alias_record_unpack(buf_str(&b), &alias_back));
	assert_true(str_eq(alias_back.address, alias.address));
	assert_int_equal(alias_back.count, 2);
	assert_true(str_eq(alias_back.accounts[1], STR("bob")));
	refuse_all_but(&b, unpack_alias);

	buf_init(&b, PASSWORD_RECORD_BYTES_MAX);
	password_record_pack(&b, &password);
	assert_true(password_record_unpack(buf_str(&b), &password_back));
	assert_true(str_eq(password_back.secret, password.secret));
	assert_int_equal(password_back.scope, 3);
	assert_true(password_back.created == 4 && password_back.expires == 5 &&
		    password_back.used == -6);
	refuse_all_but(&b, unpack_password);
}

static void
test_small_records(void **state)
{
	uint32_t slots[FREED_SLOTS] = { [0] = 1, [FREED_SLOTS - 1] = 2 };
	uint32_t back[FREED_SLOTS], number;
	struct buf b;

	(void)state;
	buf_init(&b, FREED_RECORD_BYTES);
	freed_record_pack(&b, slots);
	assert_true(freed_record_unpack(buf_str(&b), back));
	assert_memory_equal(slots, back, sizeof(slots));
	refuse_all_but(&b, unpack_freed);

	buf_init(&b, NAME_RECORD_BYTES);
	name_record_pack(&b, 0x01020304);
	assert_true(name_record_unpack(buf_str(&b), &number));
	assert_int_equal(number, 0x01020304);
	refuse_all_but(&b, unpack_name);

	buf_init(&b, REFERENCES_RECORD_BYTES);
	references_record_pack(&b, 2);
	assert_true(references_record_unpack(buf_str(&b), &number));
	assert_int_equal(number, 2);
	refuse_all_but(&b, unpack_references);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_what_is_no_key),
		cmocka_unit_test(test_order_and_size),
		cmocka_unit_test(test_account_record),
		cmocka_unit_test(test_mailbox_record),
		cmocka_unit_test(test_keywords),
		cmocka_unit_test(test_chunk_fixed),
		cmocka_unit_test(test_chunk_changing),
		cmocka_unit_test(test_chunk_size),
		cmocka_unit_test(test_chunk_numbers),
		cmocka_unit_test(test_email),
		cmocka_unit_test(test_system_records),
		cmocka_unit_test(test_small_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
