/* SPDX-License-Identifier: MIT
 *
 * A disk and its power, for tests of the store.  What a disk has is for sure
 * only what was synced; of all that was written since, each sector of 512 bytes
 * may be there or not, in whatever order it was written, and so may each name
 * that a folder got or lost, and each folder with all that is in it.  The calls
 * that write and sync are replaced here by ones that note what is for sure from
 * then on; at some calls images of such disks are made (cut_power()).
 *
 * A sync may fail, once (failing_sync).  As on Linux, the pages that it was to
 * write are clean from then on: they are still read as they were written, no
 * later sync writes them, and whether the disk has them is for the failure to
 * say.
 *
 * To be included once, by the test's only source.
 */
#ifndef AVOCET_TEST_STORE_POWER_SIM_H
#define AVOCET_TEST_STORE_POWER_SIM_H

#include "store_model.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "base/vec.h"

#define SECTOR	    512
#define PAGE	    4096
#define PAIRS	    2 /* whose steps an image is told about */
#define IMAGES_EACH 3
#define ONE_CALL_IN 5

/* A file or folder, by its number: what is for sure of it. */
struct file {
	ino_t number;
	bool folder;
	char *bytes;
	size_t size;
	bool *clean; /* pages that no sync will write, though they differ */
	size_t pages;
	char name[64]; /* for sure; empty: none is */
};

/* What a disk may have after the power cut. */
struct image {
	VEC(struct file) files;
	uint64_t range[PAIRS][2];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char root[HELP_PATH_BYTES + 64]; /* empty: nothing is noted */
static ino_t above;			/* the folder that root is in */
static bool root_is_sure;
static VEC(struct file) files;
static VEC(struct image) images;
static uint64_t chance;
static _Atomic uint64_t begun[PAIRS], done[PAIRS];
/* The sync that fails, counted from one, and whether it has; then the next
 * ftruncate(), too, as if the process had been killed before it. */
static uint64_t syncs, failing_sync;
static _Atomic bool sync_failed;
static bool cut_fails;

static uint64_t
draw(uint64_t below)
{
	chance = model_mix(chance + 1);
	return chance % below;
}

static void
path_of(const char *name, char path[sizeof(root) + 64])
{
	(void)snprintf(path, sizeof(root) + 64, "%s/%s", root, name);
}

static char *
read_whole(const char *name, size_t *ret_size)
{
	char path[sizeof(root) + 64];
	struct stat facts;
	char *bytes;
	int fd;

	path_of(name, path);
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

/* -- pages --------------------------------------------------------------- */

static bool
is_clean(const struct file *f, size_t at)
{
	return at / PAGE < f->pages && f->clean[at / PAGE];
}

/* The pages from ${from} to ${to} are written by the next sync, or by none. */
static void
set_clean(struct file *f, size_t from, size_t to, bool clean)
{
	size_t pages = (to + PAGE - 1) / PAGE;

	if (pages > f->pages) {
		f->clean = mem_resize(f->clean, pages * sizeof(*f->clean));
		memset(f->clean + f->pages, 0, pages - f->pages);
		f->pages = pages;
	}
	for (size_t i = from / PAGE; i < pages; i++)
		f->clean[i] = clean;
}

static struct file *
file_at(int fd, size_t *ret_size)
{
	struct stat facts;

	assert_int_equal(fstat(fd, &facts), 0);
	*ret_size = (size_t)facts.st_size;
	return file_of(facts.st_ino);
}

/* Of a file that may be open for writing alone. */
static char *
content_of(int fd, size_t size)
{
	char *bytes = mem_alloc(size + 1), path[64];
	int again;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pread(again, bytes, size, 0), (ssize_t)size);
	(void)close(again);
	return bytes;
}

/* The content is for sure as it is now, but for clean pages. */
static void
settle_file(int fd)
{
	size_t size;
	struct file *f = file_at(fd, &size);
	char *now = content_of(fd, size);

	for (size_t at = 0; at < size; at += PAGE) {
		size_t count = size - at < PAGE ? size - at : PAGE;
		size_t had = f->size > at ? f->size - at : 0;

		if (!is_clean(f, at))
			continue;
		memset(now + at, 0, count);
		memcpy(now + at, f->bytes + at, had < count ? had : count);
	}
	mem_free(f->bytes);
	f->bytes = now;
	f->size = size;
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
		const char *from;
		size_t has;

		new = new && !is_clean(sure, at);
		from = new ? now : sure->bytes;
		has = new ? size : sure->size;
		if (has > at)
			memcpy(f.bytes + at, from + at,
			    has - at < count ? has - at : count);
	}
	return f;
}

