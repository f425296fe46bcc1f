/* SPDX-License-Identifier: MIT
 *
 * store: the check finds what is damaged, in each kind of file, and a
 * rebuilding saves the rest.
 */
#include "damage.h"
#include "store_model.h"

#define LARGE 400000

static void
count_report(void *arg, const char *line)
{
	(void)line;
	++*(size_t *)arg;
}

/* A store with entries, small and large blobs, some shared, some deleted; its
 * index is up to date.  Closed. */
static struct help *
make_store(void)
{
	struct help *h = help_new();
	struct model m = { .seed = 5, .shards = 1, .small = true };
	char *large = mem_alloc(LARGE + 8);
	enum rc rc[2];

	h->options.checkpoint_bytes = 10000000;
	help_open(h);
	model_fill(1, large, LARGE);
	help_blob_put(h, 1, 1000, large, LARGE);
	help_put(h, 1, "mark", "mark-of-the-index-value");
	for (int i = 0; i < 20; i++) {
		model_step(&m);
		model_run(h->store, &m, m.step, rc);
		assert_int_equal(rc[0], RC_OK);
	}
	help_check_clean(h);
	store_close(h->store);
	h->store = NULL;
	mem_free(large);
	return h;
}

/* Opening refuses, or the check reports. */
static bool
is_found(struct help *h)
{
	const char *why = "";
	size_t faults = 0;
	enum rc rc;

	h->options.read_only = true;
	rc = store_open(&h->options, &h->store, &why);
	if (rc == RC_OK) {
		rc = store_check(h->store, count_report, &faults);
		assert_int_equal(rc == RC_CORRUPT, faults > 0);
	}
	store_close(h->store);
	h->store = NULL;
	return rc != RC_OK;
}

static void
look_for(void *arg, const char *line)
{
	const char **want = arg;

	if (*want != NULL && strstr(line, *want) != NULL)
		*want = NULL;
}

/* The check of a store that opens says ${line}. */
static void
expect_line(struct help *h, const char *line)
{
	const char *want = line;

	help_open(h);
	assert_int_equal(store_check(h->store, look_for, &want), RC_CORRUPT);
	if (want != NULL)
		fail_msg("the check does not say: %s", line);
	store_close(h->store);
	h->store = NULL;
}

/* What a file lacks behind what the index knows is no torn end; what comes
 * later is whole. */
static void
test_cut_log_is_told(void **state)
{
	struct help *h = make_store();
	char path[HELP_PATH_BYTES * 2];

	(void)state;
	damage_path(h, "shard-00/log-00000001", path);
	assert_int_equal(truncate(path, (off_t)damage_size(path) - 1000), 0);
	expect_line(h, "segment 1: its file was cut");
	help_open(h);
	help_put(h, 1, "after", "x");
	help_reopen(h);
	help_expect(h, 1, "after", "x");
	help_free(h);
}

static void
test_missing_segment_is_told(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES * 2];

	(void)state;
	h->options.segment_bytes = SEGMENT_HEADER_BYTES + 1;
	help_open(h);
	help_put(h, 1, "first", "x");
	help_put(h, 1, "second", "y");
	help_put(h, 1, "third", "z");
	store_close(h->store);
	h->store = NULL;
	damage_path(h, "shard-00/log-00000002", path);
	assert_int_equal(unlink(path), 0);
	expect_line(h, "segment 2: its file is gone");
	help_free(h);
}

static void
copy_file(const char *from, const char *to)
{
	size_t size = damage_size(from);
	char *bytes = mem_alloc(size);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(segment_read(in, 0, bytes, size), RC_OK);
	assert_int_equal(segment_write(out, 0, bytes, size), RC_OK);
	(void)close(in);
	(void)close(out);
	mem_free(bytes);
}

/* Of a message that was deleted meanwhile nothing is wanting. */
static void
test_file_that_is_not_needed_is_not_missed(void **state)
{
	struct help *h = make_store();
	char path[HELP_PATH_BYTES * 2], aside[HELP_PATH_BYTES * 2];

	(void)state;
	/* The index as it was before. */
	damage_path(h, "shard-00/index.mdb", path);
	damage_path(h, "index-before", aside);
	copy_file(path, aside);
	help_open(h);
	help_blob_delete(h, 1, 1000);
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	store_close(h->store);
	h->store = NULL;
	copy_file(aside, path);
	help_open(h);
	help_check_clean(h);
	help_free(h);
}

static void
flip_all_over(struct help *h, const char *name, size_t step)
{
	char path[HELP_PATH_BYTES * 2];
	size_t size;

	damage_path(h, name, path);
	size = damage_size(path);
	for (size_t at = 0; at < size; at += step) {
		damage_flip(path, at);
		if (!is_found(h))
			fail_msg("%s: damage at %zu is not found", name, at);
		damage_flip(path, at);
	}
	assert_false(is_found(h));
}

static void
test_damage_in_a_log_is_found(void **state)
{
	struct help *h = make_store();

	(void)state;
	flip_all_over(h, "shard-00/log-00000001", 479);
	help_free(h);
}

static void
test_damage_in_a_blob_file_is_found(void **state)
{
	struct help *h = make_store();

	(void)state;
	flip_all_over(h, "shard-00/blob-00000002", 7919);
	help_free(h);
}

static void
test_damage_in_the_format_file_is_found(void **state)
{
	struct help *h = make_store();

	(void)state;
	flip_all_over(h, "format", 1);
	help_free(h);
}

