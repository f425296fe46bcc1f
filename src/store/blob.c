/* SPDX-License-Identifier: MIT
 *
 * Blobs as they are stored and read.  An image is a row of blocks, each of
 * BLOCK_BYTES of the message (the last one shorter), compressed when that
 * pays; then a table with eight bytes a block, {stored length, check}, whose
 * highest length bit says "compressed"; then the check of the table.
 */
#include "store/blob_internal.h"

#include <string.h>
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/endian.h"

#define BLOB_KEY_TYPE	"\001b"
#define LOCATION_BYTES	33
#define LOCATION_SHARED 1
#define ROW_BYTES	8 /* of the table: a block's length and check */
#define CHECK_BYTES	4 /* of the table */

/* -- the record --------------------------------------------------------- */

struct str
blob_key(uint64_t id, char space[BLOB_KEY_BYTES])
{
	memcpy(space, BLOB_KEY_TYPE, 2);
	endian_put_be64(space + 2, id);
	return (struct str){ space, BLOB_KEY_BYTES };
}

bool
blob_key_id(struct str key, uint64_t *ret_id)
{
	if (key.n != BLOB_KEY_BYTES || memcmp(key.p, BLOB_KEY_TYPE, 2) != 0)
		return false;
	*ret_id = endian_get_be64(key.p + 2);
	return true;
}

void
blob_record_pack(struct buf *to, const struct location *at, struct str prefix)
{
	buf_add_le64(to, at->segment);
	buf_add_le64(to, at->offset);
	buf_add_le64(to, at->stored);
	buf_add_le64(to, at->raw);
	buf_add_byte(to, at->shared ? LOCATION_SHARED : 0);
	buf_add_str(to, prefix);
}

bool
blob_record_unpack(
    struct str value, struct location *ret_at, struct str *ret_prefix)
{
	if (value.n < LOCATION_BYTES || value.n > BLOB_RECORD_BYTES_MAX)
		return false;
	*ret_at = (struct location){
		.segment = endian_get_le64(value.p),
		.offset = endian_get_le64(value.p + 8),
		.stored = endian_get_le64(value.p + 16),
		.raw = endian_get_le64(value.p + 24),
		.shared = (value.p[32] & LOCATION_SHARED) != 0,
	};
	*ret_prefix = str_skip(value, LOCATION_BYTES);
	return true;
}

struct str
share_key(const struct location *at, uint64_t account, uint64_t id,
    char space[SHARE_KEY_BYTES])
{
	space[0] = 'r';
	endian_put_be64(space + 1, at->segment);
	endian_put_be64(space + 9, at->offset);
	endian_put_be64(space + 17, account);
	endian_put_be64(space + 25, id);
	return (struct str){ space, SHARE_KEY_BYTES };
}

bool
share_key_unpack(struct str key, struct location *ret_at, uint64_t *ret_account,
    uint64_t *ret_id)
{
	if (key.n != SHARE_KEY_BYTES || key.p[0] != 'r')
		return false;
	*ret_at = (struct location){ .segment = endian_get_be64(key.p + 1),
		.offset = endian_get_be64(key.p + 9) };
	*ret_account = endian_get_be64(key.p + 17);
	*ret_id = endian_get_be64(key.p + 25);
	return true;
}

/* -- inflating ---------------------------------------------------------- */

/* What ZSTD needs is as large as a thread may be: a few are kept for all. */
#define CONTEXTS_KEPT 4

static struct {
	struct lock lock;
	ZSTD_DCtx *kept[CONTEXTS_KEPT];
	unsigned count;
} contexts = { .lock = LOCK_INIT };

static ZSTD_DCtx *
take_context(void)
{
	ZSTD_DCtx *context = NULL;

	lock_take(&contexts.lock);
	if (contexts.count > 0)
		context = contexts.kept[--contexts.count];
	lock_release(&contexts.lock);
	return context != NULL ? context : ZSTD_createDCtx();
}

static void
give_context(ZSTD_DCtx *context)
{
	lock_take(&contexts.lock);
	if (contexts.count < CONTEXTS_KEPT) {
		contexts.kept[contexts.count++] = context;
		context = NULL;
	}
	lock_release(&contexts.lock);
	ZSTD_freeDCtx(context);
}

/* Make ${raw} bytes of what is stored. */
static enum rc
inflate(char *to, size_t raw, const char *stored, size_t stored_bytes)
{
	ZSTD_DCtx *context = take_context();
	size_t made;

	if (context == NULL)
		return RC_LIMIT;
	made = ZSTD_decompressDCtx(context, to, raw, stored, stored_bytes);
	give_context(context);
	return made == raw ? RC_OK : RC_CORRUPT;
}

