/* SPDX-License-Identifier: MIT
 *
 * Staging: bytes become an image as they come, in memory first; an image that
 * grows large goes to a segment of its own, which is durable before any commit
 * refers to it.
 */
#include "store/blob_internal.h"

#include <assert.h>
#include <string.h>
#include <zstd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/endian.h"

#define ZSTD_LEVEL 1
/* Shorter blocks stay as they are: they are most of what comes in and is read,
 * and little of what fills a disk. */
#define COMPRESS_LEAST	8192
#define COPY_BYTES	65536
#define TABLE_BYTES_MAX (BLOCKS_MAX * 8)
/* All stages together may hold this much before new bytes go to files. */
#define STAGED_BYTES_MAX (64 * 1024 * 1024)

struct stage {
	struct store *store;
	struct shard *shard;
	struct buf block; /* raw bytes of the block under way */
	struct buf image; /* blocks so far, unless they have a file */
	struct buf table;
	struct segment *segment; /* the file, once it has one */
	uint64_t written;	 /* image bytes in the file */
	uint64_t raw;
	size_t counted; /* of the store's staged_bytes */
	bool finished;
	_Atomic bool kept; /* a change refers to the file */
};

struct stage *
stage_new(struct store *s, uint64_t account)
{
	struct stage *g = mem_alloc(sizeof(*g));

	g->store = s;
	g->shard = shard_of(s, account);
	buf_init(&g->block, BLOCK_BYTES);
	buf_init(&g->image, STAGE_MEMORY_BYTES_MAX + 2 * BLOCK_BYTES);
	buf_init(&g->table, TABLE_BYTES_MAX);
	return g;
}

/* Memory of the image, counted over all stages. */
static void
count_memory(struct stage *g)
{
	size_t now = g->image.cap;

	atomic_fetch_add(&g->store->staged_bytes, now - g->counted);
	g->counted = now;
}

void
stage_free(struct stage *g)
{
	if (g == NULL)
		return;
	buf_fini(&g->block);
	buf_fini(&g->image);
	buf_fini(&g->table);
	count_memory(g);
	if (g->segment != NULL) {
		uint64_t number = g->segment->header.number;

		segments_done(g->shard->segments, g->segment);
		if (!atomic_load(&g->kept))
			segments_remove(g->shard->segments, number);
	}
	mem_free(g);
}

/* -- compression -------------------------------------------------------- */

static ZSTD_CCtx *
take_context(struct store *s)
{
	ZSTD_CCtx *context = NULL;

	lock_take(&s->zstd_lock);
	if (s->zstd_count > 0)
		context = s->zstd_contexts[--s->zstd_count];
	lock_release(&s->zstd_lock);
	return context != NULL ? context : ZSTD_createCCtx();
}

static void
give_context(struct store *s, ZSTD_CCtx *context)
{
	lock_take(&s->zstd_lock);
	if (s->zstd_count < sizeof(s->zstd_contexts) / sizeof(void *)) {
		s->zstd_contexts[s->zstd_count++] = context;
		context = NULL;
	}
	lock_release(&s->zstd_lock);
	ZSTD_freeCCtx(context);
}

/* Append the block to the image, compressed if an eighth or more is saved.
 * Returns its stored length with the mark. */
static uint32_t
pack_block(struct stage *g)
{
	size_t raw = g->block.n, room = raw - raw / 8, packed = 0;
	ZSTD_CCtx *context;
	char *to;

	to = raw >= COMPRESS_LEAST ? buf_reserve(&g->image, raw) : NULL;
	context = to != NULL ? take_context(g->store) : NULL;
	if (context != NULL) {
		packed = ZSTD_compressCCtx(
		    context, to, room, g->block.p, raw, ZSTD_LEVEL);
		give_context(g->store, context);
		if (ZSTD_isError(packed))
			packed = 0;
	}
	if (packed == 0) {
		buf_add(&g->image, g->block.p, raw);
		return (uint32_t)raw;
	}
	buf_added(&g->image, packed);
	return (uint32_t)packed | BLOCK_COMPRESSED;
}

/* -- the file ----------------------------------------------------------- */

static enum rc
write_out_image(struct stage *g)
{
	enum rc rc;

	rc = segment_write(g->segment->fd, SEGMENT_HEADER_BYTES + g->written,
	    g->image.p, g->image.n);
	if (rc == RC_OK) {
		g->written += g->image.n;
		buf_clear(&g->image);
	}
	return rc;
}

static bool
wants_file(const struct stage *g)
{
	return g->segment != NULL || g->image.n > STAGE_MEMORY_BYTES_MAX ||
	       atomic_load(&g->store->staged_bytes) > STAGED_BYTES_MAX;
}

