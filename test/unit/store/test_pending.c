/* SPDX-License-Identifier: MIT
 *
 * store/pending: random puts against a sorted array, with older maps held and
 * looked at again after newer ones were made.
 */
#include "store_help.h"

#include "store/pending.h"

#define KEYS  97
#define HELD  8
#define STEPS 6000

struct shadow {
	uint64_t seqs[KEYS]; /* 0: never put */
	bool deleted[KEYS];
};

struct held {
	struct pending *root;
	struct shadow shadow;
};

static struct str
key_of(size_t i, char space[8])
{
	(void)snprintf(space, 8, "%02u", (unsigned)i);
	return (struct str){ space, 2 };
}

/* What a map takes that has this entry alone. */
static size_t
memory_of(const struct pending_entry *e)
{
	struct pending_entry *own = pending_entry_new(
	    pending_key(e), pending_value(e), e->deleted, e->seq);
	struct pending *one = pending_put(NULL, own);
	size_t memory = pending_memory(one);

	pending_entry_unref(own);
	pending_unref(one);
	return memory;
}

static void
compare(const struct pending *root, const struct shadow *want)
{
	const struct pending_entry *e =
	    pending_seek(root, (struct str){ 0 }, true);
	size_t memory = 0;

	for (size_t i = 0; i < KEYS; i++) {
		char space[8];
		struct str key = key_of(i, space);
		const struct pending_entry *got = pending_get(root, key);

		if (want->seqs[i] == 0) {
			assert_null(got);
			continue;
		}
		assert_ptr_equal(got, e);
		assert_true(str_eq(pending_key(e), key));
		assert_int_equal(e->seq, want->seqs[i]);
		assert_int_equal(e->deleted, want->deleted[i]);
		assert_int_equal(pending_value(e).n, e->deleted ? 0 : i);
		assert_ptr_equal(pending_seek(root, key, true), e);
		memory += memory_of(e);
		e = pending_seek(root, key, false);
	}
	assert_null(e);
	assert_int_equal(pending_memory(root), memory);
}

static void
put(struct held *h, size_t i, bool deleted, uint64_t seq)
{
	static const char bytes[KEYS];
	char space[8];
	struct pending_entry *e = pending_entry_new(key_of(i, space),
	    (struct str){ bytes, deleted ? 0 : i }, deleted, seq);

	h->root = pending_put(h->root, e);
	pending_entry_unref(e);
	h->shadow.seqs[i] = seq;
	h->shadow.deleted[i] = deleted;
}

static void
test_random_maps_share_and_do_not_change(void **state)
{
	struct held held[HELD] = { 0 };
	struct help h = { .random = 4711 };

	(void)state;
	for (uint64_t seq = 1; seq <= STEPS; seq++) {
		size_t from = help_below(&h, HELD), to = help_below(&h, HELD);

		if (help_below(&h, 20) == 0 && from != to) {
			pending_unref(held[to].root);
			held[to].root = pending_ref(held[from].root);
			held[to].shadow = held[from].shadow;
		}
		put(&held[to], help_below(&h, KEYS), help_below(&h, 3) == 0,
		    seq);
		if (seq % 50 == 0) {
			for (size_t i = 0; i < HELD; i++)
				compare(held[i].root, &held[i].shadow);
		}
	}
	for (size_t i = 0; i < HELD; i++)
		pending_unref(held[i].root);
}

/* Keys come in the order of their octets, however alike they begin. */
static void
test_order(void **state)
{
	const struct str keys[] = { STR("a"), STR("a\0"), STR("a\0\0"),
		STR("a\0\0\0\0\0\0\0"), STR("a\0\0\0\0\0\0\0\0"), STR("a\0b"),
		STR("abcdefg"), STR("abcdefgh"), STR("abcdefgh\0"),
		STR("abcdefghi"), STR("abcdefgi"), STR("b"), STR("\x80"),
		STR("\xff\xff\xff\xff\xff\xff\xff\xff") };
	const size_t count = sizeof(keys) / sizeof(*keys);
	struct str none = { 0 };
	const struct pending_entry *e;
	struct pending *root = NULL;

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct pending_entry *put =
		    pending_entry_new(keys[i * 5 % count], none, false, i + 1);

		root = pending_put(root, put);
		pending_entry_unref(put);
	}
	e = pending_seek(root, none, true);
	for (size_t i = 0; i < count; i++) {
		assert_non_null(e);
		assert_true(str_eq(pending_key(e), keys[i]));
		assert_ptr_equal(pending_get(root, keys[i]), e);
		e = pending_seek(root, keys[i], false);
	}
	assert_null(e);
	pending_unref(root);
}

static void
test_empty(void **state)
{
	(void)state;
	assert_null(pending_get(NULL, STR("a")));
	assert_null(pending_seek(NULL, STR("a"), true));
	assert_null(pending_ref(NULL));
	assert_int_equal(pending_memory(NULL), 0);
	pending_unref(NULL);
	pending_entry_unref(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_random_maps_share_and_do_not_change),
	};

	return cmocka_run_group_tests_name("store pending", tests, NULL, NULL);
}
