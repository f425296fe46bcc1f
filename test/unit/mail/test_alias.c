/* SPDX-License-Identifier: MIT
 *
 * mail/alias: which addresses are valid, who gets mail for one, who may log in
 * under one, and what becomes of an alias when an account goes.
 */
#include "records.h"

#include "mail/alias.h"

static const struct {
	const char *address;
	bool valid;
} addresses[] = {
	{ "info", true },
	{ "info@example.org", true },
	{ "@example.org", true },
	{ "j\xc3\xbcrgen@b\xc3\xbc.example", true },
	{ "", false },
	{ "@", false },
	{ "@@", false },
	{ "info@", false },
	{ "@a@b", false },
	{ "a@b@c", false },
	{ "@a b", false },
	{ "@a+b", false },
	{ "a+b@c", false },
	{ "a/../b", false },
	{ "..", false },
	{ "@..", false },
	{ "a\nb", false },
	{ "@a\x7f", false },
	{ "\xff@a", false },
	{ "a\xef\xbc\xa0"
	  "b@c",
	    false },
};

static void
test_addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (alias_address_valid(str_of(addresses[i].address)) !=
		    addresses[i].valid)
			fail_msg("case %zu: %s", i, addresses[i].address);
	assert_false(alias_address_valid((struct str){ "a\0b", 3 }));
}

static void
add(struct messages *f, const char *address, const char *account)
{
	assert_int_equal(
	    alias_add(f->mail, str_of(address), str_of(account)), RC_OK);
}

/* ${want} are the accounts that get mail for ${local} at ${domain}, up to a
 * zero. */
static void
expect(struct messages *f, const char *local, const char *domain,
    const uint64_t *want)
{
	struct alias_accounts got = { 0 };
	enum rc rc =
	    alias_recipients(f->mail, str_of(local), str_of(domain), &got);
	size_t n = 0;

	while (want[n] != 0)
		n++;
	if (rc != (n > 0 ? RC_OK : RC_NOTFOUND) || got.n != n ||
	    memcmp(got.v, want, n * sizeof(*want)) != 0)
		fail_msg("%s at %s: %s, %zu accounts", local, domain,
		    rc_name(rc), got.n);
}

#define NOBODY	  ((uint64_t[]){ 0 })
#define ONE(a)	  ((uint64_t[]){ (a), 0 })
#define TWO(a, b) ((uint64_t[]){ (a), (b), 0 })

static void
test_recipients(void **state)
{
	struct messages f;
	uint64_t ann, bob, far;

	(void)state;
	messages_open(&f, 2);
	ann = messages_account(&f, "ann");
	bob = messages_account(&f, "bob");
	far = messages_account(&f, "ann@far.example");
	add(&f, "Info@example.org", "ann");
	add(&f, "info@example.org", "BOB");
	add(&f, "postmaster", "bob");
	add(&f, "@all.example", "ann");
	add(&f, "bob@all.example", "ann@far.example");
	expect(&f, "ann", "", ONE(ann));
	expect(&f, "ANN", "any.example", ONE(ann));
	expect(&f, "ann", "FAR.example", ONE(far));
	expect(&f, "INFO", "EXAMPLE.org", TWO(ann, bob));
	expect(&f, "info", "other.example", NOBODY);
	expect(&f, "info", "", NOBODY);
	expect(&f, "postmaster", "", ONE(bob));
	expect(&f, "postmaster", "any.example", ONE(bob));
	expect(&f, "whoever", "all.example", ONE(ann));
	expect(&f, "whoever", "sub.all.example", NOBODY);
	expect(&f, "bob", "all.example", ONE(far));
	messages_stop(&f);
	messages_start(&f);
	expect(&f, "info", "example.org", TWO(ann, bob));
	messages_close(&f);
}

