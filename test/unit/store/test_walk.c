/* SPDX-License-Identifier: MIT
 *
 * store/read and store/index: walks and lookups over what is pending, frozen
 * and in the index together, against a sorted array.
 */
#include "store_help.h"

#include <lmdb.h>

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

/* A key that nobody of us wrote, between those of account 0 and others. */
static void
put_foreign_key(const char *path)
{
	char foreign[] = { 0, 0, 1 };
	MDB_val name = { sizeof(foreign), foreign }, data = name;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	assert_int_equal(mdb_env_open(env, path, MDB_NOSUBDIR, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, NULL, 0, &dbi), 0);
	assert_int_equal(mdb_put(txn, dbi, &name, &data, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

/* A walk over a damaged page fails: it does not end as if that were all. */
static void
test_foreign_key_ends_no_walk(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES + 16];
	struct index *x;
	struct index_read *r;
	struct index_write *w;
	struct store_iter *it;
	struct str key, value, none = { 0 };

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/index", h->folder);
	assert_int_equal(index_open(path, false, &x), RC_OK);
	assert_int_equal(index_write_begin(x, &w), RC_OK);
	assert_int_equal(index_put(w, 0, STR("k"), STR("v"), 3), RC_OK);
	assert_int_equal(index_write_commit(w), RC_OK);
	index_close(x);
	put_foreign_key(path);
	assert_int_equal(index_open(path, false, &x), RC_OK);
	assert_int_equal(index_read_begin(x, &r), RC_OK);
	assert_int_equal(iter_begin(NULL, NULL, r, 0, none, none, &it), RC_OK);
	assert_int_equal(store_iter_next(it, &key, &value, NULL), RC_IO);
	store_iter_end(it);
	index_read_end(r);
	index_close(x);
	help_free(h);
}

/* -- look-ups one after another ------------------------------------------- */

#define NUMBERS 60

/* Number ${i} is there unless three divides it; its value says which it is, and
 * when it was written. */
static struct str
numbered(uint64_t i, char space[9])
{
	space[0] = 'n';
	endian_put_be64(space + 1, i);
	return (struct str){ space, 9 };
}

static void
write_numbers(struct index *x, char when)
{
	struct index_write *w;

	assert_int_equal(index_write_begin(x, &w), RC_OK);
	for (uint64_t account = 1; account <= 2; account++) {
		for (uint64_t i = 0; i < NUMBERS; i++) {
			char key[9], value[300] = { (char)account, (char)i };

			if (i % 3 == 0)
				continue;
			value[2] = when;
			assert_int_equal(
			    index_put(w, account, numbered(i, key),
				(struct str){ value, sizeof(value) - i }, i),
			    RC_OK);
		}
	}
	assert_int_equal(index_write_commit(w), RC_OK);
}

static void
get_number(struct index_read *r, uint64_t account, uint64_t i, char when)
{
	struct str value;
	uint64_t seq;
	char key[9];
	enum rc rc = index_get(r, account, numbered(i, key), &value, &seq);

	if (i >= NUMBERS || i % 3 == 0) {
		assert_int_equal(rc, RC_NOTFOUND);
		return;
	}
	assert_int_equal(rc, RC_OK);
	assert_int_equal(value.n, 300 - i);
	assert_int_equal(value.p[0], (char)account);
	assert_int_equal(value.p[1], (char)i);
	assert_int_equal(value.p[2], when);
	assert_int_equal(seq, i);
}

/* Whatever was asked for before, an answer is of its key and its moment. */
static void
test_look_up_after_look_up(void **state)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES + 16];
	struct index *x;
	struct index_read *r;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/index", h->folder);
	assert_int_equal(index_open(path, false, &x), RC_OK);
	write_numbers(x, 'a');
	assert_int_equal(index_read_begin(x, &r), RC_OK);
	for (uint64_t i = 0; i < NUMBERS + 2; i++)
		get_number(r, 1, i, 'a');
	for (unsigned n = 0; n < 2000; n++) {
		uint64_t account = 1 + help_below(h, 2);
		uint64_t from = help_below(h, NUMBERS);
		uint64_t count = help_below(h, 6);

		for (uint64_t i = from; i < from + count; i++)
			get_number(r, account, i, 'a');
	}
	/* In the middle of a walk the moment changes. */
	get_number(r, 2, 1, 'a');
	get_number(r, 2, 2, 'a');
	write_numbers(x, 'b');
	get_number(r, 2, 4, 'a');
	get_number(r, 2, 5, 'a');
	assert_int_equal(index_read_renew(r), RC_OK);
	get_number(r, 2, 6, 'b');
	get_number(r, 2, 7, 'b');
	get_number(r, 2, 8, 'b');
	index_read_end(r);
	write_numbers(x, 'c');
	assert_int_equal(index_read_begin(x, &r), RC_OK);
	get_number(r, 2, 9, 'c');
	get_number(r, 2, 10, 'c');
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
		cmocka_unit_test(test_foreign_key_ends_no_walk),
		cmocka_unit_test(test_look_up_after_look_up),
	};

	return cmocka_run_group_tests_name("store walk", tests, NULL, NULL);
}