/* The sync failed: the disk has anything of what was to be written, and will
 * not get more of it. */
static void
throw_away(int fd)
{
	size_t size;
	struct file *f = file_at(fd, &size), disk;
	char *now = content_of(fd, size);

	disk = mix(f, now, size);
	mem_free(now);
	mem_free(f->bytes);
	f->bytes = disk.bytes;
	f->size = disk.size;
	set_clean(f, 0, size, true);
}

/* -- names --------------------------------------------------------------- */

/* Files that are made anew after a cut, whatever they were. */
static bool
is_left_out(const char *name)
{
	size_t size = strlen(name);

	return name[0] == '.' || strcmp(name, "reserve") == 0 ||
	       strcmp(name, "lock") == 0 ||
	       (size > 5 && strcmp(name + size - 5, "-lock") == 0);
}

typedef void name_fn(const char *name, ino_t number, bool folder, void *arg);

/* Run ${fn} for each name in the folder ${in} now. */
static void
each_name(const char *in, name_fn *fn, void *arg)
{
	char path[sizeof(root) + 64], name[256 + 64];
	struct dirent *entry;
	DIR *names;

	path_of(in, path);
	names = opendir(path);
	if (names == NULL)
		return;
	while ((entry = readdir(names)) != NULL) {
		if (is_left_out(entry->d_name))
			continue;
		(void)snprintf(name, sizeof(name), "%s%s%s", in,
		    in[0] != '\0' ? "/" : "", entry->d_name);
		fn(name, entry->d_ino, entry->d_type == DT_DIR, arg);
	}
	(void)closedir(names);
}

static bool
is_in(const char *name, const char *folder)
{
	const char *slash = strrchr(name, '/');
	size_t size = slash != NULL ? (size_t)(slash - name) : 0;

	return strlen(folder) == size && strncmp(name, folder, size) == 0;
}

static void
settle_name(const char *name, ino_t number, bool folder, void *arg)
{
	struct file *f = file_of(number);

	(void)arg;
	f->folder = folder;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
}

/* The names in the folder are for sure as they are now. */
static void
settle_names(const char *folder)
{
	for (size_t i = 0; i < files.n; i++) {
		if (files.v[i].name[0] != '\0' &&
		    is_in(files.v[i].name, folder))
			files.v[i].name[0] = '\0';
	}
	each_name(folder, settle_name, NULL);
}

struct wanted {
	ino_t number;
	char name[64];
	bool found;
};

static void
match_folder(const char *name, ino_t number, bool folder, void *arg)
{
	struct wanted *w = arg;

	if (!folder || number != w->number)
		return;
	w->found = true;
	(void)snprintf(w->name, sizeof(w->name), "%s", name);
}

static void
settle_folder(ino_t number)
{
	struct wanted w = { .number = number };
	struct stat facts;

	if (number == above)
		root_is_sure = true;
	else if (stat(root, &facts) == 0 && facts.st_ino == number)
		settle_names("");
	else
		each_name("", match_folder, &w);
	if (w.found)
		settle_names(w.name);
}

/* -- cutting ------------------------------------------------------------- */

