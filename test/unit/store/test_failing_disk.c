/* SPDX-License-Identifier: MIT
 *
 * store: a disk that fails or is full.  The calls that write and sync are
 * replaced here by ones that fail at the n-th call, for many n: whatever had
 * been acknowledged is there after the next start, what was refused is there
 * wholly or not at all, and space that comes back is used without a restart.
 */
#include "store_model.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define STEPS 14

/* What goes wrong: calls number ${from} to ${to}, counted from one. */
static struct {
	_Atomic uint64_t calls;
	_Atomic uint64_t from;
	_Atomic uint64_t to;
	_Atomic int error;
	_Atomic bool writes; /* which calls are counted */
	_Atomic bool syncs;
} plan;

static bool
goes_wrong(bool counted)
{
	uint64_t call;

	if (!counted || atomic_load(&plan.from) == 0)
		return false;
	call = atomic_fetch_add(&plan.calls, 1) + 1;
	if (call < atomic_load(&plan.from) || call > atomic_load(&plan.to))
		return false;
	errno = atomic_load(&plan.error);
	return true;
}

/* These take the place of the C library's in this program and in what it is
 * linked with. */
ssize_t
pwrite(int fd, const void *from, size_t size, off_t offset)
{
	/* A full disk may take a part. */
	if (goes_wrong(atomic_load(&plan.writes)))
		return size > 4096 && atomic_load(&plan.error) == ENOSPC
			   ? (ssize_t)syscall(
				 SYS_pwrite64, fd, from, 4096, offset)
			   : -1;
	return (ssize_t)syscall(SYS_pwrite64, fd, from, size, offset);
}