/* Nothing in an address is more than the bytes of a name. */
static void
test_hostile(void **state)
{
	static const char *const locals[] = { "", ".", "..", "../ann",
		"a/../ann", "ann@far.example", "@all.example", "%{user}",
		"%n%s%x", "-rf", "' OR 1=1 --", "*)(uid=*", "\\2a", "$(id)",
		"ann ", " ann", "ann\n", "\xff",
		"\xe2\x80\xae"
		"nna" };
	struct alias_accounts got;
	char longest[2000];
	struct messages f;

	(void)state;
	messages_open(&f, 1);
	(void)messages_account(&f, "ann");
	(void)messages_account(&f, "ann@far.example");
	add(&f, "info@all.example", "ann");
	for (size_t i = 0; i < sizeof(locals) / sizeof(*locals); i++) {
		expect(&f, locals[i], "", NOBODY);
		expect(&f, locals[i], "all.example", NOBODY);
		expect(&f, locals[i], "@all.example", NOBODY);
	}
	expect(&f, "info", "all.example@all.example", NOBODY);
	memset(longest, 'a', sizeof(longest));
	for (size_t n = 200; n <= sizeof(longest); n += 10)
		assert_int_equal(
		    alias_recipients(f.mail, (struct str){ longest, n },
			(struct str){ longest, sizeof(longest) }, &got),
		    RC_NOTFOUND);
	assert_int_equal(alias_recipients(f.mail, (struct str){ "ann\0x", 5 },
			     STR(""), &got),
	    RC_NOTFOUND);
	messages_close(&f);
}

static void
restart_with_domains(struct messages *f, const struct str *domains, size_t n)
{
	struct store_options options = { .folder = f->folder,
		.shards = f->shards };
	struct mail_options mail_options = {
		.retention_seconds = 3600, .domains = domains, .domain_count = n
	};
	struct store *store;
	const char *why;

	messages_stop(f);
	assert_int_equal(store_open(&options, &store, &why), RC_OK);
	assert_int_equal(mail_open(store, &mail_options, &f->mail), RC_OK);
}

static void
expect_login(struct messages *f, const char *name, const char *want)
{
	struct arena *a = arena_new(1 << 16);
	struct account_info info = { 0 };
	enum rc rc = alias_login(f->mail, str_of(name), a, &info);

	if (rc != (want != NULL ? RC_OK : RC_NOTFOUND) ||
	    (want != NULL && !str_eq(info.name, str_of(want))))
		fail_msg("%s: %s, %.*s", name, rc_name(rc), STR_ARG(info.name));
	arena_free(a);
}

static void
test_login(void **state)
{
	static const struct str domains[] = { { "ours.example", 12 },
		{ "b\xc3\x9c.example", 11 } };
	struct messages f;
	uint64_t bob;

	(void)state;
	messages_open(&f, 2);
	(void)messages_account(&f, "ann");
	bob = messages_account(&f, "bob");
	add(&f, "ann.smith@x.example", "ann");
	add(&f, "a.s", "ann");
	add(&f, "both@x.example", "ann");
	add(&f, "both@x.example", "bob");
	add(&f, "@all.example", "bob");
	for (int i = 0; i < 2; i++) {
		bool ours = i == 1;

		expect_login(&f, "ANN", "ann");
		expect_login(&f, "Ann.Smith@X.example", "ann");
		expect_login(&f, "a.s", "ann");
		expect_login(&f, "both@x.example", NULL);
		expect_login(&f, "@all.example", NULL);
		expect_login(&f, "whoever@all.example", NULL);
		expect_login(&f, "ann@x.example", NULL);
		expect_login(&f, "ann@OURS.example", ours ? "ann" : NULL);
		expect_login(&f, "ann@b\xc3\xbc.example", ours ? "ann" : NULL);
		expect_login(&f, "a.s@ours.example", ours ? "ann" : NULL);
		expect_login(&f, "ann@ours.example@ours.example", NULL);
		expect_login(&f, "@ours.example", NULL);
		expect_login(&f, "ann@", NULL);
		expect_login(&f, "ann+x@ours.example", NULL);
		expect_login(&f, "", NULL);
		restart_with_domains(&f, domains, 2);
	}
	/* Others from now on. */
	mail_set_options(f.mail, &(struct mail_options){ .domains = domains + 1,
				     .domain_count = 1 });
	expect_login(&f, "ann@ours.example", NULL);
	expect_login(&f, "ann@b\xc3\xbc.example", "ann");
	expect(&f, "bob", "ours.example", NOBODY);
	mail_set_options(f.mail,
	    &(struct mail_options){ .domains = domains, .domain_count = 2 });
	expect(&f, "bob", "x.example", NOBODY);
	expect(&f, "bob", "ours.example", ONE(bob));
	messages_close(&f);
}

