/* SPDX-License-Identifier: MIT
 *
 * mail/password: adding, listing and removing passwords of applications, when
 * they were used, and that they go with the account.
 */
#include "records.h"

#include "base/clock.h"
#include "mail/password.h"

static const struct {
	struct str name;
	bool valid;
} names[] = {
	{ { "phone", 5 }, true },
	{ { "my phone", 8 }, true },
	{ { "t\xc3\xa9l", 4 }, true },
	{ { "", 0 }, false },
	{ { "a\nb", 3 }, false },
	{ { "a\0b", 3 }, false },
	{ { "\xff", 1 }, false },
	{ { "a\xc2\x85", 3 }, false },
};

static void
test_names(void **state)
{
	char longest[PASSWORD_NAME_BYTES_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (password_name_valid(names[i].name) != names[i].valid)
			fail_msg("case %zu", i);
	memset(longest, 'a', sizeof(longest));
	assert_true(password_name_valid(
	    (struct str){ longest, PASSWORD_NAME_BYTES_MAX }));
	assert_false(password_name_valid(
	    (struct str){ longest, PASSWORD_NAME_BYTES_MAX + 1 }));
}

static enum rc
add(struct messages *f, const char *account, const char *name)
{
	return password_add(f->mail, str_of(account),
	    &(struct password_info){ .name = str_of(name),
		.secret = STR("\0secret"),
		.scope = 3,
		.expires = 77 });
}

/* The names are ${want}, with " " between. */
static void
expect(struct messages *f, uint64_t account, const char *want)
{
	struct arena *a = arena_new(1 << 16);
	struct password_info *infos;
	struct buf got;
	size_t count;

	buf_init(&got, 4096);
	assert_int_equal(
	    password_list(f->mail, account, a, &infos, &count), RC_OK);
	for (size_t i = 0; i < count; i++) {
		buf_add_text(&got, i > 0 ? " " : "");
		buf_add_str(&got, infos[i].name);
		assert_true(str_eq(infos[i].secret, STR("\0secret")));
		assert_int_equal(infos[i].scope, 3);
		assert_int_equal(infos[i].expires, 77);
		assert_true(infos[i].created > 0);
	}
	if (!str_eq(buf_str(&got), str_of(want)))
		fail_msg("%.*s", STR_ARG(buf_str(&got)));
	buf_fini(&got);
	arena_free(a);
}

static void
test_life(void **state)
{
	struct messages f;
	uint64_t ann, bob;

	(void)state;
	messages_open(&f, 2);
	ann = messages_account(&f, "ann");
	bob = messages_account(&f, "bob");
	expect(&f, ann, "");
	assert_int_equal(add(&f, "ANN", "phone"), RC_OK);
	assert_int_equal(add(&f, "ann", "desk"), RC_OK);
	assert_int_equal(add(&f, "bob", "phone"), RC_OK);
	assert_int_equal(add(&f, "ann", "phone"), RC_EXISTS);
	assert_int_equal(add(&f, "nobody", "phone"), RC_NOTFOUND);
	assert_int_equal(add(&f, "ann", ""), RC_INVALID);
	expect(&f, ann, "desk phone");
	messages_stop(&f);
	messages_start(&f);
	assert_int_equal(password_remove(f.mail, ann, STR("phone")), RC_OK);
	assert_int_equal(
	    password_remove(f.mail, ann, STR("phone")), RC_NOTFOUND);
	assert_int_equal(password_remove(f.mail, ann, STR("")), RC_NOTFOUND);
	expect(&f, ann, "desk");
	expect(&f, bob, "phone");
	/* Whoever gets the name has none of them, nor does the number. */
	assert_int_equal(account_delete(f.mail, STR("bob")), RC_OK);
	expect(&f, bob, "");
	expect(&f, messages_account(&f, "bob"), "");
	expect(&f, ann, "desk");
	records_check_clean(&f);
	messages_close(&f);
}

static void
test_limit(void **state)
{
	char name[16];
	struct messages f;
	uint64_t ann;

	(void)state;
	messages_open(&f, 1);
	ann = messages_account(&f, "ann");
	for (int i = 0; i < PASSWORDS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(add(&f, "ann", name), RC_OK);
	}
	assert_int_equal(add(&f, "ann", "more"), RC_LIMIT);
	assert_int_equal(account_delete(f.mail, STR("ann")), RC_OK);
	expect(&f, ann, "");
	messages_close(&f);
}

static int64_t
last_use(struct messages *f, uint64_t account)
{
	struct arena *a = arena_new(1 << 16);
	struct password_info *infos;
	size_t count;
	int64_t used;

	assert_int_equal(
	    password_list(f->mail, account, a, &infos, &count), RC_OK);
	assert_int_equal(count, 1);
	used = infos[0].used;
	arena_free(a);
	return used;
}

/* Each use is noted, but not more than once an hour. */
static void
test_use(void **state)
{
	struct messages f;
	uint64_t ann;
	int64_t now = clock_wall();

	(void)state;
	messages_open(&f, 1);
	ann = messages_account(&f, "ann");
	assert_int_equal(add(&f, "ann", "phone"), RC_OK);
	assert_int_equal(last_use(&f, ann), 0);
	password_used(f.mail, ann, STR("phone"));
	password_used(f.mail, ann, STR("another"));
	/* A change that waits comes behind those that do not. */
	assert_int_equal(add(&f, "ann", "x"), RC_OK);
	assert_int_equal(password_remove(f.mail, ann, STR("x")), RC_OK);
	assert_true(last_use(&f, ann) >= now);
	clock_fake(clock_ms(), now + PASSWORD_USED_SECONDS - 10);
	password_used(f.mail, ann, STR("phone"));
	assert_int_equal(add(&f, "ann", "x"), RC_OK);
	assert_int_equal(password_remove(f.mail, ann, STR("x")), RC_OK);
	assert_true(last_use(&f, ann) < now + PASSWORD_USED_SECONDS - 10);
	clock_fake(clock_ms(), now + 2 * PASSWORD_USED_SECONDS);
	password_used(f.mail, ann, STR("phone"));
	assert_int_equal(add(&f, "ann", "x"), RC_OK);
	assert_int_equal(password_remove(f.mail, ann, STR("x")), RC_OK);
	assert_int_equal(last_use(&f, ann), now + 2 * PASSWORD_USED_SECONDS);
	clock_fake(0, 0);
	messages_close(&f);
}

/* -- checking --------------------------------------------------------------- */

struct planted {
	uint64_t account;
	const char *name;
	bool readable;
};

/* A record behind the interface's back. */
static enum rc
plant(struct store_txn *t, void *arg)
{
	const struct planted *p = arg;
	struct key_space space;
	struct str key = key_password(&space, p->account, str_of(p->name));
	struct buf value;

	buf_init(&value, PASSWORD_RECORD_BYTES_MAX);
	password_record_pack(
	    &value, &(struct password_record){ .secret = STR("\0secret"),
			.scope = 3,
			.created = 1,
			.expires = 77 });
	if (!p->readable)
		buf_truncate(&value, value.n - 1);
	store_txn_put(t, key, buf_str(&value));
	buf_fini(&value);
	return RC_OK;
}

static enum rc
check(struct messages *f, bool repair)
{
	struct records_report r = { .quiet = true };

	return mail_check(f->mail, repair, records_line, &r);
}

/* A password whose account is not there is found, and removed by a repair;
 * those of others stay. */
static void
test_check_orphans(void **state)
{
	struct planted planted[] = {
		{ 0, "phone", true },
		{ 0, "desk", true },
		{ UINT64_MAX, "last", true },
	};
	struct messages f;
	uint64_t ann;

	(void)state;
	messages_open(&f, 1);
	ann = messages_account(&f, "ann");
	planted[0].account = planted[1].account = ann + 1000;
	assert_int_equal(add(&f, "ann", "phone"), RC_OK);
	records_check_clean(&f);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_update(mail_store(f.mail),
				     SYSTEM_ACCOUNT, plant, &planted[i]),
		    RC_OK);
	assert_int_equal(check(&f, false), RC_CORRUPT);
	expect(&f, ann + 1000, "desk phone");
	assert_int_equal(check(&f, true), RC_OK);
	records_check_clean(&f);
	expect(&f, ann + 1000, "");
	expect(&f, UINT64_MAX, "");
	expect(&f, ann, "phone");
	messages_close(&f);
}

/* One that cannot be read is for its owner to remove. */
static void
test_check_unreadable(void **state)
{
	struct planted planted = { 0, "phone", false };
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	planted.account = messages_account(&f, "ann");
	assert_int_equal(
	    store_update(mail_store(f.mail), SYSTEM_ACCOUNT, plant, &planted),
	    RC_OK);
	assert_int_equal(check(&f, false), RC_CORRUPT);
	assert_int_equal(check(&f, true), RC_CORRUPT);
	assert_int_equal(
	    password_remove(f.mail, planted.account, STR("phone")), RC_OK);
	records_check_clean(&f);
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_life),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_use),
		cmocka_unit_test(test_check_orphans),
		cmocka_unit_test(test_check_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
