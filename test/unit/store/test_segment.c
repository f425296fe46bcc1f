/* SPDX-License-Identifier: MIT
 *
 * store/segment: making, using, counting, removing, loading again.
 */
#include "store_help.h"

#include "store/segment.h"

static struct segments *
load(struct help *h)
{
	struct segments *s;
	size_t damaged = 0;

	assert_int_equal(segments_load(h->folder, 3, &s, &damaged), RC_OK);
	assert_int_equal(damaged, 0);
	return s;
}

static struct segment *
create(struct segments *s, enum segment_kind kind, uint64_t first_seq)
{
	struct segment *g;

	assert_int_equal(segments_create(s, kind, first_seq, &g), RC_OK);
	return g;
}

static void
test_numbers_and_headers_come_back(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	struct segment *a = create(s, SEGMENT_LOG, 1);
	struct segment *b = create(s, SEGMENT_BLOB, 0);
	struct segment *c = create(s, SEGMENT_LOG, 50);
	struct segment_header want = c->header;
	struct segment_use *list;
	size_t count;

	(void)state;
	assert_int_equal(a->header.number, 1);
	assert_int_equal(b->header.number, 2);
	assert_int_equal(
	    segment_write(c->fd, SEGMENT_HEADER_BYTES, "x", 1), RC_OK);
	segments_done(s, a);
	segments_done(s, b);
	segments_done(s, c);
	segments_free(s);
	s = load(h);
	list = segments_list(s, &count);
	assert_int_equal(count, 3);
	assert_int_equal(list[2].total, SEGMENT_HEADER_BYTES + 1);
	assert_int_equal(list[1].kind, SEGMENT_BLOB);
	mem_free(list);
	assert_int_equal(segments_use(s, 3, &c), RC_OK);
	assert_memory_equal(&c->header, &want, sizeof(want));
	segments_done(s, c);
	a = create(s, SEGMENT_LOG, 60);
	assert_int_equal(a->header.number, 4);
	segments_done(s, a);
	segments_free(s);
	help_free(h);
}

static void
test_segment_of_a_record(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);

	(void)state;
	assert_int_equal(segments_of_seq(s, 5), 0);
	segments_done(s, create(s, SEGMENT_LOG, 10));
	segments_done(s, create(s, SEGMENT_BLOB, 0));
	segments_done(s, create(s, SEGMENT_LOG, 20));
	assert_int_equal(segments_of_seq(s, 9), 0);
	assert_int_equal(segments_of_seq(s, 10), 1);
	assert_int_equal(segments_of_seq(s, 19), 1);
	assert_int_equal(segments_of_seq(s, 20), 3);
	assert_int_equal(segments_of_seq(s, 1000), 3);
	segments_free(s);
	help_free(h);
}

static void
test_removed_stays_readable_for_its_users(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	struct segment *g = create(s, SEGMENT_BLOB, 0), *again;
	char path[HELP_PATH_BYTES + 32], byte = 0;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/blob-00000001", h->folder);
	assert_int_equal(access(path, F_OK), 0);
	segments_remove(s, 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(segments_use(s, 1, &again), RC_NOTFOUND);
	assert_int_equal(segment_read(g->fd, 0, &byte, 1), RC_OK);
	assert_int_equal(byte, 'A');
	segments_done(s, g);
	segments_remove(s, 1);
	segments_free(s);
	help_free(h);
}

static void
test_changes_are_told_once(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	struct segment_use *list;
	size_t count;

	(void)state;
	segments_done(s, create(s, SEGMENT_LOG, 1));
	segments_done(s, create(s, SEGMENT_BLOB, 0));
	segments_add_live(s, 1, 100);
	segments_add_live(s, 1, -30);
	segments_add_tombs(s, 1, 7);
	segments_add_live(s, 99, 5);
	list = segments_take_changes(s, &count);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].live, 70);
	assert_int_equal(list[0].gross, 100);
	assert_int_equal(list[0].tombs, 7);
	mem_free(list);
	list = segments_take_changes(s, &count);
	assert_int_equal(count, 0);
	mem_free(list);
	segments_remove(s, 2);
	segments_add_live(s, 1, 1);
	list = segments_take_changes(s, &count);
	assert_int_equal(count, 2);
	assert_true(list[0].removed);
	assert_int_equal(list[0].number, 2);
	assert_int_equal(list[1].live, 71);
	mem_free(list);
	segments_free(s);
	help_free(h);
}

/* Zeros written ahead become the next log segment, and only that. */
static void
test_zeros_are_taken_over(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	char path[HELP_PATH_BYTES + 32];
	struct segment *g;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/next", h->folder);
	assert_int_equal(segments_prepare(s, 1500000), RC_OK);
	assert_int_equal(segments_prepare(s, 1500000), RC_OK);
	segments_done(s, create(s, SEGMENT_BLOB, 0));
	assert_int_equal(access(path, F_OK), 0);
	g = create(s, SEGMENT_LOG, 1);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(lseek(g->fd, 0, SEEK_END), 1500000);
	segments_done(s, g);
	segments_free(s);
	help_free(h);
}

/* More files than are kept open. */
static void
test_many_segments(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	struct segment *g;

	(void)state;
	for (int i = 0; i < 200; i++)
		segments_done(s, create(s, SEGMENT_BLOB, 0));
	for (uint64_t i = 1; i <= 200; i++) {
		char byte = 0;

		assert_int_equal(segments_use(s, i, &g), RC_OK);
		assert_int_equal(segment_read(g->fd, 0, &byte, 1), RC_OK);
		segments_done(s, g);
	}
	for (uint64_t i = 1; i <= 200; i += 2)
		segments_remove(s, i);
	assert_int_equal(segments_use(s, 2, &g), RC_OK);
	segments_done(s, g);
	segments_free(s);
	help_free(h);
}

/* A file of another shard, or under another's name, is not believed. */
static void
test_foreign_file_is_damage(void **state)
{
	struct help *h = help_new();
	struct segments *s = load(h);
	char from[HELP_PATH_BYTES + 32], to[HELP_PATH_BYTES + 32];
	size_t damaged = 0;

	(void)state;
	segments_done(s, create(s, SEGMENT_LOG, 1));
	segments_free(s);
	assert_int_equal(segments_load(h->folder, 4, &s, &damaged), RC_OK);
	assert_int_equal(damaged, 1);
	segments_free(s);
	(void)snprintf(from, sizeof(from), "%s/log-00000001", h->folder);
	(void)snprintf(to, sizeof(to), "%s/log-00000009", h->folder);
	assert_int_equal(rename(from, to), 0);
	damaged = 0;
	assert_int_equal(segments_load(h->folder, 3, &s, &damaged), RC_OK);
	assert_int_equal(damaged, 1);
	/* Its number is not given again. */
	{
		struct segment *g = create(s, SEGMENT_LOG, 1);

		assert_int_equal(g->header.number, 10);
		segments_done(s, g);
	}
	segments_free(s);
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_and_headers_come_back),
		cmocka_unit_test(test_segment_of_a_record),
		cmocka_unit_test(test_removed_stays_readable_for_its_users),
		cmocka_unit_test(test_changes_are_told_once),
		cmocka_unit_test(test_zeros_are_taken_over),
		cmocka_unit_test(test_many_segments),
		cmocka_unit_test(test_foreign_file_is_damage),
	};

	help_quiet();
	return cmocka_run_group_tests_name("store segment", tests, NULL, NULL);
}
