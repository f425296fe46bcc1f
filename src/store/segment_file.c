/* SPDX-License-Identifier: MIT
 *
 * Headers and positioned I/O.
 */
#include "store/segment_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/endian.h"
#include "base/log.h"

#define SEGMENT_MAGIC	"AVOCSEG1"
#define SEGMENT_VERSION 1
#define COPY_BYTES	64
#define SECOND_COPY	2048

enum rc
segment_failed(const char *what)
{
	int number = errno;

	log_errno(LOG_ERROR, "segment-failed", what);
	return number == ENOSPC || number == EDQUOT ? RC_NOSPACE : RC_IO;
}

enum rc
segment_read_some(
    int fd, uint64_t offset, void *to, size_t size, size_t *ret_count)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(
		    fd, (char *)to + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return segment_failed("read");
		if (got == 0)
			break;
		done += (size_t)got;
	}
	*ret_count = done;
	return RC_OK;
}

enum rc
segment_read(int fd, uint64_t offset, void *to, size_t size)
{
	size_t count;
	enum rc rc = segment_read_some(fd, offset, to, size, &count);

	if (rc == RC_OK && count < size)
		rc = RC_EOF;
	return rc;
}

enum rc
segment_write(int fd, uint64_t offset, const void *from, size_t size)
{
	const char *at = from;

	while (size > 0) {
		ssize_t put = pwrite(fd, at, size, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return segment_failed("write");
		at += put;
		offset += (uint64_t)put;
		size -= (size_t)put;
	}
	return RC_OK;
}

enum rc
segment_sync(int fd)
{
	return fdatasync(fd) == 0 ? RC_OK : segment_failed("sync");
}

/* A sync that failed, in a process that was killed then, has left pages in
 * memory that the system takes for written. */
enum rc
segment_settle(int fd)
{
	enum rc rc = segment_sync(fd);

	if (rc == RC_OK)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return rc;
}

/* -- headers ------------------------------------------------------------ */

static void
pack_copy(const struct segment_header *h, char copy[COPY_BYTES])
{
	memcpy(copy, SEGMENT_MAGIC, 8);
	endian_put_le32(copy + 8, SEGMENT_VERSION);
	endian_put_le32(copy + 12, h->shard);
	endian_put_le64(copy + 16, h->number);
	endian_put_le64(copy + 24, h->salt);
	endian_put_le64(copy + 32, h->first_seq);
	endian_put_le32(copy + 40, (uint32_t)h->kind);
	endian_put_le64(copy + 56, XXH3_64bits(copy, 56));
}

void
segment_header_pack(
    const struct segment_header *h, char space[SEGMENT_HEADER_BYTES])
{
	memset(space, 0, SEGMENT_HEADER_BYTES);
	pack_copy(h, space);
	pack_copy(h, space + SECOND_COPY);
}

static enum rc
unpack_copy(const char copy[COPY_BYTES], struct segment_header *ret_header)
{
	uint32_t kind = endian_get_le32(copy + 40);

	if (memcmp(copy, SEGMENT_MAGIC, 8) != 0 ||
	    endian_get_le64(copy + 56) != XXH3_64bits(copy, 56))
		return RC_CORRUPT;
	if (endian_get_le32(copy + 8) > SEGMENT_VERSION)
		return RC_VERSION;
	if (kind != SEGMENT_LOG && kind != SEGMENT_BLOB)
		return RC_CORRUPT;
	*ret_header = (struct segment_header){
		.number = endian_get_le64(copy + 16),
		.kind = (enum segment_kind)kind,
		.shard = endian_get_le32(copy + 12),
		.first_seq = endian_get_le64(copy + 32),
		.salt = endian_get_le64(copy + 24),
	};
	return RC_OK;
}

enum rc
segment_header_unpack(const char space[SEGMENT_HEADER_BYTES],
    struct segment_header *ret_header, bool *ret_damaged)
{
	struct segment_header first, second;
	enum rc rc = unpack_copy(space, &first);
	enum rc second_rc = unpack_copy(space + SECOND_COPY, &second);

	*ret_damaged = rc != RC_OK || second_rc != RC_OK ||
		       memcmp(space, space + SECOND_COPY, COPY_BYTES) != 0;
	if (rc != RC_CORRUPT) {
		if (rc == RC_OK)
			*ret_header = first;
		return rc;
	}
	if (second_rc == RC_OK)
		*ret_header = second;
	return second_rc;
}
