/* SPDX-License-Identifier: MIT
 *
 * store: a rebuilding that leaves records out says of whom they were, and the
 * store does not open for others than repair until that is settled.  One that
 * leaves nothing out says nothing.
 */
#include "damage.h"

#include "store/record.h"

#define KEYS	 30
#define LOG	 "shard-00/log-00000001"
#define ACCOUNTS 3

static void
key_name(int i, char name[16])
{
	(void)snprintf(name, 16, "key-%02d", i);
}

/* A record a key, of the accounts 1 to ACCOUNTS in turn; closed, and without
 * its index unless ${indexed}. */
static struct help *
make_store(bool indexed)
{
	char path[HELP_PATH_BYTES * 2], name[16];
	struct help *h = help_new();

	help_open(h);
	for (int i = 0; i < KEYS; i++) {
		key_name(i, name);
		help_put(h, 1 + (uint64_t)i % ACCOUNTS, name, name);
	}
	store_close(h->store);
	h->store = NULL;
	damage_path(h, "shard-00/index.mdb", path);
	if (!indexed)
		assert_int_equal(unlink(path), 0);
	return h;
}

/* Where the record of a key begins. */
static size_t
record_of(const struct help *h, int i)
{
	char path[HELP_PATH_BYTES * 2], name[16];

	key_name(i, name);
	damage_path(h, LOG, path);
	return damage_find(path, name) - RECORD_OP_BYTES - RECORD_HEADER_BYTES;
}

static void
damage_log(const struct help *h, size_t at)
{
	char path[HELP_PATH_BYTES * 2];

	damage_path(h, LOG, path);
	damage_flip(path, at);
}

static void
rebuild(struct help *h)
{
	size_t faults = 0;

	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
}

/* The store opens, whole or for repair, and says that it lost of ${lost}; 0:
 * of all. */
static void
expect_loss(struct help *h, uint64_t lost)
{
	const char *why = "";

	assert_int_equal(store_open(&h->options, &h->store, &why), RC_CORRUPT);
	assert_non_null(strstr(why, "records are lost"));
	h->options.lossy = true;
	help_open(h);
	assert_true(store_lost_any(h->store));
	for (uint64_t a = 1; a <= ACCOUNTS; a++)
		assert_int_equal(
		    store_lost(h->store, a), lost == 0 || lost == a);
	h->options.lossy = false;
}

static void
expect_no_loss(struct help *h)
{
	help_open(h);
	assert_false(store_lost_any(h->store));
	for (uint64_t a = 1; a <= ACCOUNTS; a++)
		assert_false(store_lost(h->store, a));
}

static void
expect_keys(struct help *h, int but)
{
	char name[16];

	for (int i = 0; i < KEYS; i++) {
		key_name(i, name);
		help_expect(h, 1 + (uint64_t)i % ACCOUNTS, name,
		    i == but ? NULL : name);
	}
}

static void
test_nothing_damaged(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	rebuild(h);
	expect_no_loss(h);
	expect_keys(h, -1);
	help_free(h);
}

/* Damage at ${at} of the record of key ${i} loses it, and of ${lost}. */
static void
lose(int i, size_t at, uint64_t lost)
{
	struct help *h = make_store(false);

	damage_log(h, record_of(h, i) + at);
	rebuild(h);
	expect_loss(h, lost);
	expect_keys(h, i);
	help_free(h);
}

static void
test_record_in_the_middle(void **state)
{
	(void)state;
	lose(KEYS / 2, RECORD_HEADER_BYTES, 1 + KEYS / 2 % ACCOUNTS);
	lose(KEYS / 2, 24, 0); /* its header: nobody knows of whom it was */
}

static void
test_last_record(void **state)
{
	(void)state;
	lose(KEYS - 1, RECORD_HEADER_BYTES, 1 + (KEYS - 1) % ACCOUNTS);
	lose(KEYS - 1, 24, 0);
}

