/* SPDX-License-Identifier: MIT
 *
 * store: a killed process first, then the power.  What the process had written
 * and not synced, the next one reads from the system's memory; that must be on
 * the disk before anything is built on it.  fdatasync() is replaced here by
 * one that keeps a copy of the file as it then is: what the disk has for sure.
 */
#include "store_help.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "store/segment.h"

static char log_path[HELP_PATH_BYTES + 64];
static char disk_path[HELP_PATH_BYTES + 64];
static _Atomic bool die_in_sync;
static _Atomic bool fail_sync;

static void
copy_file(const char *from, const char *to)
{
	char bytes[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t got;

	assert_true(in >= 0 && out >= 0);
	while ((got = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)got), got);
	(void)close(in);
	(void)close(out);
}

static bool
is_the_log(int fd)
{
	struct stat this, log;

	return log_path[0] != '\0' && fstat(fd, &this) == 0 &&
	       stat(log_path, &log) == 0 && this.st_ino == log.st_ino;
}

int
fdatasync(int fd)
{
	if (is_the_log(fd)) {
		if (die_in_sync)
			_exit(0);
		if (fail_sync)
			return -1;
		copy_file(log_path, disk_path);
	}
	return (int)syscall(SYS_fdatasync, fd);
}

/* Which folder to look for, and whether it has been synced. */
static ino_t folder_wanted;
static _Atomic bool folder_synced;

int
fsync(int fd)
{
	struct stat this;

	if (folder_wanted != 0 && fstat(fd, &this) == 0 &&
	    this.st_ino == folder_wanted)
		folder_synced = true;
	return (int)syscall(SYS_fsync, fd);
}

static struct help *
begin(void)
{
	struct help *h = help_new();

	(void)snprintf(
	    log_path, sizeof(log_path), "%s/shard-00/log-00000001", h->folder);
	(void)snprintf(
	    disk_path, sizeof(disk_path), "%s/on-the-disk", h->folder);
	die_in_sync = false;
	fail_sync = false;
	return h;
}

static void
end(struct help *h)
{
	log_path[0] = '\0';
	help_free(h);
}

/* Run ${story} in a process that ends without closing anything. */
static void
run_and_kill(struct help *h, void (*story)(struct help *))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		help_open(h);
		story(h);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
write_one_more_and_die(struct help *h)
{
	help_put(h, 1, "first", "x");
	die_in_sync = true;
	help_put(h, 1, "second", "y");
	_exit(1);
}

static void
write_to_next_segment(struct help *h)
{
	help_expect(h, 1, "second", "y");
	help_put(h, 1, "third", "z");
}

/* The second record was written, not synced; the third is in another file. */
static void
test_killed_before_the_sync_then_power_cut(void **state)
{
	struct help *h = begin();

	(void)state;
	h->options.segment_bytes = SEGMENT_HEADER_BYTES + 100;
	run_and_kill(h, write_one_more_and_die);
	run_and_kill(h, write_to_next_segment);
	copy_file(disk_path, log_path);
	help_open(h);
	help_expect(h, 1, "first", "x");
	help_expect(h, 1, "second", "y");
	help_expect(h, 1, "third", "z");
	help_check_clean(h);
	end(h);
}

/* The system shows what it could not bring to the disk; a restart must not
 * take it for what is there. */
static void
test_failed_sync_leaves_nothing_to_be_found(void **state)
{
	struct help *h = begin();
	struct help_put put = { "second", { "y", 1 } };

	(void)state;
	help_open(h);
	help_put(h, 1, "first", "x");
	fail_sync = true;
	assert_int_equal(store_update(h->store, 1, help_put_fn, &put), RC_IO);
	fail_sync = false;
	help_reopen(h);
	help_expect(h, 1, "first", "x");
	help_expect(h, 1, "second", NULL);
	help_put(h, 1, "third", "z");
	help_check_clean(h);
	end(h);
}

/* The disk may have the record of a change that was refused.  If it has, the
 * next start shows the change, so its file must be there as well. */
