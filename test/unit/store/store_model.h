/* SPDX-License-Identifier: MIT
 *
 * A history that can be worked out without the store: step m of pair p does
 * what a hash of (seed, p, m) says, so the state after m steps is known from m
 * alone.  Each pair is two accounts of one shard; some steps bring the same
 * bytes to both.  Every step also writes its number under "step", so a store
 * tells which step it has reached, and then all else must fit.
 */
#ifndef AVOCET_TEST_STORE_MODEL_H
#define AVOCET_TEST_STORE_MODEL_H

#include "base/endian.h"
#include "store_help.h"

#define MODEL_KEYS	 24
#define MODEL_BLOBS	 12
#define MODEL_ACTIONS	 5
#define MODEL_VALUE_MAX	 3000
#define MODEL_BLOB_SMALL 40000
#define MODEL_BLOB_LARGE 500000

struct model {
	uint64_t seed;
	uint64_t pair;
	unsigned shards;
	bool small; /* no large blobs */
	/* The step that wrote each, 0: not there. */
	uint64_t step;
	uint64_t keys[2][MODEL_KEYS];
	uint64_t blobs[2][MODEL_BLOBS];
};

static inline uint64_t
model_mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}

static inline uint64_t
model_hash(const struct model *m, uint64_t step, uint64_t what)
{
	return model_mix(
	    model_mix(model_mix(m->seed ^ m->pair * 7919) ^ step) ^ what);
}

/* The accounts of a pair are in one shard. */
static inline uint64_t
model_account(const struct model *m, int which)
{
	return 1 + m->pair + (uint64_t)which * m->shards * 1000;
}

enum model_kind { MODEL_PUT, MODEL_DELETE, MODEL_BLOB, MODEL_BLOB_DELETE };

struct model_action {
	enum model_kind kind;
	size_t index;
	bool both; /* a blob for both accounts */
};

/* How many actions step ${step} has, and each. */
static inline size_t
model_count(const struct model *m, uint64_t step)
{
	return 1 + model_hash(m, step, 1) % MODEL_ACTIONS;
}

static inline struct model_action
model_action(const struct model *m, uint64_t step, int which, size_t i)
{
	uint64_t shared = model_hash(m, step, 100 + i);
	uint64_t own = model_hash(m, step, 200 + i * 2 + (size_t)which);
	struct model_action a = { .both = shared % 4 == 0 };

	if (a.both) {
		a.kind = MODEL_BLOB;
		a.index = shared / 16 % MODEL_BLOBS;
		return a;
	}
	switch (own % 8) {
	case 0:
	case 1:
	case 2:
		a.kind = MODEL_PUT;
		break;
	case 3:
	case 4:
		a.kind = MODEL_DELETE;
		break;
	case 5:
		a.kind = MODEL_BLOB;
		break;
	default:
		a.kind = MODEL_BLOB_DELETE;
	}
	a.index = own / 16 %
		  (a.kind == MODEL_PUT || a.kind == MODEL_DELETE ? MODEL_KEYS
								 : MODEL_BLOBS);
	return a;
}

/* Do the step in the model. */
static inline void
model_step(struct model *m)
{
	uint64_t step = ++m->step;

	for (int which = 0; which < 2; which++) {
		for (size_t i = 0; i < model_count(m, step); i++) {
			struct model_action a = model_action(m, step, which, i);
			bool put = a.kind == MODEL_PUT || a.kind == MODEL_BLOB;

			if (a.kind == MODEL_PUT || a.kind == MODEL_DELETE)
				m->keys[which][a.index] = put ? step : 0;
			else
				m->blobs[which][a.index] = put ? step : 0;
		}
	}
}

/* -- content ------------------------------------------------------------ */

/* Some of it compresses, some does not. */
static inline void
model_fill(uint64_t seed, char *to, size_t size)
{
	bool text = seed % 2 == 0;

	for (size_t i = 0; i < size; i += 8) {
		uint64_t x = model_mix(seed + (text ? i / 512 : i));

		memcpy(to + i, &x, size - i < 8 ? size - i : 8);
	}
}

static inline size_t
model_value(const struct model *m, int which, size_t key, uint64_t step,
    char space[MODEL_VALUE_MAX])
{
	uint64_t h = model_hash(m, step, 1000 + key * 2 + (size_t)which);
	size_t size = h / 4 % (h % 4 == 0 ? MODEL_VALUE_MAX : 60);

	model_fill(h, space, size);
	return size;
}

