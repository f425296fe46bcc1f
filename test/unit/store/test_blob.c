/* SPDX-License-Identifier: MIT
 *
 * store: blobs of all sizes, ranges, prefixes, sharing, stages that are
 * dropped or copied to another shard.
 */
#include "store_model.h"

#include <dirent.h>

#include "base/limits.h"

/* Sizes round the edges of blocks and of what stays in memory. */
static const size_t sizes[] = { 0, 1, 255, 256, 65535, 65536, 65537, 131072,
	STAGE_MEMORY_BYTES_MAX - 1, STAGE_MEMORY_BYTES_MAX,
	STAGE_MEMORY_BYTES_MAX + 1, STAGE_MEMORY_BYTES_MAX + 70000, 1500001 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Even seeds compress, odd ones do not. */
static char *
make_bytes(size_t size, uint64_t seed)
{
	char *bytes = mem_alloc(size + 8);

	model_fill(seed, bytes, size);
	return bytes;
}

static size_t
count_blob_files(const struct help *h, unsigned shard)
{
	char path[HELP_PATH_BYTES + 32];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	(void)snprintf(path, sizeof(path), "%s/shard-%02u", h->folder, shard);
	folder = opendir(path);
	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL)
		count += strncmp(entry->d_name, "blob-", 5) == 0;
	(void)closedir(folder);
	return count;
}

static void
expect_all(struct help *h)
{
	for (size_t i = 0; i < 2 * SIZES; i++) {
		char *bytes = make_bytes(sizes[i / 2], i);

		help_blob_expect(h, 1, i, (struct str){ bytes, sizes[i / 2] });
		mem_free(bytes);
	}
}

static void
test_sizes(void **state)
{
	struct help *h = *state;

	for (size_t i = 0; i < 2 * SIZES; i++) {
		char *bytes = make_bytes(sizes[i / 2], i);

		help_blob_put(h, 1, i, bytes, sizes[i / 2]);
		mem_free(bytes);
	}
	expect_all(h);
	help_reopen(h);
	expect_all(h);
	help_check_clean(h);
	for (size_t i = 0; i < 2 * SIZES; i++)
		help_blob_delete(h, 1, i);
	assert_int_equal(store_collect(h->store), RC_OK);
	assert_int_equal(count_blob_files(h, 0), 0);
	help_blob_expect(h, 1, 3, (struct str){ 0 });
	help_check_clean(h);
}

static void
test_ranges_and_prefix(void **state)
{
	struct help *h = *state;
	size_t size = 200000, prefix = 777;
	char *all = make_bytes(prefix + size, 6), got[70000];
	struct help_blob put = { .id = 1, .prefix = { all, prefix } };
	struct store_read *r;
	struct blob *b;

	put.stage = help_stage(h, 1, all + prefix, size);
	assert_int_equal(store_update(h->store, 1, help_blob_fn, &put), RC_OK);
	stage_free(put.stage);
	assert_int_equal(store_read_begin(h->store, 1, &r), RC_OK);
	assert_int_equal(store_blob_open(r, 1, &b), RC_OK);
	store_read_end(r);
	assert_int_equal(blob_size(b), prefix + size);
	for (int i = 0; i < 500; i++) {
		size_t at = help_below(h, prefix + size + 100);
		size_t want = help_below(h, sizeof(got)), count;
		size_t left = at < prefix + size ? prefix + size - at : 0;

		assert_int_equal(blob_read(b, at, got, want, &count), RC_OK);
		assert_int_equal(count, want < left ? want : left);
		assert_memory_equal(got, all + at, count);
	}
	blob_close(b);
	mem_free(all);
}

/* An open blob stays readable when it is deleted and collected. */
static void
test_open_blob_outlives_its_record(void **state)
{
	struct help *h = *state;
	size_t size = 500000, count;
	char *bytes = make_bytes(size, 3), *got = mem_alloc(size);
	struct store_read *r;
	struct blob *b;

	help_blob_put(h, 1, 1, bytes, size);
	assert_int_equal(store_read_begin(h->store, 1, &r), RC_OK);
	assert_int_equal(store_blob_open(r, 1, &b), RC_OK);
	store_read_end(r);
	help_blob_delete(h, 1, 1);
	assert_int_equal(store_collect(h->store), RC_OK);
	assert_int_equal(blob_read(b, 0, got, size, &count), RC_OK);
	assert_int_equal(count, size);
	assert_memory_equal(got, bytes, size);
	blob_close(b);
	assert_int_equal(store_collect(h->store), RC_OK);
	assert_int_equal(count_blob_files(h, 0), 0);
	mem_free(bytes);
	mem_free(got);
}

static void
test_stage_that_is_not_put_leaves_nothing(void **state)
{
	struct help *h = *state;
	char *bytes = make_bytes(700000, 1);
	struct stage *g = help_stage(h, 1, bytes, 700000);

	assert_int_equal(stage_size(g), 700000);
	assert_int_equal(count_blob_files(h, 0), 1);
	stage_free(g);
	assert_int_equal(count_blob_files(h, 0), 0);
	stage_free(NULL);
	mem_free(bytes);
}

static void
put_for_many(struct help *h, struct stage *g, uint64_t accounts)
{
	struct store_change changes[64];
	struct help_blob puts[64];

	assert_true(accounts <= 64);
	for (uint64_t a = 0; a < accounts; a++) {
		puts[a] = (struct help_blob){ .id = 5, .stage = g };
		changes[a] = (struct store_change){ a + 1, help_blob_fn,
			&puts[a], RC_OK };
	}
	store_update_all(h->store, changes, accounts);
	for (uint64_t a = 0; a < accounts; a++)
		assert_int_equal(changes[a].result, RC_OK);
}

