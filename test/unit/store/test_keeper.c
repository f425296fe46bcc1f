/* SPDX-License-Identifier: MIT
 *
 * store/keeper: a checkpoint comes when much is pending, of log or in memory.
 */
#include "store_help.h"

#include "base/clock.h"
#include "store/store_internal.h"

#define MOST	(50 * 1024)
#define WAIT_MS 60000

/* Whatever is pending goes to the index, without being asked for. */
static bool
is_written(struct shard *h)
{
	uint64_t until = clock_ms() + WAIT_MS;
	bool written;

	lock_take(&h->lock);
	while ((keeper_is_due(h) || h->frozen_full) && clock_ms() < until)
		lock_wait_ms(&h->lock, &h->keeper_done, 10);
	written = !keeper_is_due(h) && !h->frozen_full;
	lock_release(&h->lock);
	return written;
}

/* How often the pending states moved: twice with each checkpoint. */
static uint64_t
moves(struct shard *h)
{
	uint64_t count;

	lock_take(&h->lock);
	count = h->moves;
	lock_release(&h->lock);
	return count;
}

static void
put_many(struct help *h, unsigned keys, unsigned times)
{
	char key[16], value[1000];

	memset(value, 'v', sizeof(value));
	value[sizeof(value) - 1] = '\0';
	for (unsigned i = 0; i < times; i++) {
		(void)snprintf(key, sizeof(key), "k%05u", i % keys);
		help_put(h, 1 + i % 3, key, value);
	}
}

static void
test_memory_makes_it_due(void **state)
{
	struct help *h = help_new();

	(void)state;
	h->options.checkpoint_memory = MOST;
	help_open(h);
	put_many(h, 1000, 1000);
	assert_true(is_written(h->store->shards));
	assert_true(moves(h->store->shards) > 0);
	help_check_clean(h);
	help_reopen(h);
	help_check_clean(h);
	help_free(h);
}

/* What is written over takes its memory once, and log each time. */
static void
test_log_makes_it_due(void **state)
{
	struct help *h = help_new();

	(void)state;
	h->options.checkpoint_memory = MOST;
	help_open(h);
	put_many(h, 9, 1000);
	assert_int_equal(moves(h->store->shards), 0);
	assert_true(h->store->shards->pending_memory < MOST);
	h->options.checkpoint_bytes = MOST;
	help_reopen(h);
	put_many(h, 9, 1000);
	assert_true(is_written(h->store->shards));
	assert_true(moves(h->store->shards) > 0);
	help_free(h);
}

/* The keeper collects, too: meanwhile checkpoints come as they are due, so
 * that a segment of any size can be moved. */
static void
test_checkpoints_while_collecting(void **state)
{
	struct help *h = help_new();
	struct shard *shard;
	uint64_t before;

	(void)state;
	h->options.segment_bytes = 4 * 1024 * 1024;
	help_open(h);
	put_many(h, 5000, 5000); /* more than a segment */
	put_many(h, 2500, 2500);
	h->options.checkpoint_memory = MOST;
	help_reopen(h);
	shard = h->store->shards;
	assert_true(is_written(shard));
	before = moves(shard);
	assert_int_equal(store_collect(h->store), RC_OK);
	/* One before, one after, and for what moves: a batch has 512. */
	assert_true(moves(shard) - before >= 2 * (2 + 2));
	help_check_clean(h);
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_makes_it_due),
		cmocka_unit_test(test_log_makes_it_due),
		cmocka_unit_test(test_checkpoints_while_collecting),
	};

	return cmocka_run_group_tests_name("store keeper", tests, NULL, NULL);
}
