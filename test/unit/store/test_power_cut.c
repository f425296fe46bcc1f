/* SPDX-License-Identifier: MIT
 *
 * store: the power goes at any moment of any history, from the making of the
 * store on (power_sim.h says what a disk has then).  What was acknowledged is
 * there, what was under way is there wholly or not at all, and the check is
 * clean.  In some histories a sync fails, once; the store is closed and opened
 * again when it refuses to go on.
 *
 *   test_power_cut [HISTORIES [SEED]]
 */
#include "power_sim.h"

#define STEPS	   16
#define SYNCS_MOST 45 /* one of so many fails */

static uint64_t histories_wanted = 4;
static uint64_t seed_wanted = 20261128;

/* -- histories ----------------------------------------------------------- */

/* What refused to go on, or to open, does so after a start. */
static void
start_again(struct help *h)
{
	const char *why = "";
	enum rc rc;

	store_close(h->store);
	h->store = NULL;
	rc = store_open(&h->options, &h->store, &why);
	if (rc != RC_OK)
		rc = store_open(&h->options, &h->store, &why);
	if (rc != RC_OK)
		print_error("store_open: %s\n", why);
	assert_int_equal(rc, RC_OK);
}

static void
run_step(struct help *h, struct model *m)
{
	enum rc rc[2];

	begun[m->pair] = m->step + 1;
	model_step(m);
	model_run(h->store, m, m->step, rc);
	if (rc[0] != RC_OK || rc[1] != RC_OK) {
		assert_true(sync_failed);
		start_again(h);
		model_run(h->store, m, m->step, rc);
		assert_true(rc[0] == RC_OK && rc[1] == RC_OK);
	}
	done[m->pair] = m->step;
}

static void
stop_noting(struct help *h)
{
	(void)pthread_mutex_lock(&mutex);
	cut_power();
	root[0] = '\0';
	(void)pthread_mutex_unlock(&mutex);
	store_close(h->store);
	h->store = NULL;
}

static void
run_history(struct help *h, struct model m[PAIRS])
{
	start_again(h);
	while (m[0].step < STEPS) {
		for (int pair = 0; pair < PAIRS; pair++)
			run_step(h, &m[pair]);
		if (m[0].step % 5 == 0 && store_collect(h->store) != RC_OK)
			assert_true(sync_failed);
	}
	stop_noting(h);
}

static bool
has_folder_of(const struct image *image, const char *name)
{
	for (size_t i = 0; i < image->files.n; i++) {
		if (image->files.v[i].folder &&
		    is_in(name, image->files.v[i].name))
			return true;
	}
	return is_in(name, "");
}

static void
write_image(const struct help *h, const struct image *image)
{
	char path[HELP_PATH_BYTES * 2];

	help_remove_tree(h->options.folder);
	assert_int_equal(mkdir(h->options.folder, 0700), 0);
	for (size_t i = 0; i < image->files.n; i++) {
		const struct file *f = &image->files.v[i];
		int fd;

		(void)snprintf(
		    path, sizeof(path), "%s/%s", h->options.folder, f->name);
		if (f->folder)
			assert_int_equal(mkdir(path, 0700), 0);
		if (f->folder || !has_folder_of(image, f->name))
			continue;
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(
		    pwrite(fd, f->bytes, f->size, 0), (ssize_t)f->size);
		(void)close(fd);
	}
}

static void
free_image(struct image *image)
{
	for (size_t i = 0; i < image->files.n; i++)
		mem_free(image->files.v[i].bytes);
	vec_fini(&image->files);
}

static void
verify(struct help *h, const struct model m[PAIRS], struct image *image)
{
	write_image(h, image);
	help_open(h);
	for (int pair = 0; pair < PAIRS; pair++) {
		for (int which = 0; which < 2; which++)
			(void)model_compare_between(
			    h->store, &m[pair], which, image->range[pair]);
	}
	help_check_clean(h);
	help_put(h, 1, "after", "the cut");
	store_close(h->store);
	h->store = NULL;
	free_image(image);
}

static void
forget_files(void)
{
	for (size_t i = 0; i < files.n; i++) {
		mem_free(files.v[i].bytes);
		mem_free(files.v[i].clean);
	}
	vec_fini(&files);
}

