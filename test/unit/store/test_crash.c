/* SPDX-License-Identifier: MIT
 *
 * store: what is left after the process is killed, and after the power fails.
 * A child runs histories (store_model.h) in several threads and notes what has
 * been acknowledged in memory that it shares with us; we kill it, open what it
 * left, and compare: nothing acknowledged is lost, nothing is half done, and
 * the check is clean.
 *
 *   test_crash [ROUNDS [SEED]]
 */
#include "store_model.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "store/scan.h"
#include "store/segment.h"

#define PAIRS 4

static uint64_t rounds_wanted = 12;
static uint64_t seed_wanted = 20260102;

/* Shared with the child: the last step begun and the last acknowledged. */
struct noted {
	_Atomic uint64_t begun[PAIRS];
	_Atomic uint64_t done[PAIRS];
};

struct worker {
	struct help *help;
	struct noted *noted;
	struct model model;
	uint64_t last; /* step to stop at */
};

static void *
worker_main(void *arg)
{
	struct worker *w = arg;
	uint64_t pair = w->model.pair;

	while (w->model.step < w->last) {
		enum rc rc[2];
		uint64_t step = ++w->model.step;

		w->noted->begun[pair] = step;
		model_run(w->help->store, &w->model, step, rc);
		if (rc[0] != RC_OK || rc[1] != RC_OK)
			abort();
		w->noted->done[pair] = step;
	}
	return NULL;
}

/* The child: go on from where the store is, until killed (or to the last
 * step; then it ends without closing anything). */
static _Noreturn void
child_main(struct help *h, struct noted *noted, uint64_t last)
{
	struct worker workers[PAIRS];
	pthread_t threads[PAIRS];
	const char *why = "";

	if (store_open(&h->options, &h->store, &why) != RC_OK)
		abort();
	for (size_t p = 0; p < PAIRS; p++) {
		workers[p] = (struct worker){ .help = h,
			.noted = noted,
			.last = last,
			.model = { .seed = seed_wanted,
			    .pair = p,
			    .shards = h->options.shards,
			    .step = noted->done[p] } };
		if (pthread_create(
			&threads[p], NULL, worker_main, &workers[p]) != 0)
			abort();
	}
	for (size_t p = 0; p < PAIRS; p++)
		(void)pthread_join(threads[p], NULL);
	_exit(0);
}

static struct noted *
share_notes(void)
{
	struct noted *noted = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(noted != MAP_FAILED);
	return noted;
}

/* Each account is at the last acknowledged step, or at the one begun. */
static void
compare_with_notes(struct help *h, struct noted *noted)
{
	for (size_t p = 0; p < PAIRS; p++) {
		struct model m = { .seed = seed_wanted,
			.pair = p,
			.shards = h->options.shards };
		uint64_t range[2] = { noted->done[p], noted->begun[p] };
		uint64_t first, second, ahead;

		first = model_compare_between(h->store, &m, 0, range);
		second = model_compare_between(h->store, &m, 1, range);
		/* A step of which one half was durable is finished, so that
		 * both accounts go on from the same one. */
		ahead = first > second ? first : second;
		if (first != second) {
			enum rc rc[2];

			model_run(h->store, &m, ahead, rc);
			assert_int_equal(rc[0], RC_OK);
			assert_int_equal(rc[1], RC_OK);
		}
		noted->done[p] = noted->begun[p] = ahead;
	}
}