static void
test_failed_sync_keeps_files_of_messages(void **state)
{
	struct help *h = begin();
	size_t size = 3 * STAGE_MEMORY_BYTES_MAX;
	char *bytes = mem_alloc(size);
	char path[HELP_PATH_BYTES + 64];
	struct help_blob blob = { .id = 7 };

	(void)state;
	help_open(h);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)help_random(h);
	blob.stage = help_stage(h, 1, bytes, size);
	(void)snprintf(
	    path, sizeof(path), "%s/shard-00/blob-00000002", h->folder);
	assert_int_equal(access(path, F_OK), 0);
	fail_sync = true;
	assert_int_equal(store_update(h->store, 1, help_blob_fn, &blob), RC_IO);
	fail_sync = false;
	stage_free(blob.stage);
	assert_int_equal(store_checkpoint(h->store), RC_OK);
	store_close(h->store);
	assert_int_equal(access(path, F_OK), 0);
	/* This disk has not: the file goes with the next start. */
	help_open(h);
	help_blob_expect(h, 1, 7, (struct str){ 0 });
	assert_int_equal(access(path, F_OK), -1);
	help_check_clean(h);
	mem_free(bytes);
	end(h);
}

static void
remove_index(const struct help *h)
{
	char path[HELP_PATH_BYTES + 64];

	(void)snprintf(path, sizeof(path), "%s/shard-00/index.mdb", h->folder);
	assert_int_equal(unlink(path), 0);
}

/* Without its last segment the log would seem to end earlier. */
static void
test_last_segment_without_header_is_missed(void **state)
{
	static const char zeros[SEGMENT_HEADER_BYTES];
	struct help *h = begin();
	const char *why = "";
	char path[HELP_PATH_BYTES + 64];
	int fd;

	(void)state;
	h->options.segment_bytes = SEGMENT_HEADER_BYTES + 1;
	help_open(h);
	help_put(h, 1, "first", "x");
	help_put(h, 1, "second", "y");
	store_close(h->store);
	h->store = NULL;
	(void)snprintf(
	    path, sizeof(path), "%s/shard-00/log-00000002", h->folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	remove_index(h);
	assert_int_equal(segment_write(fd, 0, zeros, sizeof(zeros)), RC_OK);
	(void)close(fd);
	assert_int_equal(store_open(&h->options, &h->store, &why), RC_CORRUPT);
	end(h);
}

/* A new store's folder must not go with the power, and all that was
 * acknowledged with it. */
static void
test_name_of_a_new_folder_is_synced(void **state)
{
	struct help *h = begin();
	char path[HELP_PATH_BYTES + 64];
	struct stat above;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/store", h->folder);
	h->options.folder = path;
	assert_int_equal(stat(h->folder, &above), 0);
	folder_wanted = above.st_ino;
	folder_synced = false;
	help_open(h);
	assert_true(folder_synced);
	folder_wanted = 0;
	end(h);
}

/* A process that was killed between making a name and its sync leaves one that
 * the next finds and builds upon. */
static void
test_names_are_synced_at_every_start(void **state)
{
	static const char *const folders[] = { ".", "store", "store/shard-00",
		"store/shard-01" };
	struct help *h = begin();
	char path[HELP_PATH_BYTES + 64], folder[HELP_PATH_BYTES + 64];
	struct stat facts;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/store", h->folder);
	h->options.folder = path;
	h->options.shards = 2;
	help_open(h);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		store_close(h->store);
		(void)snprintf(
		    folder, sizeof(folder), "%s/%s", h->folder, folders[i]);
		assert_int_equal(stat(folder, &facts), 0);
		folder_wanted = facts.st_ino;
		folder_synced = false;
		help_open(h);
		assert_true(folder_synced);
		folder_wanted = 0;
	}
	end(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_before_the_sync_then_power_cut),
		cmocka_unit_test(test_failed_sync_leaves_nothing_to_be_found),
		cmocka_unit_test(test_failed_sync_keeps_files_of_messages),
		cmocka_unit_test(test_last_segment_without_header_is_missed),
		cmocka_unit_test(test_name_of_a_new_folder_is_synced),
		cmocka_unit_test(test_names_are_synced_at_every_start),
	};

	help_quiet();
	return cmocka_run_group_tests_name("store power", tests, NULL, NULL);
}
