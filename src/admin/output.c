/* SPDX-License-Identifier: MIT
 *
 * Making files, never writing into what is there.
 */
#include "admin/output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/source.h"

enum rc
output_make_root(const char *path, int *ret_fd)
{
	struct source_entries entries = { 0 };
	bool is_empty;
	int fd;
	enum rc rc;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return RC_IO;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return RC_IO;
	rc = source_list(fd, ".", false, &entries);
	is_empty = entries.all.n == 0;
	source_entries_fini(&entries);
	if (rc != RC_OK || !is_empty) {
		(void)close(fd);
		return rc == RC_OK ? RC_EXISTS : RC_IO;
	}
	*ret_fd = fd;
	return RC_OK;
}

enum rc
output_make_folder(int root, const char *path)
{
	return mkdirat(root, path, 0700) < 0 && errno != EEXIST ? RC_IO : RC_OK;
}

enum rc
output_make_file(int root, const char *path, int *ret_fd)
{
	int fd = openat(root, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? RC_EXISTS : RC_IO;
	*ret_fd = fd;
	return RC_OK;
}

enum rc
output_write(int fd, struct buf *bytes)
{
	size_t written = 0;

	while (written < bytes->n) {
		ssize_t count =
		    write(fd, bytes->p + written, bytes->n - written);

		if (count < 0 && errno != EINTR)
			return RC_IO;
		if (count > 0)
			written += (size_t)count;
	}
	buf_clear(bytes);
	return RC_OK;
}
