/* SPDX-License-Identifier: MIT
 *
 * store: the index's file is cut under the running process.  Who reads of it
 * gets an error; the process and the other shards go on, and a rebuilding
 * brings everything back.
 */
#include "damage.h"

#define KEYS 2000

static void
key_name(int i, char name[16])
{
	(void)snprintf(name, 16, "key-%05d", i);
}

/* Accounts 1 and 2, of two shards, with what takes many pages; all of it in
 * the index. */
static struct help *
make_store(void)
{
	struct help *h = help_new();
	char name[16];

	h->options.shards = 2;
	help_open(h);
	for (int i = 0; i < KEYS; i++) {
		key_name(i, name);
		help_put(h, 1 + (uint64_t)i % 2, name, name);
	}
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	return h;
}

/* How many of the keys of ${account} can be read; the others are refused. */
static int
count_readable(struct help *h, uint64_t account)
{
	int count = 0;

	for (int i = (int)account - 1; i < KEYS; i += 2) {
		struct store_read *r;
		struct str value;
		char name[16];
		enum rc rc = store_read_begin(h->store, account, &r);

		key_name(i, name);
		if (rc == RC_OK) {
			rc = store_get(r, str_of(name), &value);
			if (rc == RC_OK)
				assert_true(str_eq(value, str_of(name)));
			store_read_end(r);
		}
		if (rc == RC_OK)
			count++;
		else
			assert_int_equal(rc, RC_IO);
	}
	return count;
}

static void
cut_to(off_t bytes)
{
	struct help *h = make_store();
	struct help_put put = { "new", { "1", 1 } };
	char path[HELP_PATH_BYTES * 2];
	size_t faults = 0;

	/* Account 1 is in shard 1 of 2. */
	damage_path(h, "shard-01/index.mdb", path);
	assert_int_equal(truncate(path, bytes), 0);
	assert_true(count_readable(h, 1) < KEYS / 2);
	assert_int_equal(store_update(h->store, 1, help_put_fn, &put), RC_IO);
	assert_int_equal(store_checkpoint(h->store), RC_IO);
	assert_int_equal(count_readable(h, 1), 0);
	assert_int_equal(count_readable(h, 2), KEYS / 2);
	assert_int_equal(store_update(h->store, 2, help_put_fn, &put), RC_OK);
	store_close(h->store);
	h->store = NULL;
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	help_open(h);
	assert_int_equal(count_readable(h, 1), KEYS / 2);
	assert_int_equal(count_readable(h, 2), KEYS / 2);
	help_expect(h, 2, "new", "1");
	help_check_clean(h);
	help_free(h);
}

static void
test_all_of_it_is_gone(void **state)
{
	(void)state;
	cut_to(0);
}

static void
test_its_end_is_gone(void **state)
{
	(void)state;
	cut_to(3 * 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it_is_gone),
		cmocka_unit_test(test_its_end_is_gone),
	};

	help_quiet();
	return cmocka_run_group_tests_name(
	    "store index lost", tests, NULL, NULL);
}
