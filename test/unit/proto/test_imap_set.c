/* SPDX-License-Identifier: MIT
 *
 * Sequence sets: syntax, meaning, writing.
 */
#include "imap_fixture.h"

#include "proto/imap/set.h"

static bool
trip_set(struct parser *p, struct buf *out)
{
	struct seq_set set = { 0 };

	if (!parse_sequence_set(p, &set))
		return false;
	write_set(out, &set);
	return true;
}

static bool
trip_uid_set(struct parser *p, struct buf *out)
{
	struct seq_set set = { 0 };

	if (!parse_uid_set(p, &set))
		return false;
	write_set(out, &set);
	return true;
}

static void
test_syntax(void **state)
{
	static const struct good good[] = {
		{ "1", NULL, 0 },
		{ "*", NULL, 0 },
		{ "$", NULL, 0 },
		{ "*:*", "*", 1 },
		{ "5:3", NULL, 1 },
		{ "*:4", NULL, 1 },
		{ "3291:*", NULL, 4 },
		{ "1,1,2:2", "1,1,2", 3 },
		{ "4294967295", NULL, 9 },
		{ "2,4:7,9,12:*", NULL, 6 },
		{ "*:4,5:7", NULL, 3 },
	};
	static const char *const bad[] = { "", "0", "01", "0:1", "1:0", ",",
		"1,", ",1", "1,,2", "1:", ":1", "1:2:3", "4294967296",
		"99999999999999999999", "-1", "+1", "a", " 1", "1 ", "$,1",
		"1,$", "$$", "**", "1*" };

	(void)state;
	check_good(trip_set, good, COUNT(good));
	check_bad(trip_set, bad, COUNT(bad));
}

static void
test_uid_set(void **state)
{
	static const struct good good[] = {
		{ "3", NULL, 0 },
		{ "304,319:320", NULL, 8 },
		{ "5:1", NULL, 1 },
	};
	static const char *const bad[] = { "", "*", "1:*", "$", "0", "1,*" };

	(void)state;
	check_good(trip_uid_set, good, COUNT(good));
	check_bad(trip_uid_set, bad, COUNT(bad));
}

/* What ${text} means when ${last} is "*". */
static void
check_meaning(const char *text, uint32_t last, const char *want)
{
	struct arena *arena = arena_new(65536);
	struct seq_ranges r;
	struct seq_set set;
	struct parser p;
	struct buf out;

	parser_init(&p, str_of(text), arena, (struct parse_options){ 0 });
	assert_true(parse_sequence_set(&p, &set));
	assert_true(seq_set_resolve(&set, last, arena, &r));
	buf_init(&out, 1000);
	write_sequence_set(&out, r.v, r.n);
	if (!str_eq(buf_str(&out), str_of(want)))
		fail_msg(
		    "%s: %.*s, not %s", text, STR_ARG(buf_str(&out)), want);
	for (uint32_t i = 1; i < 20; i++) {
		bool has = false;

		for (size_t j = 0; j < r.n; j++)
			has = has || (r.v[j].first <= i && i <= r.v[j].last);
		assert_int_equal(seq_ranges_has(&r, i), has);
	}
	buf_fini(&out);
	arena_free(arena);
}

static void
test_meaning(void **state)
{
	(void)state;
	/* The examples of RFC 9051 section 9. */
	check_meaning("2,4:7,9,12:*", 15, "2,4:7,9,12:15");
	check_meaning("*:4,5:7", 10, "4:10");
	check_meaning("4:2", 10, "2:4");
	check_meaning("3291:*", 100, "100:3291");
	check_meaning("3,1,2", 10, "1:3");
	check_meaning("1:5,3:9,20,11", 30, "1:9,11,20");
	check_meaning("1:10,2:3", 30, "1:10");
	check_meaning("*", 7, "7");
	check_meaning("*:*", 7, "7");
	check_meaning("*", 0, "");
	check_meaning("1:*,3", 0, "3");
	check_meaning("1:4294967295,4294967295", 5, "1:4294967295");
	check_meaning("4294967295,4294967294", 5, "4294967294:4294967295");
}

static void
test_count(void **state)
{
	struct seq_range v[] = { { 1, UINT32_MAX } };
	struct seq_ranges all = { v, 1 };
	struct seq_ranges none = { NULL, 0 };

	(void)state;
	assert_true(seq_ranges_count(&all) == UINT32_MAX);
	assert_true(seq_ranges_count(&none) == 0);
	assert_false(seq_ranges_has(&none, 1));
	assert_true(seq_ranges_has(&all, UINT32_MAX));
}

static bool
exceeds(const char *text, uint32_t exists)
{
	struct arena *arena = arena_new(65536);
	struct seq_set set;
	struct parser p;
	bool does;

	parser_init(&p, str_of(text), arena, (struct parse_options){ 0 });
	assert_true(parse_sequence_set(&p, &set));
	does = seq_set_exceeds(&set, exists);
	arena_free(arena);
	return does;
}

static void
test_exceeds(void **state)
{
	(void)state;
	assert_false(exceeds("1:3", 3));
	assert_false(exceeds("*:1", 3));
	assert_true(exceeds("1:4", 3));
	assert_true(exceeds("4:*", 3));
	assert_true(exceeds("1,9,2", 3));
	assert_true(exceeds("*", 0));
	assert_true(exceeds("1", 0));
	assert_false(exceeds("$", 0));
}

/* 64 KB of set, as long as a line may be. */
static void
test_long(void **state)
{
	char *text = repeated("1", ",10:*", 13000, "");

	(void)state;
	check_out(
	    trip_set, str_of(text), str_of(text), (struct parse_options){ 0 });
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syntax),
		cmocka_unit_test(test_uid_set),
		cmocka_unit_test(test_meaning),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_exceeds),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