static void
test_refused(void **state)
{
	struct messages f;
	uint64_t id;
	char name[16];

	(void)state;
	messages_open(&f, 1);
	(void)messages_account(&f, "ann");
	assert_int_equal(
	    alias_add(f.mail, STR("a@b@c"), STR("ann")), RC_INVALID);
	assert_int_equal(
	    alias_add(f.mail, STR("x"), STR("nobody")), RC_NOTFOUND);
	assert_int_equal(alias_add(f.mail, STR("x"), STR("")), RC_NOTFOUND);
	assert_int_equal(
	    alias_add(f.mail, STR("ANN"), STR("ann")), RC_CONFLICT);
	add(&f, "x", "ann");
	assert_int_equal(alias_add(f.mail, STR("X"), STR("Ann")), RC_EXISTS);
	/* An alias leads to accounts, and keeps its name. */
	assert_int_equal(alias_add(f.mail, STR("y"), STR("x")), RC_NOTFOUND);
	assert_int_equal(
	    account_create(f.mail, STR("X"), STR(""), &id), RC_EXISTS);
	for (int i = 1; i < ALIAS_ACCOUNTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		(void)messages_account(&f, name);
		add(&f, "x", name);
	}
	(void)messages_account(&f, "more");
	assert_int_equal(alias_add(f.mail, STR("x"), STR("more")), RC_LIMIT);
	assert_int_equal(
	    alias_remove(f.mail, STR("x"), STR("more")), RC_NOTFOUND);
	assert_int_equal(alias_remove(f.mail, STR("z"), STR("")), RC_NOTFOUND);
	assert_int_equal(alias_remove(f.mail, STR("x"), STR("N7")), RC_OK);
	assert_int_equal(alias_remove(f.mail, STR("X"), STR("")), RC_OK);
	expect(&f, "x", "", NOBODY);
	records_check_clean(&f);
	messages_close(&f);
}

/* An account that goes takes its place in aliases with it: who gets the name
 * afterwards does not get the mail. */
static void
test_account_deleted(void **state)
{
	struct arena *a = arena_new(1 << 16);
	struct alias_info *infos;
	struct messages f;
	uint64_t bob;
	size_t count;

	(void)state;
	messages_open(&f, 2);
	(void)messages_account(&f, "ann");
	bob = messages_account(&f, "Bob");
	add(&f, "@all.example", "ann");
	add(&f, "both", "ann");
	add(&f, "both", "bob");
	add(&f, "other", "bob");
	assert_int_equal(account_delete(f.mail, STR("ANN")), RC_OK);
	(void)messages_account(&f, "ann");
	expect(&f, "x", "all.example", NOBODY);
	expect(&f, "both", "", ONE(bob));
	assert_int_equal(alias_list(f.mail, a, &infos, &count), RC_OK);
	assert_int_equal(count, 2);
	assert_string_equal(infos[0].address.p, "both");
	assert_int_equal(infos[0].count, 1);
	assert_string_equal(infos[0].accounts[0].p, "Bob");
	assert_string_equal(infos[1].address.p, "other");
	records_check_clean(&f);
	arena_free(a);
	messages_close(&f);
}

static enum rc
lead_nowhere(struct store_txn *t, void *arg)
{
	struct alias_record r = { .address = STR("x"),
		.accounts = { STR("ann"), STR("nobody") },
		.count = 2 };
	struct key_space space;
	struct buf value;

	(void)arg;
	buf_init(&value, ALIAS_RECORD_BYTES_MAX);
	alias_record_pack(&value, &r);
	store_txn_put(t, key_alias(&space, STR("x")), buf_str(&value));
	buf_fini(&value);
	return RC_OK;
}

static void
test_check(void **state)
{
	struct records_report r = { .quiet = true };
	struct messages f;
	uint64_t ann;

	(void)state;
	messages_open(&f, 1);
	ann = messages_account(&f, "ann");
	assert_int_equal(store_update(mail_store(f.mail), SYSTEM_ACCOUNT,
			     lead_nowhere, NULL),
	    RC_OK);
	assert_int_equal(
	    mail_check(f.mail, false, records_line, &r), RC_CORRUPT);
	assert_int_equal(mail_check(f.mail, true, records_line, &r), RC_OK);
	records_check_clean(&f);
	expect(&f, "x", "", ONE(ann));
	messages_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_login),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_account_deleted),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
