/* SPDX-License-Identifier: MIT
 *
 * Reading a file when it has changed.
 */
#include "auth/watched.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#define READ_BYTES (64 * 1024)

void
watched_init(struct watched *w, const char *path, const char *event)
{
	*w = (struct watched){ .path = path, .event = event };
	lock_init(&w->lock);
}

void
watched_fini(struct watched *w)
{
	lock_fini(&w->lock);
}

void
watched_warn_of_mode(const struct watched *w)
{
	struct log_line line;
	struct stat st;

	if (stat(w->path, &st) != 0 || (st.st_mode & (S_IROTH | S_IWOTH)) == 0)
		return;
	log_begin(&line, LOG_WARN, w->event);
	log_text(&line, "file", w->path);
	log_text(&line, "what", "everybody can read or write it: chmod o= it");
	log_end(&line);
}

/* Is it time to look, and nobody at it? */
static bool
begin_look(struct watched *w)
{
	uint64_t now = clock_ms();
	bool due;

	lock_take(&w->lock);
	due = !w->looking &&
	      (!w->looked || now - w->looked_ms >= WATCHED_REST_MS);
	if (due) {
		w->looking = true;
		w->looked_ms = now;
	}
	lock_release(&w->lock);
	return due;
}

void
watched_done(struct watched *w)
{
	lock_take(&w->lock);
	w->looking = false;
	lock_release(&w->lock);
}

/* Note what ${st} shows of the file; false when that is known already. */
static bool
is_new(struct watched *w, const struct stat *st)
{
	if (w->looked && w->changed.tv_sec == st->st_mtim.tv_sec &&
	    w->changed.tv_nsec == st->st_mtim.tv_nsec &&
	    w->size == st->st_size && w->inode == st->st_ino &&
	    w->device == st->st_dev)
		return false;
	w->changed = st->st_mtim;
	w->size = st->st_size;
	w->inode = st->st_ino;
	w->device = st->st_dev;
	w->looked = true;
	return true;
}

static enum rc
read_all(int fd, struct buf *to)
{
	ssize_t count = 1;
	char *room;

	while (count > 0 && (room = buf_reserve(to, READ_BYTES)) != NULL) {
		count = read(fd, room, READ_BYTES);
		if (count > 0)
			buf_added(to, (size_t)count);
	}
	return count < 0 ? RC_IO : buf_check(to);
}

/* As watched_read(), with errno for RC_IO. */
static enum rc
read_new(struct watched *w, struct buf *to)
{
	int fd = open(w->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { 0 };
	enum rc rc = RC_IO;

	if (fd < 0 || fstat(fd, &st) != 0) {
		int error = errno;

		/* A file that is not there has a stamp, too. */
		rc = is_new(w, &st) ? RC_IO : RC_AGAIN;
		errno = error;
	} else if (!is_new(w, &st)) {
		rc = RC_AGAIN;
	} else if (S_ISREG(st.st_mode)) {
		rc = read_all(fd, to);
	} else {
		errno = EINVAL;
	}
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

enum rc
watched_read(struct watched *w, struct buf *to)
{
	struct log_line line;
	enum rc rc;

	if (!begin_look(w))
		return RC_AGAIN;
	wait_begin();
	rc = read_new(w, to);
	if (rc == RC_IO) {
		log_errno(LOG_ERROR, w->event, w->path);
	} else if (rc == RC_LIMIT) {
		log_begin(&line, LOG_ERROR, w->event);
		log_text(&line, "file", w->path);
		log_text(&line, "what", "it is too large");
		log_end(&line);
	}
	wait_end();
	if (rc != RC_OK)
		watched_done(w);
	return rc;
}
