/* SPDX-License-Identifier: MIT
 *
 * Blob images as they may stand on a disk.  The first bytes of the input say
 * how large the message pretends to be, the rest is the image, of which the
 * checks are made right as far as the table can be followed.
 */
#include "store/blob_internal.h"

#include <sys/mman.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/endian.h"

#define RAW_MOST (3 * BLOCK_BYTES)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
mend_checks(char *image, size_t size, size_t blocks)
{
	size_t table_bytes = blocks * 8, offset = 0;
	char *table;

	if (size < table_bytes + 4)
		return;
	table = image + size - table_bytes - 4;
	for (size_t i = 0; i < blocks; i++) {
		size_t length =
		    endian_get_le32(table + i * 8) & ~BLOCK_COMPRESSED;

		if (length <= size - offset)
			endian_put_le32(table + i * 8 + 4,
			    (uint32_t)XXH3_64bits(image + offset, length));
		else
			break;
		offset += length;
	}
	endian_put_le32(
	    table + table_bytes, (uint32_t)XXH3_64bits(table, table_bytes));
}

static void
read_all(int fd, const struct location *at)
{
	struct blob *b;
	char part[5000];
	uint64_t offset = 0;
	size_t count = 1;

	if (blob_open_fd(fd, at, STR("prefix"), &b) != RC_OK)
		return;
	while (count > 0 &&
	       blob_read(b, offset, part, sizeof(part), &count) == RC_OK)
		offset += count;
	if (offset > blob_size(b))
		__builtin_trap();
	/* From the back, too: each block by itself. */
	for (offset = blob_size(b); offset > BLOCK_BYTES; offset -= BLOCK_BYTES)
		if (blob_read(b, offset - 1, part, 1, &count) != RC_OK)
			break;
	blob_close(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct location at = { 0 };
	char *image;
	int fd;

	if (size < 8)
		return 0;
	at.raw = endian_get_le32(data) % RAW_MOST;
	at.stored = size - 4;
	image = mem_copy(data + 4, size - 4);
	mend_checks(image, size - 4,
	    (size_t)((at.raw + BLOCK_BYTES - 1) / BLOCK_BYTES));
	fd = memfd_create("image", MFD_CLOEXEC);
	if (fd >= 0 && segment_write(fd, 0, image, size - 4) == RC_OK)
		read_all(fd, &at);
	if (fd >= 0)
		(void)close(fd);
	mem_free(image);
	return 0;
}
