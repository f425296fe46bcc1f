/* SPDX-License-Identifier: MIT
 *
 * What goes between the tool and the store, as text and back; sums of digests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "admin/item.h"
#include "admin/progress.h"

static void
test_item(void **state)
{
	static const struct str keywords[] = { { "work", 4 }, { "$a", 2 } };
	static const int64_t dates[] = { 0, 1, -1, INT64_MIN, INT64_MAX };
	struct arena *a = arena_new(100000);

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct item item = { .uid = UINT32_MAX,
			.flags = FLAG_ALL,
			.date = dates[i],
			.size = UINT64_MAX,
			.prefix = 7,
			.digest = "\xff\1\2",
			.keywords = keywords,
			.keyword_count = i % 3 };
		struct item back;
		struct buf to;

		buf_init(&to, 1000);
		item_write(&to, &item);
		assert_int_equal(item_parse(buf_str(&to), a, &back), RC_OK);
		assert_int_equal(back.uid, item.uid);
		assert_int_equal(back.flags, item.flags);
		assert_true(back.date == item.date);
		assert_true(back.size == item.size);
		assert_int_equal(back.prefix, 7);
		assert_memory_equal(back.digest, item.digest, 16);
		assert_int_equal(back.keyword_count, item.keyword_count);
		for (size_t k = 0; k < item.keyword_count; k++)
			assert_true(str_eq(back.keywords[k], keywords[k]));
		/* No beginning of it is one, up to the digest's end. */
		for (size_t n = 0; n < to.n - (i % 3 > 0 ? 5 + 3 : 0); n++)
			assert_int_equal(
			    item_parse(str_head(buf_str(&to), n), a, &back),
			    RC_SYNTAX);
		buf_fini(&to);
	}
	arena_free(a);
}

static void
test_item_refused(void **state)
{
#define HASH " 00000000000000000000000000000000"
	static const char *const bad[] = { "", "x 0 0 0 0" HASH,
		"4294967296 0 0 0 0" HASH, "0 32 0 0 0" HASH,
		"0 0 9223372036854775808 0 0" HASH,
		"0 0 -9223372036854775809 0 0" HASH, "0 0 --1 0 0" HASH,
		"0 0 0 0 0" HASH " a  b",
		"0 0 0 0 0 0000000000000000000000000000000G" };
	struct arena *a = arena_new(10000), *full = arena_new(8);
	struct item item;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    item_parse(str_of(bad[i]), a, &item), RC_SYNTAX);
	assert_int_equal(
	    item_parse(STR("0 0 0 0 0" HASH " a b c"), full, &item), RC_LIMIT);
	arena_free(a);
	arena_free(full);
}

static void
test_tally(void **state)
{
	struct tally a = { 0 }, b = { 0 }, back;
	struct digester *d = digester_new();
	char one[16], two[16], pieces[16];
	struct buf to;

	(void)state;
	digest_of(STR("one"), one);
	digest_of(STR("two"), two);
	digester_begin(d);
	digester_add(d, STR("o"));
	digester_add(d, STR("ne"));
	digester_end(d, pieces);
	assert_memory_equal(pieces, one, 16);
	digester_free(d);
	/* In any order the same; twice is not the same as not at all. */
	tally_add(&a, one, 3);
	tally_add(&a, two, 4);
	tally_add(&b, two, 4);
	assert_false(tally_eq(&a, &b));
	tally_add(&b, one, 3);
	assert_true(tally_eq(&a, &b));
	tally_add(&b, one, 3);
	tally_add(&b, one, 3);
	assert_true(a.hash[1] != b.hash[1]);
	buf_init(&to, 100);
	tally_write(&to, &b);
	assert_true(tally_parse(buf_str(&to), &back));
	assert_true(tally_eq(&b, &back));
	for (size_t n = 0; n < to.n; n++)
		assert_false(tally_parse(str_head(buf_str(&to), n), &back));
	buf_fini(&to);
	/* The sum carries. */
	memset(one, 0xff, 16);
	back = (struct tally){ 0 };
	tally_add(&back, one, 1);
	tally_add(&back, one, 1);
	assert_true(
	    back.hash[0] == UINT64_MAX && back.hash[1] == UINT64_MAX - 1);
}

static void
test_time(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *want;
	} cases[] = { { 0, "0 s" }, { 59, "59 s" }, { 60, "1:00" },
		{ 3599, "59:59" }, { 3600, "1:00:00" },
		{ 360000, "100:00:00" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf to;

		buf_init(&to, 100);
		progress_write_time(&to, cases[i].seconds);
		assert_true(str_eq(buf_str(&to), str_of(cases[i].want)));
		buf_fini(&to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_item),
		cmocka_unit_test(test_item_refused),
		cmocka_unit_test(test_tally),
		cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