/* Two in a row, the second without a header: its number is missing. */
static void
test_neighbours(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	damage_log(h, record_of(h, 7) + RECORD_HEADER_BYTES);
	damage_log(h, record_of(h, 8));
	rebuild(h);
	expect_loss(h, 0);
	help_free(h);
}

static void
cut(const struct help *h, const char *name, size_t at)
{
	char path[HELP_PATH_BYTES * 2];

	damage_path(h, name, path);
	assert_int_equal(truncate(path, (off_t)at), 0);
}

/* A record that the file ends within may have been followed by others. */
static void
test_cut_within_a_record(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	cut(h, LOG, record_of(h, KEYS - 1) + RECORD_HEADER_BYTES + 3);
	rebuild(h);
	expect_loss(h, 0);
	help_free(h);
}

/* Records whose bytes are gone altogether: the old index had them. */
static void
test_old_index_knows_more(void **state)
{
	struct help *h = make_store(true);

	(void)state;
	cut(h, LOG, record_of(h, KEYS - 3));
	rebuild(h);
	expect_loss(h, 0);
	help_free(h);
}

/* The next segment goes on, but not where this one ends. */
static void
test_end_of_an_earlier_segment(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	rebuild(h);
	expect_no_loss(h);
	help_put(h, 2, "second", "segment");
	store_close(h->store);
	h->store = NULL;
	cut(h, LOG, record_of(h, KEYS - 1));
	rebuild(h);
	expect_loss(h, 0);
	help_expect(h, 2, "second", "segment");
	help_free(h);
}

/* A torn end was never part of the log once another segment follows it. */
static void
test_torn_end_counts_once(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	damage_log(h, record_of(h, KEYS - 1) + 24);
	rebuild(h);
	expect_loss(h, 0);
	assert_int_equal(store_settle_loss(h->store), RC_OK);
	store_close(h->store);
	h->store = NULL;
	rebuild(h);
	expect_no_loss(h);
	help_free(h);
}

static void
test_segment_without_a_header(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	damage_log(h, 20);
	damage_log(h, SEGMENT_HEADER_BYTES / 2 + 20);
	rebuild(h);
	expect_loss(h, 0);
	help_free(h);
}

static void
test_settled(void **state)
{
	struct help *h = make_store(false);

	(void)state;
	damage_log(h, record_of(h, 4) + RECORD_HEADER_BYTES);
	rebuild(h);
	expect_loss(h, 2);
	/* It stays until it is settled, also when nothing more is lost. */
	store_close(h->store);
	h->store = NULL;
	expect_loss(h, 2);
	assert_int_equal(store_settle_loss(h->store), RC_OK);
	assert_false(store_lost_any(h->store));
	store_close(h->store);
	h->store = NULL;
	expect_no_loss(h);
	help_free(h);
}

/* What the file says cannot be trusted: all may be lost. */
static void
test_file_that_says_nothing(void **state)
{
	static const char *const texts[] = { "", "2", "2\nx\n", "\n", "0\n" };
	char path[HELP_PATH_BYTES * 2];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct help *h = make_store(true);
		FILE *f;

		damage_path(h, "shard-00/loss", path);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(texts[i], f) >= 0);
		assert_int_equal(fclose(f), 0);
		expect_loss(h, 0);
		help_free(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_damaged),
		cmocka_unit_test(test_record_in_the_middle),
		cmocka_unit_test(test_last_record),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_cut_within_a_record),
		cmocka_unit_test(test_old_index_knows_more),
		cmocka_unit_test(test_end_of_an_earlier_segment),
		cmocka_unit_test(test_torn_end_counts_once),
		cmocka_unit_test(test_segment_without_a_header),
		cmocka_unit_test(test_settled),
		cmocka_unit_test(test_file_that_says_nothing),
	};

	help_quiet();
	return cmocka_run_group_tests_name("store loss", tests, NULL, NULL);
}
