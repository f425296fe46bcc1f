/* SPDX-License-Identifier: MIT
 *
 * Opening and reading, carefully.
 */
#include "admin/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (64 * 1024)

static enum rc
rc_of_errno(void)
{
	switch (errno) {
	case ENOENT:
		return RC_NOTFOUND;
	case EACCES:
	case EPERM:
		return RC_REFUSED;
	case ELOOP:
	case ENOTDIR:
	case ENXIO:
		return RC_INVALID;
	default:
		return RC_IO;
	}
}

const char *
source_why(enum rc rc)
{
	switch (rc) {
	case RC_NOTFOUND:
		return "it is not there (any more)";
	case RC_REFUSED:
		return "no permission";
	case RC_INVALID:
		return "it is a link, or something else than it should be";
	default:
		return "it cannot be read";
	}
}

enum rc
source_open_file(int folder, const char *path, int *ret_fd, int64_t *ret_mtime,
    uint64_t *ret_size)
{
	struct stat s;
	/* The opening of a pipe must not wait for its other end. */
	int fd = openat(folder, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return rc_of_errno();
	if (fstat(fd, &s) < 0 || !S_ISREG(s.st_mode)) {
		(void)close(fd);
		return RC_INVALID;
	}
	if (ret_mtime != NULL)
		*ret_mtime = s.st_mtim.tv_sec;
	if (ret_size != NULL)
		*ret_size = (uint64_t)s.st_size;
	*ret_fd = fd;
	return RC_OK;
}

enum rc
source_open_folder(int folder, const char *path, int *ret_fd)
{
	int fd = openat(
	    folder, path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return rc_of_errno();
	*ret_fd = fd;
	return RC_OK;
}

/* -- lists ----------------------------------------------------------------- */

static bool
find_kind(int fd, const char *name, enum source_kind *ret_kind)
{
	struct stat s;

	if (fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret_kind = S_ISREG(s.st_mode)	 ? SOURCE_FILE
		    : S_ISDIR(s.st_mode) ? SOURCE_FOLDER
		    : S_ISLNK(s.st_mode) ? SOURCE_LINK
					 : SOURCE_OTHER;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const struct source_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

enum rc
source_list(int folder, const char *path, bool with_kinds,
    struct source_entries *entries)
{
	struct dirent *d;
	DIR *list;
	int fd;
	enum rc rc = source_open_folder(folder, path, &fd);

	if (rc != RC_OK)
		return rc;
	list = fdopendir(fd);
	if (list == NULL) {
		(void)close(fd);
		return RC_IO;
	}
	for (errno = 0; (d = readdir(list)) != NULL; errno = 0) {
		struct source_entry e = { .kind = SOURCE_FILE };

		if (strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0 ||
		    (with_kinds && !find_kind(fd, d->d_name, &e.kind)))
			continue;
		e.name = mem_strdup(d->d_name);
		vec_push(&entries->all, e);
	}
	rc = errno != 0 ? RC_IO : RC_OK;
	(void)closedir(list);
	if (entries->all.n > 0)
		qsort(entries->all.v, entries->all.n, sizeof(*entries->all.v),
		    compare);
	return rc;
}

void
source_entries_fini(struct source_entries *entries)
{
	for (size_t i = 0; i < entries->all.n; i++)
		mem_free(entries->all.v[i].name);
	vec_fini(&entries->all);
}

/* -- bytes ------------------------------------------------------------------ */

enum rc
source_read(int fd, enum rc (*piece)(void *arg, struct str bytes), void *arg)
{
	char *room = mem_alloc(READ_BYTES);
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		ssize_t count = read(fd, room, READ_BYTES);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			rc = count < 0 ? RC_IO : RC_OK;
			break;
		}
		rc = piece(arg, (struct str){ room, (size_t)count });
	}
	mem_free(room);
	return rc;
}
