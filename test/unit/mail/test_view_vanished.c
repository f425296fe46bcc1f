/* SPDX-License-Identifier: MIT
 *
 * What a client that comes back is told to be gone: what was expunged since, as
 * long as that is remembered, else whatever is not there any more.
 */
#include "records.h"

#define MANY 1000

static int
open_it(void **state)
{
	struct messages *f = mem_alloc(sizeof(*f));

	records_open(f);
	*state = f;
	return 0;
}

static int
close_it(void **state)
{
	records_close(*state);
	mem_free(*state);
	return 0;
}

/* The same as text: "1:3,5". */
static void
check_vanished_of(struct view *v, uint64_t since, const struct uid_range *known,
    size_t count, const char *want)
{
	struct uid_list uids = { 0 }, all = { 0 };
	struct view_vanished w;
	struct buf got;

	view_vanished_begin(v, since, known, count, &w);
	do {
		assert_int_equal(view_vanished_next(&w, &uids), RC_OK);
		for (size_t i = 0; i < uids.n; i++)
			for (uint32_t n = uids.v[i].first; n <= uids.v[i].last;
			     n++)
				uid_list_add(&all, n);
	} while (uids.n > 0);
	/* The end stays the end. */
	assert_int_equal(view_vanished_next(&w, &uids), RC_OK);
	assert_int_equal(uids.n, 0);
	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < all.n; i++) {
		buf_add_format(&got, "%s%u", i > 0 ? "," : "", all.v[i].first);
		if (all.v[i].last > all.v[i].first)
			buf_add_format(&got, ":%u", all.v[i].last);
	}
	buf_add_byte(&got, '\0');
	assert_string_equal(got.p, want);
	buf_fini(&got);
	uid_list_fini(&uids);
	uid_list_fini(&all);
}

static void
check_vanished(struct view *v, uint64_t since, const char *want)
{
	const struct uid_range all = { 1, UINT32_MAX };

	check_vanished_of(v, since, &all, 1, want);
}

static bool
remembers(struct view *v, uint64_t since)
{
	bool remembered;

	assert_int_equal(view_remembers(v, since, &remembered), RC_OK);
	return remembered;
}

static void
expunge(struct messages *f, uint32_t first, uint32_t last)
{
	(void)messages_expunge(f, f->inbox, (struct uid_range){ first, last });
}

static void
test_remembered(void **state)
{
	static const struct uid_range some[] = { { 1, 1 }, { 4, 6 },
		{ 300, 400 } };
	struct messages *f = *state;
	uint64_t first, second;
	struct view v;

	(void)messages_append(f, f->inbox, MANY, NULL);
	v = messages_view(f, f->inbox, false);
	first = view_modseq_told(&v);
	check_vanished(&v, 0, "");
	view_end(&v);
	expunge(f, 5, 7);
	v = messages_view(f, f->inbox, false);
	second = view_modseq_told(&v);
	check_vanished(&v, first, "5:7");
	check_vanished(&v, second, "");
	/* What goes after the cursor is for another time. */
	expunge(f, 310, 320);
	check_vanished(&v, first, "5:7");
	view_end(&v);
	v = messages_view(f, f->inbox, false);
	check_vanished(&v, 0, "5:7,310:320");
	check_vanished(&v, second, "310:320");
	check_vanished(&v, UINT64_MAX, "");
	check_vanished_of(&v, 0, some, 3, "5:6,310:320");
	check_vanished_of(&v, 0, some, 0, "");
	assert_true(remembers(&v, 0));
	view_end(&v);
}

static void
test_forgotten(void **state)
{
	static const struct uid_range some[] = { { 2, 8 },
		{ 990, UINT32_MAX } };
	struct messages *f = *state;
	uint64_t before, after;
	struct view v;

	(void)messages_append(f, f->inbox, MANY, NULL);
	v = messages_view(f, f->inbox, false);
	before = view_modseq_told(&v);
	view_end(&v);
	expunge(f, 5, 7);
	expunge(f, 200, 700);
	expunge(f, 1000, 1000);
	assert_int_equal(mail_purge(f->mail, T0 + 1), RC_OK);
	v = messages_view(f, f->inbox, false);
	after = view_modseq_told(&v);
	assert_false(remembers(&v, before));
	assert_true(remembers(&v, after));
	check_vanished(&v, before, "5:7,200:700,1000");
	check_vanished_of(&v, before, some, 2, "5:7,1000");
	check_vanished(&v, after, "");
	view_end(&v);
	/* Both kinds. */
	expunge(f, 1, 2);
	v = messages_view(f, f->inbox, false);
	check_vanished(&v, before, "1:2,5:7,200:700,1000");
	check_vanished(&v, after, "1:2");
	view_end(&v);
}

