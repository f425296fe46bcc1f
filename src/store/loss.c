/* SPDX-License-Identifier: MIT
 *
 * The file "loss" of a shard: of whom a rebuilding had to leave records out.
 * It is text, the number of an account a line; 0 stands for all.  It is there
 * before the rebuilt index takes its place, and goes when those above have
 * made up for the loss: what lost records had given out must not be given out
 * again in between, so until then the store opens only for that.  A file that
 * cannot be understood says "all".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store_internal.h"

#define LOSS_ALL	  0
#define LOSS_ACCOUNTS_MAX 100 /* more are "all" */
#define LINE_BYTES	  21
#define FILE_BYTES_MAX	  (LOSS_ACCOUNTS_MAX * LINE_BYTES)

/* -- in memory ---------------------------------------------------------- */

void
loss_note_all(struct shard *h)
{
	h->lost.n = 0;
	vec_push(&h->lost, LOSS_ALL);
}

static bool
is_noted(const struct shard *h, uint64_t account)
{
	for (size_t i = 0; i < h->lost.n; i++) {
		if (h->lost.v[i] == account || h->lost.v[i] == LOSS_ALL)
			return true;
	}
	return false;
}

void
loss_note(struct shard *h, uint64_t account)
{
	if (is_noted(h, account))
		return;
	if (account == LOSS_ALL || h->lost.n == LOSS_ACCOUNTS_MAX)
		loss_note_all(h);
	else
		vec_push(&h->lost, account);
}

bool
store_lost(const struct store *s, uint64_t account)
{
	return is_noted(shard_of(s, account), account);
}

bool
store_lost_any(const struct store *s)
{
	for (unsigned i = 0; i < s->shard_count; i++) {
		if (s->shards[i].lost.n > 0)
			return true;
	}
	return false;
}

/* -- the file ----------------------------------------------------------- */

static void
take_text(struct shard *h, struct str text)
{
	while (text.n > 0) {
		struct str line = str_head(text, str_find(text, '\n'));
		uint64_t account;

		if (line.n == text.n ||
		    !str_number(line, UINT64_MAX, &account)) {
			loss_note_all(h);
			return;
		}
		loss_note(h, account);
		text = str_skip(text, line.n + 1);
	}
}

enum rc
loss_read(struct shard *h)
{
	char path[SHARD_PATH_BYTES], text[FILE_BYTES_MAX + 1];
	size_t count;
	enum rc rc;
	int fd;

	shard_path(h, LOSS_NAME, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? RC_OK : segment_failed(path);
	rc = segment_read_some(fd, 0, text, sizeof(text), &count);
	(void)close(fd);
	if (rc != RC_OK)
		return rc;
	if (count == 0 || count > FILE_BYTES_MAX)
		loss_note_all(h);
	else
		take_text(h, (struct str){ text, count });
	return RC_OK;
}

static enum rc
write_text(const struct shard *h, const char *path)
{
	struct buf text;
	enum rc rc;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return segment_failed(path);
	buf_init(&text, FILE_BYTES_MAX);
	for (size_t i = 0; i < h->lost.n; i++)
		buf_add_format(
		    &text, "%llu\n", (unsigned long long)h->lost.v[i]);
	rc = segment_write(fd, 0, text.p, text.n);
	if (rc == RC_OK)
		rc = segment_sync(fd);
	(void)close(fd);
	buf_fini(&text);
	return rc;
}

enum rc
loss_write(const struct shard *h)
{
	char path[SHARD_PATH_BYTES], making[SHARD_PATH_BYTES];
	enum rc rc;

	if (h->lost.n == 0)
		return RC_OK;
	shard_path(h, LOSS_NAME, path);
	shard_path(h, "new-" LOSS_NAME, making);
	rc = write_text(h, making);
	if (rc == RC_OK && rename(making, path) != 0)
		rc = segment_failed(path);
	return rc == RC_OK ? format_sync_folder(h->folder) : rc;
}

static enum rc
settle(struct shard *h)
{
	char path[SHARD_PATH_BYTES];

	if (h->lost.n == 0)
		return RC_OK;
	shard_path(h, LOSS_NAME, path);
	if (unlink(path) != 0 && errno != ENOENT)
		return segment_failed(path);
	h->lost.n = 0;
	return format_sync_folder(h->folder);
}

enum rc
store_settle_loss(struct store *s)
{
	enum rc rc = RC_OK;

	for (unsigned i = 0; i < s->shard_count && rc == RC_OK; i++)
		rc = settle(&s->shards[i]);
	return rc;
}
