/* SPDX-License-Identifier: MIT
 *
 * store: the power goes at any moment of any history.  What a disk has then is
 * for sure only what was synced; of all that was written since, each sector of
 * 512 bytes may be there or not, in whatever order it was written, and so may
 * each name that a folder got or lost.  The calls that sync are replaced here
 * by ones that note what is for sure from then on; at some calls images of
 * such disks are made, and later opened: what was acknowledged is there, what
 * was under way is there wholly or not at all, and the check is clean.
 *
 *   test_power_cut [HISTORIES [SEED]]
 */
#include "store_model.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/vec.h"

#define SECTOR	    512
#define STEPS	    30
#define IMAGES_EACH 4
#define ONE_CALL_IN 4

static uint64_t histories_wanted = 3;
static uint64_t seed_wanted = 20261128;

/* A file, by its number: what is for sure of it. */
struct file {
	ino_t number;
	char *bytes;
	size_t size;
	char name[64]; /* for sure; empty: none is */
};

/* What a disk may have after the power cut. */
struct image {
	VEC(struct file) files;
	uint64_t range[2];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char folder[HELP_PATH_BYTES + 64]; /* empty: nothing is noted */
static VEC(struct file) files;
static VEC(struct image) images;
static uint64_t chance;
static _Atomic uint64_t begun, done;

static uint64_t
draw(uint64_t below)
{
	chance = model_mix(chance + 1);
	return chance % below;
}

static char *
read_whole(const char *name, size_t *ret_size)
{
	char path[sizeof(folder) + 64];
	struct stat facts;
	char *bytes;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	assert_int_equal(fstat(fd, &facts), 0);
	bytes = mem_alloc((size_t)facts.st_size + 1);
	*ret_size = (size_t)facts.st_size;
	assert_int_equal(
	    pread(fd, bytes, *ret_size, 0), (ssize_t)facts.st_size);
	(void)close(fd);
	return bytes;
}

static struct file *
file_of(ino_t number)
{
	struct file fresh = { .number = number };

	for (size_t i = 0; i < files.n; i++) {
		if (files.v[i].number == number)
			return &files.v[i];
	}
	vec_push(&files, fresh);
	return &files.v[files.n - 1];
}

/* The content is for sure as it is now. */
static void
settle_file(int fd)
{
	struct stat facts;
	struct file *f;

	assert_int_equal(fstat(fd, &facts), 0);
	f = file_of(facts.st_ino);
	mem_free(f->bytes);
	f->size = (size_t)facts.st_size;
	f->bytes = mem_alloc(f->size + 1);
	assert_int_equal(pread(fd, f->bytes, f->size, 0), (ssize_t)f->size);
}

/* Run ${fn} for each name in the folder now. */
static void
each_name(void (*fn)(const char *name, ino_t number, void *arg), void *arg)
{
	DIR *names = opendir(folder);
	struct dirent *entry;

	assert_non_null(names);
	while ((entry = readdir(names)) != NULL) {
		if (entry->d_type == DT_REG &&
		    strcmp(entry->d_name, "reserve") != 0 &&
		    strcmp(entry->d_name, "index.mdb-lock") != 0)
			fn(entry->d_name, entry->d_ino, arg);
	}
	(void)closedir(names);
}

static void
settle_name(const char *name, ino_t number, void *arg)
{
	struct file *f = file_of(number);

	(void)arg;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
}

/* The names are for sure as they are now; files without one are gone. */
static void
settle_names(void)
{
	for (size_t i = 0; i < files.n; i++)
		files.v[i].name[0] = '\0';
	each_name(settle_name, NULL);
}

/* A mixture of what is for sure and what is there now. */
static struct file
mix(const struct file *sure, const char *now, size_t size)
{
	size_t longer = size > sure->size ? size : sure->size;
	struct file f = { .bytes = mem_alloc(longer + 1) };
	uint64_t most = draw(3); /* nothing, all, or anything of it */

	f.size = most == 0 ? sure->size : size;
	for (size_t at = 0; at < f.size; at += SECTOR) {
		size_t count = f.size - at < SECTOR ? f.size - at : SECTOR;
		bool new = most == 1 || (most == 2 && draw(2) == 0);
		const char *from = new ? now : sure->bytes;
		size_t has = new ? size : sure->size;

		if (has > at)
			memcpy(f.bytes + at, from + at,
			    has - at < count ? has - at : count);
	}
	return f;
}

static void
add_file(const char *name, ino_t number, void *arg)
{
	const struct file *sure = file_of(number);
	struct image *image = arg;
	size_t size = 0;
	struct file f;
	char *now;

	/* Another name may be for sure, or none. */
	if (strcmp(sure->name, name) != 0 && draw(2) == 0)
		return;
	now = read_whole(name, &size);
	if (now == NULL)
		return;
	f = mix(sure, now, size);
	f.number = number;
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	mem_free(now);
	vec_push(&image->files, f);
}

static bool
has_file(const struct image *image, const struct file *f)
{
	for (size_t i = 0; i < image->files.n; i++) {
		if (image->files.v[i].number == f->number ||
		    strcmp(image->files.v[i].name, f->name) == 0)
			return true;
	}
	return false;
}

/* Names that were there for sure and may be still. */
static void
add_lost_names(struct image *image)
{
	for (size_t i = 0; i < files.n; i++) {
		const struct file *sure = &files.v[i];
		struct file f;

		if (sure->name[0] == '\0' || has_file(image, sure) ||
		    draw(2) == 0)
			continue;
		f = mix(sure, sure->bytes, sure->size);
		f.number = sure->number;
		(void)snprintf(f.name, sizeof(f.name), "%s", sure->name);
		vec_push(&image->files, f);
	}
}

static void
cut_power(void)
{
	for (int i = 0; i < IMAGES_EACH; i++) {
		struct image image = { .range = { done, begun } };

		each_name(add_file, &image);
		add_lost_names(&image);
		vec_push(&images, image);
	}
}

/* Before and after each call that is noted. */
static void
call_begins(void)
{
	(void)pthread_mutex_lock(&mutex);
	if (folder[0] != '\0' && draw(ONE_CALL_IN) == 0)
		cut_power();
}

static void
call_ends(void)
{
	(void)pthread_mutex_unlock(&mutex);
}

static int
sync_noted(int fd)
{
	struct stat facts;

	call_begins();
	if (folder[0] != '\0' && fstat(fd, &facts) == 0) {
		if (S_ISDIR(facts.st_mode))
			settle_names();
		else
			settle_file(fd);
	}
	call_ends();
	return 0;
}

int
fsync(int fd)
{
	return sync_noted(fd);
}

int
fdatasync(int fd)
{
	return sync_noted(fd);
}

/* LMDB writes its last page through a descriptor that syncs each write. */
ssize_t
pwrite(int fd, const void *from, size_t size, off_t offset)
{
	ssize_t put;

	call_begins();
	put = (ssize_t)syscall(SYS_pwrite64, fd, from, size, offset);
	if (folder[0] != '\0' && (fcntl(fd, F_GETFL) & O_DSYNC) != 0) {
		struct stat facts;
		struct file *f;

		assert_int_equal(fstat(fd, &facts), 0);
		f = file_of(facts.st_ino);
		assert_true((size_t)offset + size <= f->size);
		memcpy(f->bytes + offset, from, size);
	}
	call_ends();
	return put;
}

/* The name that those have who do not ask for large offsets. */
ssize_t plain_pwrite(
    int fd, const void *from, size_t size, off_t offset) __asm__("pwrite");

ssize_t
plain_pwrite(int fd, const void *from, size_t size, off_t offset)
{
	return pwrite(fd, from, size, offset);
}

/* -- histories ----------------------------------------------------------- */

static void
settle_all(const char *name, ino_t number, void *arg)
{
	struct file *f = file_of(number);

	(void)arg;
	f->bytes = read_whole(name, &f->size);
}

static void
run_history(struct help *h, struct model *m)
{
	(void)snprintf(folder, sizeof(folder), "%s/shard-00", h->folder);
	each_name(settle_all, NULL);
	settle_names();
	while (m->step < STEPS) {
		enum rc rc[2];

		begun = m->step + 1;
		model_step(m);
		model_run(h->store, m, m->step, rc);
		assert_true(rc[0] == RC_OK && rc[1] == RC_OK);
		done = m->step;
		if (m->step % 5 == 0)
			assert_int_equal(store_collect(h->store), RC_OK);
	}
	(void)pthread_mutex_lock(&mutex);
	folder[0] = '\0';
	(void)pthread_mutex_unlock(&mutex);
	store_close(h->store);
	h->store = NULL;
}

static void
write_image(const struct help *h, const struct image *image)
{
	char path[HELP_PATH_BYTES * 2];

	(void)snprintf(path, sizeof(path), "%s/shard-00", h->folder);
	help_remove_tree(path);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < image->files.n; i++) {
		const struct file *f = &image->files.v[i];
		int fd;

		(void)snprintf(
		    path, sizeof(path), "%s/shard-00/%s", h->folder, f->name);
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(
		    pwrite(fd, f->bytes, f->size, 0), (ssize_t)f->size);
		(void)close(fd);
	}
}

