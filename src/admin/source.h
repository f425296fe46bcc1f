/* SPDX-License-Identifier: MIT
 *
 * Where imports read: paths below a folder, and files that may be anything.
 * Nothing is followed but the folder's own path: a symbolic link in a user's
 * mail must not lead an administrator's process elsewhere.
 */
#ifndef AVOCET_ADMIN_SOURCE_H
#define AVOCET_ADMIN_SOURCE_H

#include <stdint.h>
#include <string.h>

#include "base/rc.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>

/* A regular file for reading.  RC_NOTFOUND; RC_INVALID: it is something else (a
 * link, a folder, a pipe); RC_REFUSED: we may not; RC_IO.  *ret_mtime and
 * *ret_size may be NULL. */
enum rc source_open_file(int folder, const char *path, int *ret_fd,
    int64_t *ret_mtime, uint64_t *ret_size) MUST_CHECK;

/* A folder for reading.  As above. */
enum rc
source_open_folder(int folder, const char *path, int *ret_fd) MUST_CHECK;

enum source_kind { SOURCE_FILE, SOURCE_FOLDER, SOURCE_LINK, SOURCE_OTHER };

struct source_entry {
	char *name;
	enum source_kind kind;
};
struct source_entries {
	VEC(struct source_entry) all;
};

/* The names in a folder but "." and "..", in byte order.  ${with_kinds}: what
 * they are, too.  What is gone meanwhile is left out.  Free with
 * source_entries_fini(), whatever was returned. */
enum rc source_list(int folder, const char *path, bool with_kinds,
    struct source_entries *entries) MUST_CHECK;
void source_entries_fini(struct source_entries *entries);

/* Read to the end, in pieces, each good until the next call of ${piece}; ends
 * with the first result that is not RC_OK. */
enum rc source_read(int fd, enum rc (*piece)(void *arg, struct str bytes),
    void *arg) MUST_CHECK;

/* What ${rc} of the above means, for people. */
const char *source_why(enum rc rc);

#endif
