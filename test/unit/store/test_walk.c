/* SPDX-License-Identifier: MIT
 *
 * store/read and store/index: walks and lookups over what is pending, frozen
 * and in the index together, against a sorted array.
 */
#include "store_help.h"

#include "base/endian.h"
#include "store/store_internal.h"

#define KEYS   60
#define ROUNDS 60

struct layers {
	struct pending *active;
	struct pending *frozen;
	struct index *index;
	uint64_t want[KEYS]; /* seq of the value that counts; 0: none */
};

static struct str
key_of(size_t i, char space[8])
{
	(void)snprintf(space, 8, "%c%02u", i % 3 == 0 ? 'x' : 'y', (unsigned)i);
	return (struct str){ space, 3 };
}

static void
put_pending(struct pending **root, size_t i, bool deleted, uint64_t seq)
{
	char space[8], value[8];
	struct pending_entry *e;

	endian_put_le64(value, seq);
	e = pending_entry_new(key_of(i, space),
	    (struct str){ value, deleted ? 0 : sizeof(value) }, deleted, seq);
	*root = pending_put(*root, e);
	pending_entry_unref(e);
}

/* Each key in some of the layers, under account 5; neighbours besides. */
static void
fill(struct help *h, struct layers *l)
{
	struct index_write *w;
	char space[8], value[8];

	assert_int_equal(index_write_begin(l->index, &w), RC_OK);
	for (size_t i = 0; i < KEYS; i++) {
		uint64_t seq = 1000 + i * 10;

		l->want[i] = 0;
		assert_int_equal(
		    index_put(w, 4, key_of(i, space), STR("before"), 1), RC_OK);
		assert_int_equal(
		    index_put(w, 6, key_of(i, space), STR("after"), 1), RC_OK);
		assert_int_equal(index_delete(w, 5, key_of(i, space)), RC_OK);
		if (help_below(h, 2) == 0) {
			endian_put_le64(value, seq);
			assert_int_equal(index_put(w, 5, key_of(i, space),
					     (struct str){ value, 8 }, seq),
			    RC_OK);
			l->want[i] = seq;
		}
		if (help_below(h, 3) == 0) {
			bool deleted = help_below(h, 2) == 0;

			put_pending(&l->frozen, i, deleted, seq + 1);
			l->want[i] = deleted ? 0 : seq + 1;
		}
		if (help_below(h, 3) == 0) {
			bool deleted = help_below(h, 2) == 0;

			put_pending(&l->active, i, deleted, seq + 2);
			l->want[i] = deleted ? 0 : seq + 2;
		}
	}
	assert_int_equal(index_write_commit(w), RC_OK);
}

static void
walk(struct layers *l, struct index_read *r, struct str prefix, struct str from)
{
	struct store_iter *it;
	struct str key, value;
	uint64_t seq;

	assert_int_equal(
	    iter_begin(l->active, l->frozen, r, 5, prefix, from, &it), RC_OK);
	/* All of x sort before all of y. */
	for (size_t n = 0; n < 2 * KEYS; n++) {
		size_t i = n % KEYS;
		char space[8];
		struct str name = key_of(i, space);

		if ((n < KEYS) != (name.p[0] == 'x') || l->want[i] == 0 ||
		    !str_begins(name, prefix) || str_cmp(name, from) < 0)
			continue;
		assert_int_equal(
		    store_iter_next(it, &key, &value, &seq), RC_OK);
		assert_true(str_eq(key, name));
		assert_int_equal(seq, l->want[i]);
		assert_int_equal(endian_get_le64(value.p), l->want[i]);
	}
	for (int again = 0; again < 2; again++)
		assert_int_equal(
		    store_iter_next(it, &key, &value, &seq), RC_NOTFOUND);
	store_iter_end(it);
}

static void
look_up_all(struct layers *l, struct index_read *r)
{
	for (size_t i = 0; i < KEYS; i++) {
		struct str value;
		char space[8];
		uint64_t seq = 0;
		enum rc rc = read_lookup(
		    l->active, l->frozen, r, 5, key_of(i, space), &value, &seq);

		assert_int_equal(rc, l->want[i] ? RC_OK : RC_NOTFOUND);
		assert_int_equal(seq, l->want[i]);
	}
}

static void
test_layers_against_an_array(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES + 16];
	struct layers l = { 0 };

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/index", h->folder);
	assert_int_equal(index_open(path, false, &l.index), RC_OK);
	for (int round = 0; round < ROUNDS; round++) {
		struct index_read *r;
		struct str none = { 0 };
		char space[8];

		fill(h, &l);
		assert_int_equal(index_read_begin(l.index, &r), RC_OK);
		look_up_all(&l, r);
		walk(&l, r, none, none);
		walk(&l, r, STR("x"), none);
		walk(&l, r, STR("y"), none);
		walk(&l, r, STR("y1"), none);
		walk(&l, r, STR("z"), none);
		for (int i = 0; i < 10; i++)
			walk(&l, r, STR("y"),
			    key_of(help_below(h, KEYS), space));
		index_read_end(r);
		pending_unref(l.active);
		pending_unref(l.frozen);
		l.active = l.frozen = NULL;
	}
	index_close(l.index);
	help_free(h);
}

/* A read transaction sees its own moment until it is renewed. */
static void
test_index_read_is_of_one_moment(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES + 16];
	struct index *x;
	struct index_read *r;
	struct index_write *w;
	struct str value;
	uint64_t seq;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/index", h->folder);
	assert_int_equal(index_open(path, false, &x), RC_OK);
	assert_int_equal(index_read_begin(x, &r), RC_OK);
	assert_int_equal(index_write_begin(x, &w), RC_OK);
	assert_int_equal(index_put(w, 1, STR("k"), STR("v"), 3), RC_OK);
	assert_int_equal(index_write_commit(w), RC_OK);
	assert_int_equal(index_get(r, 1, STR("k"), &value, &seq), RC_NOTFOUND);
	assert_int_equal(index_read_renew(r), RC_OK);
	assert_int_equal(index_get(r, 1, STR("k"), &value, &seq), RC_OK);
	assert_true(str_eq(value, STR("v")));
	assert_int_equal(seq, 3);
	index_read_end(r);
	assert_int_equal(index_write_begin(x, &w), RC_OK);
	assert_int_equal(index_put(w, 1, STR("k"), STR("other"), 4), RC_OK);
	index_write_abort(w);
	assert_int_equal(index_read_begin(x, &r), RC_OK);
	assert_int_equal(index_get(r, 1, STR("k"), &value, &seq), RC_OK);
	assert_int_equal(seq, 3);
	index_read_end(r);
	index_close(x);
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers_against_an_array),
		cmocka_unit_test(test_index_read_is_of_one_moment),
	};

	return cmocka_run_group_tests_name("store walk", tests, NULL, NULL);
}
