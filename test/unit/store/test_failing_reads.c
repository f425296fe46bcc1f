/* SPDX-License-Identifier: MIT
 *
 * store: what is there cannot be read.  The calls that read and open are
 * replaced here by ones that fail at the n-th call, for every n: a store with
 * much to replay either opens with all that was acknowledged or says that the
 * disk failed, and is unharmed; it never takes what it could not read for what
 * is not there.  A read that ends early without an error is gone on with.
 */
#include "store_model.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "store/segment_file.h"

#define STEPS 26

/* -- what goes wrong ----------------------------------------------------- */

enum kind { NOTHING, READS, SHORT_READS, OPENS, NAMES, INDEX };

/* Call number ${at} of a kind, counted from one. */
static struct {
	_Atomic int kind;
	_Atomic int error;
	_Atomic uint64_t at;
	_Atomic uint64_t calls;
} plan;

static void
plan_failure(enum kind kind, uint64_t at, int error)
{
	plan.calls = 0;
	plan.at = at;
	plan.error = error;
	plan.kind = (int)kind;
}

static void
plan_nothing(void)
{
	plan.kind = NOTHING;
}

/* Has the call been reached? */
static bool
has_failed(void)
{
	return plan.calls >= plan.at;
}

static bool
goes_wrong(enum kind kind)
{
	if (plan.kind != (int)kind ||
	    atomic_fetch_add(&plan.calls, 1) + 1 != plan.at)
		return false;
	errno = plan.error;
	return true;
}

/* These take the place of the C library's, under the names for large offsets
 * (the store's) and the plain ones (LMDB's). */
ssize_t
pread(int fd, void *to, size_t size, off_t offset)
{
	if (goes_wrong(READS))
		return -1;
	if (size > 1 && goes_wrong(SHORT_READS))
		size /= 2;
	return (ssize_t)syscall(SYS_pread64, fd, to, size, offset);
}

ssize_t
plain_pread(int fd, void *to, size_t size, off_t offset) __asm__("pread");

ssize_t
plain_pread(int fd, void *to, size_t size, off_t offset)
{
	return pread(fd, to, size, offset);
}