/* Note what happens to the store, which is to be made in a new folder. */
static void
begin_noting(struct help *h, char path[sizeof(root)])
{
	struct stat facts;

	(void)snprintf(path, sizeof(root), "%s/store", h->folder);
	h->options.folder = path;
	assert_int_equal(stat(h->folder, &facts), 0);
	above = facts.st_ino;
	root_is_sure = sync_failed = false;
	syncs = 0;
	for (int pair = 0; pair < PAIRS; pair++)
		begun[pair] = done[pair] = 0;
	memcpy(root, path, sizeof(root));
}

/* A history that says what it is; returns how often the power went. */
static size_t
run_and_verify(uint64_t seed, unsigned shards, bool fails)
{
	char path[sizeof(root)];
	struct help *h = help_new();
	struct model m[PAIRS];
	size_t cuts;

	chance = seed;
	failing_sync = fails ? 1 + draw(SYNCS_MOST) : 0;
	cut_fails = draw(2) == 0;
	for (unsigned pair = 0; pair < PAIRS; pair++)
		m[pair] = (struct model){ .seed = seed,
			.pair = pair,
			.shards = shards,
			.small = seed % 2 == 0 };
	h->options.shards = shards;
	h->options.segment_bytes = 60000;
	h->options.checkpoint_bytes = 100000;
	h->options.zero_ahead = seed % 3 == 0;
	begin_noting(h, path);
	run_history(h, m);
	print_message("seed %llu, %u shards, sync %llu of %llu fails: "
		      "%zu power cuts\n",
	    (unsigned long long)seed, shards, (unsigned long long)failing_sync,
	    (unsigned long long)syncs, images.n);
	for (unsigned pair = 0; pair < PAIRS; pair++)
		m[pair].step = 0;
	for (size_t k = 0; k < images.n; k++)
		verify(h, m, &images.v[k]);
	cuts = images.n;
	vec_fini(&images);
	forget_files();
	help_free(h);
	return cuts;
}

static void
test_power_goes_at_any_moment(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < histories_wanted; i += 2)
		assert_true(
		    run_and_verify(seed_wanted + i, 1 + i / 2 % 2, false) > 0);
}

static void
test_power_goes_after_a_failed_sync(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < histories_wanted; i++)
		assert_true(run_and_verify(
				seed_wanted + 1000 + i, 1 + i % 2, true) > 0);
}

/* What is read after a start is what the disk has, not what a sync that failed
 * has left in memory: else what comes behind it is lost with it. */
static void
test_what_a_failed_sync_left_is_not_built_upon(void **state)
{
	char path[sizeof(root)], much[20000];
	struct help_put put = { "second", { much, sizeof(much) } };

	(void)state;
	memset(much, 'y', sizeof(much));
	for (uint64_t i = 0; i < 8; i++) {
		struct help *h = help_new();

		chance = seed_wanted + i;
		failing_sync = 0;
		begin_noting(h, path);
		begun[0] = 1;
		start_again(h);
		help_put(h, 1, "first", "x");
		failing_sync = syncs + 1;
		cut_fails = true;
		assert_int_equal(
		    store_update(h->store, 1, help_put_fn, &put), RC_IO);
		start_again(h);
		help_put(h, 1, "third", "z");
		stop_noting(h);
		for (size_t k = 0; k < images.n; k++) {
			if (k + IMAGES_EACH >= images.n) {
				write_image(h, &images.v[k]);
				help_reopen(h);
				help_expect(h, 1, "first", "x");
				help_expect(h, 1, "third", "z");
				help_check_clean(h);
			}
			free_image(&images.v[k]);
		}
		vec_fini(&images);
		forget_files();
		help_free(h);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_goes_at_any_moment),
		cmocka_unit_test(test_power_goes_after_a_failed_sync),
		cmocka_unit_test(
		    test_what_a_failed_sync_left_is_not_built_upon),
	};

	help_argument(argc, argv, 1, &histories_wanted);
	help_argument(argc, argv, 2, &seed_wanted);
	help_quiet();
	return cmocka_run_group_tests_name(
	    "store power cut", tests, NULL, NULL);
}
