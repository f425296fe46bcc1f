/* SPDX-License-Identifier: MIT
 *
 * store: writers, readers, checkpoints and collecting all at once.  Every
 * change keeps an account's entries equal to each other; a reader that ever
 * sees them differ has seen two moments.
 *
 *   test_concurrent [CHANGES]
 */
#include "store_help.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/endian.h"

#define WRITERS	 4
#define READERS	 2
#define ACCOUNTS 3
#define ENTRIES	 5
#define BLOB	 7

static uint64_t changes_wanted = 120;

struct scene {
	struct help *help;
	_Atomic unsigned writers_left;
	_Atomic uint64_t seen[ACCOUNTS + 1]; /* by the watcher */
	_Atomic uint64_t changes_seen;
	struct stage *stage; /* put by all */
};

static struct str
entry_key(size_t i, char space[4])
{
	(void)snprintf(space, 4, "e%02u", (unsigned)i);
	return (struct str){ space, 3 };
}

/* The next number, the same under every key; each second one moves the blob's
 * bytes, each fifth deletes all entries but the first. */
static enum rc
count_fn(struct store_txn *t, void *arg)
{
	struct scene *s = arg;
	char space[4], number[8];
	struct str value;
	uint64_t count = 1;
	enum rc rc = store_txn_get(t, entry_key(0, space), &value);

	if (rc == RC_OK)
		count = endian_get_le64(value.p) + 1;
	else if (rc != RC_NOTFOUND)
		return rc;
	endian_put_le64(number, count);
	for (size_t i = 0; i < ENTRIES; i++) {
		if (i > 0 && count % 5 == 0)
			store_txn_delete(t, entry_key(i, space));
		else
			store_txn_put(t, entry_key(i, space),
			    (struct str){ number, sizeof(number) });
	}
	if (count % 2 == 0)
		return store_txn_blob_put(t, BLOB, s->stage, STR("prefix"));
	store_txn_blob_delete(t, BLOB);
	return RC_OK;
}

static void *
writer_main(void *arg)
{
	struct scene *s = arg;

	for (uint64_t i = 0; i < changes_wanted; i++) {
		uint64_t account = 1 + i % ACCOUNTS;

		if (store_update(s->help->store, account, count_fn, s) != RC_OK)
			abort();
	}
	atomic_fetch_sub(&s->writers_left, 1);
	return NULL;
}

/* The entries are of one moment, and the blob is there when it should be. */
static uint64_t
read_once(struct scene *s, uint64_t account)
{
	struct store_read *r;
	struct str value, key, none = { 0 };
	struct store_iter *it;
	struct blob *b = NULL;
	uint64_t count = 0;
	size_t entries = 0, got;
	char space[4], byte;
	enum rc rc;

	if (store_read_begin(s->help->store, account, &r) != RC_OK)
		abort();
	if (store_get(r, entry_key(0, space), &value) == RC_OK)
		count = endian_get_le64(value.p);
	if (store_iter_begin(r, STR("e"), none, &it) != RC_OK)
		abort();
	while ((rc = store_iter_next(it, &key, &value, NULL)) == RC_OK) {
		if (endian_get_le64(value.p) != count)
			abort();
		entries++;
	}
	if (rc != RC_NOTFOUND ||
	    (count > 0 && count % 5 == 0 && entries != 1) ||
	    (count % 5 != 0 && entries != ENTRIES))
		abort();
	store_iter_end(it);
	rc = store_blob_open(r, BLOB, &b);
	if ((rc == RC_OK) != (count > 0 && count % 2 == 0))
		abort();
	store_read_end(r);
	if (rc == RC_OK && blob_read(b, 3000, &byte, 1, &got) != RC_OK)
		abort();
	blob_close(b);
	return count;
}

static void *
reader_main(void *arg)
{
	struct scene *s = arg;
	uint64_t last[ACCOUNTS + 1] = { 0 };

	while (atomic_load(&s->writers_left) > 0) {
		for (uint64_t a = 1; a <= ACCOUNTS; a++) {
			/* What the watcher was told is visible. */
			uint64_t told = atomic_load(&s->seen[a]);
			uint64_t count = read_once(s, a);

			if (count < last[a] || count < told)
				abort();
			last[a] = count;
		}
	}
	return NULL;
}

static void *
keeper_main_for_test(void *arg)
{
	struct scene *s = arg;
	size_t faults = 0;

	while (atomic_load(&s->writers_left) > 0) {
		if (store_checkpoint(s->help->store) != RC_OK ||
		    store_collect(s->help->store) != RC_OK)
			abort();
		if (store_check(s->help->store, help_report, &faults) != RC_OK)
			abort();
	}
	return NULL;
}

