/* SPDX-License-Identifier: MIT
 *
 * What the tests of the store share: a folder that goes away, a store in it,
 * short forms of puts and gets, random numbers that can be repeated.
 */
#ifndef AVOCET_TEST_STORE_HELP_H
#define AVOCET_TEST_STORE_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"

#define HELP_PATH_BYTES 512

struct help {
	char folder[HELP_PATH_BYTES];
	struct store_options options;
	struct store *store;
	uint64_t random;
};

/* The program's argument ${at}, a number; where there is none, *number stays. */
static inline void
help_argument(int argc, char **argv, int at, uint64_t *number)
{
	if (argc > at)
		assert_true(str_number(str_of(argv[at]), UINT64_MAX, number));
}

static inline uint64_t
help_random(struct help *h)
{
	h->random ^= h->random >> 12;
	h->random ^= h->random << 25;
	h->random ^= h->random >> 27;
	return h->random * 2685821657736338717u;
}

static inline size_t
help_below(struct help *h, size_t limit)
{
	return (size_t)(help_random(h) % limit);
}

static inline int
help_remove_one(
    const char *path, const struct stat *facts, int kind, struct FTW *where)
{
	(void)facts;
	(void)kind;
	(void)where;
	return remove(path);
}

static uint64_t help_tree_bytes;

static inline int
help_count_one(
    const char *path, const struct stat *facts, int kind, struct FTW *where)
{
	if (kind == FTW_F && strcmp(path + where->base, "reserve") != 0)
		help_tree_bytes += (uint64_t)facts->st_size;
	return 0;
}

/* The size of all files in the folder, but for the room kept back. */
static inline uint64_t
help_bytes_of(const char *folder)
{
	help_tree_bytes = 0;
	(void)nftw(folder, help_count_one, 16, FTW_PHYS);
	return help_tree_bytes;
}