int
fdatasync(int fd)
{
	if (goes_wrong(atomic_load(&plan.syncs)))
		return -1;
	return (int)syscall(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	if (goes_wrong(atomic_load(&plan.syncs)))
		return -1;
	return (int)syscall(SYS_fsync, fd);
}

static void
plan_failure(uint64_t from, uint64_t count, int error)
{
	atomic_store(&plan.calls, 0);
	atomic_store(&plan.error, error);
	atomic_store(&plan.to, from + count - 1);
	atomic_store(&plan.from, from);
}

static void
plan_nothing(void)
{
	atomic_store(&plan.from, 0);
}

/* Room is what the store gives back of its reserve. */
int
truncate(const char *path, off_t size)
{
	plan_nothing();
	return (int)syscall(SYS_truncate, path, size);
}

static struct help *
begin(struct model *m)
{
	struct help *h = help_new();

	h->options.segment_bytes = 60000;
	h->options.checkpoint_bytes = 100000;
	*m = (struct model){ .seed = 99, .shards = 1 };
	help_open(h);
	return h;
}

/* After the restart each account is between what was acknowledged and what
 * was tried. */
static void
restart_and_compare(
    struct help *h, const struct model *m, uint64_t ranges[2][2])
{
	plan_nothing();
	help_reopen(h);
	help_check_clean(h);
	for (int which = 0; which < 2; which++)
		(void)model_compare_between(h->store, m, which, ranges[which]);
	help_check_clean(h);
	help_free(h);
}

/* Go on until something is refused; returns whether anything was. */
static bool
run_until_refused(struct help *h, struct model *m, uint64_t ranges[2][2])
{
	while (m->step < STEPS) {
		enum rc rc[2];

		model_step(m);
		model_run(h->store, m, m->step, rc);
		for (int which = 0; which < 2; which++) {
			ranges[which][1] = m->step;
			if (rc[which] == RC_OK)
				ranges[which][0] = m->step;
		}
		if (rc[0] != RC_OK || rc[1] != RC_OK)
			return true;
		if (m->step % 6 == 0 && store_collect(h->store) != RC_OK)
			return true;
	}
	return false;
}

static void
fail_at_each(int error, bool writes, bool syncs)
{
	bool reached = true;

	atomic_store(&plan.writes, writes);
	atomic_store(&plan.syncs, syncs);
	for (uint64_t n = 1; reached; n += 1 + n / 8) {
		uint64_t ranges[2][2] = { { 0 } };
		struct model m;
		struct help *h = begin(&m);

		plan_failure(n, 1, error);
		(void)run_until_refused(h, &m, ranges);
		reached = atomic_load(&plan.calls) >= n;
		restart_and_compare(h, &m, ranges);
	}
}

static void
test_write_fails(void **state)
{
	(void)state;
	fail_at_each(EIO, true, false);
}

static void
test_sync_fails(void **state)
{
	(void)state;
	fail_at_each(EIO, false, true);
}

/* Some calls find no space; once there is some again, the same step is done
 * without a restart. */
static void
test_disk_is_full_for_a_while(void **state)
{
	bool reached = true;

	(void)state;
	atomic_store(&plan.writes, true);
	atomic_store(&plan.syncs, false);
	for (uint64_t n = 1; reached; n += 1 + n / 6) {
		uint64_t ranges[2][2] = { { 0 } };
		struct model m;
		struct help *h = begin(&m);

		plan_failure(n, 5, ENOSPC);
		while (m.step < STEPS) {
			enum rc rc[2];

			model_step(&m);
			model_run(h->store, &m, m.step, rc);
			if (rc[0] == RC_OK && rc[1] == RC_OK)
				continue;
			plan_nothing();
			model_run(h->store, &m, m.step, rc);
			assert_int_equal(rc[0], RC_OK);
			assert_int_equal(rc[1], RC_OK);
		}
		reached = atomic_load(&plan.calls) >= n;
		for (int which = 0; which < 2; which++)
			ranges[which][0] = ranges[which][1] = STEPS;
		restart_and_compare(h, &m, ranges);
	}
}

/* A log that could not be synced is not written to again. */
static void
test_nothing_is_accepted_after_a_failed_sync(void **state)
{
	struct model m;
	struct help *h = begin(&m);
	struct help_put put = { "a", { "1", 1 } };

	(void)state;
	help_put(h, 1, "before", "x");
	atomic_store(&plan.writes, false);
	atomic_store(&plan.syncs, true);
	plan_failure(1, 1, EIO);
	assert_int_equal(store_update(h->store, 1, help_put_fn, &put), RC_IO);
	plan_nothing();
	assert_int_equal(store_update(h->store, 1, help_put_fn, &put), RC_IO);
	help_expect(h, 1, "a", NULL);
	help_expect(h, 1, "before", "x");
	help_reopen(h);
	help_put(h, 1, "a", "2");
	help_expect(h, 1, "a", "2");
	help_expect(h, 1, "before", "x");
	help_check_clean(h);
	help_free(h);
}

static enum rc
relieve_fn(struct store_txn *t, void *arg)
{
	(void)arg;
	store_txn_relieve(t);
	store_txn_delete(t, STR("before"));
	return RC_OK;
}

/* On a full disk only what makes room is accepted, and that always. */
static void
test_full_disk_can_be_emptied(void **state)
{
	struct model m;
	struct help *h = begin(&m);
	struct help_put put = { "a", { "1", 1 } };

	(void)state;
	help_put(h, 1, "before", "x");
	help_put(h, 1, "other", "y");
	atomic_store(&plan.writes, true);
	atomic_store(&plan.syncs, false);
	plan_failure(1, UINT64_MAX / 2, ENOSPC);
	assert_int_equal(
	    store_update(h->store, 1, help_put_fn, &put), RC_NOSPACE);
	assert_true(store_is_short(h->store));
	help_expect(h, 1, "before", "x");
	assert_int_equal(store_update(h->store, 1, relieve_fn, NULL), RC_OK);
	help_expect(h, 1, "before", NULL);
	help_expect(h, 1, "other", "y");
	/* The reserve has its room again, and there is some more. */
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	help_put(h, 1, "a", "2");
	assert_false(store_is_short(h->store));
	help_check_clean(h);
	help_reopen(h);
	help_expect(h, 1, "before", NULL);
	help_expect(h, 1, "a", "2");
	help_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_fails),
		cmocka_unit_test(test_sync_fails),
		cmocka_unit_test(test_disk_is_full_for_a_while),
		cmocka_unit_test(test_nothing_is_accepted_after_a_failed_sync),
		cmocka_unit_test(test_full_disk_can_be_emptied),
	};

	help_quiet();
	return cmocka_run_group_tests_name(
	    "store failing disk", tests, NULL, NULL);
}