static int
open_or_fail(const char *path, int flags, mode_t mode)
{
	if (goes_wrong(OPENS))
		return -1;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static mode_t
mode_of(int flags, va_list rest)
{
	return (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return open_or_fail(path, flags, mode);
}

int plain_open(const char *path, int flags, ...) __asm__("open");

int
plain_open(const char *path, int flags, ...)
{
	va_list rest;
	mode_t mode;

	va_start(rest, flags);
	mode = mode_of(flags, rest);
	va_end(rest);
	return open_or_fail(path, flags, mode);
}

DIR *
opendir(const char *path)
{
	int fd = open_or_fail(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	return fd < 0 ? NULL : fdopendir(fd);
}

/* What the next object has under the name. */
static void *
original(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	assert_non_null(found);
	return found;
}

struct dirent *
readdir(DIR *folder)
{
	struct dirent *(*next)(DIR *);
	void *found = original("readdir64");

	memcpy(&next, &found, sizeof(next));
	return goes_wrong(NAMES) ? NULL : next(folder);
}

/* The index is not read by calls; here the pages' reader fails. */
int
mdb_cursor_get(MDB_cursor *at, MDB_val *key, MDB_val *data, MDB_cursor_op op)
{
	int (*next)(MDB_cursor *, MDB_val *, MDB_val *, MDB_cursor_op);
	void *found = original("mdb_cursor_get");

	memcpy(&next, &found, sizeof(next));
	return goes_wrong(INDEX) ? EIO : next(at, key, data, op);
}

/* -- a store ------------------------------------------------------------- */

/* The whole history, and no more: so much was acknowledged. */
static const struct model begun = { .seed = 4711, .shards = 1 };

static void
run_history(struct help *h)
{
	struct model m = begun;

	help_open(h);
	while (m.step < STEPS) {
		enum rc rc[2];

		model_step(&m);
		model_run(h->store, &m, m.step, rc);
		assert_true(rc[0] == RC_OK && rc[1] == RC_OK);
		/* What comes later is to be replayed. */
		if (m.step == 8)
			assert_int_equal(store_collect(h->store), RC_OK);
	}
}

/* A store whose process was killed: segments of both kinds, and a log that
 * goes on behind what the index has. */
static struct help *
killed_store(void)
{
	struct help *h = help_new();
	pid_t child;
	int status;

	h->options.segment_bytes = 60000;
	child = fork();
	if (child == 0) {
		run_history(h);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return h;
}

static void
expect_all(struct help *h)
{
	uint64_t all[2] = { STEPS, STEPS };

	for (int which = 0; which < 2; which++)
		(void)model_compare_between(h->store, &begun, which, all);
	help_check_clean(h);
}

/* All is there; to look at it changes nothing. */
static void
expect_unharmed(struct help *h)
{
	h->options.read_only = true;
	help_open(h);
	expect_all(h);
	store_close(h->store);
	h->store = NULL;
	h->options.read_only = false;
}

/* -- opening ------------------------------------------------------------- */

/* Returns whether the call was reached. */
static bool
open_with_failure(struct help *h, enum kind kind, uint64_t at, int error)
{
	const char *why = "";
	bool reached;
	enum rc rc;

	plan_failure(kind, at, error);
	rc = store_open(&h->options, &h->store, &why);
	reached = has_failed();
	plan_nothing();
	if (rc == RC_OK) {
		expect_all(h);
		return reached;
	}
	if (rc != RC_IO && rc != RC_LIMIT)
		print_error("call %llu: %s\n", (unsigned long long)at, why);
	assert_true(rc == RC_IO || rc == RC_LIMIT);
	assert_true(why[0] != '\0');
	h->store = NULL;
	expect_unharmed(h);
	return true;
}

static void
open_with_each(enum kind kind, int error)
{
	struct help *h = killed_store();
	uint64_t refused = 0;
	bool reached = true;

	for (uint64_t at = 1; reached; at++) {
		reached = open_with_failure(h, kind, at, error);
		if (h->store == NULL) {
			refused++;
			continue;
		}
		/* It was closed as it should be: there is nothing to replay. */
		help_free(h);
		h = killed_store();
	}
	print_message("%llu times not opened\n", (unsigned long long)refused);
	assert_true(refused > 0 || kind == SHORT_READS);
	help_free(h);
}

static void
test_read_fails_in_recovery(void **state)
{
	(void)state;
	open_with_each(READS, EIO);
}

static void
test_open_fails_in_recovery(void **state)
{
	static const int errors[] = { EMFILE, EACCES, ENOMEM };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		open_with_each(OPENS, errors[i]);
}

static void
test_names_cannot_be_read_in_recovery(void **state)
{
	(void)state;
	open_with_each(NAMES, EIO);
}

static void
test_index_fails_in_recovery(void **state)
{
	(void)state;
	open_with_each(INDEX, EIO);
}

/* -- reading ------------------------------------------------------------- */

/* Did the disk fail?  If not, the result is the wanted one. */
static bool
disk_failed(enum rc rc, enum rc want)
{
	if (rc != RC_IO)
		assert_int_equal(rc, want);
	return rc == RC_IO;
}

/* Returns whether the disk failed. */
static bool
walk_keys(struct store_read *r, const struct model *m, int which)
{
	struct str key, value;
	struct store_iter *it;
	bool failed;

	if (disk_failed(
		store_iter_begin(r, STR("k"), (struct str){ 0 }, &it), RC_OK))
		return true;
	failed = false;
	for (size_t i = 0; i < MODEL_KEYS && !failed; i++) {
		char name[8];

		if (m->keys[which][i] == 0)
			continue;
		failed =
		    disk_failed(store_iter_next(it, &key, &value, NULL), RC_OK);
		assert_true(failed || str_eq(key, model_key(i, name)));
	}
	failed = failed || disk_failed(store_iter_next(it, &key, &value, NULL),
			       RC_NOTFOUND);
	store_iter_end(it);
	return failed;
}

static bool
read_blob(struct store_read *r, const struct model *m, int which, size_t blob)
{
	uint64_t step = m->blobs[which][blob];
	enum rc want = step > 0 ? RC_OK : RC_NOTFOUND;
	size_t size, count = 0, prefix;
	char *wanted, *got;
	struct blob *b;
	enum rc rc = store_blob_open(r, blob, &b);

	if (disk_failed(rc, want))
		return true;
	if (rc != RC_OK)
		return false;
	prefix = model_prefix(m, which, blob, step).n;
	wanted = model_blob(m, blob, step, &size);
	assert_int_equal(blob_size(b), prefix + size);
	got = mem_alloc(size + 1);
	rc = blob_read(b, prefix, got, size + 1, &count);
	if (!disk_failed(rc, RC_OK)) {
		assert_int_equal(count, size);
		assert_memory_equal(got, wanted, size);
	}
	mem_free(got);
	mem_free(wanted);
	blob_close(b);
	return rc != RC_OK;
}

static bool
read_all(struct help *h, const struct model *m, int which)
{
	struct store_read *r;
	bool failed;

	if (disk_failed(
		store_read_begin(h->store, model_account(m, which), &r), RC_OK))
		return true;
	failed = walk_keys(r, m, which);
	for (size_t i = 0; i < MODEL_BLOBS; i++)
		failed = read_blob(r, m, which, i) || failed;
	store_read_end(r);
	return failed;
}

/* What all steps made. */
static struct model
whole_history(void)
{
	struct model m = begun;

	while (m.step < STEPS)
		model_step(&m);
	return m;
}

static void
read_with_each(enum kind kind, int error, bool fails)
{
	struct model m = whole_history();
	struct help *h = killed_store();
	bool reached = true;
	uint64_t failures = 0;

	help_open(h);
	for (uint64_t at = 1; reached; at++) {
		bool failed = false;

		/* Files that are open already are not opened again. */
		if (h->store == NULL || kind == OPENS)
			help_reopen(h);
		plan_failure(kind, at, error);
		for (int which = 0; which < 2; which++)
			failed = read_all(h, &m, which) || failed;
		reached = has_failed();
		plan_nothing();
		assert_true(fails || !failed);
		failures += failed;
	}
	assert_true(failures > 0 || !fails);
	expect_all(h);
	help_free(h);
}

static void
test_read_of_a_message_fails(void **state)
{
	(void)state;
	read_with_each(READS, EIO, true);
	read_with_each(SHORT_READS, 0, false);
	read_with_each(OPENS, EMFILE, true);
}

static void
test_read_of_the_index_fails(void **state)
{
	(void)state;
	read_with_each(INDEX, EIO, true);
}

/* -- writing ------------------------------------------------------------- */

/* What a change looks up and cannot have is not taken for nothing: the change
 * is refused, and done when it is tried again. */
static void
test_index_fails_in_a_change(void **state)
{
	struct help *h = killed_store();
	struct model m = whole_history();
	uint64_t range[2] = { STEPS, STEPS + 1 };
	bool reached = true;

	(void)state;
	help_open(h);
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	model_step(&m);
	for (uint64_t at = 1; reached; at++) {
		enum rc rc[2];

		plan_failure(INDEX, at, EIO);
		model_run(h->store, &m, m.step, rc);
		reached = has_failed();
		plan_nothing();
		assert_int_equal(rc[0] != RC_OK || rc[1] != RC_OK, reached);
		help_check_clean(h);
		for (int which = 0; which < 2; which++)
			(void)model_compare_between(h->store, &m, which, range);
	}
	model_compare(h->store, &m, 0);
	model_compare(h->store, &m, 1);
	help_free(h);
}

/* Its first log segment has a put and much that lives, the second the delete
 * and nothing else that does: that one is to be collected. */
static struct help *
store_with_delete(void)
{
	struct help *h = help_new();
	char much[3000];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	h->options.segment_bytes = SEGMENT_HEADER_BYTES + sizeof(much);
	help_open(h);
	help_put(h, 1, "gone", "x");
	help_put(h, 1, "stays", much);
	help_delete(h, 1, "gone");
	help_put(h, 1, "changes", much);
	help_put(h, 1, "changes", much);
	return h;
}

/* Nor does what cannot be looked up stay behind in a segment that goes: not a
 * delete, either, without which a rebuilding would bring back what is gone. */
static void
test_index_fails_in_a_collection(void **state)
{
	bool reached = true;

	(void)state;
	for (uint64_t at = 1; reached; at++) {
		struct help *h = store_with_delete();
		char path[HELP_PATH_BYTES + 64];

		plan_failure(INDEX, at, EIO);
		(void)!store_collect(h->store);
		reached = has_failed();
		assert_true(at > 1 || reached);
		plan_nothing();
		assert_int_equal(store_collect(h->store), RC_OK);
		help_check_clean(h);
		store_close(h->store);
		h->store = NULL;
		(void)snprintf(
		    path, sizeof(path), "%s/shard-00/log-00000002", h->folder);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(store_rebuild(&h->options, NULL, NULL), RC_OK);
		help_open(h);
		help_expect(h, 1, "gone", NULL);
		help_free(h);
	}
}

/* -- rebuilding ---------------------------------------------------------- */

static void
rebuild_with_each(enum kind kind, int error)
{
	struct help *h = killed_store();
	bool reached = true;

	for (uint64_t at = 1; reached; at += 1 + at / 4) {
		size_t reported = 0;
		enum rc rc;

		plan_failure(kind, at, error);
		rc = store_rebuild(&h->options, NULL, &reported);
		reached = has_failed();
		plan_nothing();
		assert_true(rc == RC_OK || rc == RC_IO || rc == RC_LIMIT);
		assert_true(reached || rc == RC_OK);
		expect_unharmed(h);
	}
	help_free(h);
}

static void
test_rebuilding_cannot_read(void **state)
{
	(void)state;
	rebuild_with_each(READS, EIO);
	rebuild_with_each(OPENS, EMFILE);
	rebuild_with_each(NAMES, EIO);
}

/* The log's last record is gone, and only the old index knows of it. */
static struct help *
shortened_store(void)
{
	struct help *h = help_new();
	char path[HELP_PATH_BYTES + 64];
	struct stat facts;

	(void)snprintf(
	    path, sizeof(path), "%s/shard-00/log-00000001", h->folder);
	help_open(h);
	help_put(h, 1, "first", "x");
	assert_int_equal(stat(path, &facts), 0);
	help_put(h, 1, "second", "y");
	store_close(h->store);
	h->store = NULL;
	assert_int_equal(truncate(path, facts.st_size), 0);
	return h;
}

static void
test_rebuilding_cannot_ask_the_old_index(void **state)
{
	bool reached = true;

	(void)state;
	for (uint64_t at = 1; reached; at++) {
		struct help *h = shortened_store();
		const char *why = "";
		enum rc rc;

		plan_failure(OPENS, at, EMFILE);
		rc = store_rebuild(&h->options, NULL, NULL);
		reached = has_failed();
		plan_nothing();
		/* If it was done, it knows that something was lost. */
		if (rc == RC_OK)
			assert_int_equal(
			    store_open(&h->options, &h->store, &why),
			    RC_CORRUPT);
		help_free(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_fails_in_recovery),
		cmocka_unit_test(test_open_fails_in_recovery),
		cmocka_unit_test(test_names_cannot_be_read_in_recovery),
		cmocka_unit_test(test_index_fails_in_recovery),
		cmocka_unit_test(test_read_of_a_message_fails),
		cmocka_unit_test(test_read_of_the_index_fails),
		cmocka_unit_test(test_index_fails_in_a_change),
		cmocka_unit_test(test_index_fails_in_a_collection),
		cmocka_unit_test(test_rebuilding_cannot_read),
		cmocka_unit_test(test_rebuilding_cannot_ask_the_old_index),
	};

	help_quiet();
	return cmocka_run_group_tests_name(
	    "store failing reads", tests, NULL, NULL);
}