/* Many accounts share the bytes, before and after collecting; each can let go
 * of them. */
static void
test_sharing_survives_collecting(void **state)
{
	struct help *h = *state;
	char *bytes = make_bytes(100000, 1), *waste = make_bytes(90000, 3);
	uint64_t before;
	struct stage *g;

	h->options.segment_bytes = 1000000;
	h->options.checkpoint_bytes = 500000;
	help_reopen(h);
	g = help_stage(h, 1, bytes, 100000);
	before = help_bytes_of(h->folder);
	put_for_many(h, g, 60);
	stage_free(g);
	/* A few copies at most, if the group was cut. */
	assert_true(help_bytes_of(h->folder) - before < 60 * 100000 / 4);
	for (uint64_t id = 100; id < 140; id++) {
		help_blob_put(h, 1, id, waste, 90000);
		help_blob_delete(h, 1, id);
	}
	for (uint64_t a = 2; a <= 60; a += 3)
		help_blob_delete(h, a, 5);
	assert_int_equal(store_collect(h->store), RC_OK);
	assert_int_equal(store_collect(h->store), RC_OK);
	assert_true(help_bytes_of(h->folder) < 60 * 100000 / 2);
	help_check_clean(h);
	for (uint64_t a = 1; a <= 60; a++)
		help_blob_expect(h, a, 5,
		    a % 3 == 2 ? (struct str){ 0 }
			       : (struct str){ bytes, 100000 });
	for (uint64_t a = 1; a <= 60; a++)
		help_blob_delete(h, a, 5);
	help_check_clean(h);
	mem_free(bytes);
	mem_free(waste);
}

struct twice {
	struct stage *stage;
	int order;
};

/* Puts and deletes of one id in one change: the last one counts. */
static enum rc
twice_fn(struct store_txn *t, void *arg)
{
	const struct twice *w = arg;
	enum rc rc = RC_OK;

	if (w->order == 0 || w->order == 2)
		rc = store_txn_blob_put(t, 9, w->stage, STR("first"));
	store_txn_blob_delete(t, 9);
	if (rc == RC_OK && w->order > 0)
		rc = store_txn_blob_put(t, 9, w->stage, STR("last"));
	return rc;
}

static void
test_put_and_delete_in_one_change(void **state)
{
	struct help *h = *state;

	for (size_t size = 10; size < 600000; size += 500000) {
		char *bytes = make_bytes(size + 4, 1);
		struct twice w = { help_stage(h, 1, bytes, size), 0 };

		for (w.order = 0; w.order < 3; w.order++) {
			struct store_read *r;
			struct blob *b = NULL;

			assert_int_equal(
			    store_update(h->store, 1, twice_fn, &w), RC_OK);
			assert_int_equal(
			    store_read_begin(h->store, 1, &r), RC_OK);
			assert_int_equal(store_blob_open(r, 9, &b),
			    w.order == 0 ? RC_NOTFOUND : RC_OK);
			store_read_end(r);
			if (b != NULL)
				assert_int_equal(blob_size(b), size + 4);
			blob_close(b);
			help_check_clean(h);
			stage_free(w.stage);
			help_reopen(h);
			help_check_clean(h);
			w.stage = help_stage(h, 1, bytes, size);
		}
		stage_free(w.stage);
		mem_free(bytes);
		help_blob_delete(h, 1, 9);
	}
}

static void
test_large_stage_for_another_shard(void **state)
{
	struct help *h = help_new();
	char *bytes = make_bytes(600000, 1);
	struct help_blob put = { .id = 1 };
	struct stage *copy;

	(void)state;
	h->options.shards = 2;
	help_open(h);
	put.stage = help_stage(h, 2, bytes, 600000);
	assert_true(stage_fits(put.stage, 4));
	assert_false(stage_fits(put.stage, 3));
	assert_int_equal(store_update(h->store, 3, help_blob_fn, &put), RC_IO);
	assert_int_equal(stage_copy(put.stage, 3, &copy), RC_OK);
	stage_free(put.stage);
	put.stage = copy;
	assert_true(stage_fits(copy, 3));
	assert_int_equal(stage_size(copy), 600000);
	assert_int_equal(store_update(h->store, 3, help_blob_fn, &put), RC_OK);
	stage_free(copy);
	help_blob_expect(h, 3, 1, (struct str){ bytes, 600000 });
	/* A small one fits everywhere, and a copy of it is as good. */
	put.stage = help_stage(h, 2, bytes, 500);
	assert_true(stage_fits(put.stage, 3));
	assert_int_equal(stage_copy(put.stage, 3, &copy), RC_OK);
	stage_free(put.stage);
	put.stage = copy;
	assert_int_equal(store_update(h->store, 2, help_blob_fn, &put), RC_OK);
	stage_free(copy);
	help_blob_expect(h, 2, 1, (struct str){ bytes, 500 });
	help_check_clean(h);
	mem_free(bytes);
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define BLOB_TEST(name) \
	cmocka_unit_test_setup_teardown(name, help_setup, help_teardown)
		BLOB_TEST(test_sizes),
		BLOB_TEST(test_ranges_and_prefix),
		BLOB_TEST(test_open_blob_outlives_its_record),
		BLOB_TEST(test_stage_that_is_not_put_leaves_nothing),
		BLOB_TEST(test_sharing_survives_collecting),
		BLOB_TEST(test_put_and_delete_in_one_change),
		cmocka_unit_test(test_large_stage_for_another_shard),
	};

	return cmocka_run_group_tests_name("store blob", tests, NULL, NULL);
}