static void
add_file(const char *name, ino_t number, bool folder, void *arg)
{
	const struct file *sure = file_of(number);
	struct image *image = arg;
	struct file f = { 0 };
	size_t size = 0;
	char *now;

	/* Another name may be for sure, or none. */
	if (strcmp(sure->name, name) != 0 && draw(2) == 0)
		return;
	if (!folder) {
		now = read_whole(name, &size);
		if (now == NULL)
			return;
		f = mix(sure, now, size);
		mem_free(now);
	}
	f.folder = folder;
	f.number = number;
	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	vec_push(&image->files, f);
	if (folder)
		each_name(name, add_file, image);
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
		struct image image = { 0 };

		for (int pair = 0; pair < PAIRS; pair++) {
			image.range[pair][0] = done[pair];
			image.range[pair][1] = begun[pair];
		}
		if (root_is_sure || draw(2) == 0) {
			each_name("", add_file, &image);
			add_lost_names(&image);
		}
		vec_push(&images, image);
	}
}

/* -- the calls ----------------------------------------------------------- */

/* Before and after each call that is noted.  While the store is made there are
 * only few. */
static void
call_begins(void)
{
	(void)pthread_mutex_lock(&mutex);
	if (root[0] != '\0' && (begun[0] == 0 || draw(ONE_CALL_IN) == 0))
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
	int result = 0;

	call_begins();
	if (root[0] != '\0' && fstat(fd, &facts) == 0) {
		if (++syncs == failing_sync) {
			sync_failed = true;
			result = -1;
		}
		if (S_ISDIR(facts.st_mode) && result == 0)
			settle_folder(facts.st_ino);
		else if (S_ISREG(facts.st_mode) && result == 0)
			settle_file(fd);
		else if (S_ISREG(facts.st_mode))
			throw_away(fd);
	}
	call_ends();
	errno = EIO;
	return result;
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
static void
note_write(int fd, off_t offset, ssize_t size)
{
	size_t now, from = (size_t)offset, to = (size_t)(offset + size);
	struct file *f;
	char *page;

	if (root[0] == '\0' || size <= 0)
		return;
	f = file_at(fd, &now);
	set_clean(f, from, to, false);
	if ((fcntl(fd, F_GETFL) & O_DSYNC) == 0)
		return;
	assert_true(to <= f->size);
	from -= from % PAGE;
	page = content_of(fd, now);
	memcpy(f->bytes + from, page + from, to - from);
	mem_free(page);
}

ssize_t
pwrite(int fd, const void *from, size_t size, off_t offset)
{
	ssize_t put;

	call_begins();
	put = (ssize_t)syscall(SYS_pwrite64, fd, from, size, offset);
	note_write(fd, offset, put);
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

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	ssize_t put;
	off_t offset;

	call_begins();
	offset = lseek(fd, 0, SEEK_CUR);
	put = (ssize_t)syscall(SYS_writev, fd, parts, count);
	note_write(fd, offset, put);
	call_ends();
	return put;
}

int
ftruncate(int fd, off_t size)
{
	size_t had;
	int result = -1;

	call_begins();
	if (root[0] != '\0' && sync_failed && cut_fails) {
		cut_fails = false;
		errno = EIO;
	} else {
		struct file *f = file_at(fd, &had);

		result = (int)syscall(SYS_ftruncate, fd, size);
		if (had > (size_t)size)
			set_clean(f, (size_t)size, had, false);
	}
	call_ends();
	return result;
}

/* Clean pages are read from the disk from here on. */
int
posix_fadvise(int fd, off_t offset, off_t size, int advice)
{
	size_t now;
	struct file *f;

	(void)pthread_mutex_lock(&mutex);
	f = file_at(fd, &now);
	assert_true(offset == 0 && size == 0 && advice == POSIX_FADV_DONTNEED);
	for (size_t at = 0; at < now && root[0] != '\0'; at += PAGE) {
		static const char zeros[PAGE];
		size_t count = now - at < PAGE ? now - at : PAGE;
		size_t had = f->size > at ? f->size - at : 0;

		if (!is_clean(f, at))
			continue;
		had = had < count ? had : count;
		(void)syscall(SYS_pwrite64, fd, zeros, count, at);
		(void)syscall(SYS_pwrite64, fd, f->bytes + at, had, at);
	}
	call_ends();
	return 0;
}

#endif