/* The bytes of a blob do not depend on the account: both may share them. */
static inline size_t
model_blob_size(const struct model *m, size_t blob, uint64_t step)
{
	uint64_t h = model_hash(m, step, 3000 + blob);

	if (m->small)
		return h / 64 % 300;
	if (h % 16 == 0)
		return 0;
	return h / 64 % (h % 16 == 1 ? MODEL_BLOB_LARGE : MODEL_BLOB_SMALL);
}

static inline char *
model_blob(const struct model *m, size_t blob, uint64_t step, size_t *ret_size)
{
	size_t size = model_blob_size(m, blob, step);
	char *bytes = mem_alloc(size + 8);

	model_fill(model_hash(m, step, 4000 + blob), bytes, size);
	*ret_size = size;
	return bytes;
}

static inline struct str
model_prefix(const struct model *m, int which, size_t blob, uint64_t step)
{
	static const char text[] = "Return-Path: <someone@example.net>\r\n";
	uint64_t h = model_hash(m, step, 5000 + blob * 2 + (size_t)which);

	return (struct str){ text, h % sizeof(text) };
}

static inline struct str
model_key(size_t key, char space[8])
{
	(void)snprintf(space, 8, "k%02u", (unsigned)key);
	return (struct str){ space, 3 };
}

/* -- the same in the store ---------------------------------------------- */

struct model_change {
	const struct model *model;
	uint64_t step;
	int which;
	struct stage *stages[MODEL_ACTIONS];
};

static inline enum rc
model_change_action(struct store_txn *t, const struct model_change *c, size_t i)
{
	struct model_action a = model_action(c->model, c->step, c->which, i);
	char name[8], value[MODEL_VALUE_MAX];
	size_t size;

	switch (a.kind) {
	case MODEL_PUT:
		size = model_value(c->model, c->which, a.index, c->step, value);
		store_txn_put(
		    t, model_key(a.index, name), (struct str){ value, size });
		return RC_OK;
	case MODEL_DELETE:
		store_txn_delete(t, model_key(a.index, name));
		return RC_OK;
	case MODEL_BLOB:
		return store_txn_blob_put(t, a.index, c->stages[i],
		    model_prefix(c->model, c->which, a.index, c->step));
	case MODEL_BLOB_DELETE:
		store_txn_blob_delete(t, a.index);
		return RC_OK;
	}
	return RC_INVALID;
}

static inline enum rc
model_change_fn(struct store_txn *t, void *arg)
{
	const struct model_change *c = arg;
	char number[8];

	for (size_t i = 0; i < model_count(c->model, c->step); i++) {
		enum rc rc = model_change_action(t, c, i);

		if (rc != RC_OK)
			return rc;
	}
	endian_put_le64(number, c->step);
	store_txn_put(t, STR("step"), (struct str){ number, sizeof(number) });
	return RC_OK;
}

/* NULL when it could not be staged. */
static inline struct stage *
model_stage(struct store *s, const struct model *m, int which, size_t blob,
    uint64_t step)
{
	struct stage *g = stage_new(s, model_account(m, which));
	size_t size;
	char *bytes = model_blob(m, blob, step, &size);
	enum rc rc = stage_write(g, (struct str){ bytes, size });

	if (rc == RC_OK)
		rc = stage_finish(g);
	mem_free(bytes);
	if (rc == RC_OK)
		return g;
	stage_free(g);
	return NULL;
}

static inline bool
model_stage_all(
    struct store *s, const struct model *m, struct model_change changes[2])
{
	for (int which = 0; which < 2; which++) {
		struct model_change *c = &changes[which];

		for (size_t i = 0; i < model_count(m, c->step); i++) {
			struct model_action a =
			    model_action(m, c->step, which, i);

			if (a.kind != MODEL_BLOB)
				continue;
			if (a.both && which == 1)
				c->stages[i] = changes[0].stages[i];
			else
				c->stages[i] =
				    model_stage(s, m, which, a.index, c->step);
			if (c->stages[i] == NULL)
				return false;
		}
	}
	return true;
}

static inline void
model_free_stages(struct model_change changes[2])
{
	for (size_t i = 0; i < MODEL_ACTIONS; i++) {
		if (changes[1].stages[i] != changes[0].stages[i])
			stage_free(changes[1].stages[i]);
		stage_free(changes[0].stages[i]);
	}
}

