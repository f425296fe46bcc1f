/* SPDX-License-Identifier: MIT
 *
 * store: the main path.  Open, update, read, walk, close, open again.
 */
#include "store_help.h"

#include <errno.h>
#include <semaphore.h>

#include "base/clock.h"

static void
test_put_get_delete(void **state)
{
	struct help *h = *state;

	help_expect(h, 1, "color", NULL);
	help_put(h, 1, "color", "red");
	help_expect(h, 1, "color", "red");
	help_expect(h, 2, "color", NULL);
	help_put(h, 1, "color", "blue");
	help_expect(h, 1, "color", "blue");
	help_delete(h, 1, "color");
	help_expect(h, 1, "color", NULL);
}

static void
test_reopen_keeps_what_was_written(void **state)
{
	struct help *h = *state;

	help_put(h, 1, "a", "1");
	help_put(h, 7, "b", "");
	help_put(h, 1, "gone", "x");
	help_delete(h, 1, "gone");
	for (int i = 0; i < 3; i++) {
		help_reopen(h);
		help_expect(h, 1, "a", "1");
		help_expect(h, 7, "b", "");
		help_expect(h, 1, "gone", NULL);
	}
}

static void
test_checkpoint_keeps_what_was_written(void **state)
{
	struct help *h = *state;

	help_put(h, 1, "a", "1");
	help_put(h, 1, "b", "2");
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	help_delete(h, 1, "a");
	help_expect(h, 1, "a", NULL);
	help_expect(h, 1, "b", "2");
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	help_expect(h, 1, "a", NULL);
	help_reopen(h);
	help_expect(h, 1, "a", NULL);
	help_expect(h, 1, "b", "2");
}

#define MANY 30000

/* All keys, then all of them again, then every third is deleted and every
 * ninth put once more. */
static enum rc
write_again_fn(struct store_txn *t, void *arg)
{
	(void)arg;
	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			char key[16];

			(void)snprintf(key, sizeof(key), "key %u", i);
			if (round < 2 || (round == 3 && i % 9 == 0))
				store_txn_put(t, str_of(key),
				    (struct str){ &"0123"[round], 1 });
			else if (round == 2 && i % 3 == 0)
				store_txn_delete(t, str_of(key));
		}
	}
	return RC_OK;
}

/* Only the last that a change wrote of a key counts; and a change of many
 * keys does not take the longer for each of them. */
static void
test_a_change_may_write_everything_again(void **state)
{
	struct help *h = *state;

	assert_int_equal(
	    store_update(h->store, 1, write_again_fn, NULL), RC_OK);
	for (int i = 0; i < 2; i++) {
		help_expect(h, 1, "key 29994", NULL);
		help_expect(h, 1, "key 29998", "1");
		help_expect(h, 1, "key 3", NULL);
		help_expect(h, 1, "key 9", "3");
		help_check_clean(h);
		help_reopen(h);
	}
}

static enum rc
refuse_fn(struct store_txn *t, void *arg)
{
	(void)arg;
	store_txn_put(t, STR("a"), STR("never"));
	store_txn_put(t, STR("b"), STR("never"));
	store_txn_delete(t, STR("c"));
	return RC_CONFLICT;
}

static void
test_refused_change_changes_nothing(void **state)
{
	struct help *h = *state;

	help_put(h, 1, "a", "1");
	help_put(h, 1, "c", "3");
	assert_int_equal(
	    store_update(h->store, 1, refuse_fn, NULL), RC_CONFLICT);
	help_expect(h, 1, "a", "1");
	help_expect(h, 1, "b", NULL);
	help_expect(h, 1, "c", "3");
	help_reopen(h);
	help_expect(h, 1, "a", "1");
	help_expect(h, 1, "b", NULL);
	help_expect(h, 1, "c", "3");
}

static enum rc
sees_own_fn(struct store_txn *t, void *arg)
{
	struct str value;

	(void)arg;
	assert_int_equal(store_txn_account(t), 1);
	store_txn_put(t, STR("x"), STR("1"));
	assert_int_equal(store_txn_get(t, STR("x"), &value), RC_OK);
	assert_true(str_eq(value, STR("1")));
	store_txn_delete(t, STR("x"));
	assert_int_equal(store_txn_get(t, STR("x"), &value), RC_NOTFOUND);
	store_txn_put(t, STR("x"), STR("2"));
	return RC_OK;
}

