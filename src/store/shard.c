/* SPDX-License-Identifier: MIT
 *
 * A shard's life: its folder is opened, its log replayed, its threads
 * started; then the same backwards.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store/store_internal.h"

struct shard *
shard_of(const struct store *s, uint64_t account)
{
	return &s->shards[account % s->shard_count];
}

/* -- accounts ----------------------------------------------------------- */

struct account_state *
shard_account(struct shard *h, uint64_t account)
{
	struct account_state *a;
	char key[8];

	memcpy(key, &account, sizeof(key));
	a = map_get(&h->accounts, (struct str){ key, sizeof(key) });
	if (a != NULL)
		return a;
	a = mem_alloc(sizeof(*a));
	a->id = account;
	memcpy(a->key, key, sizeof(key));
	(void)map_put(&h->accounts, (struct str){ a->key, sizeof(a->key) }, a);
	return a;
}

void
shard_forget_empty(struct shard *h, struct account_state *a)
{
	if (a->active != NULL || a->frozen != NULL || a->touched)
		return;
	(void)map_remove(&h->accounts, (struct str){ a->key, sizeof(a->key) });
	mem_free(a);
}

static void
free_accounts(struct shard *h)
{
	struct account_state *a;
	size_t at = 0;

	while ((a = map_next(&h->accounts, &at)) != NULL) {
		pending_unref(a->active);
		pending_unref(a->frozen);
		mem_free(a);
	}
	map_fini(&h->accounts);
}

/* -- loading ------------------------------------------------------------ */

/* Delete what a crash left half made: files whose name begins "new-". */
static void
remove_half_made(const struct shard *h)
{
	DIR *folder = opendir(h->folder);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		if (str_begins(str_of(entry->d_name), STR("new-")))
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	}
	(void)closedir(folder);
}

void
shard_path(const struct shard *h, const char *name, char path[SHARD_PATH_BYTES])
{
	(void)snprintf(path, SHARD_PATH_BYTES, "%s/%s", h->folder, name);
}

/* A store that has been made has all its folders: one that is gone is not a
 * shard without mail. */
static enum rc
make_folder(const struct shard *h)
{
	if (!h->store->fresh && !h->store->rebuild &&
	    access(h->folder, F_OK) != 0 && errno == ENOENT) {
		log_event(LOG_ERROR, "shard-missing", "folder=%s", h->folder);
		return RC_CORRUPT;
	}
	if (mkdir(h->folder, 0700) == 0 || errno == EEXIST)
		return RC_OK;
	return segment_failed(h->folder);
}

static void
init_members(struct shard *h, struct store *s, unsigned number)
{
	char path[SHARD_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/shard-%02u", s->folder, number);
	h->store = s;
	h->number = number;
	h->folder = mem_strdup(path);
	lock_init(&h->lock);
	lock_init(&h->queue_lock);
	map_init(&h->accounts);
	lock_cond_init(&h->keeper_wake);
	lock_cond_init(&h->keeper_done);
	lock_cond_init(&h->queue_ready);
	buf_init(&h->group, GROUP_BYTES_MAX);
}

/* An index gets its name when its first pages are durable: one that the power
 * cut half made would be damage. */
static enum rc
make_index(const struct shard *h)
{
	char making[SHARD_PATH_BYTES], path[SHARD_PATH_BYTES];
	struct index *index;
	enum rc rc;
	int fd;

	shard_path(h, INDEX_NAME, path);
	if (access(path, F_OK) == 0)
		return RC_OK;
	shard_path(h, "new-" INDEX_NAME, making);
	rc = index_open(making, false, &index);
	if (rc != RC_OK)
		return rc;
	index_close(index);
	fd = open(making, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return segment_failed(making);
	rc = segment_sync(fd);
	(void)close(fd);
	if (rc == RC_OK && rename(making, path) != 0)
		rc = segment_failed(path);
	shard_path(h, "new-" INDEX_NAME "-lock", making);
	(void)unlink(making);
	return rc;
}

enum rc
shard_load(struct shard *h, struct store *s, unsigned number)
{
	char path[SHARD_PATH_BYTES];
	enum rc rc = RC_OK;

	init_members(h, s, number);
	if (!s->read_only) {
		rc = make_folder(h);
		remove_half_made(h);
	}
	if (rc == RC_OK)
		rc =
		    segments_load(h->folder, number, &h->segments, &h->damaged);
	if (rc == RC_OK)
		rc = loss_read(h);
	if (rc == RC_OK && s->rebuild)
		rebuild_clear(h);
	if (rc == RC_OK && !s->rebuild && !s->read_only)
		rc = make_index(h);
	shard_path(h, s->rebuild ? INDEX_WHILE_REBUILT : INDEX_NAME, path);
	if (rc == RC_OK)
		rc = index_open(path, s->read_only, &h->index);
	/* A process that was killed may have left names that are not durable;
	 * what follows stands on them. */
	if (rc == RC_OK && !s->read_only)
		rc = format_sync_folder(h->folder);
	return rc;
}

void
shard_unload(struct shard *h)
{
	if (h->folder == NULL)
		return;
	if (h->segments != NULL)
		segments_done(h->segments, h->current);
	keeper_fini(h);
	free_accounts(h);
	index_close(h->index);
	segments_free(h->segments);
	buf_fini(&h->group);
	vec_fini(&h->placed);
	vec_fini(&h->lost);
	(void)pthread_cond_destroy(&h->keeper_wake);
	(void)pthread_cond_destroy(&h->keeper_done);
	(void)pthread_cond_destroy(&h->queue_ready);
	lock_fini(&h->lock);
	lock_fini(&h->queue_lock);
	mem_free(h->folder);
}

/* -- threads ------------------------------------------------------------ */

enum rc
shard_start(struct shard *h)
{
	reserve_refill(h);
	if (pthread_create(&h->keeper, NULL, keeper_main, h) != 0)
		return segment_failed("thread");
	h->keeper_started = true;
	if (pthread_create(&h->committer, NULL, committer_main, h) != 0)
		return segment_failed("thread");
	lock_take(&h->queue_lock);
	h->committer_started = true;
	lock_release(&h->queue_lock);
	return RC_OK;
}

void
shard_refuse(struct shard *h)
{
	lock_take(&h->queue_lock);
	h->stopping = true;
	(void)pthread_cond_broadcast(&h->queue_ready);
	lock_release(&h->queue_lock);
}

/* The committer first: it may wait for the keeper. */
void
shard_stop(struct shard *h)
{
	shard_refuse(h);
	if (h->committer_started)
		(void)pthread_join(h->committer, NULL);
	lock_take(&h->lock);
	h->keeper_stop = true;
	(void)pthread_cond_broadcast(&h->keeper_wake);
	(void)pthread_cond_broadcast(&h->keeper_done);
	lock_release(&h->lock);
	if (h->keeper_started)
		(void)pthread_join(h->keeper, NULL);
	if (!h->committer_started)
		return;
	if (keeper_checkpoint(h) == RC_OK)
		keeper_let_go(h);
	h->committer_started = h->keeper_started = false;
}