/* -- reading ------------------------------------------------------------ */

struct blob {
	struct segments *segments;
	struct segment *segment; /* NULL: opened by its descriptor */
	int fd;
	struct location at;
	char *prefix;
	size_t prefix_bytes;
	size_t block_count;
	char *table; /* as stored; NULL until it is needed */
	char *block; /* the bytes of block ${loaded}; NULL: none */
	size_t loaded;
	size_t loaded_bytes;
};

static size_t
block_count(uint64_t raw)
{
	return (size_t)((raw + BLOCK_BYTES - 1) / BLOCK_BYTES);
}

enum rc
store_blob_open(struct store_read *r, uint64_t id, struct blob **ret_blob)
{
	char key[BLOB_KEY_BYTES];
	struct str value, prefix;
	struct location at;
	enum rc rc;

	rc = store_get(r, blob_key(id, key), &value);
	if (rc == RC_OK && !blob_record_unpack(value, &at, &prefix))
		rc = RC_CORRUPT;
	if (rc == RC_OK)
		rc = blob_open_at(r->shard, &at, prefix, ret_blob);
	return rc;
}

enum rc
blob_open_fd(int fd, const struct location *at, struct str prefix,
    struct blob **ret_blob)
{
	struct blob *b;

	if (at->raw > BLOCKS_MAX * (uint64_t)BLOCK_BYTES ||
	    at->stored < block_count(at->raw) * ROW_BYTES + CHECK_BYTES)
		return RC_CORRUPT;
	b = mem_alloc(sizeof(*b));
	b->fd = fd;
	b->at = *at;
	b->block_count = block_count(at->raw);
	b->prefix = mem_copy(prefix.p, prefix.n);
	b->prefix_bytes = prefix.n;
	*ret_blob = b;
	return RC_OK;
}

enum rc
blob_open_at(struct shard *h, const struct location *at, struct str prefix,
    struct blob **ret_blob)
{
	struct segment *segment;
	enum rc rc;

	rc = segments_use(h->segments, at->segment, &segment);
	if (rc != RC_OK)
		return rc == RC_NOTFOUND ? RC_CORRUPT : rc;
	rc = blob_open_fd(segment->fd, at, prefix, ret_blob);
	if (rc != RC_OK) {
		segments_done(h->segments, segment);
		return rc;
	}
	(*ret_blob)->segments = h->segments;
	(*ret_blob)->segment = segment;
	return RC_OK;
}

void
blob_close(struct blob *b)
{
	if (b == NULL)
		return;
	if (b->segment != NULL)
		segments_done(b->segments, b->segment);
	mem_free(b->prefix);
	mem_free(b->table);
	mem_free(b->block);
	mem_free(b);
}

uint64_t
blob_size(const struct blob *b)
{
	return b->prefix_bytes + b->at.raw;
}

/* A segment that ends too early is damage, not an end. */
static enum rc
read_image(const struct blob *b, uint64_t offset, void *to, size_t size)
{
	enum rc rc;

	if (offset > b->at.stored || size > b->at.stored - offset)
		return RC_CORRUPT;
	rc = segment_read(b->fd, b->at.offset + offset, to, size);
	return rc == RC_EOF ? RC_CORRUPT : rc;
}

/* Is the table what its check says? */
static bool
table_is_sound(const char *table, size_t bytes)
{
	return (uint32_t)XXH3_64bits(table, bytes) ==
	       endian_get_le32(table + bytes);
}

static enum rc
load_table(struct blob *b)
{
	size_t bytes = b->block_count * ROW_BYTES;
	char *table;
	enum rc rc;

	if (b->table != NULL)
		return RC_OK;
	table = mem_resize(NULL, bytes + CHECK_BYTES);
	rc = read_image(
	    b, b->at.stored - bytes - CHECK_BYTES, table, bytes + CHECK_BYTES);
	if (rc == RC_OK && !table_is_sound(table, bytes))
		rc = RC_CORRUPT;
	if (rc != RC_OK) {
		mem_free(table);
		return rc;
	}
	b->table = table;
	return RC_OK;
}

/* How many bytes of the message block ${index} holds. */
static size_t
raw_of(const struct blob *b, size_t index)
{
	uint64_t left = b->at.raw - (uint64_t)index * BLOCK_BYTES;

	return left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
}

/* How many bytes the block of this row of the table is stored in. */
static uint32_t
stored_of(const char *row)
{
	return endian_get_le32(row) & ~BLOCK_COMPRESSED;
}

