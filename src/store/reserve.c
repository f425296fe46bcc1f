/* SPDX-License-Identifier: MIT
 *
 * Room kept back for when the disk is full: the file "reserve" of a shard has
 * blocks and no content.  To delete mail takes space first, in the log and in
 * the index.  When there is none, the file is emptied, and until it has its
 * blocks again only changes that make room are accepted (the shard is tight).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store_internal.h"

#define RESERVE_NAME "reserve"
/* A shard of one segment keeps a part of its size, in hundredths, so that a
 * small store stays small; others what it takes to collect a segment of which
 * half is alive. */
#define PART_SMALL 6
#define PART_LARGE 75
/* The index alone needs so much to forget anything. */
#define BYTES_LEAST (1024 * 1024)

static uint64_t
bytes_wanted(const struct shard *h)
{
	uint64_t bytes = h->store->segment_bytes / 100 *
			 (h->stored.segment > 1 ? PART_LARGE : PART_SMALL);

	return bytes < BYTES_LEAST ? BYTES_LEAST : bytes;
}

/* To the wanted size, or back to what it had, which will do if it is any. */
static enum rc
allocate(const struct shard *h, const char *path)
{
	int error, fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct stat had = { 0 };

	if (fd < 0)
		return segment_failed(path);
	(void)fstat(fd, &had);
	do
		error = posix_fallocate(fd, 0, (off_t)bytes_wanted(h));
	while (error == EINTR);
	if (error != 0)
		(void)!ftruncate(fd, had.st_size);
	(void)close(fd);
	if (error == 0 || had.st_size > 0)
		return RC_OK;
	if (error == ENOSPC)
		return RC_NOSPACE;
	errno = error;
	return segment_failed(path);
}

void
reserve_refill(struct shard *h)
{
	char path[SHARD_PATH_BYTES];
	bool was_tight, released;
	uint64_t before;
	enum rc rc;

	lock_take(&h->lock);
	before = h->releases;
	lock_release(&h->lock);
	shard_path(h, RESERVE_NAME, path);
	rc = allocate(h, path);
	lock_take(&h->lock);
	released = h->releases != before;
	was_tight = h->tight;
	if (!released)
		h->tight = rc != RC_OK;
	lock_release(&h->lock);
	if (released)
		(void)!truncate(path, 0);
	else if (rc == RC_OK && was_tight)
		log_event(LOG_INFO, "space-is-back", "folder=%s", h->folder);
	else if (rc != RC_OK && !was_tight)
		log_event(LOG_ERROR, "no-reserve",
		    "folder=%s error=\"%s\" accepted=deletes", h->folder,
		    rc_text(rc));
}

void
reserve_release(struct shard *h)
{
	char path[SHARD_PATH_BYTES];

	lock_take(&h->lock);
	h->releases++;
	h->tight = true;
	(void)pthread_cond_signal(&h->keeper_wake);
	lock_release(&h->lock);
	log_event(
	    LOG_ERROR, "disk-full", "folder=%s accepted=deletes", h->folder);
	shard_path(h, RESERVE_NAME, path);
	if (truncate(path, 0) != 0 && errno != ENOENT)
		log_errno(LOG_ERROR, "segment-failed", path);
}

void
reserve_missed(struct shard *h)
{
	if (!atomic_exchange(&h->starved, true))
		log_event(LOG_ERROR, "disk-full", "folder=%s", h->folder);
}

bool
reserve_is_short(const struct shard *h)
{
	return h->tight || h->starved;
}

uint64_t
reserve_room(const struct shard *h)
{
	uint64_t kept = h->tight ? 0 : bytes_wanted(h);
	struct statvfs disk;

	if (statvfs(h->folder, &disk) != 0)
		return 0;
	return ((uint64_t)disk.f_bavail * disk.f_frsize + kept) / 4 * 3;
}

bool
store_is_short(const struct store *s)
{
	for (unsigned i = 0; i < s->shard_count; i++) {
		if (reserve_is_short(&s->shards[i]))
			return true;
	}
	return false;
}