static void
test_killed_at_any_moment(void **state)
{
	struct help *h = help_new();
	struct noted *noted = share_notes();

	(void)state;
	h->random = seed_wanted;
	h->options.shards = 2;
	h->options.segment_bytes = 300000;
	h->options.checkpoint_bytes = 200000;
	for (uint64_t round = 0; round < rounds_wanted; round++) {
		long us = (long)help_below(h, 300000);
		pid_t child;
		int status;

		h->options.zero_ahead = help_below(h, 2) == 0;
		child = fork();
		if (child == 0)
			child_main(h, noted, UINT64_MAX);
		assert_true(child > 0);
		/* The moment is random on purpose: nothing is awaited. */
		(void)nanosleep(&(struct timespec){ 0, us * 1000 }, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		help_open(h);
		help_check_clean(h);
		compare_with_notes(h, noted);
		help_check_clean(h);
		store_close(h->store);
		h->store = NULL;
	}
	for (size_t p = 0; p < PAIRS; p++)
		print_message("  pair %zu: %lu steps\n", p, noted->done[p]);
	(void)munmap(noted, sizeof(*noted));
	help_free(h);
}

/* -- power -------------------------------------------------------------- */

/* A small history of one pair in one log, left as a crash leaves it. */
static uint64_t
leave_history(struct help *h, struct noted *noted)
{
	uint64_t last = 30;
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct worker w = { .help = h,
			.noted = noted,
			.last = last,
			.model = {
			    .seed = seed_wanted, .shards = 1, .small = true } };
		const char *why = "";

		if (store_open(&h->options, &h->store, &why) != RC_OK)
			abort();
		(void)worker_main(&w);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return last;
}

static char *
read_whole(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes = mem_alloc((size_t)size);

	assert_true(fd >= 0 && size > 0);
	assert_int_equal(segment_read(fd, 0, bytes, (size_t)size), RC_OK);
	(void)close(fd);
	*ret_size = (size_t)size;
	return bytes;
}

static void
write_whole(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(segment_write(fd, 0, bytes, size), RC_OK);
	(void)close(fd);
}

/* Where the records of the log end. */
static size_t
find_ends(const char *path, uint64_t *ends, size_t most)
{
	char space[SEGMENT_HEADER_BYTES];
	struct segment_header header;
	struct scan scan;
	struct record r;
	bool damaged;
	size_t count = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(segment_read(fd, 0, space, sizeof(space)), RC_OK);
	assert_int_equal(
	    segment_header_unpack(space, &header, &damaged), RC_OK);
	scan_begin(&scan, fd, header.salt, SEGMENT_HEADER_BYTES);
	while (count < most && scan_next(&scan, &r) == RC_OK)
		ends[count++] = scan.offset;
	scan_end(&scan);
	(void)close(fd);
	return count;
}

enum cut { CUT_SHORT, CUT_ZEROS, CUT_GARBAGE, CUT_MODES };

struct log {
	char path[HELP_PATH_BYTES + 64];
	char *bytes;
	size_t whole;
	uint64_t ends[256];
	size_t records;
};

static void
log_read(struct log *l, const struct help *h)
{
	(void)snprintf(
	    l->path, sizeof(l->path), "%s/shard-00/log-00000001", h->folder);
	l->bytes = read_whole(l->path, &l->whole);
	l->records = find_ends(l->path, l->ends, 256);
}

/* The log as the power left it: up to ${at}, then nothing, zeros or noise.
 * Returns how many records are whole all the same. */
static size_t
cut_log(const struct log *l, size_t at, enum cut mode)
{
	size_t whole = l->whole, size = mode == CUT_SHORT ? at : whole;
	size_t same = 0, count = 0;
	char *copy = mem_copy(l->bytes, whole);

	if (mode == CUT_ZEROS)
		memset(copy + at, 0, whole - at);
	if (mode == CUT_GARBAGE)
		model_fill(3, copy + at, whole - at);
	write_whole(l->path, copy, size);
	while (same < size && copy[same] == l->bytes[same])
		same++;
	while (count < l->records && l->ends[count] <= same)
		count++;
	mem_free(copy);
	return count;
}

/* Remove the index: the next start replays the whole log again. */
static void
remove_index(const struct help *h)
{
	char path[HELP_PATH_BYTES + 64];

	(void)snprintf(path, sizeof(path), "%s/shard-00/index.mdb", h->folder);
	assert_int_equal(unlink(path), 0);
}

/* Recover; the accounts must be where the whole records end. */
static void
recover_cut(struct help *h, uint64_t records, uint64_t all)
{
	struct model m = { .seed = seed_wanted, .shards = 1, .small = true };
	uint64_t range[2] = { 0, all }, sum;

	help_open(h);
	sum = model_compare_between(h->store, &m, 0, range);
	sum += model_compare_between(h->store, &m, 1, range);
	/* Each step is one record for each of the two accounts. */
	assert_int_equal(sum, records);
	help_check_clean(h);
	help_put(h, 1, "after", "the cut");
	help_reopen(h);
	help_expect(h, 1, "after", "the cut");
	store_close(h->store);
	h->store = NULL;
}

static void
test_power_cut_at_every_byte(void **state)
{
	struct help *h = help_new();
	struct noted *noted = share_notes();
	struct log log;
	uint64_t last;
	size_t at;

	(void)state;
	last = leave_history(h, noted);
	log_read(&log, h);
	assert_int_equal(log.records, 2 * last);
	/* Every byte of the last records, fewer of the others. */
	for (at = log.whole; at > SEGMENT_HEADER_BYTES + 331;
	     at -= log.whole - at < 5 * rounds_wanted ? 1 : 661) {
		enum cut mode = (enum cut)(at % CUT_MODES);

		recover_cut(h, cut_log(&log, at, mode), last);
		remove_index(h);
	}
	mem_free(log.bytes);
	(void)munmap(noted, sizeof(*noted));
	help_free(h);
}

/* A record that a later group follows was durable once: its damage is not
 * taken for a torn end. */
static void
test_damage_inside_the_log_is_not_a_torn_end(void **state)
{
	struct help *h = help_new();
	struct noted *noted = share_notes();
	struct log log;
	size_t faults = 0;
	const char *why = "";

	(void)state;
	(void)leave_history(h, noted);
	log_read(&log, h);
	log.bytes[log.ends[log.records / 2] - 9] ^= 4;
	write_whole(log.path, log.bytes, log.whole);
	assert_int_equal(store_open(&h->options, &h->store, &why), RC_CORRUPT);
	/* Repairing brings back all but that record. */
	assert_int_equal(
	    store_rebuild(&h->options, help_report, &faults), RC_OK);
	assert_true(faults > 0);
	h->options.lossy = true;
	help_open(h);
	assert_int_equal(model_reached(h->store,
			     &(struct model){ .shards = 1, .small = true }, 0),
	    30);
	mem_free(log.bytes);
	(void)munmap(noted, sizeof(*noted));
	help_free(h);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_at_any_moment),
		cmocka_unit_test(test_power_cut_at_every_byte),
		cmocka_unit_test(test_damage_inside_the_log_is_not_a_torn_end),
	};

	help_argument(argc, argv, 1, &rounds_wanted);
	help_argument(argc, argv, 2, &seed_wanted);
	print_message("rounds %lu, seed %lu\n", rounds_wanted, seed_wanted);
	help_quiet();
	return cmocka_run_group_tests_name("store crash", tests, NULL, NULL);
}