static void
test_damage_in_the_index_is_found(void **state)
{
	struct help *h = make_store();
	char path[HELP_PATH_BYTES * 2];
	size_t at, faults = 0;

	(void)state;
	damage_path(h, "shard-00/index.mdb", path);
	at = damage_find(path, "mark-of-the-index-value");
	damage_flip(path, at + 3);
	assert_true(is_found(h));
	/* A read says so as well, and a rebuilding mends it. */
	h->options.read_only = false;
	help_open(h);
	{
		struct store_read *r;
		struct str value;

		assert_int_equal(store_read_begin(h->store, 1, &r), RC_OK);
		assert_int_equal(store_get(r, STR("mark"), &value), RC_CORRUPT);
		store_read_end(r);
	}
	store_close(h->store);
	h->store = NULL;
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	assert_int_equal(faults, 0);
	help_open(h);
	help_expect(h, 1, "mark", "mark-of-the-index-value");
	help_check_clean(h);
	/* The old index is kept. */
	damage_path(h, "shard-00/index.mdb.old-1", path);
	(void)damage_find(path, "the-index-value");
	help_free(h);
}

static void
test_missing_files_are_found(void **state)
{
	static const char *const names[] = { "shard-00/log-00000001",
		"shard-00/blob-00000002", "shard-00/index.mdb" };
	char path[HELP_PATH_BYTES * 2], aside[HELP_PATH_BYTES * 2];
	struct help *h = make_store();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		damage_path(h, names[i], path);
		damage_path(h, "aside", aside);
		assert_int_equal(rename(path, aside), 0);
		assert_true(is_found(h));
		assert_int_equal(rename(aside, path), 0);
	}
	assert_false(is_found(h));
	help_free(h);
}

/* A shard of a store that has been made is never without its log: what is gone
 * is told, not taken for a shard that nothing was written to. */
static void
test_shard_that_is_gone_is_not_an_empty_one(void **state)
{
	char path[HELP_PATH_BYTES * 2];

	(void)state;
	for (int left = 0; left < 2; left++) {
		struct help *h = help_new();
		const char *why = "";
		size_t faults = 0;

		h->options.shards = 2;
		help_open(h);
		help_put(h, 1, "key", "value");
		store_close(h->store);
		h->store = NULL;
		damage_path(h, "shard-01", path);
		help_remove_tree(path);
		if (left == 1)
			assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(
		    store_open(&h->options, &h->store, &why), RC_CORRUPT);
		assert_int_equal(
		    store_rebuild(&h->options, help_report, &faults), RC_OK);
		assert_int_equal(faults, 1);
		/* It has mail no more, and says so. */
		assert_int_equal(
		    store_open(&h->options, &h->store, &why), RC_CORRUPT);
		h->options.lossy = true;
		help_open(h);
		assert_true(store_lost(h->store, 1));
		assert_false(store_lost(h->store, 2));
		help_free(h);
	}
}

/* One record of many is lost; all others come back. */
static void
test_rebuilding_goes_over_damage(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES * 2], name[16];
	size_t faults = 0, kept = 0;

	(void)state;
	help_open(h);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "key-%02d", i);
		help_put(h, 3, name, name);
	}
	store_close(h->store);
	h->store = NULL;
	damage_path(h, "shard-00/log-00000001", path);
	damage_flip(path, damage_find(path, "key-25"));
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	assert_int_equal(faults, 1);
	h->options.lossy = true;
	help_open(h);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "key-%02d", i);
		help_expect(h, 3, name, i == 25 ? NULL : name);
		kept += i != 25;
	}
	assert_int_equal(kept, 49);
	help_put(h, 3, "key-25", "again");
	help_reopen(h);
	help_expect(h, 3, "key-25", "again");
	help_free(h);
}

/* Either copy of a segment's header will do. */
static void
test_one_copy_of_a_header_is_enough(void **state)
{
	struct help *h = make_store();
	char path[HELP_PATH_BYTES * 2];

	(void)state;
	damage_path(h, "shard-00/log-00000001", path);
	damage_flip(path, 20);
	assert_true(is_found(h));
	h->options.read_only = false;
	help_open(h);
	help_expect(h, 1, "mark", "mark-of-the-index-value");
	help_free(h);
}

static void
test_rebuilding_without_format_and_index(void **state)
{
	struct help *h = make_store();
	char path[HELP_PATH_BYTES * 2];
	size_t faults = 0;

	(void)state;
	h->options.read_only = false;
	damage_path(h, "format", path);
	assert_int_equal(unlink(path), 0);
	damage_path(h, "shard-00/index.mdb", path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	assert_int_equal(faults, 0);
	help_open(h);
	help_expect(h, 1, "mark", "mark-of-the-index-value");
	help_check_clean(h);
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_log_is_told),
		cmocka_unit_test(test_missing_segment_is_told),
		cmocka_unit_test(test_file_that_is_not_needed_is_not_missed),
		cmocka_unit_test(test_damage_in_a_log_is_found),
		cmocka_unit_test(test_damage_in_a_blob_file_is_found),
		cmocka_unit_test(test_damage_in_the_format_file_is_found),
		cmocka_unit_test(test_damage_in_the_index_is_found),
		cmocka_unit_test(test_missing_files_are_found),
		cmocka_unit_test(test_shard_that_is_gone_is_not_an_empty_one),
		cmocka_unit_test(test_rebuilding_goes_over_damage),
		cmocka_unit_test(test_one_copy_of_a_header_is_enough),
		cmocka_unit_test(test_rebuilding_without_format_and_index),
	};

	help_quiet();
	return cmocka_run_group_tests_name("store check", tests, NULL, NULL);
}