static void
watch(
    void *arg, uint64_t account, struct str key, struct str value, uint64_t seq)
{
	struct scene *s = arg;

	if (key.p == NULL) {
		atomic_fetch_add(&s->changes_seen, 1);
		return;
	}
	/* The store's own entries are not told. */
	if (key.n != 3 || key.p[0] != 'e' || seq == 0)
		abort();
	if (str_eq(key, STR("e00")) && value.p != NULL)
		atomic_store(&s->seen[account], endian_get_le64(value.p));
}

static void
test_all_at_once(void **state)
{
	struct help *h = help_new();
	struct scene s = { .help = h, .writers_left = WRITERS };
	pthread_t threads[WRITERS + READERS + 1];
	size_t count = 0;
	char bytes[5000];
	uint64_t sum = 0;

	(void)state;
	h->options.segment_bytes = 100000;
	h->options.checkpoint_bytes = 60000;
	help_open(h);
	memset(bytes, 'x', sizeof(bytes));
	s.stage = help_stage(h, 1, bytes, sizeof(bytes));
	store_watch(h->store, watch, &s);
	for (int i = 0; i < WRITERS; i++)
		(void)pthread_create(&threads[count++], NULL, writer_main, &s);
	for (int i = 0; i < READERS; i++)
		(void)pthread_create(&threads[count++], NULL, reader_main, &s);
	(void)pthread_create(&threads[count++], NULL, keeper_main_for_test, &s);
	while (count > 0)
		(void)pthread_join(threads[--count], NULL);
	for (uint64_t a = 1; a <= ACCOUNTS; a++) {
		sum += read_once(&s, a);
		assert_int_equal(read_once(&s, a), s.seen[a]);
	}
	/* No change was lost, and each was told once. */
	assert_int_equal(sum, WRITERS * changes_wanted);
	assert_int_equal(s.changes_seen, sum);
	stage_free(s.stage);
	help_check_clean(h);
	help_free(h);
}

/* -- posted and refused ------------------------------------------------- */

static enum rc
append_fn(struct store_txn *t, void *arg)
{
	char name[8];

	(void)snprintf(name, sizeof(name), "p%05u", *(unsigned *)arg);
	store_txn_put(t, (struct str){ name, 6 }, STR("posted"));
	return RC_OK;
}

/* What was posted before the store closed is there afterwards. */
static void
test_posted_changes_are_finished_by_close(void **state)
{
	struct help *h = *state;

	for (unsigned i = 0; i < 500; i++)
		store_post(h->store, 1, append_fn, mem_copy(&i, sizeof(i)));
	help_reopen(h);
	for (unsigned i = 0; i < 500; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "p%05u", i);
		help_expect(h, 1, name, "posted");
	}
}

static enum rc
sometimes_fn(struct store_txn *t, void *arg)
{
	const unsigned *i = arg;
	char name[8];

	(void)snprintf(name, sizeof(name), "s%05u", *i);
	store_txn_put(t, (struct str){ name, 6 }, STR("kept"));
	store_txn_put(t, STR("last"), (struct str){ name, 6 });
	return *i % 3 == 0 ? RC_CONFLICT : RC_OK;
}

/* Changes of one group are refused one by one. */
static void
test_group_with_refusals(void **state)
{
	struct help *h = *state;
	struct store_change changes[90];
	unsigned numbers[90];

	for (unsigned i = 0; i < 90; i++) {
		numbers[i] = i;
		changes[i] = (struct store_change){ 1 + i % 2, sometimes_fn,
			&numbers[i], RC_IO };
	}
	store_update_all(h->store, changes, 90);
	help_reopen(h);
	for (unsigned i = 0; i < 90; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "s%05u", i);
		assert_int_equal(
		    changes[i].result, i % 3 == 0 ? RC_CONFLICT : RC_OK);
		help_expect(h, 1 + i % 2, name, i % 3 == 0 ? NULL : "kept");
	}
	help_expect(h, 1, "last", "s00088");
	help_expect(h, 2, "last", "s00089");
	help_check_clean(h);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test_setup_teardown(
		    test_posted_changes_are_finished_by_close, help_setup,
		    help_teardown),
		cmocka_unit_test_setup_teardown(
		    test_group_with_refusals, help_setup, help_teardown),
	};

	help_argument(argc, argv, 1, &changes_wanted);
	return cmocka_run_group_tests_name(
	    "store concurrent", tests, NULL, NULL);
}
