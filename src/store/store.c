/* SPDX-License-Identifier: MIT
 *
 * Opening and closing the store: its folder, its lock file, its shards.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include "base/limits.h"
#include "base/log.h"
#include "store/store_internal.h"

#define SHARDS_DEFAULT 4
#define SEGMENT_BYTES  (64ull * 1024 * 1024)
/* On a small disk they are smaller, so that collecting one needs little: all
 * the shards can have so many. */
#define SEGMENT_BYTES_LEAST (2ull * 1024 * 1024)
#define SEGMENTS_LEAST	    64
#define CHECKPOINT_BYTES    (64ull * 1024 * 1024)
#define CHECKPOINT_MEMORY   (2ull * 1024 * 1024)
#define PATH_BYTES	    4096
#define WHY_BYTES	    512

/* The text of the last failure in this thread; it outlives the store that
 * could not be opened. */
static _Thread_local char why_text[WHY_BYTES];

static void
say_why(
    const struct store *s, const char *what, enum rc rc, const char **ret_why)
{
	(void)snprintf(why_text, sizeof(why_text), "%.300s: %.100s: %s",
	    s->folder, what, rc_text(rc));
	*ret_why = why_text;
}

/* -- the folder --------------------------------------------------------- */

static enum rc
take_lock_file(struct store *s)
{
	char path[PATH_BYTES];
	int flags = s->read_only ? O_RDONLY : O_RDWR | O_CREAT;

	if (!s->read_only && mkdir(s->folder, 0700) != 0 && errno != EEXIST)
		return segment_failed(s->folder);
	(void)snprintf(path, sizeof(path), "%s/lock", s->folder);
	s->lock_fd = open(path, flags | O_CLOEXEC, 0600);
	if (s->lock_fd < 0)
		return errno == ENOENT ? RC_NOTFOUND : segment_failed(path);
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? RC_INUSE : segment_failed(path);
	return RC_OK;
}

static uint64_t
segment_bytes_here(const struct store *s)
{
	struct statvfs disk;
	uint64_t bytes = SEGMENT_BYTES;

	if (statvfs(s->folder, &disk) == 0)
		bytes =
		    (uint64_t)disk.f_blocks * disk.f_frsize / SEGMENTS_LEAST;
	if (bytes < SEGMENT_BYTES_LEAST)
		return SEGMENT_BYTES_LEAST;
	return bytes < SEGMENT_BYTES ? bytes : SEGMENT_BYTES;
}

/* How many shard folders there are, counted from the first. */
static unsigned
count_folders(const struct store *s)
{
	unsigned count = 0;
	char path[PATH_BYTES];

	do {
		(void)snprintf(
		    path, sizeof(path), "%s/shard-%02u", s->folder, count);
	} while (access(path, F_OK) == 0 && ++count < CONFIG_SHARDS_MAX);
	return count;
}

/* The format of a store that is not marked yet.  The mark is made last, so a
 * folder without it holds no mail, unless the mark was lost. */
static enum rc
new_format(const struct store *s, unsigned shards, struct format *ret_format)
{
	unsigned found = count_folders(s);

	if (s->read_only)
		return RC_NOTFOUND;
	if (s->rebuild && found == 0)
		return RC_NOTFOUND;
	ret_format->version = FORMAT_VERSION;
	ret_format->shards = shards > 0 ? shards : SHARDS_DEFAULT;
	if (s->rebuild)
		ret_format->shards = found;
	return RC_OK;
}

static enum rc
load_format(struct store *s, unsigned shards, bool *ret_new)
{
	struct format f;
	enum rc rc = format_read(s->folder, &f);

	*ret_new = rc == RC_NOTFOUND || (rc == RC_CORRUPT && s->rebuild);
	if (*ret_new)
		rc = new_format(s, shards, &f);
	if (rc == RC_OK)
		s->shard_count = f.shards;
	return rc;
}

/* -- opening ------------------------------------------------------------ */

/* Without its mark, a store with mail in it is not taken for a new one. */
static enum rc
check_is_new(const struct store *s)
{
	for (unsigned i = 0; i < s->shard_count; i++) {
		size_t count;
		struct segment_use *uses =
		    segments_list(s->shards[i].segments, &count);
		bool written = s->shards[i].damaged > 0;

		for (size_t k = 0; k < count; k++)
			written |= uses[k].total > SEGMENT_HEADER_BYTES;
		mem_free(uses);
		if (written)
			return RC_CORRUPT;
	}
	return RC_OK;
}