/* Do step ${step} for both accounts; the results in ret_rc. */
static inline void
model_run(
    struct store *s, const struct model *m, uint64_t step, enum rc ret_rc[2])
{
	struct model_change changes[2] = {
		{ .model = m, .step = step, .which = 0 },
		{ .model = m, .step = step, .which = 1 },
	};
	struct store_change all[2] = {
		{ model_account(m, 0), model_change_fn, &changes[0], RC_OK },
		{ model_account(m, 1), model_change_fn, &changes[1], RC_OK },
	};

	if (model_stage_all(s, m, changes)) {
		store_update_all(s, all, 2);
		ret_rc[0] = all[0].result;
		ret_rc[1] = all[1].result;
	} else {
		ret_rc[0] = ret_rc[1] = RC_IO;
	}
	model_free_stages(changes);
}

/* -- comparing ---------------------------------------------------------- */

static inline uint64_t
model_reached(struct store *s, const struct model *m, int which)
{
	struct store_read *r;
	struct str value;
	uint64_t step = 0;
	enum rc rc;

	assert_int_equal(
	    store_read_begin(s, model_account(m, which), &r), RC_OK);
	rc = store_get(r, STR("step"), &value);
	if (rc == RC_OK)
		step = endian_get_le64(value.p);
	else
		assert_int_equal(rc, RC_NOTFOUND);
	store_read_end(r);
	return step;
}

static inline void
model_compare_blob(
    struct store_read *r, const struct model *m, int which, size_t blob)
{
	uint64_t step = m->blobs[which][blob];
	struct str prefix;
	size_t size, count;
	char *want, *got;
	struct blob *b;
	enum rc rc = store_blob_open(r, blob, &b);

	if (step == 0) {
		assert_int_equal(rc, RC_NOTFOUND);
		return;
	}
	assert_int_equal(rc, RC_OK);
	prefix = model_prefix(m, which, blob, step);
	want = model_blob(m, blob, step, &size);
	assert_int_equal(blob_size(b), prefix.n + size);
	got = mem_alloc(prefix.n + size);
	assert_int_equal(blob_read(b, 0, got, prefix.n + size, &count), RC_OK);
	assert_int_equal(count, prefix.n + size);
	assert_memory_equal(got, prefix.p, prefix.n);
	assert_memory_equal(got + prefix.n, want, size);
	mem_free(want);
	mem_free(got);
	blob_close(b);
}

/* The walk gives the model's keys, in order, and nothing else. */
static inline void
model_compare_walk(struct store_read *r, const struct model *m, int which)
{
	struct str key, value, all = { 0 };
	struct store_iter *it;
	enum rc rc;

	assert_int_equal(store_iter_begin(r, STR("k"), all, &it), RC_OK);
	for (size_t i = 0; i < MODEL_KEYS; i++) {
		char name[8], want[MODEL_VALUE_MAX];
		size_t size;

		if (m->keys[which][i] == 0)
			continue;
		rc = store_iter_next(it, &key, &value, NULL);
		assert_int_equal(rc, RC_OK);
		assert_true(str_eq(key, model_key(i, name)));
		size = model_value(m, which, i, m->keys[which][i], want);
		assert_int_equal(value.n, size);
		assert_memory_equal(value.p, want, size);
	}
	assert_int_equal(store_iter_next(it, &key, &value, NULL), RC_NOTFOUND);
	store_iter_end(it);
}

/* The store has of account ${which} what the model has. */
static inline void
model_compare(struct store *s, const struct model *m, int which)
{
	struct store_read *r;

	assert_int_equal(
	    store_read_begin(s, model_account(m, which), &r), RC_OK);
	model_compare_walk(r, m, which);
	for (size_t i = 0; i < MODEL_BLOBS; i++)
		model_compare_blob(r, m, which, i);
	store_read_end(r);
	assert_int_equal(model_reached(s, m, which), m->step);
}

/* The store, as it is, is the history up to a step between ${least} and
 * ${most} for account ${which}; returns which. */
static inline uint64_t
model_compare_between(
    struct store *s, const struct model *m, int which, const uint64_t range[2])
{
	struct model now = { .seed = m->seed,
		.pair = m->pair,
		.shards = m->shards,
		.small = m->small };
	uint64_t reached = model_reached(s, m, which);

	assert_in_range(reached, range[0], range[1]);
	while (now.step < reached)
		model_step(&now);
	model_compare(s, &now, which);
	return reached;
}

#endif