/* The expunges are forgotten while the walk is on its way: from there on the
 * gaps are told, and nothing is left out or told twice. */
static void
test_forgotten_meanwhile(void **state)
{
	enum { CHUNKS = 60, CHUNK = 128 };
	const struct uid_range all = { 1, UINT32_MAX };
	struct messages *f = *state;
	struct uid_list uids = { 0 };
	struct view_vanished w;
	uint64_t before;
	uint32_t last = 0, count = 0;
	struct view v;

	(void)messages_append(f, f->inbox, (size_t)CHUNKS * CHUNK, NULL);
	v = messages_view(f, f->inbox, false);
	before = view_modseq_told(&v);
	view_end(&v);
	for (uint32_t i = 0; i < CHUNKS; i++)
		expunge(f, i * CHUNK + 10, i * CHUNK + 10);
	v = messages_view(f, f->inbox, false);
	view_vanished_begin(&v, before, &all, 1, &w);
	do {
		assert_int_equal(view_vanished_next(&w, &uids), RC_OK);
		for (size_t i = 0; i < uids.n; i++) {
			assert_int_equal(uids.v[i].first, uids.v[i].last);
			assert_true(uids.v[i].first > last);
			last = uids.v[i].first;
			assert_int_equal(last % CHUNK, 10);
			count++;
		}
		assert_int_equal(mail_purge(f->mail, T0 + 1), RC_OK);
	} while (uids.n > 0);
	assert_int_equal(count, CHUNKS);
	uid_list_fini(&uids);
	view_end(&v);
}

static void
test_empty(void **state)
{
	struct messages *f = *state;
	struct view v = messages_view(f, f->inbox, false);

	check_vanished(&v, 0, "");
	view_end(&v);
	(void)messages_append(f, f->inbox, 3, NULL);
	expunge(f, 1, 3);
	v = messages_view(f, f->inbox, false);
	check_vanished(&v, 1, "1:3");
	view_end(&v);
	assert_int_equal(mail_purge(f->mail, T0 + 1), RC_OK);
	v = messages_view(f, f->inbox, false);
	check_vanished(&v, 1, "1:3");
	view_end(&v);
}

/* Only what has changed, and only in the ranges. */
static void
test_walk_changed(void **state)
{
	struct messages *f = *state;
	const struct uid_range all = { 1, UINT32_MAX };
	struct arena *a = arena_new(1 << 20);
	struct message slice[VIEW_SLICE];
	struct view_walk walk;
	uint64_t before;
	size_t count;
	struct view v;

	(void)messages_append(f, f->inbox, MANY, NULL);
	v = messages_view(f, f->inbox, false);
	before = view_modseq_told(&v);
	view_end(&v);
	(void)messages_flag(
	    f, f->inbox, (struct uid_range){ 500, 501 }, STORE_ADD, FLAG_SEEN);
	v = messages_view(f, f->inbox, false);
	assert_int_equal(view_walk_begin(&v, &all, 1, true, a, &walk), RC_OK);
	view_walk_changed(&walk, before);
	assert_int_equal(view_walk_next(&walk, slice, &count), RC_OK);
	assert_int_equal(count, 2);
	assert_int_equal(slice[0].uid, 500);
	assert_int_equal(slice[1].seq, 501);
	assert_int_equal(view_walk_next(&walk, slice, &count), RC_OK);
	assert_int_equal(count, 0);
	view_end(&v);
	arena_free(a);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_it, close_it)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_remembered),
		TEST(test_forgotten),
		TEST(test_forgotten_meanwhile),
		TEST(test_empty),
		TEST(test_walk_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