static enum rc
load_shards(struct store *s)
{
	s->shards = mem_array(s->shard_count, sizeof(*s->shards));
	for (unsigned i = 0; i < s->shard_count; i++) {
		enum rc rc = shard_load(&s->shards[i], s, i);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc
each_shard(struct store *s, enum rc (*step)(struct shard *))
{
	for (unsigned i = 0; i < s->shard_count; i++) {
		enum rc rc = step(&s->shards[i]);

		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* What the mark says is there must not go with the power when it stays. */
static enum rc
mark(struct store *s)
{
	struct format f = { FORMAT_VERSION, s->shard_count };
	enum rc rc = format_sync_folder(s->folder);

	return rc == RC_OK ? format_write(s->folder, &f) : rc;
}

/* The steps of opening; *at is the one under way, for the message. */
static enum rc
open_steps(struct store *s, unsigned shards, const char **at)
{
	bool new = false;
	enum rc rc;

	*at = "lock file";
	rc = take_lock_file(s);
	if (rc != RC_OK)
		return rc;
	if (s->segment_bytes == 0)
		s->segment_bytes = segment_bytes_here(s);
	*at = "format file";
	rc = load_format(s, shards, &new);
	if (rc != RC_OK)
		return rc;
	s->fresh = new;
	*at = "shard folders";
	rc = load_shards(s);
	if (rc == RC_OK && new && !s->rebuild)
		rc = check_is_new(s);
	if (rc != RC_OK)
		return rc;
	*at = "records are lost, `avocet check --repair` makes up for them";
	if (!s->lossy && !s->rebuild && store_lost_any(s))
		return RC_CORRUPT;
	*at = s->rebuild ? "rebuilding" : "replaying the log";
	rc = each_shard(s, s->rebuild ? rebuild_shard : shard_recover);
	if (rc != RC_OK)
		return rc;
	*at = "format file";
	if (new)
		rc = mark(s);
	else if (!s->read_only)
		rc = format_settle(s->folder);
	return rc;
}

struct store *
store_new(const struct store_options *options)
{
	struct store *s = mem_alloc(sizeof(*s));

	s->folder = mem_strdup(options->folder);
	s->lock_fd = -1;
	s->segment_bytes = options->segment_bytes;
	s->checkpoint_bytes = options->checkpoint_bytes > 0
				  ? options->checkpoint_bytes
				  : CHECKPOINT_BYTES;
	s->checkpoint_memory = options->checkpoint_memory > 0
				   ? options->checkpoint_memory
				   : CHECKPOINT_MEMORY;
	s->zero_ahead = options->zero_ahead;
	s->read_only = options->read_only;
	s->lossy = options->lossy;
	lock_init(&s->zstd_lock);
	return s;
}

enum rc
store_load(struct store *s, unsigned shards, const char **ret_why)
{
	const char *at = "";
	enum rc rc = open_steps(s, shards, &at);

	if (rc != RC_OK)
		say_why(s, at, rc, ret_why);
	return rc;
}

enum rc
store_open(const struct store_options *options, struct store **ret_store,
    const char **ret_why)
{
	struct store *s = store_new(options);
	enum rc rc;

	rc = store_load(s, options->shards, ret_why);
	if (rc == RC_OK && !s->read_only) {
		rc = each_shard(s, shard_start);
		if (rc != RC_OK)
			say_why(s, "threads", rc, ret_why);
	}
	if (rc != RC_OK) {
		store_close(s);
		return rc;
	}
	*ret_store = s;
	return RC_OK;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; s->shards != NULL && i < s->shard_count; i++) {
		if (s->shards[i].committer_started)
			shard_refuse(&s->shards[i]);
	}
	for (unsigned i = 0; s->shards != NULL && i < s->shard_count; i++) {
		if (s->shards[i].keeper_started)
			shard_stop(&s->shards[i]);
		shard_unload(&s->shards[i]);
	}
	mem_free(s->shards);
	while (s->zstd_count > 0)
		(void)ZSTD_freeCCtx(s->zstd_contexts[--s->zstd_count]);
	if (s->lock_fd >= 0)
		(void)close(s->lock_fd);
	lock_fini(&s->zstd_lock);
	mem_free(s->folder);
	mem_free(s);
}

unsigned
store_shards(const struct store *s)
{
	return s->shard_count;
}

unsigned
store_shard_of(const struct store *s, uint64_t account)
{
	return shard_of(s, account)->number;
}

void
store_watch(struct store *s, store_watch_fn *fn, void *arg)
{
	s->watch = fn;
	s->watch_arg = arg;
}