static void
verify(struct help *h, const struct model *m, struct image *image)
{
	uint64_t range[2] = { image->range[0], image->range[1] };

	write_image(h, image);
	help_open(h);
	(void)model_compare_between(h->store, m, 0, range);
	range[0] = image->range[0];
	range[1] = image->range[1];
	(void)model_compare_between(h->store, m, 1, range);
	help_check_clean(h);
	help_put(h, 1, "after", "the cut");
	store_close(h->store);
	h->store = NULL;
	for (size_t i = 0; i < image->files.n; i++)
		mem_free(image->files.v[i].bytes);
	vec_fini(&image->files);
}

static void
forget_files(void)
{
	for (size_t i = 0; i < files.n; i++)
		mem_free(files.v[i].bytes);
	vec_fini(&files);
}

static void
test_power_goes_at_any_moment(void **state)
{
	size_t cuts = 0;

	(void)state;
	for (uint64_t i = 0; i < histories_wanted; i++) {
		struct help *h = help_new();
		struct model m = { .seed = seed_wanted + i, .shards = 1 };

		chance = seed_wanted + i;
		begun = done = 0;
		m.small = i % 2 == 0;
		h->options.segment_bytes = 60000;
		h->options.checkpoint_bytes = 100000;
		h->options.zero_ahead = i % 3 == 0;
		help_open(h);
		run_history(h, &m);
		m.step = 0;
		for (size_t k = 0; k < images.n; k++)
			verify(h, &m, &images.v[k]);
		cuts += images.n;
		vec_fini(&images);
		forget_files();
		help_free(h);
	}
	print_message("%zu power cuts\n", cuts);
	assert_true(cuts > 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_goes_at_any_moment),
	};

	help_argument(argc, argv, 1, &histories_wanted);
	help_argument(argc, argv, 2, &seed_wanted);
	help_quiet();
	return cmocka_run_group_tests_name(
	    "store power cut", tests, NULL, NULL);
}