static void
test_change_sees_its_own_writes(void **state)
{
	struct help *h = *state;

	assert_int_equal(store_update(h->store, 1, sees_own_fn, NULL), RC_OK);
	help_expect(h, 1, "x", "2");
}

static void
test_reader_keeps_its_moment(void **state)
{
	struct help *h = *state;
	struct store_read *r;
	struct str value;

	help_put(h, 1, "a", "old");
	assert_int_equal(store_read_begin(h->store, 1, &r), RC_OK);
	/* The rule against waiting while a read is open is for workers; this
	 * test breaks it on purpose. */
	assert_int_equal(store_get(r, STR("a"), &value), RC_OK);
	assert_true(str_eq(value, STR("old")));
	store_read_end(r);
}

static size_t
walk(struct help *h, uint64_t account, struct str prefix, struct str from,
    char *keys)
{
	struct store_read *r;
	struct store_iter *it;
	struct str key, value;
	uint64_t seq, last = 0;
	size_t count = 0;
	enum rc rc;

	assert_int_equal(store_read_begin(h->store, account, &r), RC_OK);
	assert_int_equal(store_iter_begin(r, prefix, from, &it), RC_OK);
	while ((rc = store_iter_next(it, &key, &value, &seq)) == RC_OK) {
		memcpy(keys, key.p, key.n);
		keys += key.n;
		*keys++ = ' ';
		assert_true(seq > 0);
		last = seq > last ? seq : last;
		count++;
	}
	*keys = '\0';
	assert_int_equal(rc, RC_NOTFOUND);
	store_iter_end(it);
	store_read_end(r);
	return count;
}

static void
test_walk_has_prefix_and_from(void **state)
{
	static const char *names[] = { "m1", "m2", "m22", "m3", "n1", "a" };
	struct help *h = *state;
	char keys[256];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			help_put(h, 1, names[i], "v");
		assert_int_equal(
		    walk(h, 1, STR("m"), (struct str){ 0 }, keys), 4);
		assert_string_equal(keys, "m1 m2 m22 m3 ");
		assert_int_equal(walk(h, 1, STR("m"), STR("m2"), keys), 3);
		assert_string_equal(keys, "m2 m22 m3 ");
		assert_int_equal(walk(h, 1, STR("m2"), STR("m20"), keys), 1);
		assert_int_equal(
		    walk(h, 1, (struct str){ 0 }, (struct str){ 0 }, keys), 6);
		assert_int_equal(
		    walk(h, 2, (struct str){ 0 }, (struct str){ 0 }, keys), 0);
		help_delete(h, 1, "m2");
		assert_int_equal(walk(h, 1, STR("m"), STR("m2"), keys), 2);
		assert_string_equal(keys, "m22 m3 ");
		if (round == 0)
			assert_int_equal(store_checkpoint(h->store), RC_OK);
		else
			help_reopen(h);
	}
}

static void
test_second_process_is_refused(void **state)
{
	struct help *h = *state;
	struct store *second;
	const char *why = NULL;

	assert_int_equal(store_open(&h->options, &second, &why), RC_INUSE);
	assert_non_null(strstr(why, h->folder));
}

static void
write_format(struct help *h, const char *text)
{
	char path[HELP_PATH_BYTES + 16];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/format", h->folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	(void)fclose(f);
}

static void
test_newer_version_is_refused(void **state)
{
	struct help *h = *state;
	const char *why = NULL;

	store_close(h->store);
	h->store = NULL;
	write_format(h, "avocet-store version=2 shards=1 more=x\n");
	assert_int_equal(store_open(&h->options, &h->store, &why), RC_VERSION);
	assert_non_null(strstr(why, "newer"));
	write_format(h, "avocet-store version=1 shards=2 check=0\n");
	assert_int_equal(store_open(&h->options, &h->store, &why), RC_CORRUPT);
}