static inline void
help_remove_tree(const char *folder)
{
	(void)nftw(folder, help_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
help_open(struct help *h)
{
	const char *why = "";
	enum rc rc = store_open(&h->options, &h->store, &why);

	if (rc != RC_OK)
		print_error("store_open: %s\n", why);
	assert_int_equal(rc, RC_OK);
}

static inline void
help_reopen(struct help *h)
{
	store_close(h->store);
	h->store = NULL;
	help_open(h);
}

/* Memory is good enough: what a test does to a file, it does itself, and a
 * killed process takes nothing of it along. */
static inline const char *
help_place(void)
{
	const char *place = getenv("TMPDIR");

	if (place != NULL)
		return place;
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* A folder, and options with one shard and small files. */
static inline struct help *
help_new(void)
{
	struct help *h = mem_alloc(sizeof(*h));

	(void)snprintf(h->folder, sizeof(h->folder), "%s/avocet-store-XXXXXX",
	    help_place());
	assert_non_null(mkdtemp(h->folder));
	h->options.folder = h->folder;
	h->options.shards = 1;
	h->random = 88172645463325252u;
	return h;
}

static inline void
help_free(struct help *h)
{
	store_close(h->store);
	help_remove_tree(h->folder);
	mem_free(h);
}

static inline int
help_setup(void **state)
{
	struct help *h = help_new();

	*state = h;
	help_open(h);
	return 0;
}

static inline int
help_teardown(void **state)
{
	help_free(*state);
	return 0;
}

/* -- single operations -------------------------------------------------- */

struct help_put {
	const char *key;
	struct str value; /* p of NULL: delete */
};

static inline enum rc
help_put_fn(struct store_txn *t, void *arg)
{
	const struct help_put *put = arg;

	if (put->value.p != NULL)
		store_txn_put(t, str_of(put->key), put->value);
	else
		store_txn_delete(t, str_of(put->key));
	return RC_OK;
}

static inline void
help_put(struct help *h, uint64_t account, const char *key, const char *value)
{
	struct help_put put = { key, { value, strlen(value) } };

	assert_int_equal(
	    store_update(h->store, account, help_put_fn, &put), RC_OK);
}

static inline void
help_delete(struct help *h, uint64_t account, const char *key)
{
	struct help_put put = { key, { NULL, 0 } };

	assert_int_equal(
	    store_update(h->store, account, help_put_fn, &put), RC_OK);
}

/* The value is ${want}; NULL: there is none. */
static inline void
help_expect(struct help *h, uint64_t account, const char *key, const char *want)
{
	struct store_read *r;
	struct str value;
	enum rc rc;

	assert_int_equal(store_read_begin(h->store, account, &r), RC_OK);
	rc = store_get(r, str_of(key), &value);
	if (want == NULL) {
		assert_int_equal(rc, RC_NOTFOUND);
	} else {
		assert_int_equal(rc, RC_OK);
		assert_int_equal(value.n, strlen(want));
		assert_memory_equal(value.p, want, value.n);
	}
	store_read_end(r);
}

/* -- blobs -------------------------------------------------------------- */

static inline struct stage *
help_stage(struct help *h, uint64_t account, const void *bytes, size_t size)
{
	struct stage *g = stage_new(h->store, account);
	const char *at = bytes;

	while (size > 0) {
		size_t part = 1 + help_below(h, 100000);

		part = part < size ? part : size;
		assert_int_equal(
		    stage_write(g, (struct str){ at, part }), RC_OK);
		at += part;
		size -= part;
	}
	assert_int_equal(stage_finish(g), RC_OK);
	return g;
}

struct help_blob {
	uint64_t id;
	struct stage *stage; /* NULL: delete */
	struct str prefix;
};

static inline enum rc
help_blob_fn(struct store_txn *t, void *arg)
{
	struct help_blob *b = arg;

	if (b->stage != NULL)
		return store_txn_blob_put(t, b->id, b->stage, b->prefix);
	store_txn_blob_delete(t, b->id);
	return RC_OK;
}

static inline void
help_blob_put(struct help *h, uint64_t account, uint64_t id, const void *bytes,
    size_t size)
{
	struct help_blob b = { .id = id,
		.stage = help_stage(h, account, bytes, size) };

	assert_int_equal(
	    store_update(h->store, account, help_blob_fn, &b), RC_OK);
	stage_free(b.stage);
}

static inline void
help_blob_delete(struct help *h, uint64_t account, uint64_t id)
{
	struct help_blob b = { .id = id };

	assert_int_equal(
	    store_update(h->store, account, help_blob_fn, &b), RC_OK);
}

/* The blob holds ${want}; p of NULL: there is none. */
static inline void
help_blob_expect(struct help *h, uint64_t account, uint64_t id, struct str want)
{
	struct store_read *r;
	struct blob *b;
	size_t count;
	char *got;
	enum rc rc;

	assert_int_equal(store_read_begin(h->store, account, &r), RC_OK);
	rc = store_blob_open(r, id, &b);
	store_read_end(r);
	assert_int_equal(rc, want.p != NULL ? RC_OK : RC_NOTFOUND);
	if (rc != RC_OK)
		return;
	assert_int_equal(blob_size(b), want.n);
	got = mem_alloc(want.n + 1);
	assert_int_equal(blob_read(b, 0, got, want.n + 1, &count), RC_OK);
	assert_int_equal(count, want.n);
	assert_memory_equal(got, want.p, want.n);
	mem_free(got);
	blob_close(b);
}

/* What the store logs about faults that a test makes is not wanted. */
static inline void
help_quiet(void)
{
	log_setup(STDERR_FILENO, (enum log_level)(LOG_ERROR + 1));
}

/* -- faults ------------------------------------------------------------- */

static inline void
help_report(void *arg, const char *line)
{
	size_t *count = arg;

	print_message("  reported: %s\n", line);
	++*count;
}

static inline void
help_check_clean(struct help *h)
{
	size_t faults = 0;

	assert_int_equal(store_check(h->store, help_report, &faults), RC_OK);
	assert_int_equal(faults, 0);
}

#endif
