/* SPDX-License-Identifier: MIT
 *
 * A file that is read again when it has changed: looked at when somebody asks,
 * but not more often than every WATCHED_REST_MS, and by one thread at a time.
 */
#ifndef AVOCET_AUTH_WATCHED_H
#define AVOCET_AUTH_WATCHED_H

#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/lock.h"

struct watched {
	const char *path;  /* the user's */
	const char *event; /* for the log: also of the rest that it names */
	struct lock lock;
	/* Under the lock: */
	uint64_t looked_ms;
	bool looking; /* some thread is; the stamp is its own meanwhile */
	bool looked;  /* ever */
	struct timespec changed;
	off_t size;
	ino_t inode;
	dev_t device;
};

void watched_init(struct watched *w, const char *path, const char *event);
void watched_fini(struct watched *w);

/* RC_OK: the file is there for the first time or has changed, and its content
 * was appended to ${to}; the caller takes it over and calls watched_done(),
 * before which nobody else gets it.  RC_AGAIN: nothing new is known; there is
 * nothing to do.  RC_IO, RC_LIMIT (beyond the maximum of ${to}): it cannot be
 * read; that was logged, and is not again until it changes.  Waits for the disk,
 * and brackets that. */
enum rc watched_read(struct watched *w, struct buf *to) MUST_CHECK;
void watched_done(struct watched *w);

/* Everybody can read or write the file: log that it should not be so. */
void watched_warn_of_mode(const struct watched *w);

#endif