static void
test_lost_format_is_not_a_new_store(void **state)
{
	struct help *h = *state;
	char path[HELP_PATH_BYTES + 16];
	const char *why = NULL;

	help_put(h, 1, "a", "1");
	store_close(h->store);
	h->store = NULL;
	(void)snprintf(path, sizeof(path), "%s/format", h->folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(store_open(&h->options, &h->store, &why), RC_CORRUPT);
}

static void
test_read_only_reads_and_refuses_changes(void **state)
{
	struct help *h = *state;
	struct help_put put = { "a", { "2", 1 } };

	help_put(h, 1, "a", "1");
	h->options.read_only = true;
	help_reopen(h);
	help_expect(h, 1, "a", "1");
	assert_int_equal(
	    store_update(h->store, 1, help_put_fn, &put), RC_SHUTDOWN);
}

/* A change that takes until the waiting thread was told of it three times. */
struct slow {
	struct store_patience patience; /* first */
	sem_t told;
	int count;
};

static enum rc
slow_fn(struct store_txn *t, void *arg)
{
	struct slow *slow = arg;

	store_txn_put(t, STR("slow"), STR("1"));
	while (sem_wait(&slow->told) != 0)
		assert_int_equal(errno, EINTR);
	return RC_OK;
}

static void
slow_told(struct store_patience *p)
{
	struct slow *slow = (struct slow *)p;

	p->due_ms = clock_ms();
	if (++slow->count == 3)
		(void)sem_post(&slow->told);
}

static void
test_who_waits_is_told(void **state)
{
	struct help *h = *state;
	struct slow slow = { .patience = { clock_ms() + 1, slow_told } };

	(void)sem_init(&slow.told, 0, 0);
	store_patience_set(&slow.patience);
	assert_int_equal(store_update(h->store, 1, slow_fn, &slow), RC_OK);
	store_patience_set(NULL);
	assert_true(slow.count >= 3);
	help_expect(h, 1, "slow", "1");
	/* And no longer. */
	slow.count = -1000000;
	help_put(h, 1, "a", "2");
	assert_int_equal(slow.count, -1000000);
	(void)sem_destroy(&slow.told);
}

/* Several short changes are a long wait, too. */
static void
test_many_waits_are_one(void **state)
{
	struct help *h = *state;
	struct slow slow = { .patience = { 0, slow_told }, .count = 10 };

	store_patience_set(&slow.patience);
	help_put(h, 1, "a", "1");
	help_put(h, 1, "a", "2");
	store_patience_set(NULL);
	assert_true(slow.count >= 12);
}

static void
test_shards_divide_accounts(void **state)
{
	struct help *h = help_new();
	char value[16];

	(void)state;
	h->options.shards = 3;
	help_open(h);
	assert_int_equal(store_shards(h->store), 3);
	for (uint64_t account = 1; account < 20; account++) {
		(void)snprintf(value, sizeof(value), "%d", (int)account);
		help_put(h, account, "n", value);
	}
	/* The number is the store's, not the options'. */
	h->options.shards = 5;
	help_reopen(h);
	assert_int_equal(store_shards(h->store), 3);
	for (uint64_t account = 1; account < 20; account++) {
		(void)snprintf(value, sizeof(value), "%d", (int)account);
		help_expect(h, account, "n", value);
		assert_true(store_shard_of(h->store, account) < 3);
	}
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
		STORE_TEST(test_put_get_delete),
		STORE_TEST(test_reopen_keeps_what_was_written),
		STORE_TEST(test_checkpoint_keeps_what_was_written),
		STORE_TEST(test_refused_change_changes_nothing),
		STORE_TEST(test_change_sees_its_own_writes),
		STORE_TEST(test_a_change_may_write_everything_again),
		STORE_TEST(test_reader_keeps_its_moment),
		STORE_TEST(test_walk_has_prefix_and_from),
		STORE_TEST(test_second_process_is_refused),
		STORE_TEST(test_newer_version_is_refused),
		STORE_TEST(test_lost_format_is_not_a_new_store),
		STORE_TEST(test_read_only_reads_and_refuses_changes),
		STORE_TEST(test_who_waits_is_told),
		STORE_TEST(test_many_waits_are_one),
		cmocka_unit_test(test_shards_divide_accounts),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