/* Move what is in memory to the file, once there is or must be one. */
static enum rc
spill(struct stage *g)
{
	enum rc rc = RC_OK;

	if (!wants_file(g)) {
		count_memory(g);
		return RC_OK;
	}
	if (g->shard->tight)
		rc = RC_NOSPACE;
	if (rc == RC_OK && g->segment == NULL)
		rc = segments_create(
		    g->shard->segments, SEGMENT_BLOB, 0, &g->segment);
	if (rc == RC_OK)
		rc = write_out_image(g);
	if (rc == RC_NOSPACE)
		reserve_missed(g->shard);
	count_memory(g);
	return rc;
}

/* -- writing ------------------------------------------------------------ */

static enum rc
end_block(struct stage *g)
{
	size_t before = g->image.n;
	uint32_t length;

	if (g->block.n == 0)
		return RC_OK;
	length = pack_block(g);
	buf_add_le32(&g->table, length);
	buf_add_le32(&g->table,
	    (uint32_t)XXH3_64bits(g->image.p + before, g->image.n - before));
	buf_clear(&g->block);
	if (buf_check(&g->image) != RC_OK || buf_check(&g->table) != RC_OK)
		return RC_LIMIT;
	return spill(g);
}

enum rc
stage_write(struct stage *g, struct str bytes)
{
	assert(!g->finished);
	g->raw += bytes.n;
	while (bytes.n > 0) {
		struct str part = str_head(bytes, BLOCK_BYTES - g->block.n);

		buf_add_str(&g->block, part);
		bytes = str_skip(bytes, part.n);
		if (g->block.n == BLOCK_BYTES) {
			enum rc rc = end_block(g);

			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

enum rc
stage_finish(struct stage *g)
{
	enum rc rc = end_block(g);
	uint32_t check;

	if (rc != RC_OK)
		return rc;
	check =
	    (uint32_t)XXH3_64bits(g->table.n > 0 ? g->table.p : "", g->table.n);
	buf_add_str(&g->image, buf_str(&g->table));
	buf_add_le32(&g->image, check);
	g->finished = true;
	buf_fini(&g->block);
	buf_fini(&g->table);
	if (buf_check(&g->image) != RC_OK)
		return RC_LIMIT;
	if (g->segment == NULL)
		return RC_OK;
	rc = write_out_image(g);
	if (rc == RC_OK)
		rc = segment_sync(g->segment->fd);
	segments_set_total(g->shard->segments, g->segment->header.number,
	    SEGMENT_HEADER_BYTES + g->written);
	return rc;
}

uint64_t
stage_size(const struct stage *g)
{
	return g->raw;
}

struct str
stage_image(const struct stage *g)
{
	assert(g->finished);
	return g->segment != NULL ? (struct str){ 0 } : buf_str(&g->image);
}

uint64_t
stage_stored(const struct stage *g)
{
	return g->segment != NULL ? g->written : g->image.n;
}

uint64_t
stage_segment(const struct stage *g, const struct shard *h)
{
	return g->segment != NULL && g->shard == h ? g->segment->header.number
						   : 0;
}

void
stage_keep(struct stage *g)
{
	atomic_store(&g->kept, true);
}

/* -- for another shard -------------------------------------------------- */

bool
stage_fits(const struct stage *g, uint64_t account)
{
	assert(g->finished);
	return g->segment == NULL || g->shard == shard_of(g->store, account);
}

/* Copy the finished image, which is the same in every shard. */
static enum rc
copy_file(const struct stage *from, struct stage *to)
{
	uint64_t left = from->written, at = SEGMENT_HEADER_BYTES;
	char *space = mem_resize(NULL, COPY_BYTES);
	enum rc rc = RC_OK;

	while (left > 0 && rc == RC_OK) {
		size_t count = left < COPY_BYTES ? (size_t)left : COPY_BYTES;

		rc = segment_read(from->segment->fd, at, space, count);
		if (rc == RC_OK)
			rc = segment_write(to->segment->fd, at, space, count);
		at += count;
		left -= count;
	}
	mem_free(space);
	to->written = from->written;
	if (rc == RC_OK)
		rc = segment_sync(to->segment->fd);
	segments_set_total(to->shard->segments, to->segment->header.number, at);
	return rc == RC_EOF ? RC_CORRUPT : rc;
}

enum rc
stage_copy(const struct stage *g, uint64_t account, struct stage **ret_stage)
{
	struct stage *copy = stage_new(g->store, account);
	enum rc rc = RC_OK;

	assert(g->finished);
	copy->raw = g->raw;
	copy->finished = true;
	if (g->segment == NULL) {
		buf_add_str(&copy->image, buf_str(&g->image));
		count_memory(copy);
	} else {
		rc = segments_create(
		    copy->shard->segments, SEGMENT_BLOB, 0, &copy->segment);
		if (rc == RC_OK)
			rc = copy_file(g, copy);
	}
	if (rc != RC_OK) {
		stage_free(copy);
		return rc;
	}
	*ret_stage = copy;
	return RC_OK;
}