/* Make ${raw} bytes of the block whose row of the table this is. */
static enum rc
unpack_block(const char *row, const char *stored, char *to, size_t raw)
{
	size_t stored_bytes = stored_of(row);

	if ((uint32_t)XXH3_64bits(stored, stored_bytes) !=
	    endian_get_le32(row + 4))
		return RC_CORRUPT;
	if ((endian_get_le32(row) & BLOCK_COMPRESSED) != 0)
		return inflate(to, raw, stored, stored_bytes);
	if (stored_bytes != raw)
		return RC_CORRUPT;
	memcpy(to, stored, raw);
	return RC_OK;
}

/* The block of a message that has no other: table and all with one read. */
static enum rc
load_only_block(struct blob *b)
{
	size_t bytes = (size_t)b->at.stored, block;
	char *image;
	enum rc rc;

	if (bytes > BLOCK_BYTES + ROW_BYTES + CHECK_BYTES)
		return RC_CORRUPT;
	block = bytes - ROW_BYTES - CHECK_BYTES;
	image = mem_resize(NULL, bytes);
	rc = read_image(b, 0, image, bytes);
	if (rc == RC_OK && (!table_is_sound(image + block, ROW_BYTES) ||
			       stored_of(image + block) != block))
		rc = RC_CORRUPT;
	if (rc == RC_OK)
		rc = unpack_block(image + block, image, b->block, raw_of(b, 0));
	mem_free(image);
	return rc;
}

static enum rc
load_one_of_many(struct blob *b, size_t index)
{
	uint64_t offset = 0;
	const char *row;
	char *stored;
	enum rc rc = load_table(b);

	if (rc != RC_OK)
		return rc;
	row = b->table;
	for (size_t i = 0; i < index; i++, row += ROW_BYTES)
		offset += stored_of(row);
	if (stored_of(row) > BLOCK_BYTES)
		return RC_CORRUPT;
	stored = mem_resize(NULL, stored_of(row));
	rc = read_image(b, offset, stored, stored_of(row));
	if (rc == RC_OK)
		rc = unpack_block(row, stored, b->block, raw_of(b, index));
	mem_free(stored);
	return rc;
}

static enum rc
load_block(struct blob *b, size_t index)
{
	enum rc rc;

	if (b->block != NULL && b->loaded == index)
		return RC_OK;
	if (b->block == NULL)
		b->block = mem_resize(NULL, raw_of(b, 0));
	b->loaded = SIZE_MAX;
	rc = b->block_count == 1 ? load_only_block(b)
				 : load_one_of_many(b, index);
	if (rc == RC_OK) {
		b->loaded = index;
		b->loaded_bytes = raw_of(b, index);
	}
	return rc;
}

static size_t
copy_part(const char *from, size_t have, uint64_t offset, void *to, size_t size)
{
	size_t count =
	    have - (size_t)offset < size ? have - (size_t)offset : size;

	memcpy(to, from + offset, count);
	return count;
}

static enum rc
read_some(
    struct blob *b, uint64_t offset, void *to, size_t size, size_t *ret_count)
{
	enum rc rc;

	if (offset < b->prefix_bytes) {
		*ret_count =
		    copy_part(b->prefix, b->prefix_bytes, offset, to, size);
		return RC_OK;
	}
	offset -= b->prefix_bytes;
	rc = load_block(b, (size_t)(offset / BLOCK_BYTES));
	if (rc != RC_OK)
		return rc;
	*ret_count = copy_part(
	    b->block, b->loaded_bytes, offset % BLOCK_BYTES, to, size);
	return RC_OK;
}

enum rc
blob_read(
    struct blob *b, uint64_t offset, void *to, size_t size, size_t *ret_count)
{
	size_t done = 0;

	while (done < size && offset + done < blob_size(b)) {
		size_t count = 0;
		enum rc rc = read_some(
		    b, offset + done, (char *)to + done, size - done, &count);

		if (rc != RC_OK)
			return rc;
		done += count;
	}
	*ret_count = done;
	return RC_OK;
}

enum rc
blob_verify(struct shard *h, const struct location *at)
{
	struct blob *b;
	enum rc rc;

	rc = blob_open_at(h, at, (struct str){ 0 }, &b);
	if (rc != RC_OK)
		return rc;
	rc = load_table(b);
	for (size_t i = 0; i < b->block_count && rc == RC_OK; i++)
		rc = load_block(b, i);
	blob_close(b);
	return rc;
}
