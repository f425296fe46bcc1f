/* SPDX-License-Identifier: MIT
 *
 * store: random histories against a model, through checkpoints, collecting,
 * reopening and rebuilding.
 *
 *   test_model [STEPS [SEED]]
 */
#include "store_model.h"

#include "store/segment.h"

#define PAIRS 3

static uint64_t steps_wanted = 150;
static uint64_t seed_wanted = 20260101;

static void
compare_all(struct help *h, const struct model models[PAIRS])
{
	for (size_t p = 0; p < PAIRS; p++) {
		model_compare(h->store, &models[p], 0);
		model_compare(h->store, &models[p], 1);
	}
}

static void
rebuild(struct help *h)
{
	size_t faults = 0;

	store_close(h->store);
	h->store = NULL;
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	assert_int_equal(faults, 0);
	help_open(h);
}

static void
care(struct help *h, const struct model models[PAIRS])
{
	switch (help_below(h, 40)) {
	case 0:
		assert_int_equal(store_checkpoint(h->store), RC_OK);
		break;
	case 1:
		assert_int_equal(store_collect(h->store), RC_OK);
		break;
	case 2:
		help_reopen(h);
		break;
	case 3:
		compare_all(h, models);
		help_check_clean(h);
		break;
	case 4:
		if (help_below(h, 3) == 0)
			rebuild(h);
		break;
	default:
		break;
	}
}

static void
run_history(struct help *h, uint64_t steps)
{
	struct model models[PAIRS];

	for (size_t p = 0; p < PAIRS; p++)
		models[p] = (struct model){ .seed = h->random,
			.pair = p,
			.shards = h->options.shards };
	for (uint64_t i = 0; i < steps; i++) {
		struct model *m = &models[help_below(h, PAIRS)];
		enum rc rc[2];

		model_step(m);
		model_run(h->store, m, m->step, rc);
		assert_int_equal(rc[0], RC_OK);
		assert_int_equal(rc[1], RC_OK);
		care(h, models);
	}
	compare_all(h, models);
	help_check_clean(h);
	help_reopen(h);
	compare_all(h, models);
	rebuild(h);
	compare_all(h, models);
	help_check_clean(h);
	help_free(h);
}

static struct help *
begin(unsigned shards)
{
	struct help *h = help_new();

	h->options.shards = shards;
	h->options.segment_bytes = 200000;
	h->options.checkpoint_bytes = 400000;
	h->random = seed_wanted;
	help_open(h);
	return h;
}

static void
test_history(void **state)
{
	(void)state;
	run_history(begin(1), steps_wanted);
}

static void
test_history_in_shards_with_zeros_ahead(void **state)
{
	struct help *h = begin(2);

	(void)state;
	h->options.zero_ahead = true;
	help_reopen(h);
	run_history(h, steps_wanted);
}

/* Collecting must pay: what was deleted leaves the disk. */
static void
test_garbage_goes(void **state)
{
	struct help *h = begin(1);
	char bytes[20000];
	uint64_t before, after;

	(void)state;
	model_fill(1, bytes, sizeof(bytes));
	for (uint64_t id = 0; id < 200; id++)
		help_blob_put(h, 1, id, bytes, sizeof(bytes));
	for (uint64_t id = 0; id < 200; id++) {
		if (id % 10 != 0)
			help_blob_delete(h, 1, id);
	}
	before = help_bytes_of(h->folder);
	assert_int_equal(store_collect(h->store), RC_OK);
	after = help_bytes_of(h->folder);
	assert_true(before > 200 * sizeof(bytes));
	assert_true(after < before / 4);
	for (uint64_t id = 0; id < 200; id += 10)
		help_blob_expect(
		    h, 1, id, (struct str){ bytes, sizeof(bytes) });
	help_check_clean(h);
	help_free(h);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage_goes),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_history_in_shards_with_zeros_ahead),
	};

	help_argument(argc, argv, 1, &steps_wanted);
	help_argument(argc, argv, 2, &seed_wanted);
	print_message("steps %lu, seed %lu\n", steps_wanted, seed_wanted);
	return cmocka_run_group_tests_name("store model", tests, NULL, NULL);
}
