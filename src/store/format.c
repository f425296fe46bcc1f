/* SPDX-License-Identifier: MIT
 *
 * The file "format": one line of text, so that a person can read it:
 *
 *   avocet-store version=1 shards=4 check=<16 hexadecimal digits>
 *
 * The check is over everything before the space that precedes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/limits.h"
#include "store/store_internal.h"

#define FILE_BYTES_MAX 256
#define PATH_BYTES     4096

static void
make_text(const struct format *f, char text[FILE_BYTES_MAX])
{
	char said[FILE_BYTES_MAX / 2];
	int length;

	length = snprintf(said, sizeof(said),
	    "avocet-store version=%u shards=%u", f->version, f->shards);
	(void)snprintf(text, FILE_BYTES_MAX, "%s check=%016llx\n", said,
	    (unsigned long long)XXH3_64bits(said, (size_t)length));
}

/* Take "${name}NUMBER " from the front of ${text}. */
static bool
take_number(struct str *text, struct str name, uint32_t *ret_number)
{
	struct str digits;
	uint64_t number;

	if (!str_begins(*text, name))
		return false;
	*text = str_skip(*text, name.n);
	digits = str_head(*text, str_find(*text, ' '));
	if (!str_number(digits, UINT32_MAX, &number))
		return false;
	*text = str_skip(*text, digits.n + 1);
	*ret_number = (uint32_t)number;
	return true;
}

static enum rc
parse_text(struct str text, struct format *ret_format)
{
	char want[FILE_BYTES_MAX];
	struct str rest = text;
	struct format f;

	if (!take_number(&rest, STR("avocet-store version="), &f.version))
		return RC_CORRUPT;
	/* What else a newer version says, only it knows. */
	if (f.version > FORMAT_VERSION)
		return RC_VERSION;
	if (!take_number(&rest, STR("shards="), &f.shards) || f.shards == 0 ||
	    f.shards > CONFIG_SHARDS_MAX)
		return RC_CORRUPT;
	make_text(&f, want);
	if (!str_eq(text, str_of(want)))
		return RC_CORRUPT;
	*ret_format = f;
	return RC_OK;
}

enum rc
format_read(const char *folder, struct format *ret_format)
{
	char path[PATH_BYTES], text[FILE_BYTES_MAX];
	size_t count;
	enum rc rc;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/format", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? RC_NOTFOUND : segment_failed(path);
	rc = segment_read_some(fd, 0, text, sizeof(text), &count);
	(void)close(fd);
	if (rc != RC_OK)
		return rc;
	return parse_text((struct str){ text, count }, ret_format);
}

enum rc
format_sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rc rc = RC_OK;

	if (fd < 0)
		return segment_failed(folder);
	if (fsync(fd) != 0)
		rc = segment_failed(folder);
	(void)close(fd);
	return rc;
}

/* The folder's own name may be new as well.  Where we may not even look at the
 * folder above, somebody else has made it. */
static enum rc
sync_folder_above(const char *folder)
{
	char path[PATH_BYTES];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/..", folder);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES || errno == EPERM ? RC_OK
							 : segment_failed(path);
	(void)close(fd);
	return format_sync_folder(path);
}

enum rc
format_settle(const char *folder)
{
	enum rc rc = format_sync_folder(folder);

	return rc == RC_OK ? sync_folder_above(folder) : rc;
}

enum rc
format_write(const char *folder, const struct format *f)
{
	char path[PATH_BYTES], making[PATH_BYTES], text[FILE_BYTES_MAX];
	enum rc rc;
	int fd;

	make_text(f, text);
	(void)snprintf(path, sizeof(path), "%s/format", folder);
	(void)snprintf(making, sizeof(making), "%s/format.new", folder);
	fd = open(making, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return segment_failed(making);
	rc = segment_write(fd, 0, text, strlen(text));
	if (rc == RC_OK)
		rc = segment_sync(fd);
	(void)close(fd);
	if (rc == RC_OK && rename(making, path) != 0)
		rc = segment_failed(path);
	return rc == RC_OK ? format_settle(folder) : rc;
}
